"""The only door from a viewing or a copy to the plain bytes of a recording."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from django.conf import settings

from rejent.access.errors import AccessRefusedError
from rejent.access.viewings.restriction import restriction
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.errors import not_as_entered
from rejent.formats.source import Source

OpenObject = Callable[[Any], Source]
"""Opens the sealed object of a segment; one that was cut short is opened up to where it was cut."""


def open_for(viewing: ViewingView) -> OpenObject:
    """Return what opens the objects of a viewing's recording.

    It raises `NotAsEnteredError` for a segment of another source or item, for one whose row is not as it was entered, and for
    an object whose head is not the entered one; `AccessRefusedError` for one that reaches into what somebody recorded had restricted.
    """
    return partial(_unrestricted, viewing)


def _unrestricted(viewing: ViewingView, segment: SegmentView) -> Source:
    refused = restriction(viewing.source_id, segment.start, segment.end, segment.run)
    if refused is not None:
        raise AccessRefusedError(refused)
    return _opened(viewing.source_id, viewing.item, segment)


def open_for_copy(source_id: str, item: str) -> OpenObject:
    """Return what opens the objects of a source, or of one item of it, to be sealed anew as a copy; errors as `open_for`.

    Nobody sees what is in them.
    """
    return partial(_opened, source_id, item)


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


def _opened(source_id: str, item: str, segment: SegmentView) -> Source:
    entered = catalog.verified_segment(segment.id)
    if (
        entered is None
        or _object_of(entered) != _object_of(segment)
        or entered.source_id != source_id
        or item not in ("", entered.run)
    ):
        raise not_as_entered()
    opened: Source = settings.OPENER(entered)
    return opened


def _object_of(segment: SegmentView) -> tuple[str, str, datetime]:
    return segment.object_name, segment.recipient, segment.start
