"""A viewing opens nothing unless the ledger tells that it was opened: just this one, by this person, of this, for this."""

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from rejent.access.acts import VIEWING_CLOSED, VIEWING_OPENED
from rejent.access.errors import NoSuchViewingError
from rejent.access.models import Viewing
from rejent.registers.queries import EnteredAct, entered_naming
from rejent.registers.shapes import instant

_REMEMBERED = 1024
"""Viewings that were found to be as entered; none is open for more than hours."""
_TEXTS = ("number", "person", "source", "call", "purpose", "case", "station", "second")


class _Stated(NamedTuple):
    """What a viewing's row says that its act says, too; a row that is edited is asked about anew.

    Attributes:
        texts: what `_TEXTS` names, in that order; empty where there is none.
        span: what was opened.
    """

    texts: tuple[str, ...]
    span: tuple[datetime, datetime]
    opened: datetime
    until: datetime


def demand_entered(row: Viewing) -> None:
    """Refuse a viewing that nobody opened, or that was opened by somebody else, of something else, or for something else.

    That it was opened the ledger is asked once for each viewing; the answer is remembered while its row says the same. Whether
    it was closed is asked each time: what was heard after that would stand nowhere.

    Raises:
        NoSuchViewingError: no act tells of it as its row does, or one tells that it was closed.
    """
    texts = (
        row.number,
        row.person_id,
        row.source_id,
        row.item,
        row.purpose,
        row.case,
        row.station,
        row.second_id,
    )
    _demand_told(_Stated(_written(texts), (row.start, row.end), row.opened_at, row.expires_at))
    closed = entered_naming(VIEWING_CLOSED.name, row.number, since=row.opened_at)
    if any((act.facts or {}).get("number") == row.number for act in closed):
        raise _no_such()


@lru_cache(maxsize=_REMEMBERED)
def _demand_told(stated: _Stated) -> None:
    number, source = stated.texts[_TEXTS.index("number")], stated.texts[_TEXTS.index("source")]
    acts = entered_naming(VIEWING_OPENED.name, number, subject=f"source:{source}", since=stated.opened)
    if stated not in [_told(act, stated.until) for act in acts]:
        raise _no_such()


def _no_such() -> NoSuchViewingError:
    return NoSuchViewingError(
        "There is no such viewing.",
        advice="Tell the data protection officer: rejent fsck names what differs.",
    )


def _told(act: EnteredAct, until: datetime) -> _Stated | None:
    """A viewing as its act tells of it; acts of an earlier version did not tell until when it lasts."""
    facts = act.facts
    if facts is None or not instant(facts.get("start")) or not instant(facts.get("end")):
        return None
    start, end = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
    if instant(facts.get("until")):
        until = datetime.fromisoformat(str(facts["until"]))
    return _Stated(_written(tuple(facts.get(name) for name in _TEXTS)), (start, end), act.at, until)


def _written(texts: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(str(each or "") for each in texts)
