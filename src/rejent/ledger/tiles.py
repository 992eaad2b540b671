"""The layout of a tiled log (C2SP tlog-tiles v1): paths, widths and content of tiles.

A hash tile of level *l* holds up to 256 hashes, each the root of ``256 ** l`` leaves. An entry bundle holds the up to 256
entries under a tile of level 0.
"""

import struct
from collections.abc import Callable, Iterable

from rejent.ledger.errors import TileMissingError
from rejent.ledger.merkle import HASH_BYTES, NodeSource, RightEdge

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = "entries"

TileSource = Callable[[int, int, int], bytes]
"""``(level, number, width)`` → the tile's hashes one after another, ``width`` of them."""


def tile_path(level: int | str, number: int, width: int = WIDTH) -> str:
    """Return a tile's path below the log's folder; ``level`` is a number or `ENTRIES`."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{path}" + ("" if width == WIDTH else f".p/{width}")


def tile_width(level: int, number: int, size: int) -> int:
    """Return the number of hashes of a tile in a tree of ``size`` leaves; 0 where there is no such tile."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - number * WIDTH))


def tile_levels(size: int) -> range:
    """Return the levels at which a tree of ``size`` leaves has tiles."""
    return range(-(-max(0, size.bit_length()) // HEIGHT))


def tile_root(hashes: bytes) -> bytes:
    """Return the root of a whole tile, or of any power of two of hashes."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    return RightEdge().appended(row).root()


def pack_bundle(entries: Iterable[bytes]) -> bytes:
    """Pack entries into a bundle: each after its length in two bytes, big-endian."""
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def unpack_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises `TileMissingError` if the bundle ends within an entry."""
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise TileMissingError("An entry bundle of the ledger is cut short.")
        entries.append(data[at + 2 : end])
        at = end
    return entries


def tile_nodes(size: int, read: TileSource) -> NodeSource:
    """Return a source of subtree hashes in a tree of ``size`` leaves that reads each tile once."""
    held: dict[tuple[int, int], bytes] = {}

    def node(level: int, position: int) -> bytes:
        row, height = divmod(level, HEIGHT)
        first = position << height
        number = first // WIDTH
        if (row, number) not in held:
            held[row, number] = read(row, number, tile_width(row, number, size))
        start = first % WIDTH * HASH_BYTES
        hashes = held[row, number][start : start + (HASH_BYTES << height)]
        if len(hashes) != HASH_BYTES << height:
            raise TileMissingError("A tile of the ledger is too short.")
        return tile_root(hashes)

    return node
