"""``rejent person``, ``token``: people, and tokens of the HTTP interface."""

import getpass
import sys
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, open_installation
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError

person = typer.Typer(help="People of the office.")
token = typer.Typer(help="Tokens of the HTTP interface.")
Username = Annotated[str, typer.Option("--person", help="The person's user name.")]
PasswordStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands."""
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
    from rejent.office.sign_in import history as sign_in_history
    from rejent.office.sign_in.own_sign_in import SignIn

    found = queries.person_by_username(username)
    if found.sign_in is SignIn.CONFIRMED and found.id not in sign_in_history.confirmed_by_nobody():
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
