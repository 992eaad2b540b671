"""Seals and books minutes in an installation as a recorder would: ``python -m tests.recorded DIR SOURCE START MINUTES [MARKER]``."""

import sys
from datetime import datetime, timedelta
from pathlib import Path


def main(directory: str, source: str, start: str, minutes: str, marker: str = "ZNAK") -> None:
    """Record so many minutes of a source from an instant on."""
    from rejent.cli.command_setup import open_installation

    open_installation(Path(directory))
    from django.conf import settings

    from rejent.kernel.clock import ManualClock
    from tests.unit.retention.office import RecordingOffice

    begun = datetime.fromisoformat(start)
    clock = ManualClock(begun + timedelta(minutes=int(minutes)))
    office = RecordingOffice(Path(directory), clock, settings.VAULT.store, settings.VAULT.keys)
    for number in range(int(minutes)):
        made = office.record(source, begun + timedelta(minutes=number), f"{marker}{number}".encode())
        sys.stdout.write(f"{made.object_name}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
