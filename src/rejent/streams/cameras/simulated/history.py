"""The demo's past: whole days of simulated recordings, sealed, booked, kept and destroyed as real ones are.

Minutes that look alike are encoded once a camera and sealed once a day: their objects are hard links to the same bytes. What is
written on the pictures is the camera and the second of the minute, which is true of each of them.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from django.conf import settings

from rejent.catalog import queries, services
from rejent.catalog.views import FinishedSegment
from rejent.formats.content_tree import ContentTree
from rejent.formats.fragment_index import Fragment, FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import initialisation
from rejent.formats.mp4.parameters import describe, length_prefixed, set_kind
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, Codec, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter
from rejent.kernel.clock import OFFICE_ZONE, ManualClock, civil_date, local_midnight
from rejent.recording.contract import GeneralCause
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.simulated.clip import Coding, LiveScene
from rejent.streams.cameras.simulated.scene import HALL, TIME, Moment, View, moment
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import SealWriter

MINUTE = timedelta(minutes=1)
CODING = Coding(width=640, height=360, rate=1, group=10)
"""One picture a second, to save disk space."""


@dataclass(frozen=True, slots=True)
class RecordedMinute:
    """A minute's initialisation, fragments and facts for the catalogue."""

    init: bytes
    fragments: tuple[Fragment, ...]
    codec: str
    width: int
    height: int
    pictures: int


def recorded_minute(
    start: datetime, view: View = HALL, caption: str = TIME, coding: Coding = CODING
) -> RecordedMinute:
    """Encode the minute from ``start`` of a simulated camera with this view, in H.264."""
    scene, units = LiveScene(coding, view, caption), []
    for number in range(60 * coding.rate):
        coded = scene.picture(start + timedelta(seconds=number / coding.rate))
        time = number * TICKS_PER_SECOND // coding.rate
        units.append(AccessUnit(length_prefixed(coded.units), time, coded.key, 0.0, damaged=False))
        if not number:
            sets = tuple(unit for unit in coded.units if set_kind(Codec.H264, unit) is not None)
    parameters = ParameterSets(Codec.H264, sets)
    writer = FragmentWriter(parameters)
    made = [writer.add(unit) for unit in units]
    following = AccessUnit(b"", 60 * TICKS_PER_SECOND, key=True, arrival=0.0, damaged=False)
    made.append(writer.finish(following))
    form = describe(parameters)
    return RecordedMinute(
        init=initialisation(parameters),
        fragments=tuple(fragment for fragment in made if fragment is not None),
        codec=form.codec_string,
        width=form.width,
        height=form.height,
        pictures=len(units),
    )


WHOLE_DAYS = range(7, -1, -1)
"""Days before today that are recorded from midnight to midnight, and today."""
AROUND_THE_TERM = (32, 31, 30, 29)
"""Days before today of which a little was recorded: what is gone by now, what a hold kept, and what goes next."""
_A_LITTLE = 4
_NOT_RUNNING = GeneralCause.RECORDER_STOPPED.value
_AT_ONCE = 60


@dataclass(slots=True)
class PastCamera:
    """A source of the demo, its view, and the minutes of it that were encoded so far."""

    source_id: str
    number: int
    view: View
    _minutes: dict[Moment, RecordedMinute] = field(default_factory=dict)

    def minutes(self, start: datetime, end: datetime) -> Iterator[RecordedMinute]:
        """Yield the minutes of an interval, each encoded once for all that look like it."""
        while start < end:
            local = start.astimezone(OFFICE_ZONE)
            if (look := moment(local)) not in self._minutes:
                self._minutes[look] = recorded_minute(start, self.view, f"KAMERA {self.number}   %S s")
            yield self._minutes[look]
            start += MINUTE


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when a source recorded, and the cause of the gap that follows, if any."""

    start: datetime
    end: datetime
    then: str


def spans(number: int, day: date, until: datetime, minutes: int | None) -> list[Span]:
    """Return what the demo's camera of this number recorded of a civil date.

    Whole days have one gap of six minutes, each day of another camera. ``minutes``, if given, are recorded from 8 instead.
    """
    midnight, back = local_midnight(day), (civil_date(until) - day).days
    eight, end = midnight + timedelta(hours=8), min(local_midnight(day + timedelta(days=1)), until)
    if minutes is not None or back in AROUND_THE_TERM:
        end = min(eight + (minutes or _A_LITTLE) * MINUTE, end)
        return [Span(eight, end, _NOT_RUNNING)] if eight < end else []
    last = _NOT_RUNNING if end == until else ""
    broken = midnight + timedelta(hours=11, minutes=20 + 31 * number)
    if day.toordinal() % 4 != number % 4 or broken + 6 * MINUTE >= end:
        return [Span(midnight, end, last)] if midnight < end else []
    return [
        Span(midnight, broken, CameraCause.UNREACHABLE.value),
        Span(broken + 6 * MINUTE, end, last),
    ]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes of one source that were recorded in one go, from ``start``."""

    source_id: str
    start: datetime
    minutes: Sequence[RecordedMinute]


