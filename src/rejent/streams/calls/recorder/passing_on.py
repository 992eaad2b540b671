"""Calls that are passed on: who holds each side, in turn."""

from datetime import datetime

from rejent.streams.calls.catalog.turns import MAX_TURNS, SIDES, PartyTurn
from rejent.streams.calls.recorder.parties import Parties


class Turns:
    """The turns of one call; ``beyond``: more were stated than `MAX_TURNS`, and are left out."""

    def __init__(self) -> None:
        self.turns: tuple[PartyTurn, ...] = ()
        self.beyond = False
        self._left: dict[str, datetime] = {}

    def follow(self, first: Parties, current: Parties, at: datetime) -> bool:
        """Take note of who holds the sides from an instant on; return True if a side has another holder than before.

        ``first`` are the parties that the call is entered with. That somebody left is a turn once another came.
        """
        known = len(self.turns)
        for side, begun, now in zip(SIDES, first.numbers, current.numbers, strict=True):
            holder = next((one.number for one in reversed(self.turns) if one.side == side), begun)
            if not now and holder:
                self._left.setdefault(side, at)
                continue
            left = self._left.pop(side, at)
            if now == holder:
                continue
            gone = (PartyTurn(side, "", left),) if left < at else ()
            came = (*gone, PartyTurn(side, now, at))
            if len(self.turns) + len(came) > MAX_TURNS:
                self.beyond = True
            else:
                self.turns += came
        return len(self.turns) > known
