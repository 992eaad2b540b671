"""The only door from a viewing or a copy to the plain bytes of a recording."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, Protocol

from django.conf import settings

from rejent.access.errors import AccessRefusedError
from rejent.access.viewings.restriction import restriction
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.errors import not_as_entered
from rejent.formats.source import Source

_TOGETHER = 200
"""Rows that are verified by one question; SQLite takes 250 000 values in one, PostgreSQL 65 535."""
Keys = dict[str, Any]
"""Opened keys by their public halves; lives as long as the objects that are opened together."""
OpenObject = Callable[[Any], Source]
"""Opens the sealed object of a segment; one that was cut short is opened up to where it was cut."""


def open_for(viewing: ViewingView) -> OpenObject:
    """Return what opens the objects of a viewing's recording.

    It raises `NotAsEnteredError` for a segment of none of its sources, or of another item, for one whose row is not as it was entered, and for
    an object whose head is not the entered one; `AccessRefusedError` for one that reaches into what somebody recorded had restricted.
    """
    return partial(_unrestricted, viewing)


def open_in_order(
    viewing: ViewingView, segments: Iterable[SegmentView]
) -> Iterator[tuple[SegmentView, Source]]:
    """Yield segments of a viewing's recording with their opened objects; errors as `open_for`.

    Rows are verified, and keys asked for, `_TOGETHER` at a time: a day of messages that trickle has one small object each.
    """
    waiting = iter(segments)
    while some := list(islice(waiting, _TOGETHER)):
        start, end = min(each.start for each in some), max(each.end for each in some)
        sources = {each.source_id for each in some}
        may_be_restricted = any(restriction(each, start, end) is not None for each in sources)
        entered = catalog.verified_segments([each.id for each in some])
        keys: Keys = {}
        for segment in some:
            if may_be_restricted:
                _require_unrestricted(segment)
            yield (
                segment,
                _open_entered(viewing.source_ids, viewing.item, segment, entered.get(segment.id), keys),
            )


def _unrestricted(viewing: ViewingView, segment: SegmentView) -> Source:
    _require_unrestricted(segment)
    return _opened(viewing.source_ids, viewing.item, segment)


def _require_unrestricted(segment: SegmentView) -> None:
    refused = restriction(segment.source_id, segment.start, segment.end, segment.run)
    if refused is not None:
        raise AccessRefusedError(refused)


def open_for_copy(source_id: str, item: str) -> OpenObject:
    """Return what opens the objects of a source, or of one item of it, to be sealed anew as a copy; errors as `open_for`.

    Nobody sees what is in them.
    """
    return partial(_opened, (source_id,), item)


def open_for_keeper() -> OpenObject:
    """Return what opens objects for the keeper's own search; nobody sees what is in them."""
    opener: OpenObject = settings.OPENER
    return opener


class SealedCopy(Protocol):
    """What a copy states of an object of its own."""

    @property
    def object_name(self) -> str:
        """Its name in the vault."""

    @property
    def recipient(self) -> str:
        """The public half of the copy's key."""

    @property
    def head(self) -> str:
        """The digest of its head."""

    @property
    def recovered(self) -> bool:
        """Never."""


def open_copied(part: SealedCopy) -> Source:
    """Return the plain content of an object of a copy. Raises `NotAsEnteredError`: another object lies there."""
    opened: Source = settings.OPENER(part)
    return opened


def _opened(source_ids: Collection[str], item: str, segment: SegmentView) -> Source:
    return _open_entered(source_ids, item, segment, catalog.verified_segment(segment.id), {})


def _open_entered(
    source_ids: Collection[str], item: str, segment: SegmentView, entered: SegmentView | None, keys: Keys
) -> Source:
    if (
        entered is None
        or _object_of(entered) != _object_of(segment)
        or entered.source_id != segment.source_id
        or entered.source_id not in source_ids
        or item not in ("", entered.run)
    ):
        raise not_as_entered()
    opened: Source = settings.OPENER(entered, keys)
    return opened


def _object_of(segment: SegmentView) -> tuple[str, str, datetime]:
    return segment.object_name, segment.recipient, segment.start
