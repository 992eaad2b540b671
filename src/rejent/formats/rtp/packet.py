"""RTP headers (RFC 3550 §5.1)."""

HEADER = 12
"""Bytes of a header without CSRCs and extension."""


def payload_bounds(view: bytes | memoryview, start: int, stop: int) -> tuple[int, int] | None:
    """Return begin and end of the payload without CSRCs, extension and padding; None where malformed."""
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
