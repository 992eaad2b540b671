"""``rejent status``, ``gaps``, ``objects``: recordings, their gaps, and their objects in the vault."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

import typer

from rejent.catalog.forecast import Forecast
from rejent.catalog.views import SourceView, Totals
from rejent.cli.command_setup import Directory, Json, Use, instant, interval, open_installation, program_clock
from rejent.cli.office.regulation import ENTER_PLATE
from rejent.cli.output import print_json, print_rows
from rejent.cli.storage.retention import alarm_lines, alarm_rows
from rejent.cli.stream_parts import FIGURES
from rejent.office.regulation.gates import PLACE_MARKED

SourceName = Annotated[str, typer.Option("--source", help="The source's name.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("status")(status)
    app.command("gaps")(gaps)
    app.command("objects")(objects)


def status(directory: Directory, as_json: Json = False) -> None:
    """Show the state of every source, the ledger's head, storage, what is overdue, and the alarms that are on."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.cli.secrets_in_reach import secrets_in_reach
    from rejent.recording.own_role import describe_role_limits
    from rejent.registers import queries as registers
    from rejent.retention import queries as retention
    from rejent.vault.landlock import describe_kernel_limits

    clock = program_clock()
    found = queries.sources(clock=clock)
    rows = [_source_row(source, queries.totals(source.id, clock=clock)) for source in found]
    forecast = queries.storage_forecast(clock=clock)
    room = forecast if forecast.used is not None else settings.VAULT.store.space()
    head = registers.tree_head()
    overdue = len(retention.overdue(clock=clock))
    alarms = alarm_rows()
    figures = {stream: kind.status(clock) for stream, kind in FIGURES.items()}
    in_reach, role_limits = secrets_in_reach(settings.INSTALLATION), describe_role_limits()
    role = str(settings.RECORDERS_DATABASE["USER"]) if settings.RECORDERS_DATABASE else None
    if as_json:
        print_json(
            {
                "sources": rows,
                "ledger": {"size": head.size, "root": head.root.hex()},
                "storage": {
                    "used": room.used,
                    "free": room.free,
                    "days_left": forecast.days_left,
                    "per_day": round(forecast.per_day),
                    "to_come": forecast.to_come,
                },
                "overdue": overdue,
                "not_confined": describe_kernel_limits(),
                "secrets_in_reach": in_reach,
                "recorders_role": role,
                "not_kept_from_recorders": role_limits,
                **{name: figure for of_kind in figures.values() for name, figure in of_kind.items()},
                "alarms": alarms,
            }
        )
    else:
        print_rows(rows, as_json=False, empty="No sources yet.")
        for line in _waiting_lines(found):
            typer.echo(line)
        typer.echo(f"ledger: {head.size} entries, root {head.root.hex()}")
        typer.echo(storage_line(forecast))
        for line in alarm_lines(alarms):
            typer.echo(line)
        typer.echo(f"overdue: {overdue}")
        for line in _recorder_lines(role, (describe_kernel_limits(), *role_limits), in_reach):
            typer.echo(line)
        for stream, kind in FIGURES.items():
            if any(row["stream"] == stream for row in rows):
                for line in kind.lines(figures[stream]):
                    typer.echo(line)


def _recorder_lines(role: str | None, limits: Iterable[str], in_reach: Iterable[object]) -> Iterator[str]:
    """Yield what recorders are kept from, and what they are not."""
    if role is not None:
        yield f"recorders connect to the database as {role}"
    yield from (f"recorders: {left}" for left in limits if left)
    yield from (f"in reach of recorders: {file} – move this secret to /var/lib/rejent" for file in in_reach)


