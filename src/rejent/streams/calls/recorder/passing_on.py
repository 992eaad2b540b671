"""Calls that are passed on, and conferences: who holds each side in turn, and who takes part beside them."""

from collections.abc import Iterable
from datetime import datetime

from rejent.streams.calls.catalog.turns import JOINED, MAX_TURNS, SIDES, PartyTurn
from rejent.streams.calls.recorder.parties import Parties


class Turns:
    """The turns of one call; ``beyond``: more were stated than `MAX_TURNS`, and are left out."""

    def __init__(self) -> None:
        self.turns: tuple[PartyTurn, ...] = ()
        self.beyond = False
        self._left: dict[str, datetime] = {}
        self._present: dict[str, tuple[frozenset[str], datetime]] = {}

    def see(self, present: Iterable[tuple[str, ...]], at: datetime) -> None:
        """Take note of the numbers of each participant at an instant; a participant may have several."""
        for numbers in present:
            if numbers[0] in self._present:
                continue
            if len(self._present) < 2 * MAX_TURNS:
                self._present[numbers[0]] = frozenset(numbers), at
            else:
                self.beyond = True

    def follow(self, first: Parties, current: Parties, at: datetime) -> bool:
        """Take note of who holds the sides from an instant on; return True if a side has another holder than before, or somebody joined.

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
            self._add(*gone, PartyTurn(side, now, at))
        held = {*first.numbers, *current.numbers, *(one.number for one in self.turns)}
        for number, (numbers, since) in self._present.items():
            if not held & numbers:
                self._add(PartyTurn(JOINED, number, since))
        return len(self.turns) > known

    def _add(self, *came: PartyTurn) -> None:
        if len(self.turns) + len(came) > MAX_TURNS:
            self.beyond = True
        else:
            self.turns += came
