"""``rejent run``: everything, or one role, until stopped."""

from enum import StrEnum
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, open_installation, program_clock
from rejent.kernel.errors import InputRefusedError
from rejent.office.gateway_address import split_address


class Role(StrEnum):
    """The part of the program that a process tree runs."""

    ALL = "all"
    WEB = "web"
    RECORDER = "recorder"
    KEEPER = "keeper"
    GATEWAY = "gateway"


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("run")(run)


def listen_address(text: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; an IPv6 host stands in brackets. Raises InputRefusedError: it is no such pair."""
    found = split_address(text)
    if found is None:
        raise InputRefusedError(
            "--listen is not HOST:PORT: {text}.", text=text, advice="Write it as 127.0.0.1:8000"
        )
    return found


def run(
    directory: Directory,
    listen: Annotated[str, typer.Option("--listen", help="Where the pages are served.")] = "127.0.0.1:8000",
    role: Annotated[Role, typer.Option("--role", help="Only this part of the program.")] = Role.ALL,
) -> int:
    """Record, keep and serve until stopped with Ctrl-C or SIGTERM."""
    host, port = listen_address(listen)
    installation = open_installation(directory)
    from rejent.office.sign_in.clients import require_ways
    from rejent.ops.program import Program
    from rejent.ops.serving.encryption import page_encryption
    from rejent.ops.serving.gateway_process import require_address

    if role is Role.GATEWAY:
        require_address(installation)
    if role in {Role.ALL, Role.WEB}:
        require_ways(installation)
        page_encryption(installation, program_clock())
    return Program(installation, program_clock(), host=host, port=port, role=role.value).run()
