"""Whether what an object holds is what an act binds of it (docs/design/0031)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rejent.catalog import queries as catalog
from rejent.catalog.acts import SEGMENT_SEALED
from rejent.catalog.views import SegmentView
from rejent.formats.content_tree import read_tree
from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import FragmentIndex
from rejent.registers.queries import committed_facts, entered_naming
from rejent.retention.acts import SEGMENT_MENDED
from rejent.retention.stream_parts import OBJECTS
from rejent.vault.age import SealedReader

_BINDING = (SEGMENT_SEALED.name, SEGMENT_MENDED.name)
_CLOCK_SLACK = timedelta(days=1)
"""By how much the clock that dated an act may have been behind the recording's."""


def is_as_bound(segment: SegmentView, content: SealedReader) -> bool | None:
    """Return whether an open object holds what the newest act binds of it; None where none binds all.

    Raises PayloadError: it does not open to its end.
    """
    facts = _binding_facts(segment)
    if "content_frame" not in facts:
        return None
    framed = OBJECTS.of(catalog.stream_of(segment.source_id)).framed
    try:
        places = FragmentIndex.decode(segment.index).places
        return read_tree(content.content_secret, content, places, framed).whole().is_stated(facts)
    except ContentError:
        return False


def _binding_facts(segment: SegmentView) -> Mapping[str, Any]:
    """Return the facts of the newest act by which something was sealed under the object's file key."""
    for name in _BINDING:
        if facts := committed_facts(segment.entry, name):
            return facts
    named, since = segment.object_name, segment.start - _CLOCK_SLACK
    acts = [
        act
        for name in _BINDING
        for act in entered_naming(name, named, subject=f"source:{segment.source_id}", since=since)
        if (act.facts or {}).get("object") == named
    ]
    return max(acts, key=lambda act: act.index).facts or {} if acts else {}
