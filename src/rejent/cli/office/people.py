"""``rejent person``, ``people``, ``token``: people, and tokens of the HTTP interface."""

import getpass
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, open_installation
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation

if TYPE_CHECKING:
    from rejent.office.people.importing.lines import Lines
    from rejent.office.people.importing.plan import Plan

people = typer.Typer(help="Everybody of the office.")
person = typer.Typer(help="People of the office.")
token = typer.Typer(help="Tokens of the HTTP interface.")
Username = Annotated[str, typer.Option("--person", help="The person's user name.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.add_typer(people, name="people")
    app.add_typer(person, name="person")
    app.add_typer(token, name="token")


def _password(given: bool) -> str:
    if given:
        typed = sys.stdin.readline().rstrip("\n")
        if not typed:
            raise InputRefusedError(
                "No password came on standard input.", advice="Is the variable that holds it set?"
            )
        return typed
    if not sys.stdin.isatty():
        raise InputRefusedError(
            "A password is missing.", advice="Give it on standard input with --password-stdin."
        )
    return getpass.getpass("Password: ")


@person.command("add")
def add(
    directory: Directory,
    name: Annotated[str, typer.Option("--name")],
    username: Annotated[str, typer.Option("--username", help="What the person signs in with.")],
    role: Annotated[
        list[str],
        typer.Option("--role", help="head deputy secretary iod administrator viewer guard clerk employee …"),
    ],
    post: Annotated[str, typer.Option("--post")] = "",
    password_stdin: PasswordStdin = False,
) -> None:
    """Add a person with an account; the password is asked for or read from standard input."""
    open_installation(directory)
    from rejent.office import services

    added = services.add_person(
        name, post=post, roles=role, username=username, password=_password(password_stdin), **acting()
    )
    typer.echo(added.id)


@person.command("roles")
def roles(
    directory: Directory,
    username: Username,
    role: Annotated[list[str], typer.Option("--role", help="May be given twice; these and no others.")],
) -> None:
    """Give a person other roles."""
    open_installation(directory)
    from rejent.office import queries, services

    found = queries.person_by_username(username)
    services.set_roles(found.id, role, **acting())


@person.command("password")
def password(
    directory: Directory,
    username: Username,
    password_stdin: PasswordStdin = False,
    without_second_step: Annotated[
        bool, typer.Option("--without-second-step", help="Take lost codes and passkeys off the account too.")
    ] = False,
) -> None:
    """Set a forgotten password anew; the person's sessions end, and the person changes it after signing in."""
    open_installation(directory)
    from rejent.office import queries, services

    services.set_password(
        queries.person_by_username(username).id,
        _password(password_stdin),
        **acting(),
        without_second_step=without_second_step,
    )


@person.command("confirm")
def confirm(
    directory: Directory,
    username: Username,
    by: Annotated[str, typer.Option("--by", help="User name of who confirmed it, by a signed paper.")],
) -> None:
    """Enter that nobody but the person signs in as the person; what they may see rests until then."""
    open_installation(directory)
    from rejent.office import queries, services
    from rejent.office.sign_in.own_sign_in import SignIn

    found = queries.person_by_username(username)
    if found.sign_in is SignIn.CONFIRMED:
        typer.echo("Nothing waits to be confirmed.")
        return
    services.confirm_sign_in(found.id, **acting(), confirmed_by=str(queries.person_by_username(by).id))


@person.command("left")
def left(
    directory: Directory, username: Annotated[str, typer.Option("--person", help="The person's user name.")]
) -> None:
    """Close the account of somebody who has left; their tokens are revoked."""
    open_installation(directory)
    from rejent.office import queries, services

    found = queries.person_by_username(username)
    services.person_left(found.id, **acting())


@person.command("list")
def list_command(directory: Directory, as_json: Json = False) -> None:
    """The people."""
    open_installation(directory, Use.READING)
    from rejent.office import queries

    rows = [
        {
            "id": str(found.id),
            "username": found.username,
            "name": found.name,
            "post": found.post,
            "roles": " ".join(sorted(found.roles)),
            "sign_in": found.sign_in.value,
        }
        for found in queries.people()
    ]
    print_rows(rows, as_json=as_json, empty="Nobody yet.")


@token.command("create")
def create(
    directory: Directory,
    username: Username,
    label: Annotated[str, typer.Option("--label")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=366)] = 90,
) -> None:
    """Create a bearer token and print it; it is shown this once."""
    open_installation(directory)
    from rejent.office import queries, services

    found = queries.person_by_username(username)
    typer.echo(services.create_token(found.id, label=label, days=days, **acting()))


@token.command("list")
def token_list(directory: Directory, as_json: Json = False) -> None:
    """The tokens, without what opens them."""
    open_installation(directory, Use.READING)
    from rejent.office import queries

    names = {found.id: found.name for found in queries.people(left=True)}
    rows = [
        {
            "id": found.id,
            "person": names.get(found.person_id, ""),
            "label": found.label,
            "expires": found.expires_at,
            "revoked": found.revoked_at,
        }
        for found in queries.tokens()
    ]
    print_rows(rows, as_json=as_json, empty="No tokens.")


@token.command("revoke")
def revoke(directory: Directory, number: Annotated[int, typer.Argument(metavar="ID")]) -> None:
    """Let a token open nothing any more."""
    open_installation(directory)
    from rejent.office import services

    services.revoke_token(number, **acting())


@people.command("import")
def import_people(
    directory: Directory,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="CSV, UTF-8 or Windows-1250.")] = None,
    ldap: Annotated[bool, typer.Option("--ldap", help="Everybody of the configured directory.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="The file names everybody: who is not in it has left.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only show what would change.")] = False,
    as_json: Json = False,
) -> int:
    """Import people from a file, whole or not at all, or from a directory, all but the entries that cannot be taken, which end it with 1; prints each with what happens, new ones with a first password."""
    installation = open_installation(directory, Use.READING if check else Use.CHANGING)
    from rejent.office import services

    if ldap == (file is not None):
        raise InputRefusedError("Name a file, or the directory with --ldap.")
    lines = _directory_lines(installation) if file is None else _file_lines(file)
    plan = services.import_plan(lines, whole=whole, directory=ldap, **acting())
    passwords: dict[str, str] = {}
    if not (check or (plan.bad and not ldap) or plan.does_nothing):
        seen = plan.digest()
        done = services.apply_import(lines, seen=seen, whole=whole, directory=ldap, **acting())
        plan, passwords = done.plan, done.passwords
    print_rows(list(_rows(plan, passwords)), as_json=as_json, empty="Nobody.")
    return 1 if plan.bad else 0


def _rows(plan: "Plan", passwords: Mapping[str, str]) -> Iterator[dict[str, object]]:
    def row(
        what: str, username: str, name: str, says: str = "", line: int | None = None
    ) -> dict[str, object]:
        password = passwords.get(username, "")
        return {"line": line, "what": what, "username": username, "name": name, "says": says, "password": password}  # fmt: skip

    for bad in plan.bad:
        yield row("bad", "", bad.who, f"{bad.wrong} {bad.remedy}", bad.number)
    for added in plan.added:
        yield row("added", added.username, added.name, line=added.number)
    for change in plan.changed:
        fields = " ".join(change.fields)
        yield row("changed", change.person.username, change.person.name, fields, change.line.number)
    for one in plan.unchanged:
        yield row("unchanged", one.username, one.name)
    for one in plan.left:
        yield row("left", one.username, one.name)


def _file_lines(file: Path) -> "Lines":
    from rejent.office.people.importing.lines import read_csv

    try:
        return read_csv(file.read_bytes())
    except OSError as error:
        raise InputRefusedError("{file} cannot be read.", file=file) from error


def _directory_lines(installation: Installation) -> "Lines":
    from rejent.office import services
    from rejent.office.sign_in.clients import open_directory

    asked = open_directory(installation)
    if asked is None:
        raise InputRefusedError("No directory is configured.", advice="See: rejent identity check DIR")
    return services.of_directory(asked.everybody())
