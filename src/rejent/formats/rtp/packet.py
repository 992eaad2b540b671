"""The head of an RTP packet (RFC 3550 §5.1), as far as every recorder needs it."""

HEADER = 12
"""Bytes of an RTP header without extras."""


def payload_bounds(view: bytes | memoryview, start: int, stop: int) -> tuple[int, int] | None:
    """Where the payload lies once contributors, extension and padding are taken off; None where they do not fit."""
    if stop - start < HEADER or view[start] >> 6 != 2:
        return None
    flags = view[start]
    begin = start + HEADER + 4 * (flags & 0x0F)
    if flags & 0x10:
        if begin + 4 > stop:
            return None
        begin += 4 + 4 * (view[begin + 2] << 8 | view[begin + 3])
    end = stop
    if flags & 0x20:
        padding = view[stop - 1]
        if not padding:
            return None
        end -= padding
    return (begin, end) if begin <= end else None
