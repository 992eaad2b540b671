"""A call of a line: what is known of it once it was let in, why the recorder ends one, and its recording."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from rejent.formats.rtp.account import Role
from rejent.formats.rtp.packet import payload_bounds
from rejent.streams.calls.catalog.views import REFUSED
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.line import Line
from rejent.streams.calls.recorder.parties import Parties
from rejent.streams.calls.recorder.scope import Way, in_scope, likely_way


class StopReason(StrEnum):
    """Reasons for ending a session ourselves, beside `rejent.streams.calls.receiving.siprec.events.EndReason`."""

    RECORDER = "recorder-stopped"
    OUT_OF_SCOPE = "out-of-scope"
    REFUSED = REFUSED


@dataclass(frozen=True, slots=True)
class AdmittedCall:
    """An admitted call and what is known of it."""

    line: Line
    parties: Parties
    ways: frozenset[Way]

    @property
    def way(self) -> Way:
        """Its direction, as shown to whoever looks for it."""
        return likely_way(self.parties, self.line.order.address.numbers, self.ways)

    @property
    def wanted(self) -> bool | None:
        """True if it is to be recorded, False if not, None if that depends on its direction."""
        return in_scope(self.ways, self.line.order.directions)


class LineCall(CallRecording):
    """A recording that reports when its last object is handed over."""

    on_finished: Callable[[], None] | None = None
    on_key: Callable[[int, int], None] | None = None
    """Called with leg and instant when the refusal digit is pressed."""

    def finish(self, now: int) -> None:
        """Finish the recording, then call `on_finished`."""
        try:
            super().finish(now)
        finally:
            if self.on_finished is not None:
                self.on_finished()


class RefusableCall(LineCall):
    """A recording that watches for a DTMF digit (RFC 4733 §2.3) from a party that has spoken."""

    key = 0
    """Event code, which for digits is the digit."""
    is_authentic: Callable[[int], bool] | None = None
    """Returns True if a leg's sender is the party itself; None where checked elsewhere."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """Take a datagram of a leg."""
        role = super().take(leg, datagram, arrival)
        if role is Role.EVENT and self.on_key is not None and self._refuses(leg, datagram):
            on_key, self.on_key = self.on_key, None
            on_key(leg, arrival)
        return role

    def _refuses(self, leg: int, event: bytes) -> bool:
        begin, end = payload_bounds(event, 0, len(event)) or (0, 0)
        if end - begin < 4 or event[begin] != self.key or not self.leg(leg).persists:
            return False
        return self.is_authentic is None or self.is_authentic(leg)
