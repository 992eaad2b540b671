"""Passphrases for commands: typed twice without echo, or read from standard input."""

import getpass
import sys
from typing import Annotated

import typer

from rejent.devices.authority import SHORTEST_PASSPHRASE as SHORTEST
from rejent.kernel.errors import InputRefusedError

FromStdin = Annotated[
    bool, typer.Option("--passphrase-stdin", help="Read the passphrase from stdin; asked for if left out.")
]


def passphrase(question: str, *, from_stdin: bool) -> str:
    """Ask for the passphrase of something that exists. Raises InputRefusedError: nobody can be asked."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise InputRefusedError(
            "A passphrase is missing.", advice="Give it on standard input with --passphrase-stdin."
        )
    return getpass.getpass(question)


def new_passphrase(question: str, *, from_stdin: bool) -> str:
    """Ask for a passphrase for something new. Raises InputRefusedError: too short, typed differently twice, or no terminal."""
    text = passphrase(question, from_stdin=from_stdin)
    if len(text) < SHORTEST:
        raise InputRefusedError(
            "The passphrase is shorter than {shortest} characters.",
            shortest=SHORTEST,
            advice="Take several words.",
        )
    if not from_stdin and getpass.getpass("Once more: ") != text:
        raise InputRefusedError("The two passphrases differ.", advice="Begin again.")
    return text
