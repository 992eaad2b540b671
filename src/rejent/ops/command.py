"""The command ``rejent`` with everything it can do."""

import os
import sys
from collections.abc import Sequence

from rejent.kernel.process import loading


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its status."""
    with loading():
        from rejent.cli import main
        from rejent.cli.command_setup import PRIVATE
        from rejent.ops.commands import every
        from rejent.ops.logs import configure_logs
        from rejent.streams import registry

    os.umask(PRIVATE)
    configure_logs()
    main.run(
        main.assemble(registry.commands(), every.COMMANDS), sys.argv[1:] if arguments is None else arguments
    )
