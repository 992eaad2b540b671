"""What a killed recorder left behind, booked at its next start.

A killed recorder leaves an unfinished object for each of its sources, and now and then a finished one that it could not
book any more. Both become visible and booked as cut short; the keeper, who has the keys, completes them.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import structlog
from django.conf import settings

from rejent.catalog import queries, services
from rejent.catalog.views import FinishedSegment, RecorderSource
from rejent.kernel.clock import Clock, civil_date
from rejent.vault.errors import ObjectExistsError, StorageError
from rejent.vault.recovery import Recovered, recover_unfinished
from rejent.vault.store.port import Leftover, ObjectStore

log = structlog.get_logger(__name__)

LOOK_BACK_DAYS = 2
"""Civil dates before today in which a finished object may wait to be booked."""
_PIECE = 1024 * 1024


def recover(sources: Sequence[RecorderSource], clock: Clock) -> None:
    """Book what these sources' recorder left; only while it does not run."""
    store = settings.VAULT.store
    mine = {source.id for source in sources}
    found = list(_unfinished(store, mine))
    found += _unbooked(store, mine, {segment.object_name for segment in found}, clock)
    if found:
        services.book_segments(found, clock)
        log.warning("recorder.recovered", segments=len(found))


def _unfinished(store: ObjectStore, mine: set[str]) -> Iterator[FinishedSegment]:
    for leftover in store.unfinished():
        if leftover.kind is not Leftover.PART or leftover.name.partition("/")[0] not in mine:
            continue
        kept = _made_visible(store, leftover.name)
        segment = _from_name(kept.name, kept.size, kept.sha256) if kept else None
        if segment is not None:
            yield segment


def _made_visible(store: ObjectStore, name: str) -> Recovered | None:
    """What an unfinished object holds; one that the store does not give is told and keeps nobody from recording.

    A name is given once, so an object that has it already is the same one, sealed anew since: the rest of it goes.
    """
    try:
        return recover_unfinished(store, name)
    except ObjectExistsError:
        store.discard(name, Leftover.PART)
    except StorageError as error:
        log.exception("recorder.unrecovered", object=name, code=error.code)
    return None


def _unbooked(store: ObjectStore, mine: set[str], known: set[str], clock: Clock) -> Iterator[FinishedSegment]:
    today = civil_date(clock.now())
    for source_id in mine:
        for day in (today - timedelta(days=back) for back in range(LOOK_BACK_DAYS + 1)):
            booked = {stored.object_name for stored in queries.stored_objects(source_id, day)}
            for stored in store.objects(f"{source_id}/{day.isoformat()}/"):
                if stored.name not in booked | known:
                    segment = _from_name(stored.name, stored.size, _digest(store, stored.name))
                    if segment is not None:
                        yield segment


def _digest(store: ObjectStore, name: str) -> bytes:
    digest = hashlib.sha256()
    with store.open(name) as opened:
        for offset in range(0, opened.size, _PIECE):
            digest.update(opened.read_at(offset, min(_PIECE, opened.size - offset)))
    return digest.digest()


def _from_name(name: str, size: int, sha256: bytes) -> FinishedSegment | None:
    """What an object's name tells of its segment; nothing for a name no recorder gives, or without a key."""
    source_id, _, rest = name.partition("/")
    day_text, _, file = rest.partition("/")
    begun, _, identifier = file.removesuffix(".age").partition("-")
    try:
        day, segment_id = date.fromisoformat(day_text), uuid.UUID(identifier)
        start = _instant(day, begun)
    except ValueError:
        log.warning("recorder.stranger", object=name)
        return None
    recipient = queries.recipient(source_id, day)
    if recipient is None:
        return None
    return FinishedSegment(
        id=segment_id,
        source_id=source_id,
        day=day,
        start=start,
        end=start + timedelta(milliseconds=1),
        camera_offset_s=None,
        run="",
        object_name=name,
        bytes=size,
        sha256=sha256.hex(),
        recipient=recipient,
        frames=0,
        codec="",
        width=0,
        height=0,
        index=b"",
        recovered=True,
    )


def _instant(day: date, begun: str) -> datetime:
    """The instant of a time of day in UTC that lies on a civil date of the office."""
    clock_time = datetime.strptime(begun, "%H%M%S%f").replace(tzinfo=UTC).time()
    for back in (0, 1):
        instant = datetime.combine(day - timedelta(days=back), clock_time, UTC)
        if civil_date(instant) == day:
            return instant
    raise ValueError("no instant of that day")
