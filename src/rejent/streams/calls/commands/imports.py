"""``rejent calls import-report``: what an exchange told and left on a date, against what was recorded."""

from typing import Annotated, Any

import typer

from rejent.cli.command_setup import Directory, Json, Use, civil_day, open_installation, program_clock
from rejent.cli.output import print_json, print_rows
from rejent.kernel.clock import civil_date
from rejent.office.regulation.vocabulary import StreamName

_WORDS = {
    "imported": "taken over",
    "twice": "come a second time, entered once",
    "refused": "not taken over",
    "left-out": "left out",
    "expected": "not compared yet",
    "unanswered": "answered by nobody",
}
"""Words for states of files and records; the others go by their own names."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import-report")(import_report)


def import_report(
    directory: Directory,
    on: Annotated[str, typer.Option("--on", help="Civil date; today where it is left out.")] = "",
    as_json: Json = False,
) -> None:
    """Calls of a date that an exchange told of and that are missing, its files that could not be taken over, and calls it never told of.

    Without the numbers of records. The names of files are shown, because they must be found, and exchanges often write
    telephone numbers into them: keep the report as you would keep a list of calls.
    """
    open_installation(directory, Use.READING)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog.queries import pbx

    day = civil_day(on, "--on") if on else civil_date(program_clock().now())
    names = {one.id: one.name for one in queries.sources(StreamName.CALLS, removed=True)}
    shown = [
        *(
            ("missing", one.source_id, one.start, one.cause, one.record_id)
            for one in pbx.missing_records(day)
        ),
        *(
            (f"file {one.state}", one.source_id, one.looked_at, one.cause, one.name)
            for one in pbx.faulty_files(day)
        ),
        *(("no record", one.source_id, one.start, "", one.id) for one in pbx.calls_without_record(day)),
    ]
    rows: list[dict[str, Any]] = [
        {"what": what, "line": names.get(source_id, ""), "at": at, "cause": cause, "told": named}
        for what, source_id, at, cause, named in shown
    ]
    found = sorted(pbx.import_counts(day).items())
    counts = {f"{kind}s {state}": number for (kind, state), number in found}
    if as_json:
        print_json({"counts": counts, "differences": rows})
        return
    for (kind, state), number in found:
        typer.echo(f"{kind}s {_WORDS.get(state, state)}: {number}")
    print_rows(rows, as_json=False, empty=_where_nothing_is_listed(counts))


def _where_nothing_is_listed(counts: dict[str, int]) -> str:
    if "records expected" in counts:
        return "No call is known to be missing; the newest are not compared yet."
    return "Nothing is missing." if counts else "No exchange told of calls or left files on that date."
