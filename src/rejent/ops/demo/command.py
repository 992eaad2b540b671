"""``rejent demo``: a demo office with simulated sources and some history, ready to be looked at."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from rejent.cli.command_setup import open_installation, program_clock
from rejent.cli.stream_commands import Demo, DemoPerson, with_options
from rejent.kernel.clock import ManualClock, SystemClock, civil_date, local_midnight
from rejent.kernel.errors import ConflictError
from rejent.office.installation import CONFIGURATION
from rejent.office.views import PersonView
from rejent.ops.commands import init
from rejent.ops.commands.run import listen_address
from rejent.ops.demo.regulations import OWN, authorised, demo_regulation, with_parts
from rejent.ops.serving.address_check import obstacle
from rejent.streams import registry

PEOPLE: tuple[DemoPerson, ...] = (
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
    parts = parts_of(regulation)
    reached = {part: ports[_parameter(part)] for part in parts.values()}
    _require_free(host, listened)
    for port in reached.values():
        _require_free(HERE, port)
    if not (directory / READY).exists():
        if (directory / CONFIGURATION).exists():
            shutil.rmtree(directory)
        typer.echo(f"Making the demo office: people, {', '.join(part.past for part in reached)} …")
        _made_in_a_process_of_its_own(directory, list(reached.values()), regulation)
        _require_free(host, listened)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as started:
        for part, port in reached.items():
            started.callback(_end, _started(part, directory, port))
        return _run(directory, host, listened, reached)


def _started(part: Demo, directory: Path, port: int) -> "subprocess.Popen[bytes]":
    simulated = part.simulated(directory, port)
    if simulated is None:
        raise _taken(f"{HERE}:{port}")
    return simulated


def _end(simulated: "subprocess.Popen[bytes]") -> None:
    simulated.terminate()
    simulated.wait()


def parts_of(regulation: str) -> dict[str, Demo]:
    """Return the streams that a demo office's regulation prescribes and their parts of the demo; applications are about the first."""
    text = demo_regulation(regulation)
    return {stream: part for stream, part in _demos().items() if f"[streams.{stream}]" in text}


def _demos() -> dict[str, Demo]:
    return {kind.stream: kind.demo for kind in registry.commands() if kind.demo}


def _parameter(part: Demo) -> str:
    return part.option.strip("-").replace("-", "_")


def _require_free(host: str, port: int) -> None:
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


def _run(directory: Path, host: str, listened: int, reached: Mapping[Demo, int]) -> int:
    accounts = json.loads((directory / ACCOUNTS).read_text(encoding="utf-8"))
    installation = open_installation(directory)
    from rejent.ops.program import Program

    for part, port in reached.items():
        part.reach(port)
    typer.echo(f"\n  http://{host}:{listened}\n\n  Accounts, all with the password  {accounts['password']}\n")
    for username, _, post, roles in _people_of(reached):
        typer.echo(f"    {username:<12}{', '.join(roles):<20}{post}")
    hints = "".join(part.hint(directory) for part in reached)
    typer.echo(f"\n{hints}  Ctrl-C stops everything.\n")
    return Program(installation, program_clock(), host=host, port=listened, role="all").run()


def _people_of(parts: Iterable[Demo]) -> list[DemoPerson]:
    return [*PEOPLE, *(person for part in parts for person in part.people)]


def _made_in_a_process_of_its_own(directory: Path, ports: list[int], regulation: str) -> None:
    """The past is made under another clock, which must not stay in this process."""
    command = "import sys; from rejent.ops.demo.command import make; make(sys.argv[1], list(map(int, sys.argv[3:])), None, sys.argv[2])"
    subprocess.run([sys.executable, "-c", command, str(directory), regulation, *map(str, ports)], check=True)


