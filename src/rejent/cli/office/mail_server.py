"""``rejent mail-server``: the server that reminders go by."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Use, acting, open_installation
from rejent.cli.passphrases import FromStdin, passphrase
from rejent.kernel.errors import InputRefusedError
from rejent.office.people.mailing import PORTS, MailServer, Security, read_mail_server

app = typer.Typer(help="The mail server that reminders go by.")
LARGEST_PEM = 1 << 20


@app.command("set")
def set_server(
    directory: Directory,
    host: Annotated[str, typer.Option("--host", help="Name of the server, as its certificate has it.")],
    sender: Annotated[str, typer.Option("--sender", help="The address that mails come from.")],
    security: Annotated[
        Security, typer.Option("--security", help="none: of a server on this machine alone.")
    ] = Security.STARTTLS,
    port: Annotated[int | None, typer.Option("--port", help="587, 465 or 25 if left out.")] = None,
    user: Annotated[str, typer.Option("--user", help="Left out, nobody signs in.")] = "",
    authorities: Annotated[
        Path | None, typer.Option("--ca", help="PEM of the authorities its certificate is checked with.")
    ] = None,
    passphrase_stdin: FromStdin = False,
) -> None:
    """Set the mail server; its password is asked for, or read from stdin. The running program uses it from the next mail on."""
    installation = open_installation(directory)
    from rejent.office import services

    password = passphrase("Password: ", from_stdin=passphrase_stdin) if user else ""
    server = MailServer(
        host=host,
        port=PORTS[security] if port is None else port,
        security=security,
        sender=sender,
        user=user,
        password=password,
        authorities=_read_pem(authorities) if authorities else "",
    )
    services.set_mail_server(installation.secrets, server, **acting())


@app.command("show")
def show(directory: Directory) -> None:
    """Print the mail server, without its password."""
    installation = open_installation(directory, Use.READING)
    server = read_mail_server(installation.secrets)
    if server is None:
        typer.echo("No mail server is set.")
        return
    typer.echo(
        f"{server.host}:{server.port} {server.security}, sender {server.sender}, user {server.user or '-'}"
    )


@app.command("try")
def try_server(
    directory: Directory,
    to: Annotated[str, typer.Option("--to", help="Where the test message goes.")],
) -> None:
    """Send a test message and print the server's answer: that it took it is not that it arrived."""
    installation = open_installation(directory)
    from rejent.office import services

    typer.echo(services.try_mail_server(installation.secrets, to, **acting()))
    print("Taken by the server. Whether it arrived, see in that mailbox.", file=sys.stderr)


@app.command("remove")
def remove(directory: Directory) -> None:
    """Take the mail server out: nobody is reminded by e-mail any more."""
    installation = open_installation(directory)
    from rejent.office import services

    services.remove_mail_server(installation.secrets, **acting())


def _read_pem(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_PEM).decode("ascii")
    except (OSError, UnicodeDecodeError):
        raise InputRefusedError("{file} cannot be read as PEM.", file=file) from None
