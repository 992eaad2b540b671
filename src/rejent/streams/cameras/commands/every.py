"""Every command about cameras."""

from rejent.cli.stream_commands import StreamCommands
from rejent.streams.cameras.commands.discovery import discover, probe

COMMANDS = StreamCommands(of_source=(discover, probe))
