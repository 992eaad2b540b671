"""How often the database is asked for one piece of a recording: rows stand verified in memory, and what is seen is entered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rejent.catalog import services as catalog
from rejent.formats.mp4.parameters import describe
from rejent.kernel.clock import ManualClock
from rejent.retention.clock import watch_clock
from tests.unit.catalog.conftest import finished
from tests.unit.formats.clips import clip
from tests.unit.streams_cameras.player.archive import Archive
from tests.unit.web.conftest import NOON, Browser
from tests.unit.web.test_call_pages import call, line, opened, piece, viewer, workshop
from tests.unit.web.test_viewing_pages import _opened

__all__ = ["call", "line", "opened", "viewer", "workshop"]

MOST = 12
_MARKS = ("BEGIN", "COMMIT")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def watched(source: str, clock: ManualClock) -> None:
    """A keeper has looked at the clock, as one does every few seconds: until the first has, each piece asks the ledger for it."""
    assert source
    watch_clock(clock, "boot")


def asked_for(answer: Callable[[], Any]) -> int:
    """Return how many questions and changes an answer takes, the begin and the end of its transaction apart."""
    with CaptureQueriesContext(connection) as asked:
        assert answer().status_code == 200
    return sum(not each["sql"].startswith(_MARKS) for each in asked.captured_queries)


@pytest.mark.usefixtures("call")
def test_a_piece_of_sound_asks_the_database_few_times(opened: tuple[Client, UUID]) -> None:
    """The second and every later one of a viewing, while nothing is entered about its person, source or authorisation."""
    client, viewing = opened
    assert piece(client, viewing, 0, 2).status_code == 200
    assert asked_for(lambda: piece(client, viewing, 2, 4)) <= MOST


@pytest.fixture
def filmed(source: str, clock: ManualClock, settings: Any) -> str:
    """Four seconds of the camera, an hour before now, sealed in memory; the identifier of their segment."""
    archive, made = Archive(), clip("h264")
    kept = archive.book(made, NOON - timedelta(hours=1))
    content = archive.objects[kept.object_name]
    segment = finished(
        source, 0, 4, id=kept.id, object_name=kept.object_name, index=kept.index, bytes=len(content),
        traits={"codec": describe(made.parameters).codec_string}, sha256=sha256(content).hexdigest(),
    )  # fmt: skip
    catalog.book_segments([replace(segment, start=kept.start, end=kept.end)], clock)
    settings.OPENER = archive.open
    return str(kept.id)


def test_a_piece_of_video_asks_the_database_few_times(filmed: str, browser: Browser, source: str) -> None:
    """Likewise, out of a real film."""
    client = browser("viewer")
    base = _opened(client, source, time="11:00:01").split("?")[0]
    assert client.get(f"{base}/media/{filmed}?from=39600&to=39602").status_code == 200
    assert asked_for(lambda: client.get(f"{base}/media/{filmed}?from=39602&to=39604")) <= MOST
