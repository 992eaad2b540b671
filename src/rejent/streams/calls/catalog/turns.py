"""Numbers that a side of a call had in turn: whoever a call is passed on to takes the side of who leaves it."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from rejent.kernel.clock import OFFICE_ZONE
from rejent.streams.calls.catalog.phone_numbers import readable_number

CALLER: Final = "caller"
CALLED: Final = "called"
SIDES = (CALLER, CALLED)
MAX_TURNS = 100
"""Of a call; a switchboard passes one on twice or three times, and a row is bounded."""
TOO_MANY_TURNS = "parties-too-many"
"""The fault of a call of which more were stated."""


@dataclass(frozen=True, slots=True)
class PartyTurn:
    """Who took a side of a call (`SIDES`) after its beginning, and when; ``number`` is empty from when somebody left until another came."""

    side: str
    number: str = field(repr=False)
    since: datetime


def write_turns(turns: Iterable[PartyTurn], side: str) -> str:
    """Return the turns of a side as its column holds them: a line each, with the number, a blank and the instant."""
    return "".join(
        f"\n{one.number} {one.since.astimezone(UTC).isoformat(timespec='microseconds')}"
        for one in turns
        if one.side == side
    )


def read_turns(written: str, side: str) -> tuple[PartyTurn, ...]:
    """Return the turns in a column of a side; a line that is none, as in a row that was altered, is passed over."""
    turns = []
    for line in written.split("\n")[1:]:
        number, _, since = line.rpartition(" ")
        with suppress(ValueError):
            turns.append(PartyTurn(side, number, datetime.fromisoformat(since).astimezone(UTC)))
    return tuple(turns)


def turn_numbers(later_callers: str, later_called: str) -> list[tuple[str, str]]:
    """Return the side and the number of each who took one, by the columns of both sides, each once."""
    turns = *read_turns(later_callers, CALLER), *read_turns(later_called, CALLED)
    return list(dict.fromkeys((one.side, one.number) for one in turns if one.number))


def readable_turns(turns: Iterable[PartyTurn]) -> str:
    """Return the numbers of a side in turn, for labels and registers: ``+48 …01 23; 14:03:12 → +48 …01 24``, a dash for nobody."""
    first, *later = turns
    came = [
        f"{one.since.astimezone(OFFICE_ZONE):%H:%M:%S} → {readable_number(one.number) or '–'}"
        for one in later
    ]
    return "; ".join([*filter(None, [readable_number(first.number)]), *came])
