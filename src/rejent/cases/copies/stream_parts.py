"""The part of a kind of stream that copies need: what is in one, and how it is stated on its label."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from rejent.kernel.stream_parts import StreamPart
from rejent.kernel.terms import Length


def no_details(_item: str) -> Mapping[str, str]:
    """Return nothing: label and register state number, time and source alone."""
    return {}


@dataclass(frozen=True, slots=True)
class Heard:
    """What browsers play instead of contents that they cannot.

    Attributes:
        of: the types that they cannot play.
        media_type: of what is made.
        made: returns it, given a content.
    """

    of: Collection[str]
    media_type: str
    made: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class CopyForm:
    """A stream's way with copies.

    Attributes:
        media_type: returns the type of a content, given its first bytes.
        details: returns what label and register state of an item, by the regulation's names of columns.
        heard: what browsers play; nothing where they play all contents as they are.
        ceiling: the statute's longest life of a recording, which a copy outlives only by a finding (R-OPEN-9).
    """

    media_type: Callable[[bytes], str]
    details: Callable[[str], Mapping[str, str]] = no_details
    ceiling: Length | None = None
    heard: Heard | None = None


COPIES: StreamPart[CopyForm] = StreamPart("copies")
