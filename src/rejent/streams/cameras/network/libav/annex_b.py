"""NAL units between start codes (H.264 and H.265, annex B), as encoders and transport streams yield them."""

import re

_START_CODE = re.compile(b"\0\0\1")


def annex_b_units(stream: bytes) -> tuple[bytes, ...]:
    """Return the units, without start codes and the zeros around them."""
    starts = list(_START_CODE.finditer(stream))
    ends = [found.start() for found in starts[1:]] + [len(stream)]
    units = (stream[found.end() : end].rstrip(b"\0") for found, end in zip(starts, ends, strict=True))
    return tuple(unit for unit in units if unit)


def length_prefixed(units: tuple[bytes, ...]) -> bytes:
    """Join units in the form of access units: each with a length of 4 bytes, big-endian."""
    return b"".join(part for unit in units for part in (len(unit).to_bytes(4, "big"), unit))
