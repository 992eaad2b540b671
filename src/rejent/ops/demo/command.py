"""``rejent demo``: a demo office with simulated sources and some history, ready to be looked at."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from rejent.cli.command_setup import open_installation, program_clock
from rejent.cli.stream_commands import Demo, with_options
from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight
from rejent.kernel.errors import ConflictError
from rejent.office.installation import CONFIGURATION
from rejent.office.views import PersonView
from rejent.ops.commands import init
from rejent.ops.commands.run import listen_address
from rejent.ops.demo.applications import close_last_year, enter_applications, enter_last_year
from rejent.ops.demo.notices import enter_notices, enter_statements
from rejent.ops.demo.regulations import OWN, authorised, demo_regulation, listing
from rejent.ops.serving.address_check import obstacle
from rejent.streams import registry

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
NOT_STATED = frozenset({"nowa", "pracownik"})
"""Accounts whose statement is left to be given by hand."""
ACCOUNTS = "demo-accounts.json"
READY = "demo-ready"
HERE = "127.0.0.1"
"""Address and port of simulated sources."""


def register(app: typer.Typer) -> None:
    """Add this module's command, with an option a kind that has a part in the demo."""
    ports = [
        Parameter(
            _parameter(demo),
            Parameter.POSITIONAL_OR_KEYWORD,
            default=demo.port,
            annotation=Annotated[int, typer.Option(demo.option, min=1, max=65535, help=demo.help)],
        )
        for demo in _demos().values()
    ]
    directory, listen, regulation = (
        each for each in signature(demo).parameters.values() if each.kind is not Parameter.VAR_KEYWORD
    )
    app.command("demo")(with_options(demo, [directory, listen, *ports, regulation]))


def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="Where the demo office is, or will be made.")
    ],
    listen: Annotated[str, typer.Option("--listen", help="Where its pages are served.")] = "127.0.0.1:8000",
    regulation: Annotated[
        str,
        typer.Option(
            "--regulation",
            help="Whose rules a new demo follows: its own, or those of an example of `rejent regulation`.",
        ),
    ] = OWN,
    **ports: int,
) -> int:
    """Make a demo office if there is none, start its simulated sources and run it until stopped."""
    host, listened = listen_address(listen)
    directory = directory.absolute()
    _, part = demo_of(regulation)
    port = ports[_parameter(part)]
    _demand_free(host, listened)
    _demand_free(HERE, port)
    if not (directory / READY).exists():
        if (directory / CONFIGURATION).exists():
            shutil.rmtree(directory)
        typer.echo(f"Making the demo office: people, {part.past} …")
        _made_in_a_process_of_its_own(directory, port, regulation)
        _demand_free(host, listened)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    simulated = part.simulated(directory, port)
    if simulated is None:
        raise _taken(f"{HERE}:{port}")
    try:
        return _run(directory, host, listened, partial(part.reach, port), part.hint(directory))
    finally:
        simulated.terminate()
        simulated.wait()


def demo_of(regulation: str) -> tuple[str, Demo]:
    """Return the stream that a demo office's regulation prescribes, the first of several, and its part of the demo."""
    text = demo_regulation(regulation)
    return next((stream, part) for stream, part in _demos().items() if f"[streams.{stream}" in text)


def _demos() -> dict[str, Demo]:
    return {kind.stream: kind.demo for kind in registry.commands() if kind.demo}


def _parameter(part: Demo) -> str:
    return part.option.strip("-").replace("-", "_")


def _demand_free(host: str, port: int) -> None:
    """Raise ConflictError if somebody listens at the demo's address, before minutes are spent on its history."""
    if obstacle(host, port) is not None:
        raise _taken(f"{host}:{port}")


def _taken(address: str) -> ConflictError:
    return ConflictError(
        "The demo cannot listen on {address}: somebody else does.",
        address=address,
        advice="Stop whatever uses that port, perhaps another demo, or name others: {options}.",
        options=", ".join(("--listen", *(part.option for part in _demos().values()))),
    )


