"""What a test of imports does within an installation, each step a process: ``python -m tests.streams.import_steps DIR STEP ARGUMENT…`` prints JSON."""

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.streams.mail_steps import CASE, CONTROL


def opened() -> list[dict[str, Any]]:
    """Open everything of the history with both roles' keys, in order."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.formats.fragment_index import FragmentIndex
    from rejent.formats.records import instant
    from rejent.streams.mail.messages.framing import MessageFrame
    from rejent.streams.mail.messages.sealing import MessageOpener
    from rejent.streams.mail.records.imports import history_of
    from rejent.streams.mail.records.role_keys import open_role_key

    keys = dict([open_role_key(1, CASE), open_role_key(2, CONTROL)])
    history = history_of(queries.source_by_name("dziennik"))
    assert history is not None
    found = []
    for segment in queries.segments(
        history.id, datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    ):
        content = settings.OPENER(segment)
        for place in FragmentIndex.decode(segment.index).places:
            frame = MessageFrame.decoded(content.read(place.offset, place.length))
            message = MessageOpener(keys).open(frame.sealed)
            stated = frame.facts.stated
            assert stated is not None
            found.append(
                {
                    "day": segment.day.isoformat(),
                    "stands": instant(segment.start, place.time).isoformat(),
                    "stated": stated.isoformat(),
                    "received": frame.facts.at.isoformat(timespec="minutes"),
                    "sha256": sha256(message.content).hexdigest(),
                    "to": list(message.recipients),
                }
            )
    return found


def killed(mbox: str) -> list[dict[str, Any]]:
    """Import an mbox and die once the second object is durable, before it is booked."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.streams.mail.receiving.imported import intake
    from rejent.streams.mail.receiving.imported.mbox import MboxFile

    booked = intake.catalog_services.book_segments
    calls = []

    def dying(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            os._exit(0)
        booked(*given)

    intake.catalog_services.book_segments = dying  # type: ignore[assignment]
    intake.import_mailbox(
        queries.source_by_name("dziennik"),
        MboxFile(Path(mbox)),
        intake.Stated(),
        keeping=settings.KEEPING(),
        actor="",
    )
    return []


def places() -> list[dict[str, Any]]:
    """Count where messages lay that are known."""
    from rejent.streams.mail.models import ImportedPlace

    return [{"known": ImportedPlace.objects.count()}]


def main(directory: str, step: str, *arguments: str) -> None:
    """Do one step and print what came of it."""
    from rejent.cli.command_setup import open_installation
    from rejent.ops.logs import configure_logs

    configure_logs()
    open_installation(Path(directory))
    steps: dict[str, Callable[..., list[dict[str, Any]]]] = {
        "opened": opened,
        "killed": killed,
        "places": places,
    }
    sys.stdout.write(json.dumps(steps[step](*arguments)))


if __name__ == "__main__":
    main(*sys.argv[1:])
