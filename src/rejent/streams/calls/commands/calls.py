"""``rejent calls``: find a call by what is known of it, and list the calls of a date without their numbers."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, civil_day, open_installation, program_clock
from rejent.cli.output import print_json, print_rows
from rejent.kernel.clock import civil_date, instant_at
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.catalog.views import CallView
from rejent.streams.calls.commands.numbers import given

app = typer.Typer(
    help="Calls: find and list them, what callers hear, who refuses, what exchanges tell, the drill."
)


@app.callback()
def group() -> None:
    """Calls: find and list them, what callers hear, who refuses, what exchanges tell, the drill."""


@app.command("find")
def find(
    directory: Directory,
    caller: Annotated[
        str, typer.Option("--caller", help="In any spelling, or its last four digits or more; - asks for it.")
    ] = "",
    called: Annotated[str, typer.Option("--called", help="The same, of who was called.")] = "",
    on: Annotated[str, typer.Option("--on", help="Civil date on which it began.")] = "",
    about: Annotated[str, typer.Option("--about", help="About what time of that date, as 14:05.")] = "",
    as_json: Json = False,
) -> None:
    """Find a call by at least two facts; the search is entered in the ledger, without the numbers."""
    open_installation(directory)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries
    from rejent.streams.calls.catalog import searching
    from rejent.streams.calls.catalog.views import CallQuestion

    day = civil_day(on, "--on") if on else None
    question = CallQuestion(
        caller=given(caller, "Caller"),
        called=given(called, "Called"),
        day=day,
        about=_about(day, about),
        direction="",
        source_ids=frozenset(_lines()),
    )
    found = searching.enter_search(question, actor=ACTOR, clock=program_clock())
    names = {one.id: one.name for one in queries.sources(StreamName.CALLS, removed=True)}
    heard = call_queries.announced(found.calls)
    rows = [_row(call, names, heard) | {"caller": call.caller, "called": call.called} for call in found.calls]
    if as_json:
        print_json({"calls": rows, "more": found.more})
        return
    print_rows(rows, as_json=False, empty="No recorded call fits.")
    if found.more:
        typer.echo("More calls fit than are shown. Give one more fact.")


@app.command("list")
def list_calls(
    directory: Directory,
    on: Annotated[str, typer.Option("--on", help="Civil date; today where it is left out.")] = "",
    numbers: Annotated[
        bool, typer.Option("--numbers", help="With the numbers; entered in the ledger, as a search is.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List the calls of a date: when, which way, on which line, how each ended; numbers only where they are asked for."""
    open_installation(directory, *([] if numbers else [Use.READING]))
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries
    from rejent.streams.calls.catalog import searching

    day = civil_day(on, "--on") if on else civil_date(program_clock().now())
    names = {one.id: one.name for one in queries.sources(StreamName.CALLS, removed=True)}
    calls = call_queries.calls_on(day)
    heard = call_queries.announced(calls)
    if numbers:
        lines = {call.source_id for call in calls}
        searching.enter_shown(ACTOR, "date", lines, len(calls), clock=program_clock())
    rows = [
        _row(call, names, heard)
        | ({"caller": call.caller, "called": call.called} if numbers else {})
        | {"ended_by": call.ended_by, "destroyed": call.destroyed}
        for call in calls
    ]
    print_rows(rows, as_json=as_json, empty="No call was recorded on that date.")


def _lines() -> set[str]:
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import queries as call_queries

    lines = {line for line, stream in queries.streams(removed=True).items() if stream == StreamName.CALLS}
    return lines - call_queries.drill_lines()


def _about(day: date | None, about: str) -> datetime | None:
    """Return the instant meant; InputRefusedError without a date, or for a time that is none of it or means two instants."""
    if not about:
        return None
    if day is None:
        raise InputRefusedError("--about needs the date.", advice="Give --on too.")
    return instant_at(day, about)


def _row(call: CallView, names: dict[str, str], heard: dict[str, str]) -> dict[str, Any]:
    return {
        "id": call.id,
        "start": call.start,
        "end": call.end,
        "line": names.get(call.source_id, ""),
        "direction": call.direction,
        "announced": heard[call.id],
    }
