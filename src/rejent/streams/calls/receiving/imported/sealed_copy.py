"""Seal the copy of a PBX file, unchanged and durable before it is booked, and remove the PBX's own once it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, timedelta
from hashlib import sha256
from uuid import UUID

import structlog

from rejent.catalog.views import FinishedSegment
from rejent.formats.content_tree import ContentTree
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.kernel.clock import Clock
from rejent.retention.destruction.proof import digest_of
from rejent.streams.calls.catalog.queries import pbx as pbx_queries
from rejent.streams.calls.catalog.services import pbx as pbx_services
from rejent.streams.calls.catalog.views import BegunCall
from rejent.streams.calls.receiving.imported.file_sound import FileSound
from rejent.streams.calls.receiving.imported.folder import Folder, OpenFile, SeenFile
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import SealWriter
from rejent.vault.errors import ObjectExistsError, ObjectMissingError
from rejent.vault.store.object_store import Leftover, ObjectStore, ObjectWriter

TICK_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """The object of one call, sealed to a public key."""

    store: ObjectStore
    call: BegunCall
    key: str

    def write(self, content: OpenFile, digest: str, sound: FileSound) -> FinishedSegment:
        """Seal exactly the content with this digest; FileChangedError: nothing is kept. StorageError: the store is unavailable."""
        call = self.call
        segment_id = UUID(identifier("segment", call.id, self.key))
        begun = f"{call.start.astimezone(UTC):%H%M%S%f}"
        name = f"{call.source_id}/{call.day.isoformat()}/{begun}-{segment_id.hex}.age"
        with self._begun(name) as writer:
            seal = SealWriter(writer.write, [Recipient.parse(self.key)])
            tree = ContentTree(seal.content_secret)
            seal.write_all(tree.fragment(content.pieces(digest)))
            seal.finish()
            writer.commit()
        ticks = max(sound.length // TICK_NS, 1)
        places = (FragmentPlace(0, ticks, 1, key=True, offset=0, length=content.size),)
        return FinishedSegment(
            id=segment_id,
            source_id=call.source_id,
            day=call.day,
            start=call.start,
            end=call.start + max(length_of(sound), timedelta(milliseconds=1)),
            run=call.id,
            object_name=name,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            head=seal.head_sha256.hex(),
            recipient=self.key,
            units=1,
            index=FragmentIndex(places).encode(),
            content=tree.whole(),
            traits={"codec": sound.codec},
        )

    def _begun(self, name: str) -> ObjectWriter:
        """Begin an object, replacing an earlier attempt that was never booked."""
        try:
            return self.store.create(name)
        except ObjectExistsError:
            self.store.remove([name])
            self.store.discard(name, Leftover.PART)
            return self.store.create(name)


def length_of(sound: FileSound) -> timedelta:
    """Return the duration of a file."""
    return timedelta(microseconds=sound.length // 1000)


def identifier(*parts: str) -> str:
    """Return 32 hexadecimal digits determined by the words."""
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


log = structlog.get_logger(__name__)

REMOVED_AGAIN_S = 600.0


@dataclass(slots=True)
class Removals:
    """Removes the files of one line; ``going`` are the marks of imported files to be removed."""

    source_id: str
    folder: Folder
    store: ObjectStore
    clock: Clock
    going: set[str]
    _again_at: float = 0.0

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
        try:
            with self.store.open(name) as sealed:
                return digest_of(sealed).hex() == sha256
        except ObjectMissingError:
            return False


def _distinct(records: Iterable[int]) -> list[tuple[str, ...]]:
    """Return the possible suffixes of a call's id: none, or one of its records."""
    return [(), *((str(record),) for record in records)]
