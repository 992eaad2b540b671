"""Every command about cameras."""

from rejent.cli.stream_commands import StreamCommands
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.cameras.commands.discovery import discover, probe
from rejent.streams.cameras.commands.source_options import OPTIONS
from rejent.streams.cameras.simulated.office import DEMO

COMMANDS = StreamCommands(stream=StreamName.VIDEO, sources=OPTIONS, of_source=(discover, probe), demo=DEMO)
