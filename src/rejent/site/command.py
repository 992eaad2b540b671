"""The command ``rejent`` with everything it can do."""

import os
import sys
from collections.abc import Sequence

from rejent.cli import main
from rejent.cli.opening import PRIVATE
from rejent.site import demo_command, init_command, run_command, supervision_command
from rejent.site.logs import configure_logs


def run(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave with its status."""
    os.umask(PRIVATE)
    configure_logs()
    main.run(
        main.assemble(
            (
                init_command.register,
                run_command.register,
                demo_command.register,
                supervision_command.register,
            )
        ),
        sys.argv[1:] if arguments is None else arguments,
    )
