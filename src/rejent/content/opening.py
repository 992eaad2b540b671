"""The only door from a viewing to the plain bytes of a recording."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings

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
    an object whose head is not the entered one.
    """
    return partial(_opened, viewing)


def open_for_keeper() -> OpenObject:
    """Return what opens objects for the keeper's own search; nobody sees what is in them."""
    opener: OpenObject = settings.OPENER
    return opener


def _opened(viewing: ViewingView, segment: SegmentView) -> Source:
    entered = catalog.verified_segment(segment.id)
    if (
        entered is None
        or _object_of(entered) != _object_of(segment)
        or entered.source_id != viewing.source_id
        or viewing.item not in ("", entered.run)
    ):
        raise not_as_entered()
    opened: Source = settings.OPENER(entered)
    return opened


def _object_of(segment: SegmentView) -> tuple[str, str, datetime]:
    return segment.object_name, segment.recipient, segment.start
