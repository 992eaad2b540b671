"""``rejent fault``, ``agreement``: access of the maintenance contractor, and its end (R-ACC-3)."""

from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, civil_day, open_installation, today
from rejent.cli.output import print_rows

fault = typer.Typer(help="Technical faults: while one is open, contractors under an agreement may come.")
agreement = typer.Typer(help="Processing agreements with firms that maintain the machine.")


@fault.command("open")
def open_command(
    directory: Directory,
    description: Annotated[str, typer.Option("--description", help="What is wrong, in a sentence.")],
    source: Annotated[str, typer.Option("--source", help="The source at fault; left out, the machine.")] = "",
) -> None:
    """Open a fault; prints its number."""
    open_installation(directory)
    from rejent.catalog import queries as catalog
    from rejent.office import services

    found = catalog.source_by_name(source) if source else None
    opened = services.open_fault(
        description=description,
        source=found.id if found else "",
        stream=found.stream if found else "",
        **acting(),
    )
    typer.echo(opened.number)


@fault.command("close")
def close(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As in rejent fault list.")],
    done: Annotated[str, typer.Option("--done", help="What was done; it stands in the ledger.")],
) -> None:
    """Close a fault; contractors are signed out at once."""
    open_installation(directory)
    from rejent.office import services

    services.close_fault(number, outcome=done, **acting())


@fault.command("list")
def fault_list(directory: Directory, as_json: Json = False) -> None:
    """The faults, open ones first."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries as catalog
    from rejent.office.people import maintenance

    names = {source.id: source.name for source in catalog.sources(removed=True)}
    rows = [
        {
            "number": found.number,
            "source": names.get(found.source, found.source),
            "description": found.description,
            "opened": found.opened_at,
            "closed": found.closed_at,
            "done": found.outcome,
        }
        for found in maintenance.faults()
    ]
    print_rows(rows, as_json=as_json, empty="No faults.")


@agreement.command("add")
def add(
    directory: Directory,
    number: Annotated[str, typer.Option("--number", help="The office's sign of the agreement.")],
    party: Annotated[str, typer.Option("--party", help="The firm.")],
    concluded: Annotated[str, typer.Option("--concluded", help="The day it was concluded.")],
    person: Annotated[
        list[str], typer.Option("--person", help="User name of a contractor whom it covers; may be repeated.")
    ],
    since: Annotated[str, typer.Option("--from", help="First day; today if left out.")] = "",
    until: Annotated[str, typer.Option("--until", help="Last day; open if left out.")] = "",
) -> None:
    """Enter a processing agreement and whom it covers."""
    open_installation(directory)
    from rejent.office import queries, services

    services.add_agreement(
        number=number,
        party=party,
        concluded_on=civil_day(concluded, "--concluded"),
        valid_from=civil_day(since, "--from") if since else today(),
        valid_until=civil_day(until, "--until") if until else None,
        people=[queries.person_by_username(name).id for name in person],
        **acting(),
    )


@agreement.command("end")
def end(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="As in rejent agreement list.")],
) -> None:
    """End an agreement at once; whom it covers is signed out."""
    open_installation(directory)
    from rejent.office import services

    services.end_agreement(number, **acting())


@agreement.command("list")
def agreement_list(directory: Directory, as_json: Json = False) -> None:
    """The agreements, the last to begin first."""
    open_installation(directory, Use.READING)
    from rejent.office import queries
    from rejent.office.people import maintenance

    names = {found.id: found.username for found in queries.people(left=True)}
    rows = [
        {
            "number": found.number,
            "party": found.party,
            "concluded": found.concluded_on,
            "from": found.valid_from,
            "until": found.valid_until,
            "people": " ".join(sorted(names.get(person, str(person)) for person in found.people)),
            "in_force": found.in_force(today()),
            "ended": found.ended_at,
        }
        for found in maintenance.agreements()
    ]
    print_rows(rows, as_json=as_json, empty="No agreements.")
