"""The opener of sealed objects, which the settings hand to the door of content alone."""

from django.conf import settings

from rejent.catalog.views import SegmentView
from rejent.vault.age.sealed_reader import SealedReader


def open_segment(segment: SegmentView) -> SealedReader:
    """Return a segment's sealed object, open for reading."""
    return settings.VAULT.reader(segment.object_name, segment.recipient, truncated=segment.recovered)
