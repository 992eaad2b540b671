"""The kinds of streams that are installed: one line a kind."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rejent.cli.stream_commands import StreamCommands

KINDS = ["rejent.streams.cameras", "rejent.streams.calls", "rejent.streams.mail"]
"""The folder of each; the settings install them, and the command takes their commands and options."""


def commands() -> "list[StreamCommands]":
    """Return every kind's commands; nothing of Django is set up yet."""
    return [import_module(f"{folder}.commands.every").COMMANDS for folder in KINDS]
