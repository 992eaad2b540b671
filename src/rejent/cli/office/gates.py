"""``rejent gate``: a stream's open conditions before it may start, and entering that one is met (R-OPEN-7)."""

from typing import Annotated

import typer

from rejent.cli.command_setup import (
    Directory,
    Json,
    StreamOrOnly,
    Use,
    acting,
    civil_day,
    open_installation,
    program_clock,
    resolve_stream,
)
from rejent.cli.output import print_rows
from rejent.kernel.clock import civil_date

app = typer.Typer(help="What a stream needs before it starts.")


@app.command("list")
def list_command(directory: Directory, stream: StreamOrOnly = None, as_json: Json = False) -> int:
    """List the conditions of a stream; exit status 1 while something is missing or waits for its day."""
    open_installation(directory, Use.READING)
    from rejent.office import queries

    activation = queries.gates(resolve_stream(stream), civil_date(program_clock().now()))
    rows = [
        {
            "gate": condition.name,
            "state": condition.state.value,
            "from": condition.met_from,
            "law": condition.law.source,
            "says": str(condition.statement),
        }
        for condition in activation.conditions
    ]
    print_rows(rows, as_json=as_json, empty="Nothing is needed.")
    return 0 if activation.open else 1


@app.command("enter")
def enter(
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
