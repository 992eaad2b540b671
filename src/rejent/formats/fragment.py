"""Fragments of a segment, and their places."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Fragment:
    """Bytes to append to a segment, with what an index needs.

    Attributes:
        parts: the bytes, in order.
        time: media time of its first picture or sample, in ticks since the segment's start.
        duration: ticks it covers.
        units: pictures or samples in it.
        key: playback can start with it.
    """

    parts: tuple[bytes, ...]
    time: int
    duration: int
    units: int
    key: bool


@dataclass(slots=True, frozen=True)
class FragmentPlace:
    """Place of a fragment in the plain content of its segment: `offset` and `length` in bytes, the rest as above."""

    time: int
    duration: int
    units: int
    key: bool
    offset: int
    length: int
