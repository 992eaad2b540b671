"""The recording of one call, with callbacks for its end and for the refusal digit."""

from collections.abc import Callable

from rejent.formats.rtp.account import Role
from rejent.formats.rtp.packet import payload_bounds
from rejent.streams.calls.recorder.call_recording import CallRecording


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
