"""``rejent demo``: a demo office with simulated cameras and some history, ready to be looked at."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from rejent.cli.opening import open_installation, program_clock
from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight
from rejent.kernel.errors import ConflictError
from rejent.office.installation import CONFIGURATION
from rejent.office.regulation.vocabulary import StreamName
from rejent.office.views import PersonView
from rejent.ops.commands import init
from rejent.ops.commands.run import listen_address
from rejent.ops.demo.calls import (
    CALLS_PORT,
    add_demo_line,
    announce_demo_line,
    calls_at,
    simulated_pbx,
    take_calls_at,
)
from rejent.ops.demo.regulations import OWN, authorised, demo_regulation
from rejent.ops.serving.listening import obstacle

CAMERAS_PORT = 18554
SOURCES = (
    ("Hol na parterze", "hol na parterze", "hall", 112),
    ("Wejście główne", "wejście od rynku", "entrance", 122),
    ("Korytarz I piętro", "korytarz na I piętrze", "corridor", 134),
    ("Parking", "parking od podwórza", "outside", 144),
)
PEOPLE = (
    ("straz", "Strażnik Przykładowy", "pracownik ochrony", ("guard",)),
    ("nadzor", "Nadzorująca Przykładowa", "nadzór nad ochroną", ("guard-supervisor",)),
    ("podglad", "Osoba Upoważniona-Przykładowa", "inspektor", ("viewer",)),
    ("nowa", "Osoba Nieupoważniona-Przykładowa", "inspektor", ("viewer",)),
    ("kancelaria", "Kancelaria Przykładowa", "podinspektor", ("clerk",)),
    ("burmistrz", "Burmistrz Przykładowy", "burmistrz", ("head", "viewer")),
    ("zastepca", "Zastępca Przykładowy", "zastępca burmistrza", ("deputy",)),
    ("asi", "Informatyk Przykładowy", "informatyk", ("administrator",)),
    ("iod", "Inspektor Danych-Przykładowy", "inspektor ochrony danych", ("iod",)),
    ("sekretarz", "Sekretarz Przykładowy", "sekretarz", ("secretary",)),
    ("serwis", "Serwisant Przykładowy", "firma Serwis Przykładowy", ("contractor",)),
    ("pracownik", "Pracownik Przykładowy", "referent", ("employee",)),
)
ACCOUNTS = "demo-accounts.json"
READY = "demo-ready"


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("demo")(demo)


def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the demo office is, or will be made.")
    ],
    listen: Annotated[str, typer.Option("--listen", help="Where its pages are served.")] = "127.0.0.1:8000",
    cameras_port: Annotated[
        int, typer.Option("--cameras-port", min=1, max=65535, help="Where its simulated cameras listen.")
    ] = CAMERAS_PORT,
    calls_port: Annotated[
        int,
        typer.Option(
            "--calls-port", min=1, max=65535, help="Where it takes the calls of its simulated exchange."
        ),
    ] = CALLS_PORT,
    regulation: Annotated[
        str,
        typer.Option(
            "--regulation",
            help="Whose rules a new demo follows: its own, or those of an example of `rejent regulation`.",
        ),
    ] = OWN,
) -> int:
    """Make a demo office if there is none, start its cameras or its exchange and run it until stopped."""
    host, port = listen_address(listen)
    directory = directory.absolute()
    pictures = "[streams.video" in demo_regulation(regulation)
    _demand_free(host, port)
    _demand_free(*listen_address(_cameras_at(cameras_port) if pictures else calls_at(calls_port)))
    if not (directory / READY).exists():
        if (directory / CONFIGURATION).exists():
            shutil.rmtree(directory)
        past = (
            "four simulated cameras, five weeks of history"
            if pictures
            else "a line, and an exchange that calls"
        )
        typer.echo(f"Making the demo office: people, {past} …")
        _made_in_a_process_of_its_own(directory, cameras_port, calls_port, regulation)
        _demand_free(host, port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    watched = _cameras(cameras_port) if pictures else simulated_pbx(directory, calls_port)
    try:
        return _run(directory, host, port, cameras_port, calls_port)
    finally:
        watched.terminate()
        watched.wait()


def _cameras_at(port: int) -> str:
    return f"127.0.0.1:{port}"


def _demand_free(host: str, port: int) -> None:
    """Raise ConflictError if somebody listens at the demo's address, before minutes are spent on its history."""
    if obstacle(host, port) is not None:
        raise _taken(f"{host}:{port}")


