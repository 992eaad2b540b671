"""Opening a segment's sealed object for playing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from rejent.capture.video.mp4.index import FragmentIndex
from rejent.capture.video.mp4.reader import Source
from rejent.capture.video.mp4.recovery import RecoveredSource, recover
from rejent.playback.daytime import PlayableSegment

OpenObject = Callable[[PlayableSegment], AbstractContextManager[Source]]
"""Opens the sealed object of a segment for as long as it is read: a `SealedReader` over the store, made by whoever may hold
the keys. An object that was cut short is opened up to where it was cut."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A segment that can be read: its content and its index."""

    segment: PlayableSegment
    source: Source
    index: FragmentIndex


@contextmanager
def opened(segment: PlayableSegment, open_object: OpenObject) -> Iterator[Opened]:
    """A segment's content, with the index of its row or, where it has none, with one made from what is there.

    Raises:
        MovieError: neither its index nor its content is one of ours.
    """
    with open_object(segment) as source:
        if segment.index:
            yield Opened(segment, source, FragmentIndex.decode(segment.index))
        else:
            found = recover(source)
            yield Opened(segment, RecoveredSource(source, found), found.index)
