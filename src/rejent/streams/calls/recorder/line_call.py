"""The recording of one call of a line: it says when it is over, and when the key was pressed that refuses it."""

from collections.abc import Callable

from rejent.formats.rtp.account import Role
from rejent.formats.rtp.packet import payload_bounds
from rejent.streams.calls.recorder.writer import CallRecording


class LineCall(CallRecording):
    """A call that says when its last object is handed over."""

    on_finished: Callable[[], None] | None = None
    on_key: Callable[[int, int], None] | None = None
    """Takes the leg on which the key that refuses was pressed, and the instant."""

    def finish(self, now: int) -> None:
        """The call has ended and the last packets have come."""
        try:
            super().finish(now)
        finally:
            if self.on_finished is not None:
                self.on_finished()


class RefusableCall(LineCall):
    """A call that looks at the keys that are pressed (RFC 4733 §2.3); whoever presses one has spoken before."""

    key = 0
    """The event that refuses, which for digits is the digit."""
    believes: Callable[[int], bool] | None = None
    """Whether whom a leg follows now is the party itself; nothing where that was seen otherwise."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """A datagram of a leg came."""
        role = super().take(leg, datagram, arrival)
        if role is Role.EVENT and self.on_key is not None and self._refuses(leg, datagram):
            told, self.on_key = self.on_key, None
            told(leg, arrival)
        return role

    def _refuses(self, leg: int, event: bytes) -> bool:
        begin, end = payload_bounds(event, 0, len(event)) or (0, 0)
        if end - begin < 4 or event[begin] != self.key or not self.leg(leg).persists:
            return False
        return self.believes is None or self.believes(leg)