def book_stretch(stretch: Stretch, clock: ManualClock, then: str = "switched-off") -> None:
    """Seal and book a stretch; the clock stands at its end, from where on there is a gap of this cause, if any."""
    end, run = stretch.start + len(stretch.minutes) * MINUTE, uuid4().hex
    if end > clock.now():
        clock.advance(end - clock.now())
    sealed: dict[tuple[date, int], FinishedSegment] = {}
    booked: list[FinishedSegment] = []
    for number, minute in enumerate(stretch.minutes):
        start = stretch.start + number * MINUTE
        like = civil_date(start), id(minute)
        if like in sealed:
            booked.append(_linked(sealed[like], start))
        else:
            booked.append(_sealed(stretch.source_id, start, minute, run))
            sealed[like] = booked[-1]
    for first in range(0, len(booked), _AT_ONCE):
        services.book_segments(booked[first : first + _AT_ONCE], clock)
    if then:
        services.open_gap(stretch.source_id, end, then, clock=clock)


def _object_name(source_id: str, start: datetime, identifier: str) -> str:
    return f"{source_id}/{civil_date(start).isoformat()}/{start.astimezone(UTC):%H%M%S%f}-{identifier}.age"


def _linked(like: FinishedSegment, start: datetime) -> FinishedSegment:
    identifier = uuid4()
    name = _object_name(like.source_id, start, identifier.hex)
    os.link(settings.VAULT.vault / like.object_name, settings.VAULT.vault / name)
    return replace(like, id=identifier, start=start, end=start + MINUTE, object_name=name)


def _sealed(source_id: str, start: datetime, minute: RecordedMinute, run: str) -> FinishedSegment:
    day = civil_date(start)
    recipient = queries.recipient(source_id, day)
    if recipient is None:
        raise LookupError("no day key")
    identifier = uuid4()
    name = _object_name(source_id, start, identifier.hex)
    with settings.VAULT.store.create(name) as writer:
        seal = SealWriter(writer.write, [Recipient.parse(recipient)])
        tree = ContentTree(seal.content_secret)
        index = _written(minute, seal, tree)
        seal.finish()
        writer.commit()
    return FinishedSegment(
        id=identifier,
        source_id=source_id,
        day=day,
        start=start,
        end=start + MINUTE,
        run=run,
        object_name=name,
        bytes=seal.size,
        sha256=seal.sha256.hex(),
        head=seal.head_sha256.hex(),
        recipient=recipient,
        units=minute.pictures,
        index=index.encode(),
        content=tree.whole(),
        traits={"clock_offset_s": 0.4, "codec": minute.codec, "width": minute.width, "height": minute.height},
    )


def _written(minute: RecordedMinute, seal: SealWriter, tree: ContentTree) -> FragmentIndex:
    places, offset = [], len(minute.init)
    seal.write(tree.frame(minute.init))
    for fragment in minute.fragments:
        content = b"".join(tree.fragment(fragment.parts, fragment.framed))
        seal.write(content)
        places.append(
            FragmentPlace(
                fragment.time, fragment.duration, fragment.units, fragment.key, offset, len(content)
            )
        )
        offset += len(content)
    return FragmentIndex(tuple(places))
