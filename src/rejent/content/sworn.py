"""Objects are opened for a viewing under the name that the ledger gives them, never under one that somebody put into a row."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple
from uuid import UUID

from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED
from rejent.catalog.views import SegmentView
from rejent.content.errors import not_as_entered
from rejent.formats.source import Source
from rejent.registers.queries import committed_facts, entered_naming

_REMEMBERED = 8192
"""Objects of viewings that were found to be as entered; a camera's day has 1440 of them."""


def sworn_opener(open_object: Callable[[Any], Source], viewing: ViewingView) -> Callable[[Any], Source]:
    """What opens only objects of a viewing's source, and of its call where it is of one, by the word of the ledger and their own.

    It raises `NotAsEnteredError` for any other. What was found to be as entered is remembered for the viewing, so that
    pieces cost no look-up twice.
    """
    return partial(_opened, open_object, viewing)


class _Named(NamedTuple):
    """What the row of an object says of it, and what it is opened for; each viewing asks anew."""

    viewing: UUID
    source_id: str
    item: str
    segment: UUID
    entry: int
    name: str
    recipient: str
    start: datetime


def _opened(open_object: Callable[[Any], Source], viewing: ViewingView, segment: SegmentView) -> Source:
    asked = (viewing.id, viewing.source_id, viewing.item)
    _demand_sworn(
        _Named(*asked, segment.id, segment.entry, segment.object_name, segment.recipient, segment.start)
    )
    return open_object(segment)


@lru_cache(maxsize=_REMEMBERED)
def _demand_sworn(row: _Named) -> None:
    """Refuse an object that was not entered under this name, for this source, call and time; no refusal is remembered."""
    sealed = committed_facts(row.entry, SEGMENT_SEALED.name)
    sworn = (
        (sealed.get("source"), sealed.get("object")) == (row.source_id, row.name)
        and datetime.fromisoformat(str(sealed.get("start"))) == row.start
        and (sealed.get("recipient") == row.recipient or _is_resealed(row))
        and row.item in ("", catalog.verified_run(row.segment))
    )
    if not sworn:
        raise not_as_entered()


def _is_resealed(row: _Named) -> bool:
    """Whether an act tells that a hold keeps an object under another key."""
    said = {"segment": str(row.segment), "object": row.name, "recipient": row.recipient}
    acts = entered_naming(SEGMENT_RESEALED.name, str(row.segment))
    return any(act.facts is not None and said.items() <= act.facts.items() for act in acts)
