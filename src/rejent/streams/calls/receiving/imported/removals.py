"""Remove imported files from the PBX's folder, where the office allows it and their sealed copies are kept."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from rejent.kernel.clock import Clock
from rejent.retention.destruction.proof import digest_of
from rejent.streams.calls.catalog.queries import pbx as pbx_queries
from rejent.streams.calls.catalog.services import pbx as pbx_services
from rejent.streams.calls.receiving.imported.folder import Folder, SeenFile
from rejent.streams.calls.receiving.imported.sealed_copy import identifier
from rejent.vault.errors import ObjectMissingError
from rejent.vault.store.object_store import ObjectStore

log = structlog.get_logger(__name__)

REMOVED_AGAIN_S = 600.0
"""Seconds until a failed removal is retried, for example in a read-only folder."""


@dataclass(slots=True)
class Removals:
    """Removes the files of one line; ``going`` are the marks of imported files to be removed."""

    source_id: str
    folder: Folder
    store: ObjectStore
    clock: Clock
    going: set[str]
    _again_at: float = 0.0
    """Earliest retry, by the monotonic clock."""

    def go_on(self) -> None:
        """Remove booked files; each removal is entered before, and retried until it succeeds."""
        if not self.going or self.clock.monotonic() < self._again_at:
            return
        for file in self.folder.all(self.going.__contains__):
            if self._is_kept(file):
                pbx_services.note_file_removed(self.source_id, file.mark, clock=self.clock)
                if not self.folder.remove(file):
                    log.warning("import.not-removed", source=self.source_id, again_s=REMOVED_AGAIN_S)
                    self._again_at = self.clock.monotonic() + REMOVED_AGAIN_S
                    continue
            self.going.discard(file.mark)

    def _is_kept(self, file: SeenFile) -> bool:
        """Return True if exactly this content is sealed: its id, the ledger and the store agree; a database row alone is not enough."""
        copy = pbx_queries.sealed_copy(self.source_id, file.mark)
        digest = self.folder.digest(file) if copy is not None else ""
        if copy is not None and digest:
            names = {identifier("call", self.source_id, digest, *more) for more in _distinct(copy.records)}
            is_ours = digest == copy.digest and copy.call_id in names
            if is_ours and self._is_stored(copy.object_name, copy.sha256):
                return True
        log.error("import.not-kept", source=self.source_id, bytes=file.size)
        return False

    def _is_stored(self, name: str, sha256: str) -> bool:
        """Return True if the stored object is identical to the one booked."""
        try:
            with self.store.open(name) as sealed:
                return digest_of(sealed).hex() == sha256
        except ObjectMissingError:
            return False


def _distinct(records: Iterable[int]) -> list[tuple[str, ...]]:
    """Return the possible suffixes of a call's id: none, or one of its records."""
    return [(), *((str(record),) for record in records)]