def make(
    directory_name: str, ports: Iterable[int] = (), minutes: int | None = None, regulation: str = OWN
) -> None:
    """Make the demo office, from an empty folder until now; of each day so many minutes are recorded, or all.

    ``ports`` are those of the regulation's streams, in their order; without them each has its usual one.
    """
    directory = Path(directory_name)
    until = SystemClock().now().replace(second=0, microsecond=0)
    begun = local_midnight(civil_date(until) - timedelta(days=33)) + timedelta(hours=7)
    founded = local_midnight(date(civil_date(until).year - 1, 12, 1)) + timedelta(hours=7)
    founded = min(founded, begun - timedelta(days=10))
    os.environ["REJENT_CLOCK"] = founded.isoformat()
    directory.parent.mkdir(parents=True, exist_ok=True)
    file = directory.parent / f"{directory.name}-regulation.toml"
    parts = parts_of(regulation)
    file.write_text(with_parts(demo_regulation(regulation), parts.values()), encoding="utf-8")
    init.create(directory, str(file), test=True)
    file.unlink()
    from rejent.ops.demo.applications import close_last_year, enter_applications, enter_last_year
    from rejent.ops.demo.notices import enter_notices

    clock = _demo_clock(founded, until)
    _people(directory, clock, regulation, parts)
    first = next(iter(parts))
    enter_last_year(first, clock)
    clock.advance(max(begun - clock.now(), timedelta()))
    reached = dict(zip(parts.values(), ports, strict=False))
    _live_through(
        (
            part.make(directory, reached.get(part, part.port), clock, until, minutes)
            for part in parts.values()
        ),
        clock,
    )
    enter_notices(parts, civil_date(begun), clock)
    enter_applications(first, clock, until)
    close_last_year(clock)
    _go_on_from(until, clock)
    (directory / READY).touch()


def _live_through(pasts: Iterable[Iterator[datetime]], clock: ManualClock) -> None:
    """Run the pasts of several streams side by side: each yields the instant at which it goes on."""
    waiting = [(clock.now(), number, past) for number, past in enumerate(pasts)]
    heapify(waiting)
    while waiting:
        at, number, past = heappop(waiting)
        clock.advance(max(at - clock.now(), timedelta()))
        if (following := next(past, None)) is not None:
            heappush(waiting, (following, number, past))


def _demo_clock(begun: datetime, until: datetime) -> ManualClock:
    """Set a clock that stands at ``begun``; at ``until`` the machine's own goes on from it without a step."""
    from django.conf import settings

    now = SystemClock()
    passed = (until - begun) + (now.now() - until)
    clock = ManualClock(begun, now.monotonic() - passed.total_seconds())
    settings.CLOCK = settings.VAULT.clock = clock
    return clock


def _people(directory: Path, clock: ManualClock, regulation: str, parts: Mapping[str, Demo]) -> None:
    from rejent.office import services
    from rejent.ops.demo.notices import enter_statements

    password = f"pokaz-{secrets.token_hex(4)}"
    people = _people_of(parts.values())
    made = {
        username: services.add_person(
            name, post=post, roles=roles, username=username, password=password, clock=clock, actor="cli"
        )
        for username, name, post, roles in people
    }
    _settle(made, password, clock)
    enter_statements(made, clock)
    for stream, part in parts.items():
        _authorise(stream, [*PEOPLE, *part.people], made, regulation, clock)
    _agreement(made["serwis"].id, clock)
    _write_accounts(directory / ACCOUNTS, password, people)


def _authorise(
    stream: str,
    people: Iterable[DemoPerson],
    made: Mapping[str, PersonView],
    regulation: str,
    clock: ManualClock,
) -> None:
    from rejent.access import queries
    from rejent.access import services as access

    day = civil_date(clock.now())
    provisions = queries.provisions(stream, day)
    for username, _, _, roles in people:
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


def _settle(made: Mapping[str, PersonView], password: str, clock: ManualClock) -> None:
    """Choose everybody's password, and confirm the accounts: by the head, and the head's by the officer."""
    from django.contrib.auth import get_user_model

    from rejent.office import services

    accounts = get_user_model().objects
    for username, person in made.items():
        services.change_own_password(accounts.get(username=username), password, clock=clock)
        confirmer = made["iod" if username == "burmistrz" else "burmistrz"]
        services.confirm_sign_in(person.id, clock=clock, actor=str(confirmer.id))


def _write_accounts(path: Path, password: str, people: Iterable[DemoPerson]) -> None:
    path.touch(mode=0o600)
    accounts = [
        {"username": username, "roles": list(roles), "post": post} for username, _, post, roles in people
    ]
    text = json.dumps({"password": password, "accounts": accounts}, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


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
