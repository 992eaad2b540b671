"""``rejent authorise``, ``authorisation``, ``viewings``: what people may see (R-ACC-1), and what they opened."""

import contextlib
import getpass
import os
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
    today,
)
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError

app = typer.Typer(help="Authorisations: the list, renewing and revoking. See also: rejent authorise")
Issuer = Annotated[str, typer.Option("--issuer", help="User name of who signed it.")]


def register(command: typer.Typer) -> None:
    """Add this module's commands."""
    command.command("authorise")(authorise)
    command.command("viewings")(viewings)
    command.add_typer(app, name="authorisation")


def authorise(
    directory: Directory,
    username: Annotated[str, typer.Option("--person", help="The person's user name.")],
    acts: Annotated[list[str], typer.Option("--act", help="live or recordings; may be given twice.")],
    source: Annotated[list[str] | None, typer.Option("--source", help="Only these sources.")] = None,
    stream: StreamOrOnly = None,
    since: Annotated[str, typer.Option("--from", help="First day; today if left out.")] = "",
    until: Annotated[str, typer.Option("--until", help="Last day; open if left out.")] = "",
    issuer: Issuer = "",
) -> None:
    """Enter an authorisation that the controller has issued; prints its number."""
    open_installation(directory)
    from rejent.access import services
    from rejent.catalog import queries as catalog
    from rejent.office import queries as office

    _require_somebody_else(username)
    issued = services.issue_authorisation(
        person_id=office.person_by_username(username).id,
        acts=acts,
        stream=resolve_stream(stream),
        source_ids=[catalog.source_by_name(name).id for name in source] if source else None,
        valid_from=civil_day(since, "--from") if since else today(),
        valid_until=civil_day(until, "--until") if until else None,
        **acting(),
        issuer=_issuer(issuer),
    )
    typer.echo(issued.number)


@app.command("renew")
def renew(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The one that ends.")],
    since: Annotated[
        str, typer.Option("--from", help="First day; the day after the former ends, if left out.")
    ] = "",
    until: Annotated[str, typer.Option("--until", help="Last day; open if left out.")] = "",
    issuer: Issuer = "",
) -> None:
    """Enter a new authorisation of the same scope that follows another; prints its number."""
    open_installation(directory)
    from rejent.access import authorisation_queries, services
    from rejent.office import queries as office

    _require_somebody_else(office.person(authorisation_queries.authorisation(number).person_id).username)
    issued = services.renew_authorisation(
        number,
        valid_from=civil_day(since, "--from") if since else None,
        valid_until=civil_day(until, "--until") if until else None,
        **acting(),
        issuer=_issuer(issuer),
    )
    typer.echo(issued.number)


@app.command("revoke")
def revoke(
    directory: Directory, number: Annotated[str, typer.Argument(metavar="NUMBER", help="The one to end.")]
) -> None:
    """End an authorisation at once; what is being seen by it ends within two seconds."""
    open_installation(directory)
    from rejent.access import services

    services.revoke_authorisation(number, **acting())


@app.command("list")
def list_command(
    directory: Directory,
    ending: Annotated[
        bool, typer.Option("--ending", help="Those that end within thirty days, not renewed.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The authorisations, the newest first."""
    open_installation(directory, Use.READING)
    from rejent.access import authorisation_queries
    from rejent.office import queries as office

    clock, names = program_clock(), {found.id: found.username for found in office.people(left=True)}
    followed = authorisation_queries.renewed()
    shown = authorisation_queries.ending(clock=clock) if ending else authorisation_queries.authorisations()
    rows = [
        {
            "number": found.number,
            "person": names.get(found.person_id, ""),
            "acts": " ".join(sorted(found.acts)),
            "from": found.valid_from,
            "until": found.valid_until,
            "follows": found.follows,
            "renewed": followed.get(found.number, ""),
            "revoked": found.revoked_at,
        }
        for found in shown
    ]
    print_rows(rows, as_json=as_json, empty="No authorisations.")


def _issuer(username: str) -> str:
    from rejent.office import queries as office

    return str(office.person_by_username(username).id) if username else ""


def _require_somebody_else(username: str) -> None:
    """Refuse who would authorise themselves, as far as the machine's own accounts show who is at the command line."""
    if username.casefold() in {name.casefold() for name in _at_the_machine()}:
        raise InputRefusedError(
            "Nobody authorises themselves, at the command line either.",
            advice="Let somebody else enter it, from the signed paper.",
        )


def _at_the_machine() -> set[str]:
    found = {os.environ.get("SUDO_USER", "")}
    with contextlib.suppress(KeyError, OSError):
        found.add(getpass.getuser())
    return found - {""}


SHOWN = 200


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
            "source": ", ".join(sources.get(each, "") for each in view.source_ids),
            "purpose": view.purpose,
            "case": view.case,
            "state": view.state.value,
        }
        for view in protocols.protocols(states, limit=SHOWN)
    ]
    print_rows(rows, as_json=as_json, empty="No protocol waits." if unfinished else "No viewing was opened.")
