"""Telephone numbers given to a command: one that is asked for stands neither in the shell's history nor among the processes."""

import sys

import typer

from rejent.kernel.errors import InputRefusedError

ASKED = "-"
"""Said instead of a number that is to be asked for."""


def given(number: str, question: str) -> str:
    """Return a number as given, or from a line of standard input; InputRefusedError where there is no such line."""
    if number != ASKED:
        return number
    typer.echo(f"{question}: ", err=True, nl=False)
    line = sys.stdin.readline().strip()
    if not line:
        raise InputRefusedError("A number is missing.", advice="Type it, or give it on standard input.")
    return line
