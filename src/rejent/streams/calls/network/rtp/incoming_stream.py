"""The input of one leg of a call and its bounds, and who takes its packets."""

from dataclasses import dataclass
from typing import Protocol

from rejent.formats.rtp.account import SECOND, ReceiverCounts, Role
from rejent.formats.rtp.leg import Leg
from rejent.streams.calls.network.rtp.ports import RECEIVE_BUFFER, MediaPort
from rejent.streams.calls.network.rtp.source_lock import Address, SourceLock
from rejent.streams.calls.network.rtp.srtp import SdesKeys

MAX_PACKETS_PER_SECOND = 400
"""Per leg; speech has 50 or 100."""
MAX_OCTETS_PER_SECOND = 64 * 1024
"""Per leg: eight times G.711, twice linear PCM at 16 kHz."""
MAX_BURST_OCTETS = RECEIVE_BUFFER
"""Per leg at once: all that the kernel may have buffered."""


class PacketSink(Protocol):
    """Consumer of a call's packets, such as `rejent.streams.calls.recorder.call_recording.CallRecording`."""

    def leg(self, number: int) -> Leg:
        """Return a leg, for receiver reports."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """Take an RTP packet."""

    def take_control(self, leg: int, datagram: bytes, arrival: int) -> None:
        """Take an RTCP datagram."""

    def note_counts(self, leg: int, counted: ReceiverCounts) -> None:
        """Update the receiver's counts."""

    def note_unread(self, leg: int, start: int, end: int, packets: int) -> None:
        """Record that this machine dropped packets of a leg between two instants, because nobody read them in time."""

    def tick(self, now: int) -> None:
        """Process what is due."""

    def finish(self, now: int) -> None:
        """Finish; nothing more comes."""


@dataclass(slots=True)
class IncomingStream:
    """The input of one leg."""

    leg: int
    port: MediaPort
    lock: SourceLock
    keys: SdesKeys | None = None
    counted: int = 0
    budget: int = MAX_PACKETS_PER_SECOND
    octets: int = MAX_BURST_OCTETS
    flooded: int = 0
    report_at: int = 0
    control_from: Address | None = None
    ends: int | None = None

    def succeed(self, former: "IncomingStream") -> None:
        """Continue the counts of a former input of the same leg."""
        self.port.succeed(former.port)
        self.lock.rejected += former.lock.rejected
        self.flooded += former.flooded
        self.budget = min(self.budget, former.budget)
        self.octets = min(self.octets, former.octets)

    def replenish(self, elapsed: int) -> None:
        """Add to the budgets for elapsed ns; after a stall of ours as much as may have come meanwhile."""
        more = MAX_PACKETS_PER_SECOND * elapsed // SECOND
        self.budget = min(self.budget + more, max(MAX_PACKETS_PER_SECOND, more))
        self.octets = min(self.octets + MAX_OCTETS_PER_SECOND * elapsed // SECOND, MAX_BURST_OCTETS)


@dataclass(slots=True)
class ReceivedCall:
    """A call and its inputs."""

    recording: PacketSink
    streams: list[IncomingStream]
    ends: int | None = None
