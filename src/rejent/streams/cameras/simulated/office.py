"""The cameras of a demo office."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from rejent.cli.command_setup import ACTOR, program_clock
from rejent.cli.stream_commands import Demo
from rejent.kernel.clock import ManualClock, civil_date, local_midnight

PORT = 18554
SOURCES = (
    ("Hol na parterze", "hol na parterze", "hall"),
    ("Wejście główne", "wejście od rynku", "entrance"),
    ("Korytarz I piętro", "korytarz na I piętrze", "corridor"),
    ("Parking", "parking od podwórza", "outside"),
)
_BUILDING = "Ratusz"


def make(
    _directory: Path, port: int, clock: ManualClock, until: datetime, minutes: int | None
) -> Iterator[datetime]:
    """Add the cameras of the demo, with five weeks of recordings and two holds."""
    from django.conf import settings

    from rejent.catalog import queries as known
    from rejent.catalog import services as catalog
    from rejent.office import queries as office
    from rejent.retention import services as retention
    from rejent.streams.cameras.simulated.history import (
        AROUND_THE_TERM,
        WHOLE_DAYS,
        PastCamera,
        Stretch,
        book_stretch,
        spans,
    )
    from rejent.streams.cameras.simulated.scene import VIEWS

    cameras, secret = [], "video" in office.secret_places()
    for number, ((name, place, kind), view) in enumerate(zip(SOURCES, VIEWS, strict=True), 1):
        source_id = catalog.add_source(
            stream="video",
            name=known.suggest_neutral_name("video") if secret else name,
            address=_address(port, number),
            building=_BUILDING,
            place=place,
            kind=kind,
            clock=clock,
            actor=ACTOR,
            credentials_box=settings.VAULT.credentials,
        )
        cameras.append(PastCamera(source_id, number, view))
    today = civil_date(until)
    for back in (*AROUND_THE_TERM, *WHOLE_DAYS):
        day = today - timedelta(days=back)
        yield local_midnight(day)
        retention.keep_once(settings.KEEPING())
        whole = [(camera, span) for camera in cameras for span in spans(camera.number, day, until, minutes)]
        for camera, span in sorted(whole, key=lambda each: each[1].end):
            yield span.end
            pictures = list(camera.minutes(span.start, span.end))
            book_stretch(Stretch(camera.source_id, span.start, pictures), clock, span.then)
        if back in _HELD:
            _hold(cameras[0].source_id, day, clock)


_HELD = (31, 3)
"""Days before today of which the first camera's recordings are held: one past its term, one before it."""


def reach(port: int) -> None:
    """Change the addresses of the demo's sources where its cameras listen elsewhere than last time."""
    from django.conf import settings

    from rejent.catalog import queries, services

    wanted = {f"/kamera-{number}": _address(port, number) for number in range(1, len(SOURCES) + 1)}
    for source in queries.sources("video", clock=program_clock()):
        address = wanted.get(urlsplit(source.address_shown).path, source.address_shown)
        if source.address_shown != address:
            services.change_source(
                source.id,
                address=address,
                clock=program_clock(),
                actor=ACTOR,
                credentials_box=settings.VAULT.credentials,
            )


def _address(port: int, number: int) -> str:
    return f"rtsp://127.0.0.{number}:{port}/kamera-{number}"


def simulated(directory: Path, port: int) -> "subprocess.Popen[bytes] | None":
    """Start the simulated cameras and wait until they listen; nothing where somebody took their port meanwhile."""
    names = [f"kamera-{number}" for number in range(1, len(SOURCES) + 1)]
    command = [sys.executable, "-m", "rejent.streams.cameras.simulated", "--listen", f"127.0.0.1:{port}"]
    cameras = subprocess.Popen(
        [*command, "--switches", str(directory), "--size", "960x540", "--rate", "12", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if cameras.stdout is None or not cameras.stdout.readline():
        return None
    return cameras


def _hold(source_id: str, day: date, clock: ManualClock) -> None:
    from django.conf import settings

    from rejent.retention import services as retention

    start = local_midnight(day) + timedelta(hours=8, minutes=1)
    retention.place_hold(
        source_id=source_id,
        start=start,
        end=start + timedelta(minutes=2),
        case=f"OR.1431.{day.day}.{day.year}",
        basis="art. 22² § 4 Kodeksu pracy",
        review_on=day + timedelta(days=90),
        clock=clock,
        ledger=settings.LEDGER,
        actor=ACTOR,
    )


DEMO = Demo(
    option="--cameras-port",
    port=PORT,
    help="Where its simulated cameras listen.",
    past="four simulated cameras, a week of whole days",
    areas=tuple(f"{_BUILDING}, {place}" for _, place, _ in SOURCES),
    make=make,
    reach=reach,
    simulated=simulated,
    hint=lambda directory: (
        f"  One camera off:  touch {directory}/kamera-4.off    on again:  rm {directory}/kamera-4.off\n"
    ),
)
