"""``rejent viewings``: viewings of recordings, their purposes, and the state of their protocols."""

from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, open_installation
from rejent.cli.output import print_rows

SHOWN = 200


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("viewings")(viewings)


def viewings(
    directory: Directory,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Only those whose protocol is not finished.")
    ] = False,
    as_json: Json = False,
) -> None:
    """List viewings that leave a protocol, the newest 200 first: who, what, why, and the state of the protocol, no text."""
    open_installation(directory)
    from rejent.access.viewings import protocols
    from rejent.access.views import ProtocolState
    from rejent.catalog import queries as catalog
    from rejent.office import queries as office

    states = [ProtocolState.OPEN, ProtocolState.UNFINISHED] if unfinished else []
    people = {one.id: one.name for one in office.people(left=True)}
    sources = {one.id: one.name for one in catalog.sources(removed=True)}
    rows = [
        {
            "number": view.number,
            "opened": view.opened_at,
            "person": people.get(view.person_id, ""),
            "source": sources.get(view.source_id, ""),
            "purpose": view.purpose,
            "case": view.case,
            "state": view.state.value,
        }
        for view in protocols.protocols(states, limit=SHOWN)
    ]
    print_rows(rows, as_json=as_json, empty="No protocol waits." if unfinished else "No viewing was opened.")
