"""Recomputation of a log's folder from its entries: every tile, every bundle, hash by hash."""

from collections.abc import Iterable, Iterator

from rejent.kernel.findings import Finding
from rejent.ledger.errors import TileMissingError
from rejent.ledger.log import Log
from rejent.ledger.merkle import HASH_BYTES, leaf_hash
from rejent.ledger.tiles import HEIGHT, WIDTH, tile_path, tile_root

SUBJECT = "ledger"


class TileAudit:
    """Comparison of a log's tiles with entries given in order, up to the ``size`` that its newest checkpoint covers."""

    def __init__(self, log: Log, size: int) -> None:
        self._log = log
        self._size = size
        self._seen = 0
        self._bundle: list[bytes] = []
        self._rows: list[bytes] = [b""]

    def check(self, entries: Iterable[bytes]) -> Iterator[Finding]:
        """Take the next entries and yield what differs."""
        for entry in entries:
            if self._seen >= self._size:
                return
            self._seen += 1
            self._bundle.append(entry)
            if len(self._bundle) == WIDTH or self._seen == self._size:
                yield from self._compared()

    def _compared(self) -> Iterator[Finding]:
        number = (self._seen - 1) // WIDTH
        yield from self._entries(number)
        yield from self._added(0, b"".join(map(leaf_hash, self._bundle)))
        self._bundle = []
        if self._seen == self._size:
            for level, row in enumerate(self._rows):
                if row:
                    yield from self._tile(level, self._size >> HEIGHT * (level + 1), row)

    def _added(self, level: int, hashes: bytes) -> Iterator[Finding]:
        if level == len(self._rows):
            self._rows.append(b"")
        self._rows[level] += hashes
        if len(self._rows[level]) == WIDTH * HASH_BYTES:
            whole, self._rows[level] = self._rows[level], b""
            yield from self._tile(level, (self._seen >> HEIGHT * (level + 1)) - 1, whole)
            yield from self._added(level + 1, tile_root(whole))

    def _tile(self, level: int, number: int, expected: bytes) -> Iterator[Finding]:
        try:
            same = self._log.tile(level, number, len(expected) // HASH_BYTES) == expected
        except TileMissingError:
            same = False
        if not same:
            yield _wrong(tile_path(level, number))

    def _entries(self, number: int) -> Iterator[Finding]:
        begin = number * WIDTH
        try:
            same = list(self._log.entries(begin, begin + len(self._bundle))) == self._bundle
        except TileMissingError:
            same = False
        if not same:
            yield _wrong(tile_path("entries", number))


def _wrong(tile: str) -> Finding:
    return Finding(
        SUBJECT,
        "ledger.tile",
        "A tile of the ledger is missing or holds other entries: {tile}.",
        {"tile": tile},
    )
