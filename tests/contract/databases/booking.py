"""Recorders that book as fast as they can while a keeper sweeps, each a process of its own.

``python -m tests.contract.databases.booking prepare CAMERAS`` makes an office and prints the cameras' identifiers; ``book
MINUTES CAMERA …`` books every minute twice, some out of order, with gaps between; ``sweep ROUNDS`` sweeps; ``check`` prints
as JSON what stands in the catalogue and what is found wrong with it.
"""

import json
import random
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import django

START = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
END = START + timedelta(hours=6)


class NoBox:
    """For cameras without a password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Nothing."""
        return (source_id + user + password).encode()[:0]


def prepare(cameras: int) -> None:
    """An office with so many cameras."""
    from rejent.catalog import services
    from rejent.kernel.clock import ManualClock
    from rejent.office import services as office
    from rejent.office.regulation.loading import example

    clock = ManualClock(START)
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    made = [
        services.add_source(
            stream="video", name=f"Camera {number}", address="rtsp://192.0.2.1/", building="Hall", place=f"Door {number}",
            kind="hall", clock=clock, actor="", credentials_box=NoBox(),
        )
        for number in range(cameras)
    ]  # fmt: skip
    print(json.dumps(made))  # noqa: T201 - the parent reads it


def book(minutes: int, cameras: list[str]) -> None:
    """Every third minute is missing; the others are booked twice, in a shuffled order."""
    from rejent.catalog import services
    from rejent.kernel.clock import ManualClock

    clock, chance = ManualClock(END), random.Random(" ".join(cameras))  # noqa: S311 - an order, not a secret
    order = list(range(minutes)) * 2
    chance.shuffle(order)
    for minute in order:
        start = START + timedelta(minutes=minute)
        if minute % 3 != 2:
            services.book_segments([segment(camera, start) for camera in cameras], clock)


def segment(camera: str, start: datetime) -> object:
    """The one segment of a camera's minute."""
    from rejent.catalog.services import FinishedSegment

    digest = sha256(f"{camera} {start}".encode())
    return FinishedSegment(
        id=UUID(bytes=digest.digest()[:16]),
        source_id=camera,
        day=START.date(),
        start=start,
        end=start + timedelta(minutes=1),
        run="run",
        object_name=f"{camera}/{start:%H%M}.age",
        bytes=1000,
        sha256=digest.hexdigest(),
        recipient="age1day",
        units=1,
        index=b"",
        traits={"codec": "avc1", "width": 1, "height": 1},
    )


def sweep(rounds: int) -> None:
    """Sweep again and again, as if six hours had passed."""
    from rejent.catalog import services
    from rejent.kernel.clock import ManualClock

    for _ in range(rounds):
        services.sweep_gaps(ManualClock(END))


def check() -> None:
    """Sweep a last time, then say what there is."""
    from rejent.catalog import checks, queries
    from rejent.kernel.clock import ManualClock
    from rejent.vault.store.disk import DiskStore

    sweep(1)
    with tempfile.TemporaryDirectory() as folder:
        found = checks.findings(DiskStore(Path(folder)), ManualClock(END), deep=False)
        codes = {finding.code for finding in found}
    totals = {source: queries.totals(source) for source in queries.streams()}
    print(json.dumps({"totals": totals, "findings": sorted(codes)}))  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    import os

    os.environ["DJANGO_SETTINGS_MODULE"] = "rejent.ops.settings"
    django.setup()
    match sys.argv[1:]:
        case ["prepare", cameras]:
            prepare(int(cameras))
        case ["book", minutes, *cameras]:
            book(int(minutes), cameras)
        case ["sweep", rounds]:
            sweep(int(rounds))
        case ["check"]:
            check()
