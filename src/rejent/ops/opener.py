"""The opener of sealed objects, which the settings hand to the door of content alone."""

from hashlib import sha256

from django.conf import settings

from rejent.catalog.views import SegmentView
from rejent.content.errors import not_as_entered
from rejent.vault.age.sealed_reader import SealedReader


def open_segment(segment: SegmentView) -> SealedReader:
    """Return a segment's sealed object, open for reading.

    Raises NotAsEnteredError: another object lies there. Whoever knows a public half can seal one, but none with the same head.
    """
    opened: SealedReader = settings.VAULT.reader(
        segment.object_name, segment.recipient, truncated=segment.recovered
    )
    if sha256(opened.header_bytes).hexdigest() != segment.head:
        raise not_as_entered()
    return opened
