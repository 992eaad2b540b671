"""The demo's past: days of simulated recordings, sealed, booked, kept and destroyed as real ones are."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context
from uuid import uuid4

from django.conf import settings

from rejent.catalog import queries, services
from rejent.catalog.views import FinishedSegment
from rejent.formats.fragment import FragmentPlace
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.streams.cameras.simulated.minute import RecordedMinute, recorded_minute
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import SealWriter

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes of one source that were recorded: ``minutes`` from ``start``."""

    source_id: str
    tint: int
    start: datetime
    minutes: int


MORNING = 25
"""Minutes that the demo's first camera recorded in one go of each morning."""


def stretches(sources: list[tuple[str, int]], today: date, morning: int = MORNING) -> list[Stretch]:
    """Return the recordings of five weeks up to ``today``: a week of mornings, and a little around the end of the term.

    ``sources`` are identifiers and tints; the first camera records ``morning`` minutes a day in the week, the others less.
    """
    found = []
    for back in (32, 31, 30, 29, *range(7, 0, -1)):
        eight = local_midnight(today - timedelta(days=back)) + timedelta(hours=8)
        for number, (source_id, tint) in enumerate(sources):
            if back > 7:
                found.append(Stretch(source_id, tint, eight, min(4, morning)))
                continue
            found.append(Stretch(source_id, tint, eight, morning if number == 0 else morning * 3 // 5))
            if number == 0:
                found.append(Stretch(source_id, tint, eight + timedelta(minutes=31), morning))
    return found


def made_minutes(
    wanted: list[Stretch], days: list[date]
) -> Iterator[list[tuple[Stretch, list[tuple[datetime, RecordedMinute]]]]]:
    """For each day its stretches with their minutes, encoded ahead by two processes."""
    ordered = [stretch for day in days for stretch in wanted if civil_date(stretch.start) == day]
    jobs = [
        (stretch.tint, stretch.start + number * MINUTE)
        for stretch in ordered
        for number in range(stretch.minutes)
    ]
    tints, starts = zip(*jobs, strict=True)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        made = pool.map(recorded_minute, tints, starts, chunksize=8)
        for day in days:
            yield [
                (
                    stretch,
                    [(stretch.start + number * MINUTE, next(made)) for number in range(stretch.minutes)],
                )
                for stretch in ordered
                if civil_date(stretch.start) == day
            ]


def book_stretch(
    stretch: Stretch, minutes: list[tuple[datetime, RecordedMinute]], clock: ManualClock
) -> None:
    """Seal and book a stretch; the clock stands at its end, from where on the source is switched off."""
    end, run = stretch.start + stretch.minutes * MINUTE, uuid4().hex
    _advance(clock, end)
    services.book_segments([_sealed(stretch, start, minute, run) for start, minute in minutes], clock)
    services.open_gap(stretch.source_id, end, "switched-off", clock=clock)


def _advance(clock: ManualClock, to: datetime) -> None:
    if to > clock.now():
        clock.advance(to - clock.now())


def _sealed(stretch: Stretch, start: datetime, minute: RecordedMinute, run: str) -> FinishedSegment:
    day = civil_date(start)
    recipient = queries.recipient(stretch.source_id, day)
    if recipient is None:
        raise LookupError("no day key")
    identifier = uuid4()
    name = f"{stretch.source_id}/{day.isoformat()}/{start.astimezone(UTC):%H%M%S%f}-{identifier.hex}.age"
    with settings.VAULT.store.create(name) as writer:
        seal = SealWriter(writer.write, [Recipient.parse(recipient)])
        index = _written(minute, seal)
        seal.finish()
        writer.commit()
    return FinishedSegment(
        id=identifier,
        source_id=stretch.source_id,
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
        traits={"clock_offset_s": 0.4, "codec": minute.codec, "width": minute.width, "height": minute.height},
    )


def _written(minute: RecordedMinute, seal: SealWriter) -> FragmentIndex:
    places, offset = [], len(minute.init)
    seal.write(minute.init)
    for fragment in minute.fragments:
        content = b"".join(fragment.parts)
        seal.write(content)
        places.append(
            FragmentPlace(
                fragment.time, fragment.duration, fragment.units, fragment.key, offset, len(content)
            )
        )
        offset += len(content)
    return FragmentIndex(tuple(places))
