"""The ledger's folder: tiles, entry bundles, and the newest checkpoint.

Files are only ever added; a file whose bytes would change is a fork. The layout is that of C2SP tlog-tiles v1: a hash tile of level
*l* holds up to 256 hashes, each the root of ``256 ** l`` leaves; a bundle holds the up to 256 entries under a tile of level 0.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rejent.kernel.findings import Finding
from rejent.ledger.durable_files import replace_durably, sync_folders, write_synced
from rejent.ledger.errors import LedgerForkedError, TileMissingError
from rejent.ledger.merkle import HASH_BYTES, NodeSource, RightEdge, edge_at, leaf_hash

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


CHECKPOINT = "checkpoint"


class Log:
    """A tiled log in a folder, which is made when first written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def checkpoint(self) -> str | None:
        """Return the newest published checkpoint, unverified."""
        try:
            return (self.folder / CHECKPOINT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def publish(self, checkpoint: str) -> None:
        """Make this the newest checkpoint, durably."""
        self.folder.mkdir(parents=True, exist_ok=True)
        replace_durably(self.folder / CHECKPOINT, checkpoint.encode())

    def extend(self, size: int, entries: Iterable[bytes]) -> RightEdge:
        """Append entries after the first ``size`` ones, sync them, and return the right edge of the new tree.

        Calling it again with the same entries changes nothing. Raises `LedgerForkedError` if other entries stand there
        already; `TileMissingError` if the tiles of the first `size` entries are not whole.
        """
        return _Extension(self, size).extend(entries)

    def nodes(self, size: int) -> NodeSource:
        """Return a source of complete subtrees of the tree of ``size`` leaves; the source raises `TileMissingError`."""
        return tile_nodes(size, self.tile)

    def edge(self, size: int) -> RightEdge:
        """Return the right edge of the tree of ``size`` leaves, read from tiles."""
        return edge_at(size, self.nodes(size))

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Return the first ``width`` hashes of a tile. Raises `TileMissingError`."""
        data = self._stored(level, number, width)
        if len(data) < width * HASH_BYTES or len(data) % HASH_BYTES:
            raise TileMissingError(
                "A tile of the ledger has the wrong length: {tile}.", tile=tile_path(level, number)
            )
        return data[: width * HASH_BYTES]

    def entries(self, begin: int, end: int) -> Iterator[bytes]:
        """Yield the entries ``[begin, end)``. Raises `TileMissingError`: a bundle is not there or not whole."""
        for number in range(begin // WIDTH, -(-end // WIDTH)):
            width = tile_width(0, number, end)
            bundle = unpack_bundle(self._stored(ENTRIES, number, width))
            if len(bundle) < width:
                raise TileMissingError("An entry bundle of the ledger is cut short.")
            yield from bundle[max(0, begin - number * WIDTH) : width]

    def _stored(self, kind: int | str, number: int, width: int) -> bytes:
        for candidate in (width, WIDTH):
            with suppress(FileNotFoundError):
                return (self.folder / tile_path(kind, number, candidate)).read_bytes()
        raise TileMissingError(
            "A tile of the ledger is missing: {tile}.", tile=tile_path(kind, number, width)
        )


_Tile = tuple[int | str, int, int, bytes]
"""Level or `ENTRIES`, number, width and content of a tile or bundle."""


@dataclass(slots=True)
class _Filling:
    """Tiles and bundles as entries fill them from the left."""

    size: int = 0
    rows: list[bytes] = field(default_factory=list)
    bundle: list[bytes] = field(default_factory=list)

    def batches(self, entries: Iterable[bytes], most: int | None = None) -> Iterator[list[bytes]]:
        """Yield entries, each time at most as many as the bundle and a size of ``most`` have room for."""
        remaining = iter(entries)
        while batch := list(
            islice(remaining, min(WIDTH - len(self.bundle), WIDTH if most is None else most - self.size))
        ):
            yield batch

    def add(self, batch: list[bytes], leaves: list[bytes]) -> Iterator[_Tile]:
        """Take a batch with its leaf hashes; yield what it completes."""
        self.bundle += batch
        self.size += len(batch)
        if len(self.bundle) == WIDTH:
            yield ENTRIES, self.size // WIDTH - 1, WIDTH, pack_bundle(self.bundle)
            self.bundle = []
        yield from self._raised(0, b"".join(leaves))

    def partial(self) -> Iterator[_Tile]:
        """Yield what is not full yet."""
        if self.bundle:
            yield ENTRIES, self.size // WIDTH, len(self.bundle), pack_bundle(self.bundle)
        for level, row in enumerate(self.rows):
            if row:
                yield level, self.size >> HEIGHT * (level + 1), len(row) // HASH_BYTES, row

    def _raised(self, level: int, hashes: bytes) -> Iterator[_Tile]:
        if level == len(self.rows):
            self.rows.append(b"")
        self.rows[level] += hashes
        if len(self.rows[level]) == WIDTH * HASH_BYTES:
            whole, self.rows[level] = self.rows[level], b""
            yield level, (self.size >> HEIGHT * (level + 1)) - 1, WIDTH, whole
            yield from self._raised(level + 1, tile_root(whole))


class _Extension:
    def __init__(self, log: Log, size: int) -> None:
        self._folder = log.folder
        self._edge = log.edge(size)
        rows = [
            log.tile(level, size >> HEIGHT * (level + 1), part) if (part := _part(level, size)) else b""
            for level in tile_levels(size)
        ]
        bundle = list(log.entries(size - size % WIDTH, size)) if size % WIDTH else []
        self._filling = _Filling(size, rows, bundle)
        self._folders: set[Path] = set()
        self._outgrown: list[Path] = []

    def extend(self, entries: Iterable[bytes]) -> RightEdge:
        begun = self._filling.size
        for batch in self._filling.batches(entries):
            leaves = [leaf_hash(entry) for entry in batch]
            self._edge = self._edge.appended(leaves)
            self._put(self._filling.add(batch, leaves))
        if self._filling.size > begun:
            self._close()
        return self._edge

    def _close(self) -> None:
        """Write the partial tiles and sync every folder; only now is the extension durable."""
        self._put(self._filling.partial())
        sync_folders(sorted(self._folders, reverse=True))
        for folder in self._outgrown:
            _remove_partials(folder)

    def _put(self, tiles: Iterable[_Tile]) -> None:
        for kind, number, width, data in tiles:
            path = tile_path(kind, number, width)
            file = self._folder / path
            with suppress(FileNotFoundError):
                if file.read_bytes() == data:
                    continue
                raise LedgerForkedError(
                    "The ledger's folder holds other entries than the catalogue: {tile}.",
                    tile=path,
                    advice="An older database was put back, or the folder belongs to another one; run rejent fsck.",
                )
            file.parent.mkdir(parents=True, exist_ok=True)
            write_synced(file, data)
            self._folders |= {above for above in file.parents if above.is_relative_to(self._folder)}
            if width == WIDTH:
                self._outgrown.append(file.with_name(file.name + ".p"))


class TileAudit:
    """Comparison of a log's tiles with entries given in order, up to the ``size`` that its newest checkpoint covers."""

    def __init__(self, log: Log, size: int) -> None:
        self._log = log
        self._size = size
        self._filling = _Filling()

    def check(self, entries: Iterable[bytes]) -> Iterator[Finding]:
        """Take the next entries and yield what differs."""
        for batch in self._filling.batches(entries, self._size) if self._size else ():
            yield from self._compared(self._filling.add(batch, [leaf_hash(entry) for entry in batch]))
            if self._filling.size == self._size:
                yield from self._compared(self._filling.partial())

    def _compared(self, tiles: Iterable[_Tile]) -> Iterator[Finding]:
        for kind, number, width, data in tiles:
            if not self._holds(kind, number, width, data):
                yield Finding(
                    "ledger",
                    "ledger.tile",
                    "A tile of the ledger is missing or holds other entries: {tile}.",
                    {"tile": tile_path(kind, number)},
                )

    def _holds(self, kind: int | str, number: int, width: int, data: bytes) -> bool:
        try:
            if isinstance(kind, int):
                return self._log.tile(kind, number, width) == data
            first = number * WIDTH
            return list(self._log.entries(first, first + width)) == unpack_bundle(data)
        except TileMissingError:
            return False


def _remove_partials(partial: Path) -> None:
    with suppress(FileNotFoundError):
        for file in partial.iterdir():
            file.unlink()
        partial.rmdir()


def _part(level: int, size: int) -> int:
    return (size >> HEIGHT * level) % WIDTH
