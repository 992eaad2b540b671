"""A line whose callers must hear something, and what shows that they heard it; for tests."""

from dataclasses import replace
from datetime import timedelta

from django.db import connection, transaction

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.catalog.models import Announcement
from rejent.streams.calls.catalog.views import HeardBeforehand, KnownBy, Notice, NoticeKind
from tests.unit.catalog.conftest import START
from tests.unit.streams_calls_catalog.conftest import CALLER

SOUND = plain_wav(bytes(16000))


def announce(line: str, clock: ManualClock, kind: str = "incoming", **changed: object) -> int:
    """Set an announcement."""
    given = {
        "text": "Said.",
        "sound": SOUND,
        "language": "pl",
        "made_by": "uploaded",
        "valid_from": clock.now(),
    }
    return call_services.set_announcement(line, kind, **{**given, **changed}, clock=clock, actor="p")  # type: ignore[arg-type]  # each value has its parameter's type


def heard(line: str, **changed: object) -> HeardBeforehand:
    """What our announcing tells of a caller."""
    notice = Notice(NoticeKind.INCOMING, KnownBy.SERVICE, START - timedelta(seconds=20), 12.0, completed=True)
    return HeardBeforehand(line, replace(notice, **changed), CALLER, "100")  # type: ignore[arg-type]  # each value has its field's type


def marked(name: str) -> str:
    """What is said of a call."""
    return call_queries.announced([call_queries.call(name)])[name]


def exchange_versions() -> None:
    """Let each of two versions stand under the key of the other, as somebody could who edits the database."""
    first, second = Announcement.objects.order_by("pk").values_list("pk", flat=True)
    aside = second + 1000
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "PRAGMA defer_foreign_keys = ON"
            if connection.vendor == "sqlite"
            else "SET CONSTRAINTS ALL DEFERRED"
        )
        for old, new in ((first, aside), (second, first), (aside, second)):
            cursor.execute("UPDATE calls_announcement SET id = %s WHERE id = %s", [new, old])
