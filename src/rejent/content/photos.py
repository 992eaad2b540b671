"""Photos that people took: decoded in child processes, and made anew small and upright, with nothing but the picture."""

from functools import cache

from django.conf import settings

from rejent.content.workshop import Refusals, Workshop
from rejent.kernel.errors import ConflictError, InputRefusedError, RejentError

_PHOTO = "rejent.content.pictures:photo"
LONGEST = 1200
"""Pixels of the longer side: sharp across a page of paper."""


def _busy() -> RejentError:
    return ConflictError(
        "No pictures can be made now, because too many are being made.", advice="Try again in a moment."
    )


class PhotoWorkshop(Workshop):
    """Child processes that decode photos."""

    refusals = Refusals(
        busy=_busy,
        late=lambda: InputRefusedError("The photo cannot be decoded.", advice="Take it anew, smaller."),
        undecodable=lambda: InputRefusedError(
            "The photo cannot be decoded.", advice="Take it anew, or save it as JPEG."
        ),
    )


@cache
def workshop() -> PhotoWorkshop:
    """Return the child process of this web process, made when first needed."""
    return PhotoWorkshop(settings.CLOCK, children=1)


def small_photo(content: bytes, media_type: str) -> bytes:
    """Return a photo as a JPEG for a page of paper; the same content gives the same bytes.

    Raises InputRefusedError: it cannot be decoded, or not in time; ConflictError: too many photos are being made.
    """
    return workshop().run(_PHOTO, content, media_type=media_type, longest=LONGEST)
