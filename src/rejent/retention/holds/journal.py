"""Holds that the keepers remember beside the keys, where nobody reaches who writes the database alone.

What a hold keeps is told by its row and by the act that entered it, and both lie in the database: whoever erases the act's
record may narrow the row. A keeper therefore writes down each hold that it has seen entered; from then on only the act of the
ledger that ends it takes it away.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import structlog

from rejent.kernel.intervals import Interval
from rejent.ledger.durable_files import replace_durably
from rejent.retention.errors import HoldsForgottenError
from rejent.retention.terms.rules import StandingHold

log = structlog.get_logger(__name__)

FILE = "holds.json"
_FOR_KEEPERS = 0o600
_REMEMBERED: ContextVar[tuple[StandingHold, ...]] = ContextVar("remembered", default=())


def remembered(source_id: str = "") -> list[StandingHold]:
    """The holds that the keeper which works now remembers, of all sources or of one; none outside of its work."""
    return [each for each in _REMEMBERED.get() if source_id in {"", each.source_id}]


def noted(folder: Path, source_id: str) -> list[StandingHold]:
    """The holds of a source that keepers have noted beside the keys and no act has ended.

    Raises:
        HoldsForgottenError: they cannot be read.
    """
    return [each for each in _Memory.read(folder / FILE).standing if each.source_id == source_id]


@contextmanager
def remembering(
    folder: Path, placed: Iterable[StandingHold], over: AbstractSet[StandingHold], ended_on: Mapping[str, str]
) -> Iterator[None]:
    """Follow the ledger, and let holds that are remembered stand until the block ends.

    Args:
        folder: of the keys; the caller keeps other keepers out.
        placed: what each hold keeps that was entered.
        over: those of them that an act has ended.
        ended_on: the subject of each act that ended a hold of which no record tells any more that it was placed, by its number.

    Raises:
        HoldsForgottenError: what was remembered cannot be read.
    """
    before = _Memory.read(folder / FILE)
    now = before.following(placed, over, ended_on)
    if now != before:
        now.write(folder / FILE)
    token = _REMEMBERED.set(now.standing)
    try:
        yield
    finally:
        _REMEMBERED.reset(token)


@dataclass(frozen=True, slots=True)
class _Memory:
    """What is written down.

    Attributes:
        standing: holds that no act has ended.
        ended: marks of those that one has, so that they do not come back once the record of their end is erased.
    """

    standing: tuple[StandingHold, ...] = ()
    ended: frozenset[str] = frozenset()

    @classmethod
    def read(cls, file: Path) -> "_Memory":
        try:
            told = json.loads(file.read_bytes())
            return cls(tuple(map(_hold, told["standing"])), frozenset(map(str, told["ended"])))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HoldsForgottenError(
                "What was noted of holds beside the keys cannot be read, so that nothing is destroyed.",
                advice="Bring the file holds.json in the folder of keys back from a copy; without one, remove it after rejent fsck.",
            ) from error

    def following(
        self, placed: Iterable[StandingHold], over: AbstractSet[StandingHold], ended_on: Mapping[str, str]
    ) -> "_Memory":
        """What is known once the ledger was read.

        Where it tells that a number was given to another hold, after an older database was put back say, an end is none of
        the one that was noted here.
        """
        known = {*self.standing, *placed}
        strange = {each for each in known if ended_on.get(each.number) == f"source:{each.source_id}"}
        ended = self.ended | {_mark(each) for each in known & over | strange}
        left = sorted((each for each in known if _mark(each) not in ended), key=lambda each: each.number)
        return _Memory(tuple(left), ended)

    def write(self, file: Path) -> None:
        """Where the disk is full the holds of this round are followed all the same."""
        told = {"standing": [_told(each) for each in self.standing], "ended": sorted(self.ended)}
        try:
            replace_durably(file, json.dumps(told, indent=1).encode(), _FOR_KEEPERS)
        except OSError as error:
            log.warning("holds.not-noted", why=error.strerror)


def _told(hold: StandingHold) -> dict[str, str]:
    return {
        "number": hold.number,
        "source": hold.source_id,
        "start": hold.interval.start.isoformat(),
        "end": hold.interval.end.isoformat(),
        "call": hold.item,
    }


def _hold(told: Mapping[str, Any]) -> StandingHold:
    interval = Interval(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))
    return StandingHold(str(told["number"]), str(told["source"]), interval, str(told["call"]))


def _mark(hold: StandingHold) -> str:
    return sha256(json.dumps(_told(hold), sort_keys=True).encode()).hexdigest()
