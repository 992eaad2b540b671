"""The journal of holds beside the keys, where nobody reaches who writes the database alone.

Rows and acts both lie in the database. The guard refuses what was planted or altered there, but of a hold whose acts were deleted or
erased it knows nothing once the process starts anew. A keeper therefore writes down each hold that it has seen entered; from then on
only an act of the ledger that ends it takes it away.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from rejent.kernel.intervals import Interval
from rejent.ledger.durable_files import replace_durably, sweep_unfinished
from rejent.retention.errors import HoldsForgottenError
from rejent.retention.terms.rules import StandingHold

log = structlog.get_logger(__name__)

FILE = "holds.json"
_FOR_KEEPERS = 0o600
_standing: ContextVar[tuple[StandingHold, ...]] = ContextVar("journaled", default=())


class Ended(NamedTuple):
    """An act that ended a hold: of which number, on which subject, and which hold, unless no record says any more what it kept."""

    number: str
    subject: str
    hold: StandingHold | None


def journaled() -> tuple[StandingHold, ...]:
    """Return the holds that stand by the journal of the keeper which works now; none outside of its work."""
    return _standing.get()


def read_journal(folder: Path) -> tuple[StandingHold, ...]:
    """Return the holds that keepers have noted beside the keys and no act has ended. Raises `HoldsForgottenError`: they cannot be read."""
    return _Journal.read(folder / FILE).standing


@contextmanager
def journal_followed(
    folder: Path, placed: Collection[StandingHold], ended: Collection[Ended]
) -> Iterator[None]:
    """Bring the journal up to the ledger, and let what is noted in it stand until the block ends.

    Args:
        folder: of the keys; the caller keeps other keepers out.
        placed: each hold of which the record is there.
        ended: what ended any.

    Raises `HoldsForgottenError`: the journal cannot be read.
    """
    before = _Journal.read(folder / FILE)
    sweep_unfinished(folder / FILE)
    now = before.following(placed, ended)
    if now != before:
        now.write(folder / FILE)
    token = _standing.set(now.standing)
    try:
        yield
    finally:
        _standing.reset(token)


@dataclass(frozen=True, slots=True)
class _Journal:
    """The journal's content.

    Attributes:
        standing: holds that no act has ended.
        ended: marks of those that one has, so that they do not come back once the record of their end is erased.
    """

    standing: tuple[StandingHold, ...] = ()
    ended: frozenset[str] = frozenset()

    @classmethod
    def read(cls, file: Path) -> "_Journal":
        try:
            content = json.loads(file.read_bytes())
            return cls(tuple(map(_hold, content["standing"])), frozenset(map(str, content["ended"])))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise HoldsForgottenError(
                "What was noted of holds beside the keys cannot be read, so that nothing is destroyed.",
                advice="Bring the file holds.json in the folder of keys back from a copy; without one, remove it after rejent fsck.",
            ) from error

    def following(self, placed: Collection[StandingHold], ended: Collection[Ended]) -> "_Journal":
        """Return the journal brought up to the ledger.

        Where a number was given to another hold, after an older database was put back say, that one's end is none of the noted one.
        """
        known = {*self.standing, *placed}
        by_number = {(each.number, each.subject) for each in ended if each.hold is None}
        over = {each.hold for each in ended}
        marks = self.ended | {
            _mark(each)
            for each in known
            if each in over or (each.number, f"source:{each.source_id}") in by_number
        }
        left = sorted((each for each in known if _mark(each) not in marks), key=lambda each: each.number)
        return _Journal(tuple(left), marks)

    def write(self, file: Path) -> None:
        """Write it; where the disk is full the holds of this round are followed all the same."""
        content = {"standing": [_written(each) for each in self.standing], "ended": sorted(self.ended)}
        try:
            replace_durably(file, json.dumps(content, indent=1).encode(), _FOR_KEEPERS)
        except OSError as error:
            log.warning("holds.not-noted", why=error.strerror)


def _written(hold: StandingHold) -> dict[str, str]:
    return {
        "number": hold.number,
        "source": hold.source_id,
        "start": hold.interval.start.isoformat(),
        "end": hold.interval.end.isoformat(),
        "item": hold.item,
    }


def _hold(written: Mapping[str, Any]) -> StandingHold:
    interval = Interval(datetime.fromisoformat(written["start"]), datetime.fromisoformat(written["end"]))
    return StandingHold(str(written["number"]), str(written["source"]), interval, str(written["item"]))


def _mark(hold: StandingHold) -> str:
    return sha256(json.dumps(_written(hold), sort_keys=True).encode()).hexdigest()