def _taken(address: str) -> ConflictError:
    return ConflictError(
        "The demo cannot listen on {address}: somebody else does.",
        address=address,
        advice="Stop whatever uses that port, perhaps another demo, or name others: --listen, --cameras-port, --calls-port.",
    )


def _cameras(port: int) -> "subprocess.Popen[bytes]":
    """Start the simulated cameras and wait until they listen. Raises ConflictError: somebody took their port."""
    names = [f"kamera-{number}" for number in range(1, len(SOURCES) + 1)]
    command = [sys.executable, "-m", "rejent.streams.cameras.simulated", "--listen", _cameras_at(port)]
    cameras = subprocess.Popen(
        [*command, "--size", "960x540", "--rate", "12", *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if cameras.stdout is None or not cameras.stdout.readline():
        raise _taken(_cameras_at(port))
    return cameras


def _run(directory: Path, host: str, port: int, cameras_port: int, calls_port: int) -> int:
    accounts = json.loads((directory / ACCOUNTS).read_text(encoding="utf-8"))
    installation = open_installation(directory)
    from rejent.ops.program import Program

    reach_cameras(cameras_port)
    take_calls_at(calls_port)
    typer.echo(f"\n  http://{host}:{port}\n\n  Accounts, all with the password  {accounts['password']}\n")
    for username, _, post, roles in PEOPLE:
        typer.echo(f"    {username:<12}{', '.join(roles):<20}{post}")
    typer.echo("\n  Ctrl-C stops everything.\n")
    return Program(installation, program_clock(), host=host, port=port, role="all").run()


def reach_cameras(port: int) -> None:
    """Change the addresses of the demo's sources where its cameras listen elsewhere than last time."""
    from django.conf import settings

    from rejent.catalog import queries, services

    wanted = {name: _address(port, number) for number, (name, *_) in enumerate(SOURCES, 1)}
    for source in queries.sources(clock=program_clock()):
        address = wanted.get(source.name, source.address_shown)
        if source.address_shown != address:
            services.change_source(
                source.id,
                address=address,
                clock=program_clock(),
                actor="cli",
                credentials_box=settings.VAULT.credentials,
            )


def _address(port: int, number: int) -> str:
    return f"rtsp://{_cameras_at(port)}/kamera-{number}"


def _made_in_a_process_of_its_own(
    directory: Path, cameras_port: int, calls_port: int, regulation: str
) -> None:
    """Make the past under another clock, in a process of its own."""
    command = [
        sys.executable,
        "-c",
        (
            "import sys; from rejent.ops.demo.command import make; "
            "make(sys.argv[1], int(sys.argv[2]), None, sys.argv[4], calls_port=int(sys.argv[3]))"
        ),
    ]
    subprocess.run([*command, str(directory), str(cameras_port), str(calls_port), regulation], check=True)


def make(
    directory_name: str,
    cameras_port: int = CAMERAS_PORT,
    morning: int | None = None,
    regulation: str = OWN,
    *,
    calls_port: int = CALLS_PORT,
) -> None:
    """Make the demo office, from an empty folder to yesterday evening; ``morning`` says how long a history it gets."""
    directory = Path(directory_name)
    today = civil_date(SystemClock().now())
    begun = local_midnight(today - timedelta(days=33)) + timedelta(hours=7)
    os.environ["REJENT_CLOCK"] = begun.isoformat()
    directory.parent.mkdir(parents=True, exist_ok=True)
    file = directory.parent / f"{directory.name}-regulation.toml"
    file.write_text(demo_regulation(regulation), encoding="utf-8")
    init.create(directory, str(file), test=True)
    file.unlink()
    clock = _demo_clock(begun)
    stream = _people(directory, clock, regulation)
    if stream == StreamName.VIDEO:
        _recordings(clock, today, cameras_port, morning)
    else:
        add_demo_line(calls_port, clock)
        announce_demo_line(directory, clock)
    _go_on_from(today, clock)
    (directory / READY).touch()


def _demo_clock(begun: datetime) -> ManualClock:
    from django.conf import settings

    clock = ManualClock(begun)
    settings.CLOCK = settings.VAULT.clock = clock
    return clock


def _people(directory: Path, clock: ManualClock, regulation: str) -> StreamName:
    """Add accounts, authorisations and the contractor's agreement, for the regulation's streams."""
    from rejent.access import queries
    from rejent.access import services as access
    from rejent.office import services

    day = civil_date(clock.now())
    stream = StreamName.VIDEO if queries.provisions(StreamName.VIDEO, day) else StreamName.CALLS
    password = f"pokaz-{secrets.token_hex(4)}"
    made = {
        username: services.add_person(
            name, post=post, roles=roles, username=username, password=password, clock=clock, actor="cli"
        )
        for username, name, post, roles in PEOPLE
    }
    _settle(made, password, clock)
    provisions = queries.provisions(stream, day)
    for username, _, _, roles in PEOPLE:
        acts = authorised(regulation, username, roles, stream, provisions)
        if not acts:
            continue
        access.issue_authorisation(
            person_id=made[username].id,
            acts=acts,
            stream=stream,
            source_ids=None,
            valid_from=day,
            valid_until=None,
            clock=clock,
            actor="cli" if username == "burmistrz" else str(made["burmistrz"].id),
        )
    _agreement(made["serwis"].id, clock)
    _tell(directory / ACCOUNTS, password)
    return stream


def _settle(made: Mapping[str, PersonView], password: str, clock: ManualClock) -> None:
    """Choose everybody's password, and confirm the accounts: by the head, and the head's by the officer."""
    from django.contrib.auth import get_user_model

    from rejent.office import services

    accounts = get_user_model().objects
    for username, person in made.items():
        services.change_own_password(accounts.get(username=username), password, clock=clock)
        confirmer = made["iod" if username == "burmistrz" else "burmistrz"]
        services.confirm_sign_in(person.id, clock=clock, actor=str(confirmer.id))


def _tell(accounts: Path, password: str) -> None:
    accounts.touch(mode=0o600)
    people = [
        {"username": username, "roles": list(roles), "post": post} for username, _, post, roles in PEOPLE
    ]
    text = json.dumps({"password": password, "accounts": people}, ensure_ascii=False, indent=2)
    accounts.write_text(f"{text}\n", encoding="utf-8")


def _agreement(contractor: UUID, clock: ManualClock) -> None:
    """Enter the agreement by which the contractor gets in once a fault is open."""
    from rejent.office import services

    today = civil_date(clock.now())
    services.add_agreement(
        number="UP.1.2026",
        party="Serwis Przykładowy sp. z o.o.",
        concluded_on=today,
        valid_from=today,
        valid_until=None,
        people=[contractor],
        clock=clock,
        actor="cli",
    )


def _recordings(clock: ManualClock, today: date, cameras_port: int, morning: int | None) -> None:
    from django.conf import settings

    from rejent.catalog import services as catalog
    from rejent.ops.demo.history import MORNING, book_stretch, made_minutes, stretches
    from rejent.retention import services as retention

    added = []
    for number, (name, place, kind, tint) in enumerate(SOURCES, 1):
        source_id = catalog.add_source(
            stream="video",
            name=name,
            address=_address(cameras_port, number),
            building="Ratusz",
            place=place,
            kind=kind,
            clock=clock,
            actor="cli",
            credentials_box=settings.VAULT.credentials,
        )
        added.append((source_id, tint))
    wanted = stretches(added, today, morning or MORNING)
    days = sorted({civil_date(stretch.start) for stretch in wanted})
    for day, batches in zip(days, made_minutes(wanted, days), strict=True):
        clock.advance(local_midnight(day) + timedelta(hours=7) - clock.now())
        retention.keep_once(settings.KEEPING())
        for stretch, minutes in batches:
            book_stretch(stretch, minutes, clock)
        if (today - day).days in {31, 3}:
            _hold(added[0][0], day, clock)


def _go_on_from(today: date, clock: ManualClock) -> None:
    """Continue from yesterday evening to now, and confirm the clock."""
    from django.conf import settings

    from rejent.retention import services as retention

    evening = local_midnight(today) - timedelta(hours=4)
    clock.advance(evening - clock.now())
    retention.keep_once(settings.KEEPING())
    settings.CLOCK = settings.VAULT.clock = SystemClock()
    retention.keep_once(settings.KEEPING())
    retention.confirm_clock(settings.CLOCK, "cli")
    retention.keep_once(settings.KEEPING())


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
        actor="cli",
    )
