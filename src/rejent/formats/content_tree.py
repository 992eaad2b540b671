"""Tree over the fragments of a recording, by which the act of its sealing binds the plain content (docs/design/0031).

Leaf *i* is SHA-256 of a zero byte, saltᵢ and the content of fragment *i*; saltᵢ is HMAC-SHA-256 of *i* (eight bytes, big-endian) under a secret of the
recording. Nodes are those of RFC 6962. All other bytes, those that a cut writes anew, go in order into one salted digest besides, the frame.
"""

import hmac
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from rejent.formats.errors import ContentError
from rejent.formats.fragment_index import FragmentPlace
from rejent.formats.source import Source
from rejent.ledger.merkle import HASH_BYTES, RightEdge, node_hash

_LEAF = b"\x00"
_FRAME = b"frame"
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class ContentRoot:
    """What binds the plain content of a recording: the number of its fragments, the root over them, and the frame; both are SHA-256.

    Without ``frame`` only the fragments are bound: those that a recorder which broke off had taken.
    """

    fragments: int
    root: bytes
    frame: bytes = b""

    def facts(self) -> dict[str, object]:
        """Return it as an act states it."""
        stated: dict[str, object] = {"fragments": self.fragments, "content_root": self.root.hex()}
        return stated | {"content_frame": self.frame.hex()} if self.frame else stated

    def is_stated(self, facts: Mapping[str, Any]) -> bool:
        """Return whether the facts of an act state exactly this."""
        return self.facts().items() <= facts.items()


def salt_of(secret: bytes, index: int) -> bytes:
    """Return the salt of a fragment, 32 bytes, which shows nothing of the secret or of another's salt."""
    return hmac.digest(secret, index.to_bytes(8, "big"), "sha256")


def leaf_of(salt: bytes, content: bytes) -> bytes:
    """Return the leaf of a fragment's content."""
    return sha256(_LEAF + salt + content).digest()


class ContentTree:
    """Tree that grows while a recording is sealed; what is sealed passes through it in order."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._frame = sha256(_LEAF + hmac.digest(secret, _FRAME, "sha256"))
        self.leaves: list[bytes] = []

    def frame(self, content: bytes) -> bytes:
        """Take, and return, bytes of no fragment."""
        self._frame.update(content)
        return content

    def fragment(self, parts: Iterable[bytes], framed: int = 0) -> Iterator[bytes]:
        """Take a fragment, whose first ``framed`` bytes are frame, and yield its parts; its leaf is known once all are."""
        leaf = sha256(_LEAF + salt_of(self._secret, len(self.leaves)))
        for part in parts:
            if framed:
                self._frame.update(part[:framed])
                leaf.update(part[framed:])
                framed -= min(framed, len(part))
            else:
                leaf.update(part)
            yield part
        self.leaves.append(leaf.digest())

    def whole(self) -> ContentRoot:
        """Return what binds all that was taken."""
        return ContentRoot(len(self.leaves), root_of(self.leaves), self._frame.digest())

    def begun(self, fragments: int) -> ContentRoot | None:
        """Return what binds the first fragments alone; nothing where there are none."""
        return bound_by(self.leaves[:fragments])


def bound_by(leaves: Sequence[bytes]) -> ContentRoot | None:
    """Return what binds fragments of which no more than the leaves are known; nothing where there are none."""
    return ContentRoot(len(leaves), root_of(leaves)) if leaves else None


def read_leaves(written: bytes) -> list[bytes]:
    """Return the whole leaves of those that stand one behind another; the last may have been cut short."""
    return [written[at : at + HASH_BYTES] for at in range(0, len(written) - HASH_BYTES + 1, HASH_BYTES)]


Framed = Callable[[Source, FragmentPlace], int]
"""Returns how many bytes of a fragment are frame. Raises ContentError: there is no fragment of the format."""


def unframed(_content: Source, _place: FragmentPlace) -> int:
    """Return 0: a cut leaves fragments of the format as they are."""
    return 0


def read_tree(secret: bytes, content: Source, places: Sequence[FragmentPlace], framed: Framed) -> ContentTree:
    """Return the tree of a recording that is there, whose fragments lie at ``places``. Raises ContentError."""
    tree, at = ContentTree(secret), 0
    for place in places:
        if place.offset != at:
            for start in range(at, place.offset, _PIECE):
                tree.frame(content.read(start, min(_PIECE, place.offset - start)))
        body = content.read(place.offset, place.length)
        if len(body) != place.length:
            raise ContentError("The recording is shorter than its index says.")
        for _ in tree.fragment((body,), framed(content, place)):
            at = place.offset + place.length
    if content.size > at:
        tree.frame(content.read(at))
    return tree


def unchanged(
    facts: Mapping[str, Any], secret: bytes, content: Source, places: Sequence[FragmentPlace], framed: Framed
) -> int:
    """Return how many fragments, from the first, are those that an act of these facts bound: all that it bound, or none.

    Raises ContentError: the content is not what its index says.
    """
    count: int = facts.get("fragments", 0)
    if not 0 < count <= len(places):
        return 0
    begun = read_tree(secret, content, places[:count], framed).begun(count)
    return count if begun is not None and begun.is_stated(facts) else 0


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaves (RFC 6962 §2.1)."""
    return RightEdge().appended(leaves).root()


def others_of(leaves: Sequence[bytes], known: Sequence[int]) -> list[bytes]:
    """Return the roots of the subtrees without a known leaf, from left to right: what leads from the ``known``, in order, to the root."""
    return [root_of(leaves[start:end]) for start, end in _unknown(0, len(leaves), known)]


def root_from(size: int, known: Mapping[int, bytes], others: Sequence[bytes]) -> bytes | None:
    """Return the root that known leaves of a tree of ``size`` lead to, with what `others_of` returned; None where that does not fit."""
    places = sorted(known)
    if (
        not places
        or not 0 <= places[0] <= places[-1] < size
        or any(len(each) != HASH_BYTES for each in others)
    ):
        return None
    waiting = iter(others)
    try:
        root = _climbed(0, size, places, known, waiting)
    except StopIteration:
        return None
    return None if next(waiting, None) is not None else root


def _unknown(start: int, end: int, known: Sequence[int]) -> Iterator[tuple[int, int]]:
    if bisect_left(known, start) == bisect_left(known, end):
        yield start, end
    elif end - start > 1:
        middle = start + _split(end - start)
        yield from _unknown(start, middle, known)
        yield from _unknown(middle, end, known)


def _climbed(
    start: int, end: int, places: Sequence[int], known: Mapping[int, bytes], others: Iterator[bytes]
) -> bytes:
    if bisect_left(places, start) == bisect_left(places, end):
        return next(others)
    if end - start == 1:
        return known[start]
    middle = start + _split(end - start)
    left = _climbed(start, middle, places, known, others)
    return node_hash(left, _climbed(middle, end, places, known, others))


def _split(width: int) -> int:
    return 1 << (width - 1).bit_length() - 1
