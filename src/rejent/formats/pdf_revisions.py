"""Revisions of a PDF: what is signed is added after the end of what was signed (ISO 32000-2 § 7.5.6)."""

from collections.abc import Iterator
from hashlib import sha256

from rejent.formats.source import Source

_END = b"%%EOF"
_PIECE = 1 << 20
_MOST = 50
"""Ends that are looked at; a file with more was made to cost time."""


def digests_of_revisions(content: Source) -> list[str]:
    """Return the SHA-256 of each beginning of a file that ends like a PDF, with and without the end of that line."""
    found, running, done = list[str](), sha256(), 0
    for end in sorted({*_ends(content), content.size}):
        while done < end:
            piece = content.read(done, min(_PIECE, end - done))
            running.update(piece)
            done += len(piece)
        found.append(running.hexdigest())
    return found


def _ends(content: Source) -> Iterator[int]:
    """Yield where revisions may end: after each mark of an end, and after the line end that follows it."""
    place = count = 0
    while place < content.size and count < _MOST:
        piece = content.read(place, _PIECE + len(_END))
        at = piece.find(_END)
        if at < 0:
            place += _PIECE
            continue
        end = place + at + len(_END)
        after = content.read(end, 2)
        yield end
        yield from (end + length for length in (1, 2) if after[length - 1 : length] in (b"\r", b"\n"))
        place, count = end, count + 1
