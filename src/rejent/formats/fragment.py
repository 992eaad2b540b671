"""Fragments of a segment, and their places."""

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class Fragment:
    """Bytes to append to a segment, in order, with what an index needs.

    ``time`` and ``duration`` are ticks from the segment's start, ``units`` pictures or samples; playback can start at a ``key``.
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
