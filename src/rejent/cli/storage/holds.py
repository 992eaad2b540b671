"""``rejent hold``: keep an interval for a case until the case ends."""

from datetime import date
from typing import Annotated

import typer

from rejent.cli.command_setup import (
    Directory,
    Json,
    Use,
    acting,
    civil_day,
    interval,
    open_installation,
    today,
)
from rejent.cli.output import print_rows, to_json_value

app = typer.Typer(help="Holds: intervals kept for a case.")


@app.command("add")
def add(
    directory: Directory,
    source: Annotated[str, typer.Option("--source")],
    since: Annotated[str, typer.Option("--from")],
    until: Annotated[str, typer.Option("--to")],
    case: Annotated[str, typer.Option("--case", help="The case's sign.")],
    basis: Annotated[str, typer.Option("--basis", help="Legal basis.")],
    review: Annotated[str, typer.Option("--review", help="Day on which the hold is looked at again.")],
    call: Annotated[str, typer.Option("--call", help="Of a line, the one call that is kept.")] = "",
) -> None:
    """Place a hold; prints its number. A review later than the rules allow is entered for the last day they do."""
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.retention import services

    held = interval(since, until)
    found = queries.source_by_name(source)
    wished, review_on = civil_day(review, "--review"), _last_review(found.stream)
    hold = services.place_hold(
        source_id=found.id,
        start=held.start,
        end=held.end,
        case=case,
        basis=basis,
        review_on=min(wished, review_on),
        ledger=settings.LEDGER,
        **acting(),
        item=call,
    )
    typer.echo(hold.number)
    if not queries.segments(found.id, held.start, held.end):
        typer.echo("Nothing is recorded in this interval.", err=True)
    if wished > hold.review_on:
        typer.echo(
            f"To be looked at again on {hold.review_on}: nothing is held longer without a look.", err=True
        )
    _say_unsigned(signed=hold.signed)
    for gone in hold.gone:
        typer.echo(
            f"Destroyed before, and not kept: {to_json_value(gone.start)} – {to_json_value(gone.end)}",
            err=True,
        )


@app.command("end")
def end(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[str, typer.Option("--reason")],
) -> None:
    """End a hold; what nothing else keeps follows its ordinary term."""
    open_installation(directory)
    from django.conf import settings

    from rejent.retention import services

    ended = services.end_hold(number, reason=reason, ledger=settings.LEDGER, **acting())
    _say_unsigned(signed=ended.signed)


@app.command("review")
def review(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="ID")],
    following: Annotated[str, typer.Option("--next", help="Day on which it is looked at again.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it goes on.")],
) -> None:
    """Enter that a hold was looked at and goes on."""
    open_installation(directory)
    from django.conf import settings

    from rejent.retention import services

    reviewed = services.review_hold(
        number, review_on=civil_day(following, "--next"), reason=reason, ledger=settings.LEDGER, **acting()
    )
    _say_unsigned(signed=reviewed.signed)


@app.command("list")
def list_command(
    directory: Directory,
    every: Annotated[bool, typer.Option("--all", help="Ended ones too.")] = False,
    as_json: Json = False,
) -> None:
    """The holds."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries as catalog
    from rejent.retention import queries

    names = {source.id: source.name for source in catalog.sources(removed=True)}
    rows = [
        {
            "id": hold.number,
            "source": names.get(hold.source_id, hold.source_id),
            "item": hold.item,
            "start": hold.start,
            "end": hold.end,
            "case": hold.case,
            "basis": hold.basis,
            "review": hold.review_on,
            "provisional": hold.provisional,
            "ended": hold.ended_at,
        }
        for hold in queries.holds(active=not every)
    ]
    print_rows(rows, as_json=as_json, empty="No holds.")


def _say_unsigned(*, signed: bool) -> None:
    if not signed:
        typer.echo("Done, but the ledger's head could not be signed; run: rejent fsck", err=True)


def _last_review(stream: str) -> date:
    """Return the latest day on which a hold placed today may be reviewed."""
    from rejent.retention import queries

    return queries.last_review(stream, today())
