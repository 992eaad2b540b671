"""``rejent absence``, ``statement``: absences of the head, and signed statements of who knows the regulation."""

from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, civil_day, open_installation, today
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError

absence = typer.Typer(help="Absences of the head, in which the deputy decides.")
statement = typer.Typer(help="Written statements of who knows the regulation.")


@absence.command("enter")
def enter(
    directory: Directory,
    since: Annotated[str, typer.Option("--from", help="First day; today if left out.")] = "",
    until: Annotated[str, typer.Option("--until", help="Last day; open if left out.")] = "",
    username: Annotated[
        str, typer.Option("--person", help="The head's user name; needed where there are several.")
    ] = "",
) -> None:
    """Enter that the head is away; prints the number of the absence."""
    open_installation(directory)
    from rejent.office import queries, services
    from rejent.office.people import absences

    heads = [queries.person_by_username(username).id] if username else absences.heads(today())
    if len(heads) != 1:
        raise InputRefusedError("It is not clear which head is away.", advice="Name the head with --person.")
    made = services.enter_absence(
        heads[0],
        civil_day(since, "--from") if since else today(),
        civil_day(until, "--until") if until else None,
        **acting(),
    )
    typer.echo(made.id)


@absence.command("end")
def end(
    directory: Directory,
    number: Annotated[int, typer.Argument(metavar="ID", help="As in rejent absence list.")],
) -> None:
    """Enter that the head is back; the deputy decides nothing more."""
    open_installation(directory)
    from rejent.office import services

    services.end_absence(number, **acting())


@absence.command("list")
def absence_list(directory: Directory, as_json: Json = False) -> None:
    """The absences, the last to begin first."""
    open_installation(directory, Use.READING)
    from rejent.office import queries
    from rejent.office.people import absences

    names = {found.id: found.username for found in queries.people(left=True)}
    rows = [
        {
            "id": found.id,
            "person": names.get(found.person_id, ""),
            "from": found.first_day,
            "until": found.last_day,
            "lasts": found.covers(today()),
            "ended": found.ended_at,
        }
        for found in absences.absences()
    ]
    print_rows(rows, as_json=as_json, empty="No absences.")


@statement.command("enter")
def statement_enter(
    directory: Directory,
    username: Annotated[str, typer.Option("--person", help="The user name of who signed.")],
    on: Annotated[str, typer.Option("--on", help="The day on the paper; today if left out.")] = "",
    version: Annotated[
        int | None, typer.Option("--version", help="Version of the regulation; the one in force if left out.")
    ] = None,
) -> None:
    """Enter a signed statement; where the regulation asks for one, the person sees something from now on."""
    open_installation(directory)
    from rejent.office import queries, services

    services.enter_statement(
        queries.person_by_username(username).id,
        civil_day(on, "--on") if on else today(),
        **acting(),
        version=version,
    )


@statement.command("list")
def statement_list(
    directory: Directory,
    missing: Annotated[
        bool, typer.Option("--missing", help="Who has not signed about the version in force.")
    ] = False,
    as_json: Json = False,
) -> int:
    """The statements; with --missing those that are not there, and 1 while there are any."""
    open_installation(directory, Use.READING)
    from rejent.office import queries
    from rejent.office.people import statements

    names = {found.id: found.username for found in queries.people(left=True)}
    if missing:
        lacking = statements.outstanding(today())
        rows: list[dict[str, object]] = [
            {
                "person": names.get(found.person_id, ""),
                "version": found.version,
                "since": found.since,
                "sees": "something" if found.ever else "nothing",
            }
            for found in lacking
        ]
        print_rows(rows, as_json=as_json, empty="Nobody's statement is missing.")
        return 1 if lacking else 0
    rows = [
        {
            "person": names.get(found.person_id, ""),
            "version": found.version,
            "signed": found.signed_on,
            "entered": found.entered_at,
        }
        for found in statements.statements()
    ]
    print_rows(rows, as_json=as_json, empty="No statements.")
    return 0
