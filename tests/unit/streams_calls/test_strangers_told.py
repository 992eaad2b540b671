"""How many who may not call are told so: by UDP their senders may be forged, and each costs time."""

from datetime import UTC, datetime, timedelta

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.receiving.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.server import (
    MAX_FORBIDDEN_PER_SECOND,
    MAX_FORBIDDEN_SIZE,
    Listening,
    RecordingServer,
)
from tests.unit.streams_calls.caller import PortsOfTest, counted

HOST = "192.0.2.9"


class Counting(RecordingCore):
    """The core, and how many it had to tell."""

    told = 0

    def forbid(self, data: bytes, flow: Flow) -> None:
        """Count it, and do it."""
        self.told += 1
        super().forbid(data, flow)


def server(clock: ManualClock) -> tuple[RecordingServer, Counting]:
    """One that nobody may call, and its core."""
    core = Counting(Settings(HOST), PortsOfTest(), counted())
    return RecordingServer(core, clock, AllowedCallers([]), Listening(HOST), lambda _: None), core


def test_a_flood_of_strangers_is_told_in_part() -> None:
    """So many a second; the next second others are told again; what comes over a connection is bounded by its own rules."""
    clock = ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    served, core = server(clock)
    for _ in range(10 * MAX_FORBIDDEN_PER_SECOND):
        served.take(b"INVITE of nobody", Flow("udp", "198.51.100.7", 5060))
    assert core.told == MAX_FORBIDDEN_PER_SECOND
    assert served.dropped["not-allowed"] == 10 * MAX_FORBIDDEN_PER_SECOND
    served.take(b"INVITE of nobody", Flow("tcp", "198.51.100.7", 5060, 1))
    assert core.told == MAX_FORBIDDEN_PER_SECOND + 1
    clock.advance(timedelta(seconds=1))
    served.take(b"INVITE of nobody", Flow("udp", "198.51.100.7", 5060))
    assert core.told == MAX_FORBIDDEN_PER_SECOND + 2


def test_a_stranger_s_long_datagram_is_not_read() -> None:
    """The longest that is read is longer than what devices open a session with."""
    served, core = server(ManualClock(datetime(2026, 11, 21, 12, tzinfo=UTC)))
    served.take(b"x" * (MAX_FORBIDDEN_SIZE + 1), Flow("udp", "198.51.100.7", 5060))
    assert core.told == 0
    served.take(b"x" * MAX_FORBIDDEN_SIZE, Flow("udp", "198.51.100.7", 5060))
    assert core.told == 1
