"""Opening a segment's sealed object for playing."""

from dataclasses import dataclass

from rejent.content.opening import OpenObject
from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.mp4.recovery import RecoveredSource, recover
from rejent.formats.source import Source
from rejent.streams.cameras.player.daytime import PlayableSegment


@dataclass(frozen=True, slots=True)
class Opened:
    """A segment that can be read: its content and its index."""

    segment: PlayableSegment
    source: Source
    index: FragmentIndex


def opened(segment: PlayableSegment, open_object: OpenObject) -> Opened:
    """Return a segment's content with its row's index, or one made from its content; ContentError where neither is usable."""
    source = open_object(segment)
    if segment.index:
        return Opened(segment, source, FragmentIndex.decode(segment.index))
    found = recover(source)
    return Opened(segment, RecoveredSource(source, found), found.index)
