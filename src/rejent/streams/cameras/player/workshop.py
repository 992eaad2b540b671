"""Stills and conversions of cameras' recordings, made in child processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings

from rejent.content.workshop import Course, Refusals, Workshop
from rejent.formats.mp4.picture import Codec
from rejent.streams.cameras.player.errors import PictureError, UndecodableStillError

_STILL = "rejent.streams.cameras.player.converter:jpeg"
_REDACT = "rejent.streams.cameras.player.redacting:Redactor"
_CONVERT = "rejent.streams.cameras.player.converter:Converter"


class PictureWorkshop(Workshop):
    """Child processes that decode and encode pictures; its errors are `PictureError`."""

    refusals = Refusals(
        busy=lambda: PictureError(
            "No pictures can be made now, because too many are being made.", advice="Try again in a moment."
        ),
        late=lambda: PictureError(
            "The picture was not made in time.", advice="Try again; if it happens always, report it."
        ),
        undecodable=lambda: UndecodableStillError(
            "The recorded picture cannot be decoded.",
            advice="The recording itself is untouched; try another moment.",
        ),
    )

    def still(self, codec: Codec, record: bytes, sample: bytes, width: int, height: int) -> bytes:
        """Return a key picture as JPEG; PictureError where it cannot be decoded, not in time, or all children are busy."""
        return self.run(_STILL, [record, sample], codec=codec, width=width, height=height)

    @contextmanager
    def conversion(self, initialisation: bytes, most_height: int = 1080) -> Iterator[Course]:
        """Return a child that converts one stream of fragments to H.264, until the block ends; it gives an initialisation first.

        PictureError: it cannot be converted, or all children are busy.
        """
        with self.course(_CONVERT, initialisation, most_height=most_height) as conversion:
            yield conversion

    @contextmanager
    def redaction(self, initialisation: bytes, **options: Any) -> Iterator[Course]:
        """Return a child that hides parts of one stream of fragments; errors as `conversion`.

        It does so as `rejent.streams.cameras.player.redacting.Redactor`.
        """
        with self.course(_REDACT, initialisation, **options) as redaction:
            yield redaction

    def converted(self, initialisation: bytes, fragments: bytes, most_height: int = 1080) -> bytes:
        """Return a whole clip at once: initialisation and fragments in H.264; errors as `conversion`."""
        with self.conversion(initialisation, most_height) as conversion:
            return conversion.feed(fragments) + conversion.finish()


@cache
def workshop() -> PictureWorkshop:
    """Return the child processes of this web process, made when first needed."""
    return PictureWorkshop(settings.CLOCK)


@cache
def live_workshop() -> PictureWorkshop:
    """Further child processes, for live pictures, so that those never keep a clip or a still waiting."""
    return PictureWorkshop(settings.CLOCK, children=4, seconds=5.0)


@cache
def derived_workshop() -> PictureWorkshop:
    """Return a further child process, for whole recordings of copies: it is at work for minutes, in which nobody's clip waits."""
    return PictureWorkshop(settings.CLOCK, children=1, seconds=60.0)
