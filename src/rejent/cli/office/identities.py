"""``rejent identity`` and ``person link``: people who sign in by an identity provider or a directory (R-ACC-2)."""

import getpass
import sys
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, acting, open_installation, program_clock
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError, NotFoundError
from rejent.office.installation import Installation

app = typer.Typer(help="Ways of signing in that others vouch for: OpenID Connect, LDAP.")
Username = Annotated[str, typer.Option("--person", help="The person's user name.")]


def register(person: typer.Typer) -> None:
    """Add what is done to one person to the commands about people."""
    person.command("link")(link)
    person.command("unlink")(unlink)
    person.command("password-off")(password_off)


@app.command("secret")
def secret(
    directory: Directory,
    way: Annotated[str, typer.Argument(metavar="oidc|ldap", help="Whose secret it is.")],
    secret_stdin: Annotated[bool, typer.Option("--secret-stdin", help="Read it from stdin.")] = False,
) -> None:
    """Keep the client's secret, or the password of the account that looks people up; asked for, or read from stdin."""
    installation = open_installation(directory, Use.READING)
    from rejent.office.sign_in.clients import write_secret

    if not secret_stdin and not sys.stdin.isatty():
        raise InputRefusedError(
            "A secret is missing.", advice="Give it on standard input with --secret-stdin."
        )
    write_secret(
        installation, way, sys.stdin.readline().rstrip("\n") if secret_stdin else getpass.getpass("Secret: ")
    )


@app.command("check")
def check(directory: Directory) -> None:
    """Ask every way that is configured whether it answers, is believed, and lets this program in."""
    installation = open_installation(directory, Use.READING)
    from rejent.office.sign_in.clients import configured_ways, open_directory, open_provider, require_ways

    require_ways(installation)
    provider = open_provider(installation, "", program_clock())
    people = open_directory(installation)
    if provider is not None:
        provider.demand()
    if people is not None:
        people.demand()
    for way in configured_ways(installation):
        typer.echo(f"{way}: answers")
    if provider is None and people is None:
        typer.echo("No way is configured in rejent.toml.")


@app.command("list")
def list_command(directory: Directory, as_json: Json = False) -> None:
    """List the people with linked identities, and whether a password of this program still works for them."""
    open_installation(directory, Use.READING)
    from rejent.office import queries
    from rejent.office.sign_in import identities

    names = {found.id: found.username for found in queries.people(left=True)}
    rows = [
        {
            "person": names.get(link.person_id, ""),
            "way": link.way,
            "issuer": link.issuer,
            "identifier": link.subject,
            "linked": link.linked_at,
            "password": identities.has_password(link.person_id),
        }
        for link in identities.identities()
    ]
    print_rows(rows, as_json=as_json, empty="Nobody is linked.")


def link(
    directory: Directory,
    username: Username,
    oidc: Annotated[str, typer.Option("--oidc", help="The person's identifier at the provider.")] = "",
    ldap: Annotated[str, typer.Option("--ldap", help="The person's name or DN in the directory.")] = "",
) -> None:
    """Let a person sign in as somebody whom the provider or the directory knows."""
    installation = open_installation(directory)
    from rejent.office import queries, services
    from rejent.office.sign_in.configured import LDAP, OIDC

    if bool(oidc) == bool(ldap):
        raise InputRefusedError("Give one of --oidc and --ldap.")
    found = queries.person_by_username(username)
    way, issuer = (OIDC, _issuer(installation)) if oidc else (LDAP, "")
    subject = oidc or _entry(installation, ldap)
    services.link_identity(found.id, way=way, issuer=issuer, subject=subject, **acting())


def unlink(
    directory: Directory, username: Username, way: Annotated[str, typer.Option("--way", help="oidc or ldap.")]
) -> None:
    """Take a link off; what is signed in as the person ends."""
    open_installation(directory)
    from rejent.office import queries, services

    services.unlink_identity(queries.person_by_username(username).id, way, **acting())


def password_off(directory: Directory, username: Username) -> None:
    """Let a linked person sign in by that alone; `rejent person password` turns the password on again."""
    open_installation(directory)
    from rejent.office import queries, services

    services.turn_password_off(queries.person_by_username(username).id, **acting())


def _issuer(installation: Installation) -> str:
    if installation.oidc is None:
        raise _not_configured("oidc")
    return installation.oidc.issuer


def _entry(installation: Installation, name: str) -> str:
    """Return the identifier of an entry, by the name that people type or by its distinguished name.

    Raises NotFoundError: no directory, or nobody of this name; WayAwayError: it does not answer.
    """
    from rejent.office.sign_in.clients import open_directory, require_ways

    require_ways(installation)
    people = open_directory(installation)
    if people is None:
        raise _not_configured("ldap")
    found = people.find_dn(name) if "=" in name else people.find(name)
    if found is None:
        raise NotFoundError("The directory knows nobody by this name, or more than one.")
    return found.subject


def _not_configured(way: str) -> NotFoundError:
    return NotFoundError(
        "{way} is not configured.", way=way, advice="Write a section [{way}] in rejent.toml."
    )
