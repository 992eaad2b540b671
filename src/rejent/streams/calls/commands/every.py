"""Every command about calls, in one group."""

from rejent.cli.stream_commands import StreamCommands
from rejent.office.regulation.vocabulary import StreamName
from rejent.streams.calls.commands import announcements, calls, drills
from rejent.streams.calls.commands.source_options import OPTIONS
from rejent.streams.calls.practice.simulated.office import DEMO
from rejent.streams.calls.settings import RTP_PORTS

announcements.register(calls.app)
calls.app.add_typer(calls.refusals, name="refusals")
drills.register(calls.app)

COMMANDS = StreamCommands(
    stream=StreamName.CALLS,
    sources=OPTIONS,
    groups={"calls": calls.app},
    demo=DEMO,
    made="Speech of calls comes to the UDP ports {} to {} (rtp_ports under [calls] in rejent.toml): let it in.".format(
        *RTP_PORTS
    ),
)