def _run(directory: Path, host: str, port: int, reach: Callable[[], None], hint: str) -> int:
    accounts = json.loads((directory / ACCOUNTS).read_text(encoding="utf-8"))
    installation = open_installation(directory)
    from rejent.ops.program import Program

    reach()
    typer.echo(f"\n  http://{host}:{port}\n\n  Accounts, all with the password  {accounts['password']}\n")
    for username, _, post, roles in PEOPLE:
        typer.echo(f"    {username:<12}{', '.join(roles):<20}{post}")
    typer.echo(f"\n{hint}  Ctrl-C stops everything.\n")
    return Program(installation, program_clock(), host=host, port=port, role="all").run()


def _made_in_a_process_of_its_own(directory: Path, port: int, regulation: str) -> None:
    """The past is made under another clock, which must not stay in this process."""
    command = "import sys; from rejent.ops.demo.command import make; make(sys.argv[1], int(sys.argv[2]), None, sys.argv[3])"
    subprocess.run([sys.executable, "-c", command, str(directory), str(port), regulation], check=True)


def make(directory_name: str, port: int = 0, minutes: int | None = None, regulation: str = OWN) -> None:
    """Make the demo office, from an empty folder until now; of each day so many minutes are recorded, or all."""
    directory = Path(directory_name)
    until = SystemClock().now().replace(second=0, microsecond=0)
    begun = local_midnight(civil_date(until) - timedelta(days=33)) + timedelta(hours=7)
    founded = local_midnight(date(civil_date(until).year - 1, 12, 1)) + timedelta(hours=7)
    founded = min(founded, begun - timedelta(days=10))
    os.environ["REJENT_CLOCK"] = founded.isoformat()
    directory.parent.mkdir(parents=True, exist_ok=True)
    file = directory.parent / f"{directory.name}-regulation.toml"
    stream, part = demo_of(regulation)
    file.write_text(listing(demo_regulation(regulation), part.areas), encoding="utf-8")
    init.create(directory, str(file), test=True)
    file.unlink()
    clock = _demo_clock(founded, until)
    _people(directory, clock, regulation, stream)
    enter_last_year(stream, clock)
    clock.advance(max(begun - clock.now(), timedelta()))
    part.make(directory, port or part.port, clock, until, minutes)
    enter_notices(stream, civil_date(begun), clock)
    enter_applications(stream, clock, until)
    close_last_year(clock)
    _go_on_from(until, clock)
    (directory / READY).touch()


def _demo_clock(begun: datetime, until: datetime) -> ManualClock:
    """Set a clock that stands at ``begun``; at ``until`` the machine's own goes on from it without a step."""
    from django.conf import settings

    now = SystemClock()
    passed = (until - begun) + (now.now() - until)
    clock = ManualClock(begun, now.monotonic() - passed.total_seconds())
    settings.CLOCK = settings.VAULT.clock = clock
    return clock


def _people(directory: Path, clock: ManualClock, regulation: str, stream: str) -> None:
    """Add accounts, authorisations and the contractor's agreement."""
    from rejent.access import queries
    from rejent.access import services as access
    from rejent.office import services

    day = civil_date(clock.now())
    password = f"pokaz-{secrets.token_hex(4)}"
    made = {
        username: services.add_person(
            name, post=post, roles=roles, username=username, password=password, clock=clock, actor="cli"
        )
        for username, name, post, roles in PEOPLE
    }
    _settle(made, password, clock)
    enter_statements(made, clock)
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


def _go_on_from(until: datetime, clock: ManualClock) -> None:
    """Continue from the end of the past to now."""
    from django.conf import settings

    from rejent.retention import services as retention

    clock.advance(until - clock.now())
    retention.keep_once(settings.KEEPING())
    settings.CLOCK = settings.VAULT.clock = SystemClock()
    retention.keep_once(settings.KEEPING())
