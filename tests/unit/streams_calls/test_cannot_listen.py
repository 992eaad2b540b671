"""An address that cannot be had is tried again and again, and told of once."""

import asyncio
import queue
import threading
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.announcing import service
from rejent.streams.calls.recorder import siprec_endpoint
from tests.waiting import CEILING_S

NOBODYS = "192.0.2.5"
"""An address of no machine (RFC 5737)."""


class Tried:
    """A line that counts how often its door could not be opened."""

    cause = None

    def __init__(self, enough: int) -> None:
        self.left, self.done = enough, asyncio.Event()

    def hinder(self, *_told: object) -> None:
        """Count it."""
        self.left -= 1
        if not self.left:
            self.done.set()


async def tries_of_a_door() -> None:
    """Open a door at an address that is not ours, until that was tried three times."""
    line, nothing = Tried(3), cast("Any", None)
    clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
    closed = siprec_endpoint.SiprecEndpoint(
        NOBODYS, 5060, nothing, limit=1, clock=clock, books=nothing, refused_numbers=nothing, deserted=nothing
    )
    await closed.open(cast("Any", line))
    await asyncio.wait_for(line.done.wait(), CEILING_S)
    await closed.close()


def test_a_door_that_cannot_be_opened_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every few seconds, seventeen thousand times a day."""
    monkeypatch.setattr(siprec_endpoint, "TRY_AGAIN_S", 0)
    with capture_logs() as lines:
        asyncio.run(tries_of_a_door())
    assert [line["event"] for line in lines] == ["calls.cannot-listen"]


def test_an_announcing_that_cannot_listen_is_told_of_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until what is wanted of it changes."""
    tries: queue.Queue[None] = queue.Queue()

    class Desk(service._LineServer):
        def __init__(self, *given: Any) -> None:
            tries.put(None)
            super().__init__(*given)

    monkeypatch.setattr(service, "_LineServer", Desk)
    monkeypatch.setattr(service, "TRY_AGAIN_S", 0)
    announcing = service.AnnouncingService(ManualClock(datetime(2026, 11, 22, tzinfo=UTC)), (20_000, 20_010))
    thread = threading.Thread(target=announcing.run)
    with capture_logs() as lines:
        thread.start()
        announcing.want([service.AnnouncingOrder("a" * 32, NOBODYS, 5070, ("192.0.2.1",), None)])
        for _ in range(3):
            tries.get(timeout=CEILING_S)
        announcing.stop()
        thread.join(CEILING_S)
    assert [line["event"] for line in lines] == ["announcing.cannot-listen"]
