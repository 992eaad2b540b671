"""What transactions of either side have in common: what is known, what waits for an instant, what is to be sent."""

from typing import Generic, TypeVar

from rejent.streams.calls.sip.deadlines import Deadlines
from rejent.streams.calls.sip.flow import Outgoing

Key = tuple[str, ...]
Exchange = TypeVar("Exchange")


class UnderWay(Generic[Exchange]):
    """Exchanges by their keys; an ended one is forgotten."""

    def __init__(self) -> None:
        self._known: dict[Key, Exchange] = {}
        self._repeats: Deadlines[Key] = Deadlines()
        self._ends: Deadlines[Key] = Deadlines()
        self._outgoing: list[Outgoing] = []

    def __len__(self) -> int:
        return len(self._known)

    def take_outgoing(self) -> list[Outgoing]:
        """What is to be sent, each time once."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    @property
    def next_deadline(self) -> float | None:
        """When the next repetition or end is due, in seconds of the monotonic clock."""
        return min((at for at in (self._repeats.next, self._ends.next) if at is not None), default=None)