def _source_row(source: SourceView, totals: Totals) -> dict[str, object]:
    health = source.health
    return {
        "name": source.name,
        "stream": source.stream,
        "state": source.state,
        "cause": source.cause_with_conditions,
        "since": health.since if health else None,
        "recorded_s": round(totals.recorded_s, 3),
        "gap_s": round(totals.gap_s, 3),
        "seams": totals.short.seams,
        "seams_s": round(totals.short.seams_s, 3),
        "dropped": totals.short.dropped,
        "retimed": totals.short.retimed,
        "clock_offset_s": health.clock_offset_s if health else None,
    }


def _waiting_lines(sources: Sequence[SourceView]) -> Iterator[str]:
    """Yield what to do about sources that are not started: the plates that lack, and where the conditions are listed."""
    waiting = [each for each in sources if each.waits_for]
    for source in waiting:
        if any(each.name == PLACE_MARKED and each.until is None for each in source.waits_for):
            yield f"no plate marks the place of {source.name}: {ENTER_PLATE}"
    for stream in sorted({each.stream for each in waiting}):
        yield f"not started: rejent gate list DIR --stream {stream} says what is missing and what to do"


TEN_YEARS = 3650
"""Days beyond which a forecast from the last week's rate says nothing."""


def storage_line(forecast: Forecast) -> str:
    """Return how full the storage is, in a line of the status."""
    if forecast.used is None:
        return "storage: not read yet"
    if forecast.free is None:
        return (
            f"storage: {forecast.used / 1e9:.1f} GB in its bucket, of which no limit is known; "
            f"{forecast.per_day / 1e9:.1f} GB a day, {forecast.to_come / 1e9:.1f} GB more until the periods have run in"
        )
    days = "not known yet"
    if forecast.days_left is not None:
        days = "over ten years" if forecast.days_left > TEN_YEARS else f"{forecast.days_left:.1f}"
    return f"storage: {forecast.used / 1e9:.1f} GB used on its disk, {forecast.free / 1e9:.1f} GB free, days left: {days}"


def gaps(
    directory: Directory,
    source: SourceName,
    since: Annotated[str, typer.Option("--from", help="Only from this instant on.")] = "",
    until: Annotated[str, typer.Option("--to", help="Only up to this instant.")] = "",
    as_json: Json = False,
) -> None:
    """Every interval in which the source should have recorded and did not, with its cause."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries

    clock = program_clock()
    found = queries.source(queries.source_by_name(source).id, clock=clock)
    start = instant(since, "--from") if since else found.started_at or found.added_at
    end = instant(until, "--to") if until else clock.now()
    rows = [
        {"start": gap.start, "end": gap.end, "cause": gap.cause}
        for gap in queries.gaps(found.id, start, end, clock=clock)
    ]
    empty = f"No gaps. Not started, {found.cause_with_conditions}." if found.waits_for else "No gaps."
    print_rows(rows, as_json=as_json, empty=empty)


_FOR_PROGRAMS = frozenset({"sha256", "recipient"})
"""Columns of objects that only JSON has: lines with them are too long to be read."""


def objects(
    directory: Directory,
    source: SourceName,
    since: Annotated[str, typer.Option("--from", help="From this instant.")],
    until: Annotated[str, typer.Option("--to", help="Up to this instant.")],
    as_json: Json = False,
) -> None:
    """The sealed objects that cover an interval; of a line with the call that each is of."""
    installation = open_installation(directory, Use.READING)
    from rejent.catalog import queries

    found = queries.source_by_name(source)
    chosen, of_object = interval(since, until), FIGURES.of(found.stream).of_object
    rows = [
        {
            "start": segment.start,
            "end": segment.end,
            **of_object(segment),
            "bytes": segment.bytes,
            "path": segment.object_name
            if installation.storage
            else str(installation.vault / segment.object_name),
            "sha256": segment.sha256,
            "recipient": segment.recipient,
        }
        for segment in queries.segments(found.id, chosen.start, chosen.end)
    ]
    printed = (
        rows if as_json else [{name: row[name] for name in row if name not in _FOR_PROGRAMS} for row in rows]
    )
    print_rows(printed, as_json=as_json, empty="Nothing is kept of that interval.")
