"""Seal the copy of a PBX file, unchanged and durable before it is booked."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from hashlib import sha256
from uuid import UUID

from rejent.catalog.views import FinishedSegment
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.streams.calls.catalog.views import BegunCall
from rejent.streams.calls.receiving.imported.file_sound import FileSound
from rejent.streams.calls.receiving.imported.folder import OpenFile
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import SealWriter
from rejent.vault.errors import ObjectExistsError
from rejent.vault.store.object_store import Leftover, ObjectStore, ObjectWriter

TICK_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class SealedCopy:
    """The object of one call, sealed to a public key."""

    store: ObjectStore
    call: BegunCall
    key: str

    def write(self, content: OpenFile, digest: str, sound: FileSound) -> FinishedSegment:
        """Seal exactly the content with this digest, in pieces.

        FileChangedError: the file was changed, and nothing is kept. StorageError: the store is unavailable.
        """
        call = self.call
        segment_id = UUID(identifier("segment", call.id, self.key))
        begun = f"{call.start.astimezone(UTC):%H%M%S%f}"
        name = f"{call.source_id}/{call.day.isoformat()}/{begun}-{segment_id.hex}.age"
        with self._begun(name) as writer:
            seal = SealWriter(writer.write, [Recipient.parse(self.key)])
            for piece in content.pieces(digest):
                seal.write(piece)
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
