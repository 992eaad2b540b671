"""A small archive: segments really sealed, opened by the reader of the vault."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from uuid import UUID, uuid4

from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.writer import initialisation
from rejent.streams.cameras.player.clip import PlayableSegment
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.recipients import Identity
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import SealedReader
from tests.unit.formats.clips import Clip
from tests.unit.formats.written import content_of, fragments_of


@dataclass(frozen=True)
class Segment:
    """A booked segment as the catalogue would give it."""

    id: UUID
    start: datetime
    end: datetime
    object_name: str
    index: bytes
    recovered: bool = False


@dataclass
class Archive:
    """Sealed objects in memory, and how many bytes of each were read."""

    identity: Identity = field(default_factory=Identity.generate)
    objects: dict[str, bytes] = field(default_factory=dict)
    reads: int = 0

    def book(
        self, made: Clip, start: datetime, first: int = 0, last: int | None = None, *, stretch: float = 1.0
    ) -> Segment:
        """Writes, seals and books the pictures from ``first`` to ``last`` of a clip."""
        units = made.units[first:last]
        following = made.units[last] if last is not None and last < len(made.units) else None
        fragments = fragments_of(made.parameters, units, following=following)
        lengths = [sum(map(len, fragment.parts)) for fragment in fragments]
        offsets = accumulate(lengths, initial=len(initialisation(made.parameters)))
        index = FragmentIndex(
            tuple(
                FragmentPlace(part.time, part.duration, part.units, part.key, offset, length)
                for part, offset, length in zip(fragments, offsets, lengths, strict=False)
            )
        )
        identifier = uuid4()
        name = f"cam/{identifier}.age"
        self.objects[name] = seal(content_of(made.parameters, fragments), [self.identity.recipient])
        end = start + timedelta(seconds=index.end / 90_000 * stretch)
        return Segment(identifier, start, end, name, index.encode(), "")

    def cut_short(self, segment: Segment, share: float) -> Segment:
        """The segment as a crash would have left it: an object without its end, a row without an index."""
        content = self.objects[segment.object_name]
        self.objects[segment.object_name] = content[: int(len(content) * share)]
        return replace(segment, index=b"", recovered=True)

    def open(self, segment: PlayableSegment, _: object = None) -> SealedReader:
        """Opens a sealed object, counting what is read of it."""
        source = _Counted(self.objects[segment.object_name], self)
        return SealedReader(source, [self.identity], truncated=segment.recovered)


class _Counted(MemorySource):
    def __init__(self, content: bytes, archive: Archive) -> None:
        super().__init__(content)
        self._archive = archive

    def read_at(self, offset: int, length: int) -> bytes:
        content = super().read_at(offset, length)
        self._archive.reads += len(content)
        return content
