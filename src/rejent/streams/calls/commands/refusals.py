"""``rejent calls refusals``: the numbers of those who refused to be recorded."""

from typing import Annotated

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, open_installation, program_clock
from rejent.cli.output import print_rows
from rejent.streams.calls.commands.numbers import ASKED, given

app = typer.Typer(help="Numbers of those who refused to be recorded.")


@app.command("add")
def add(
    directory: Directory,
    number: Annotated[
        str, typer.Option("--number", help="The whole number, in any spelling; asked for if left out.")
    ] = ASKED,
) -> None:
    """Record no call of a number from now on; the ledger is told of it without the number."""
    open_installation(directory)
    from rejent.streams.calls.catalog import services as call_services

    typer.echo(call_services.refuse_number(given(number, "Number"), clock=program_clock(), actor=ACTOR))


@app.command("end")
def end(
    directory: Directory, refusal: Annotated[int, typer.Option("--refusal", help="Its number in the list.")]
) -> None:
    """Record calls of a number again, and forget it."""
    open_installation(directory)
    from rejent.streams.calls.catalog import services as call_services

    call_services.allow_number(refusal, clock=program_clock(), actor=ACTOR)


@app.command("list")
def list_refusals(directory: Directory, as_json: Json = False) -> None:
    """List the refusals that stand, with their numbers."""
    open_installation(directory, Use.READING)
    from rejent.streams.calls.catalog import queries as call_queries

    rows = [
        {"refusal": each.id, "number": each.number, "since": each.since} for each in call_queries.refusals()
    ]
    print_rows(rows, as_json=as_json, empty="Nobody refused to be recorded.")
