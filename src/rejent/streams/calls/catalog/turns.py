"""Numbers that took part in a call after its beginning: whoever it is passed on to takes the side of who leaves it, others join both."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from rejent.kernel.clock import OFFICE_ZONE
from rejent.kernel.telephone import readable_number

CALLER: Final = "caller"
CALLED: Final = "called"
SIDES = (CALLER, CALLED)
JOINED: Final = "joined"
"""Part of whoever takes part beside the two who hold the sides, as in a conference."""
MAX_TURNS = 100
"""Of a call; a switchboard passes one on twice or three times, and a row is bounded."""
TOO_MANY_TURNS = "parties-too-many"
"""The fault of a call of which more were stated."""


@dataclass(frozen=True, slots=True)
class PartyTurn:
    """Who took a side of a call (`SIDES`) after its beginning, or joined the two (`JOINED`), and when; ``number`` is empty from when somebody left a side until another came."""

    side: str
    number: str = field(repr=False)
    since: datetime


def write_turns(turns: Iterable[PartyTurn]) -> str:
    """Return turns as their column holds them: a line each, with the part, the number and the instant, parted by blanks."""
    return "".join(
        f"\n{one.side} {one.number} {one.since.astimezone(UTC).isoformat(timespec='microseconds')}"
        for one in turns
    )


def read_turns(written: str) -> tuple[PartyTurn, ...]:
    """Return the turns in a column; a line that is none, as in a row that was altered, is passed over."""
    turns = []
    for line in written.split("\n")[1:]:
        side, _, rest = line.partition(" ")
        number, _, since = rest.rpartition(" ")
        with suppress(ValueError):
            turns.append(PartyTurn(side, number, datetime.fromisoformat(since).astimezone(UTC)))
    return tuple(turns)


def turn_numbers(written: str) -> list[str]:
    """Return the numbers in a column of turns, each once."""
    return list(dict.fromkeys(one.number for one in read_turns(written) if one.number))


def readable_turns(turns: Iterable[PartyTurn]) -> str:
    """Return the numbers of a side in turn, for labels and registers: ``+48 …01 23; 14:03:12 → +48 …01 24``, a dash for nobody, a plus before who joined."""
    first, *later = turns
    came = [
        f"{one.since.astimezone(OFFICE_ZONE):%H:%M:%S} {'+' if one.side == JOINED else '→'} {readable_number(one.number) or '–'}"
        for one in later
    ]
    return "; ".join([*filter(None, [readable_number(first.number)]), *came])
