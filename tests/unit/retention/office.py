"""A small office whose cameras have recorded: real sealed objects, real keys, a clock that moves when told to."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services
from rejent.catalog.views import SegmentView
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.picture import AccessUnit, Codec, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter
from rejent.retention.acts import DESTRUCTION_DECIDED
from rejent.retention.models import Destruction
from rejent.retention.rounds.round import Keeping
from rejent.vault.age import Recipient, SealedReader, SealWriter, seal
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import ObjectStore
from rejent.vault.store.volume_identity import adopt
from tests.named import allowed_name
from tests.prepared import prepared

MINUTE = timedelta(minutes=1)
PARAMETERS = ParameterSets(
    Codec.H264,
    (
        bytes.fromhex("6764000cacd941419f9f011000000300100000030320f1429960"),
        bytes.fromhex("68ebe3cb22c0"),
    ),
)


class NoBox:
    """For cameras without a password."""

    def seal(self, source_id: str, user: str, password: str) -> bytes:
        """Nothing."""
        return (source_id + user + password).encode()[:0]


def movie(seconds: int, marker: bytes, key_every: int = 5) -> tuple[bytes, FragmentIndex]:
    """A file of one picture a second, each of which says the marker and its second."""
    writer = FragmentWriter(PARAMETERS, target=1.0)
    units = [
        AccessUnit(
            (body := marker + b"@%02d" % second + b"\x80" * 8) and len(body).to_bytes(4, "big") + body,
            second * 90_000,
            second % key_every == 0,
            0.0,
            damaged=False,
        )
        for second in range(seconds)
    ]
    made = [writer.add(unit) for unit in units]
    made.append(writer.finish(AccessUnit(b"", seconds * 90_000, key=True, arrival=0.0, damaged=False)))
    fragments = [part for part in made if part is not None]
    head = initialisation(PARAMETERS)
    lengths = [sum(map(len, part.parts)) for part in fragments]
    places = tuple(
        FragmentPlace(part.time, part.duration, part.units, part.key, offset, length)
        for part, offset, length in zip(
            fragments, accumulate(lengths, initial=len(head)), lengths, strict=False
        )
    )
    return head + b"".join(b"".join(part.parts) for part in fragments), FragmentIndex(places)


def restated(destruction: Destruction, **columns: object) -> None:
    """Give a destruction other columns and enter it so, as if it had come about that way."""
    with transaction.atomic():
        row = verified(destruction)
        for name, value in columns.items():
            setattr(row, name, value)
        record = {"number": row.number}
        enter(DESTRUCTION_DECIDED, actor="", subject="", record=record, at=row.decided_at, row=row)
        row.save()


@dataclass
class RecordingOffice:
    """An office in a folder, with its keepers' tools."""

    folder: Path
    clock: ManualClock
    store: ObjectStore
    keys: KeyStore
    boot: str = "one"
    sources: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, folder: Path, start: datetime, regulation: str) -> "RecordingOffice":
        """Found an office with an example's regulation, in force since the year before."""
        clock = ManualClock(start)
        (folder / "vault").mkdir()
        keys = KeyStore.create(folder / "keys", FileRoot(), clock)
        prepared(
            ("recording office", start, regulation),
            lambda: office.activate_regulation(
                example(regulation), in_force_from=date(start.year - 1, 1, 1), clock=clock, actor=""
            ),
        )
        store = DiskStore(folder / "vault")
        services.adopt_volume(adopt(store, "0" * 32))
        return cls(folder, clock, store, keys)

    @classmethod
    def reopen(cls, folder: Path, at: datetime) -> "RecordingOffice":
        """The office in a folder, whose database is at hand, at an instant."""
        clock = ManualClock(at)
        keys = KeyStore.open(folder / "keys", FileRoot(), clock)
        return cls(folder, clock, DiskStore(folder / "vault"), keys)

    def copied(self, folder: Path) -> "RecordingOffice":
        """The same office on a copy of its folder, at the same instant; the database is not copied."""
        shutil.copytree(self.folder, folder)
        return RecordingOffice.reopen(folder, self.clock.now())

    @property
    def keeping(self) -> Keeping:
        """What the keepers work with."""
        return Keeping(clock=self.clock, store=self.store, keys=self.keys, boot=self.boot)

    def add_camera(self, name: str) -> str:
        """A camera; its identifier."""
        self.sources[name] = services.add_source(
            stream="video",
            name=allowed_name(name),
            address="rtsp://192.0.2.7/",
            building="Town hall",
            place=name,
            kind="entrance",
            clock=self.clock,
            actor="",
            credentials_box=NoBox(),
        )
        return self.sources[name]

    def record(
        self,
        source: str,
        start: datetime,
        marker: bytes,
        *,
        seconds: int = 60,
        book: bool = True,
        run: str = "run-1",
        pictures: tuple[bytes, FragmentIndex] | None = None,
        traits: dict[str, float] | None = None,
    ) -> services.FinishedSegment:
        """Record a segment as a recorder would, of pictures that say the marker or of given ones: seal with the public half alone, make durable, book."""
        day = civil_date(start)
        recipient = catalog.recipient(source, day)
        if recipient is None:
            recipient = self.keys.make_keys(source, [day])[day].text
            services.store_day_keys(source, {day: recipient}, clock=self.clock)
        content, index = pictures or movie(seconds, marker)
        made = uuid4()
        name = f"{source}/{day.isoformat()}/{start.astimezone(UTC):%H%M%S%f}-{made.hex}.age"
        with self.store.create(name) as writer:
            seal = SealWriter(writer.write, [Recipient.parse(recipient)])
            seal.write(content)
            seal.finish()
            writer.commit()
        finished = services.FinishedSegment(
            id=made,
            source_id=source,
            day=day,
            start=start,
            end=start + timedelta(seconds=seconds),
            run=run,
            object_name=name,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            head=seal.head_sha256.hex(),
            recipient=recipient,
            units=index.units,
            index=index.encode(),
            traits={"codec": "avc1.42c00d", "width": 320, "height": 180, **(traits or {})},
        )
        if book:
            services.book_segments([finished], self.clock)
        return finished

    def sealed(self, content: bytes, recipient: str) -> bytes:
        """Content as it lies in the store."""
        return seal(content, [Recipient.parse(recipient)])

    def living(self, source: str, start: datetime, end: datetime) -> list[SegmentView]:
        """The segments that are not destroyed."""
        return catalog.segments(source, start, end)

    def content(self, segment: SegmentView | services.FinishedSegment) -> bytes:
        """What a segment's object holds, opened with the key store."""
        with self.store.open(segment.object_name) as sealed:
            return SealedReader(sealed, [self.keys.identity_by_recipient(segment.recipient)]).read()

    def all_bytes(self) -> Iterator[tuple[Path, bytes]]:
        """Every file of the office's folder."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                yield path, path.read_bytes()

    def go_to(self, instant: datetime) -> None:
        """Let time pass up to an instant."""
        self.clock.advance(instant - self.clock.now())
