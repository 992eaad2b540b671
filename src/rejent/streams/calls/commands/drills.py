"""``rejent calls drill`` and ``rejent calls drills``: what a disturbed recorder does to calls, measured and entered."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, open_installation, program_clock
from rejent.cli.output import print_json, print_rows
from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation

if TYPE_CHECKING:
    from rejent.kernel.acts import Act
    from rejent.streams.calls.practice.drill.measurements import Phase
    from rejent.streams.calls.practice.drill.office_drill import Plan

STEPS = {
    "well": "Calls are placed while nothing is done to the recorder.",
    "killed": "The recorder of calls is killed (SIGKILL); the program starts it again.",
    "frozen": "The recorder of calls is frozen for {seconds:g} s (SIGSTOP), then goes on.",
    "filled": "The recorder of calls is told that its store is full, until the calls are over.",
}
MOST_CALLS = 500

Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it the plan is told and nothing is done.")]
Calls = Annotated[int, typer.Option("--calls", min=1, max=MOST_CALLS, help="Calls in each part.")]
Lasts = Annotated[float, typer.Option("--lasts", min=0.2, max=9, help="Seconds that a call lasts.")]
Over = Annotated[
    float, typer.Option("--over", min=0.2, max=600, help="Seconds in which the calls of a part begin.")
]
Frozen = Annotated[
    float, typer.Option("--frozen", min=1, max=120, help="Seconds that the recorder is frozen.")
]
Bound = Annotated[
    float, typer.Option("--bound", min=1, help="Milliseconds by which a call may be set up later.")
]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="Leave a part out: killed, frozen or filled.")
]
Relay = Annotated[
    bool | None,
    typer.Option("--relay/--no-relay", help="Let rtpengine fork what is said; if installed, unless given."),
]
ConfigurationOnly = Annotated[
    bool, typer.Option("--configuration", help="Print the configuration of the drill's Kamailio, and end.")
]


class Record(TypedDict):
    """Record of a drill in the ledger."""

    source: str
    passed: bool
    calls: int
    set_up: int
    added_ms: float
    bound_ms: float
    frozen_s: float
    phases: list[dict[str, object]]
    relayed: bool
    configuration: str
    causes: list[str]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("drill")(drill)
    app.command("drills")(drills)


def drill(
    directory: Directory,
    yes: Yes = False,
    calls_placed: Calls = 20,
    lasts: Lasts = 2.0,
    over: Over = 5.0,
    frozen: Frozen = 20.0,
    bound: Bound = 500.0,
    without: Without = None,
    relay: Relay = None,
    configuration: ConfigurationOnly = False,
    as_json: Json = False,
) -> int:
    """Kill, freeze and fill the recorder of calls while a proxy of the drill sets calls up; tell how much longer that takes.

    Exits with 1 where a call did not come about, was set up later than the bound allows, or recording did not go on.
    """
    from rejent.streams.calls.practice.drill.exchange import find_programs, proxy_configuration

    if configuration:
        typer.echo(proxy_configuration(), nl=False)
        return 0
    installation = open_installation(directory)
    from rejent.streams.calls.practice.drill.office_drill import Plan, recorder_of

    programs = find_programs(relay=relay)
    plan = Plan(calls_placed, lasts, over, frozen, bound, _steps(without or [], installation))
    host, port = _place()
    recorder_of(installation)
    if not yes:
        _announce(plan.steps, frozen, installation)
        raise InputRefusedError("Nothing was done.", advice="Say --yes to do it.")
    record, entry = _held(installation, programs, plan, (host, port), quiet=as_json)
    if as_json:
        print_json({**record, "entry": entry})
    else:
        print_rows(record["phases"], as_json=False, empty="")
        typer.echo(_verdict(record, entry))
    return 0 if record["passed"] else 1


def drills(directory: Directory, as_json: Json = False) -> None:
    """Every drill that was held: each of its parts, from the ledger."""
    open_installation(directory, Use.READING)
    from rejent.registers import queries
    from rejent.streams.calls.catalog.acts import CALLS_DRILLED

    held = queries.entered([CALLS_DRILLED.name])
    if as_json:
        print_json([{"entry": each.index, "at": each.at, **(each.facts or {})} for each in held])
        return
    rows = [
        {"entry": each.index, "at": each.at, **part} for each in held for part in _parts_of(each.facts or {})
    ]
    print_rows(rows, as_json=False, empty="No drill was held. Hold one with: rejent calls drill DIR")


def _parts_of(facts: Mapping[str, object]) -> Iterator[dict[str, object]]:
    from rejent.streams.calls.practice.drill.measurements import order_facts

    phases = facts.get("phases")
    for phase in phases if isinstance(phases, list) else []:
        yield {**order_facts(phase), "added_ms": facts["added_ms"], "passed": facts["passed"]}


def _steps(without: Sequence[str], installation: Installation) -> tuple[str, ...]:
    for step in without:
        if step not in STEPS or step == "well":
            raise InputRefusedError(
                "{step} is no part of the drill that can be left out.",
                step=step,
                advice="Use killed, frozen or filled.",
            )
    left_out = {*without, *(["filled"] if installation.storage else [])}
    return tuple(step for step in STEPS if step not in left_out)


def _place() -> tuple[str, int]:
    from rejent.catalog import queries
    from rejent.streams.calls.catalog.lines.addresses import SiprecLine, read_line
    from rejent.streams.calls.practice.drill.exchange import free_port

    for line in queries.recorder_sources(stream="calls"):
        address = read_line(line.address)
        if isinstance(address, SiprecLine):
            return address.host, free_port() if address.tls else address.port
    raise InputRefusedError(
        "No line of this office takes recording sessions.",
        advice="Add one first: rejent source add DIR --stream calls --siprec HOST:PORT …",
    )


def _announce(steps: Sequence[str], seconds: float, installation: Installation) -> None:
    typer.echo("The drill does this to the office's own recorder of calls:")
    for step in steps:
        typer.echo(f"- {step}: {STEPS[step].format(seconds=seconds)}")
    typer.echo(
        "Its own calls go between numbers of the area 10, which nobody has, and are recorded on a line of their own."
    )
    if not installation.test:
        typer.echo(
            "Calls of the office go on, but are recorded in part or not at all meanwhile; their lines get gaps."
        )


def _held(
    installation: Installation, programs: dict[str, str], plan: "Plan", place: tuple[str, int], *, quiet: bool
) -> tuple[Record, int]:
    from rejent.streams.calls.catalog.acts import CALLS_DRILL_BEGUN, CALLS_DRILLED
    from rejent.streams.calls.practice.drill.client import RecordingClient
    from rejent.streams.calls.practice.drill.exchange import HOST, RELAY, exchange, free_port
    from rejent.streams.calls.practice.drill.office_drill import Drill, causes_of, line_of_its_own

    clock = program_clock()
    begun = clock.now()
    orders = free_port() if RELAY in programs else None
    forking = RecordingClient(place, clock, engine=(HOST, orders) if orders is not None else None)
    with line_of_its_own(*place, clock) as line_id, forking.running() as client:
        _enter(
            CALLS_DRILL_BEGUN, line_id, {"source": line_id, "steps": list(plan.steps), "calls": plan.calls}
        )
        with exchange(programs, client.port, orders) as placed:
            held = Drill(
                installation,
                line_id,
                plan,
                placed,
                client,
                clock,
                lambda step: None if quiet else typer.echo(step),
            )
            held.await_line()
            phases = held.held()
        record = _record_of(
            line_id, phases, plan, causes_of(line_id, begun, clock), relayed=orders is not None
        )
        return record, _enter(CALLS_DRILLED, line_id, record)


def _record_of(
    line_id: str, phases: "Sequence[Phase]", plan: "Plan", causes: list[str], *, relayed: bool
) -> Record:
    from rejent.streams.calls.practice.drill.exchange import configuration_digest
    from rejent.streams.calls.practice.drill.measurements import evaluate

    result = evaluate(phases, plan.bound_ms)
    return {
        "source": line_id,
        "passed": result.passed,
        "calls": sum(each.placed.calls for each in phases),
        "set_up": sum(len(each.placed.set_up_ms) for each in phases),
        "added_ms": result.added_ms,
        "bound_ms": plan.bound_ms,
        "frozen_s": plan.frozen_s,
        "phases": [phase.row for phase in phases],
        "relayed": relayed,
        "configuration": configuration_digest(),
        "causes": causes,
    }


def _enter(act: "Act", line_id: str, record: Mapping[str, object]) -> int:
    from django.db import transaction

    from rejent.registers.services import enter

    with transaction.atomic():
        return enter(act, actor=ACTOR, subject=f"source:{line_id}", record=record, at=program_clock().now())


def _verdict(record: Record, entry: int) -> str:
    summary = (
        f"{record['set_up']} of {record['calls']} calls were set up; the slowest {record['added_ms']:g} ms later than usual, "
        f"{record['bound_ms']:g} ms are allowed. Entry {entry} in the register of actions."
    )
    return f"Passed: {summary}" if record["passed"] else f"NOT passed: {summary}"
