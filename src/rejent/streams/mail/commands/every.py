"""Every command about e-mail."""

from rejent.cli.stream_commands import StreamCommands
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.mail.commands import mail
from rejent.streams.mail.commands.source_options import OPTIONS
from rejent.streams.mail.simulated.office import DEMO

COMMANDS = StreamCommands(stream=StreamName.MAIL, sources=OPTIONS, groups={"mail": mail.app}, demo=DEMO)
