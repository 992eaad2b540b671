"""``rejent regulation``, ``gate``: check an office's regulation, load it, and what a stream needs before it starts (R-OPEN-7)."""

from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import (
    ACTOR,
    Directory,
    Json,
    StreamOrOnly,
    Use,
    acting,
    civil_day,
    open_installation,
    program_clock,
    resolve_stream,
    set_up_alone,
)
from rejent.cli.output import print_rows
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.office.regulation.gates import PLACE_MARKED, Condition, GateState
from rejent.office.regulation.loading import EXAMPLES, check, example

app = typer.Typer(help="The office's rules as data.")

ENTER_PLATE = "hang the plate; enter it on the page /notices/plates/new, then „Tabliczka wisi” (It hangs) on its own page"
"""What is to be done about a source whose place no plate marks."""


def regulation_text(name_or_file: str) -> str:
    """Return an example by name, or a file's text. Raises NotFoundError: it is neither; InputRefusedError: it is no text."""
    if name_or_file in EXAMPLES:
        return example(name_or_file)
    try:
        return Path(name_or_file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputRefusedError(
            "{file} is not UTF-8 text.", file=name_or_file, advice="Save it as UTF-8."
        ) from None
    except OSError:
        raise NotFoundError(
            "There is no regulation {name}.",
            name=name_or_file,
            advice="Name a file, or one of: {known}.",
            known=" ".join(EXAMPLES),
        ) from None


@app.command("check")
def check_command(file: Annotated[str, typer.Argument(metavar="FILE")], as_json: Json = False) -> int:
    """Check a regulation: 0, or every finding with its line, key and the rule it breaks."""
    set_up_alone()
    findings = check(regulation_text(file))
    rows = [
        {
            "line": finding.line,
            "severity": finding.severity,
            "key": finding.key,
            "finding": finding.sentence,
            "rule": finding.rule,
        }
        for finding in findings
    ]
    print_rows(rows, as_json=as_json, empty="No findings.")
    return 1 if any(finding.severity == "error" for finding in findings) else 0


@app.command("list")
def list_command() -> None:
    """The regulations that come with the program."""
    for name in EXAMPLES:
        typer.echo(name)


@app.command("show")
def show_command(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print a regulation that comes with the program, to start one's own from."""
    typer.echo(regulation_text(name))


@app.command("activate")
def activate(
    directory: Directory,
    regulation: Annotated[str, typer.Option("--regulation", help="A file, or the name of an example.")],
    since: Annotated[str, typer.Option("--from", help="First day in force; today if left out.")] = "",
) -> None:
    """Load a new version of the regulation, in force from a day; prints its number."""
    open_installation(directory)
    from rejent.office import services

    by = program_clock()
    day = civil_day(since, "--from") if since else civil_date(by.now())
    typer.echo(
        services.activate_regulation(regulation_text(regulation), in_force_from=day, clock=by, actor=ACTOR)
    )


@app.command("annex")
def annex(
    directory: Directory,
    file: Annotated[str, typer.Argument(metavar="FILE")],
    since: Annotated[str, typer.Option("--from", help="First day in force; today if left out.")] = "",
) -> None:
    """Load the office's own forms: a new version of the regulation in force with them; prints its number."""
    open_installation(directory)
    from rejent.office import queries, services
    from rejent.office.regulation.annexes import with_annex

    by = program_clock()
    today = civil_date(by.now())
    text = with_annex(queries.verified_text(today), regulation_text(file))
    day = civil_day(since, "--from") if since else today
    typer.echo(services.activate_regulation(text, in_force_from=day, clock=by, actor=ACTOR))


gate = typer.Typer(help="What a stream needs before it starts.")


@gate.command("list")
def gate_list(directory: Directory, stream: StreamOrOnly = None, as_json: Json = False) -> int:
    """List the conditions of a stream and the plates its sources wait for, with what to do; exit status 1 while something is missing or waits for its day."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries as catalog
    from rejent.office import queries

    activation = queries.gates(resolve_stream(stream), civil_date(program_clock().now()))
    unmarked = catalog.unmarked_sources(activation)
    rows = [
        *(_gate_row("", condition) for condition in activation.conditions),
        *(_gate_row(source, condition) for source, condition in unmarked),
    ]
    print_rows(rows, as_json=as_json, empty="Nothing is needed.")
    return 0 if activation.open and not unmarked else 1


def _gate_row(source: str, condition: Condition) -> dict[str, object]:
    """Return a condition as a row; ``source`` is empty for one of the whole stream."""
    return {
        "gate": condition.name,
        "source": source,
        "state": condition.state.value,
        "from": condition.met_from,
        "law": condition.law.source,
        "says": str(condition.statement),
        "do": _to_do(condition),
    }


def _to_do(condition: Condition) -> str:
    from rejent.office.services.regulation import ENTERED

    if condition.state is GateState.WAITING:
        return "wait for the day"
    if condition.state is GateState.MET:
        return ""
    if condition.name == PLACE_MARKED:
        return ENTER_PLATE
    return f"rejent gate enter DIR --kind {condition.name} --on DAY" if condition.name in ENTERED else ""


@gate.command("enter")
def gate_enter(
    directory: Directory,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="staff-told places-marked; of calls also legal-basis unrecorded-route announcement-ready; of mail also necessity-assessed",
        ),
    ],
    day: Annotated[str, typer.Option("--on", help="The day on which it happened.")],
    stream: StreamOrOnly = None,
    note: Annotated[str, typer.Option("--note", help="Where the evidence is.")] = "",
) -> None:
    """Enter a fact that a stream's start depends on; an act in the ledger."""
    open_installation(directory)
    from rejent.office import services

    services.enter_gate(resolve_stream(stream), kind, civil_day(day, "--on"), note=note, **acting())
