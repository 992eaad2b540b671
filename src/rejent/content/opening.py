"""The only way from a viewing to the plain bytes of a recording."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from rejent.access.views import ViewingView
from rejent.content.sworn import sworn_opener
from rejent.formats.source import Source

OpenObject = Callable[[Any], Source]
"""Opens the sealed object of a segment; one that was cut short is opened up to where it was cut."""


def open_for(viewing: ViewingView) -> OpenObject:
    """Return what opens the objects of a viewing's recording, and no other; errors as `sworn_opener`."""
    return sworn_opener(settings.OPENER, viewing)


def open_for_keeper() -> OpenObject:
    """Return what opens objects for the keeper's own search; nobody sees what is in them."""
    opener: OpenObject = settings.OPENER
    return opener
