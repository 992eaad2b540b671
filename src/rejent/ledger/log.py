"""The ledger's folder: tiles, entry bundles, and the newest checkpoint.

Files are only ever added; a file whose bytes would change is a fork.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from rejent.ledger.durable_files import replace_durably, sync_folders, write_synced
from rejent.ledger.errors import LedgerForkedError, TileMissingError
from rejent.ledger.merkle import HASH_BYTES, NodeSource, RightEdge, edge_at, leaf_hash
from rejent.ledger.tiles import (
    ENTRIES,
    WIDTH,
    pack_bundle,
    tile_levels,
    tile_nodes,
    tile_path,
    tile_root,
    tile_width,
    unpack_bundle,
)

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


class _Extension:
    """One extension of a log: tiles fill from the left and are written when full or at the end."""

    def __init__(self, log: Log, size: int) -> None:
        self._log = log
        self._size = size
        self._edge = log.edge(size)
        self._rows = [
            log.tile(level, *_last_partial(level, size)) if _part(level, size) else b""
            for level in tile_levels(size)
        ]
        self._bundle = list(log.entries(size - size % WIDTH, size)) if size % WIDTH else []
        self._folders: set[Path] = set()
        self._outgrown: list[Path] = []

    def extend(self, entries: Iterable[bytes]) -> RightEdge:
        remaining, begun = iter(entries), self._size
        while batch := list(islice(remaining, WIDTH - len(self._bundle))):
            self._append(batch)
        if self._size > begun:
            self._close()
        return self._edge

    def _append(self, batch: list[bytes]) -> None:
        leaves = [leaf_hash(entry) for entry in batch]
        self._edge = self._edge.appended(leaves)
        self._bundle += batch
        self._size += len(batch)
        if len(self._bundle) == WIDTH:
            self._put(ENTRIES, self._size // WIDTH - 1, WIDTH, pack_bundle(self._bundle))
            self._bundle = []
        self._add(0, b"".join(leaves))

    def _add(self, level: int, hashes: bytes) -> None:
        if level == len(self._rows):
            self._rows.append(b"")
        self._rows[level] += hashes
        if len(self._rows[level]) == WIDTH * HASH_BYTES:
            whole, self._rows[level] = self._rows[level], b""
            self._put(level, (self._size >> 8 * (level + 1)) - 1, WIDTH, whole)
            self._add(level + 1, tile_root(whole))

    def _close(self) -> None:
        """Write the partial tiles and sync every folder; only now is the extension durable."""
        if self._bundle:
            self._put(ENTRIES, self._size // WIDTH, len(self._bundle), pack_bundle(self._bundle))
        for level, row in enumerate(self._rows):
            if row:
                self._put(level, self._size >> 8 * (level + 1), len(row) // HASH_BYTES, row)
        sync_folders(sorted(self._folders, reverse=True))
        for folder in self._outgrown:
            _remove_partials(folder)

    def _put(self, kind: int | str, number: int, width: int, data: bytes) -> None:
        file = self._log.folder / tile_path(kind, number, width)
        with suppress(FileNotFoundError):
            if file.read_bytes() == data:
                return
            raise LedgerForkedError(
                "The ledger's folder holds other entries than the catalogue: {tile}.",
                tile=tile_path(kind, number, width),
                advice="An older database was put back, or the folder belongs to another one; run rejent fsck.",
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        write_synced(file, data)
        above = file.parent
        while above != self._log.folder:
            self._folders.add(above)
            above = above.parent
        self._folders.add(above)
        if width == WIDTH:
            self._outgrown.append(file.with_name(file.name + ".p"))


def _remove_partials(partial: Path) -> None:
    """Remove partial tiles, which may go once the full one stands (tlog-tiles §Partial Tiles)."""
    with suppress(FileNotFoundError):
        for file in partial.iterdir():
            file.unlink()
        partial.rmdir()


def _part(level: int, size: int) -> int:
    return (size >> 8 * level) % WIDTH


def _last_partial(level: int, size: int) -> tuple[int, int]:
    return size >> 8 * (level + 1), _part(level, size)
