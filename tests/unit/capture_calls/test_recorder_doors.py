"""The recorder of calls opens and closes the addresses at which calls are handed over."""

import socket
import threading
from collections.abc import Callable

import pytest

from rejent.capture.calls.recorder.door import Door
from rejent.capture.calls.recorder.engine import CallsRecorder
from rejent.capture.calls.recorder.line import LineOrder
from rejent.capture.calls.rtp.right_of_way import RightOfWay
from rejent.catalog.lines import StatedLine, line_address
from rejent.kernel.clock import SystemClock
from tests.unit.capture_calls.mirror_traffic import KeepingLineSink, KeptBooks
from tests.unit.capture_calls.test_rtp_receiver import free_range

HOST = "127.0.0.5"


class Sink(KeepingLineSink):
    """A sink that takes gaps, too."""

    def gap(self, *_: object) -> None:
        """Nobody asks."""

    def clock_stepped(self, *_: object) -> None:
        """Nobody asks."""


class Office:
    """A recorder on free addresses of this machine, in a thread of its own as the program has it."""

    def __init__(self) -> None:
        clock = SystemClock()
        self.books = KeptBooks()
        self.recorder = CallsRecorder(
            Sink(),
            clock,
            self.books,
            free_range(),
            answering=RightOfWay(clock),  # type: ignore[arg-type]  # as far as it is asked
        )
        self.thread = threading.Thread(target=self.recorder.run)
        self.thread.start()

    def add(self, name: str, port: int) -> None:
        """Record a line, and wait until it can be called."""
        stated = StatedLine(siprec=f"{HOST}:{port}", numbers=("+48 74 841",), callers=("127.0.0.0/8",))
        self.recorder.add(LineOrder(name, line_address(stated), frozenset({"incoming"})), None)
        until(lambda: any(one.source_id == name for one in self.recorder.statuses()))

    def stop(self) -> None:
        """End it."""
        self.recorder.stop()
        self.thread.join(20)


def until(what: Callable[[], object]) -> None:
    """Wait until something is so, for twenty seconds at most."""
    waiting = threading.Event()
    for _ in range(2000):
        if what():
            return
        waiting.wait(0.01)
    raise TimeoutError


def free_port() -> int:
    """A port that nobody has at the address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def test_recorder_stops_whatever_goes_wrong_at_one_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other addresses are closed, every call is finished, and no thread stays behind."""
    closed: list[Door] = []
    closing = Door.close

    async def close(door: Door) -> None:
        closed.append(door)
        await closing(door)
        if len(closed) == 1:
            raise RuntimeError

    monkeypatch.setattr(Door, "close", close)
    office = Office()
    office.add("line", free_port())
    office.add("other", free_port())
    office.stop()
    assert len(closed) == 2
    assert not office.thread.is_alive()
    assert not [one for one in threading.enumerate() if one.name == f"receiving-{HOST}"]
