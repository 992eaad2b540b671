"""A hold that is placed while a keeper destroys, each a process of its own.

``python -m tests.contract.databases.holding prepare FOLDER`` records a minute and prints its camera; ``hold FOLDER CAMERA``
places a hold on it, says so, and commits when told to, or says why it is refused; ``die FOLDER`` runs a round that says when the point of
no return is entered, and commits when told to; ``keep FOLDER`` runs a round at the end of the term and prints how
many segments survived; ``shown FOLDER CAMERA`` prints what of the minute can still be opened.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from unittest.mock import patch

import django

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)


def say(line: str) -> None:
    """Tell the test, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(act: str, folder: Path, *camera: str) -> None:
    """Do one of the acts."""
    django.setup()
    from django.db import transaction

    from rejent.kernel.clock import local_midnight
    from rejent.kernel.errors import RejentError
    from rejent.registers.services import PendingEntry, enter_many
    from rejent.retention import services
    from rejent.retention.acts import DESTRUCTION_KEY
    from rejent.retention.destruction import destroying
    from tests.unit.retention.office import MINUTE, RecordingOffice

    def before_the_end(entries: Sequence[PendingEntry]) -> range:
        made = enter_many(entries)
        if any(each.act is DESTRUCTION_KEY for each in entries):
            say("dying")
            sys.stdin.readline()
        return made

    end = local_midnight(date(2026, 4, 1))
    if act == "prepare":
        folder.mkdir()
        office = RecordingOffice.open(folder, NOON, "elblag")
        source = office.add_camera("Hall")
        office.record(source, NOON, b"held")
        say(source)
        return
    office = RecordingOffice.reopen(folder, end)
    if act == "hold":
        with transaction.atomic():
            try:
                services.place_hold(
                    source_id=camera[0],
                    start=NOON,
                    end=NOON + MINUTE,
                    case="OR.1431.1.2026",
                    basis="proceedings",
                    review_on=date(2026, 12, 31),
                    clock=office.clock,
                    ledger=None,
                    actor="cli",
                )
            except RejentError as refused:
                say(refused.code)
                return
            say("placed")
            sys.stdin.readline()
    elif act == "die":
        with patch.object(destroying, "enter_many", before_the_end):
            say(str(services.keep_once(office.keeping).failed))
    elif act == "keep":
        done = services.keep_once(office.keeping)
        say(f"{done.survivors} {done.failed}")
    else:
        say(str([office.content(row) for row in office.living(camera[0], NOON, NOON + MINUTE)]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
