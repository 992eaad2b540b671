"""Recovery of objects that a killed recorder left, at its next start.

A killed recorder leaves an unfinished object for each of its sources, and sometimes a finished one that it could not
book. Both are published and booked as truncated; the keeper, who has the keys, completes them.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple

import structlog
from django.conf import settings

from rejent.catalog import queries
from rejent.catalog.views import FinishedSegment, RecorderSource
from rejent.formats.content_tree import ContentRoot, bound_by, read_leaves
from rejent.kernel.clock import Clock, civil_date
from rejent.vault.age.sealed_reader import read_header
from rejent.vault.errors import HeaderError, ObjectExistsError, ObjectMissingError, StorageError
from rejent.vault.store.object_store import Leftover, ObjectStore, OpenObject
from rejent.vault.unfinished import recover_unfinished

log = structlog.get_logger(__name__)

LOOK_BACK_DAYS, MOST_DAYS = 2, 366
"""Least and most civil dates before today that are searched for unbooked objects."""
BATCH = 100
"""Segments booked in one transaction, so that other writers need not wait long."""
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Objects that a killed recorder left: unfinished, and finished but ``unbooked``, by name in order.

    ``recipients`` are the public halves of the day keys of their sources and dates; ``seen_at`` is the time of listing.
    """

    unfinished: tuple[str, ...]
    unbooked: tuple[str, ...]
    recipients: dict[tuple[str, date], str]
    seen_at: datetime


class _Kept(NamedTuple):
    name: str
    size: int
    sha256: str
    head: str
    content: ContentRoot | None


def left_behind(
    sources: Sequence[RecorderSource], clock: Clock, look_back: int = LOOK_BACK_DAYS
) -> LeftBehind:
    """List what these sources' recorder left, of so many past civil dates at least; only while it does not run, as its open objects would be listed, too."""
    store = settings.VAULT.store
    mine = {source.id for source in sources}
    parts = (left.name for left in store.unfinished() if left.kind is Leftover.PART)
    unfinished = sorted(name for name in parts if name.partition("/")[0] in mine)
    unbooked = sorted(_unbooked(store, mine, set(unfinished), clock, look_back))
    recipients = _recipients(chain(unfinished, unbooked))
    return LeftBehind(tuple(unfinished), tuple(unbooked), recipients, clock.now())


def recover(
    left: LeftBehind,
    book: Callable[[Sequence[FinishedSegment]], None],
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Publish and book what was left, in batches while the recorder runs, until done or ``stopping`` returns True."""
    found = _segments(settings.VAULT.store, left, stopping)
    booked = 0
    while batch := list(islice(found, BATCH)):
        book(batch)
        booked += len(batch)
    if booked:
        log.warning("recorder.recovered", segments=booked)


def _segments(
    store: ObjectStore, left: LeftBehind, stopping: Callable[[], bool]
) -> Iterator[FinishedSegment]:
    heads = _Heads(store, left)
    for read, name in chain(
        ((_made_visible, name) for name in left.unfinished), ((_as_it_is, name) for name in left.unbooked)
    ):
        if stopping():
            return
        if heads.copied(name):
            log.error("recorder.copied", object=name)
            continue
        kept = read(store, name)
        segment = _from_name(kept, left) if kept else None
        if segment is not None:
            yield segment


class _Heads:
    """Distinguishes a recording from a copy of it under another name.

    The name alone dates an unbooked object, and whoever may write to the store chooses names. But the head of an
    object is unique, and without a key nobody makes another for the same content: of two objects with one head one is
    a copy, which would show the same pictures at another time. Such are left for ``fsck`` to name.
    """

    def __init__(self, store: ObjectStore, left: LeftBehind) -> None:
        self._store = store
        self._left = {name: _head(store.open_unfinished, name) for name in left.unfinished}
        self._left |= {name: _head(store.open, name) for name in left.unbooked}
        self._often = Counter(self._left.values())
        self._booked: dict[tuple[str, date], dict[bytes, str]] = {}

    def copied(self, name: str) -> bool:
        head = self._left[name]
        if not head:
            return False
        return self._often[head] > 1 or self._booked_as(name).get(head, name) != name

    def _booked_as(self, name: str) -> dict[bytes, str]:
        try:
            place = _place(name)
        except ValueError:
            return {}
        if place not in self._booked:
            names = (stored.object_name for stored in queries.stored_objects(*place))
            self._booked[place] = {_head(self._store.open, each): each for each in names}
        return self._booked[place]


def _head(opened: Callable[[str], OpenObject], name: str) -> bytes:
    try:
        with opened(name) as found:
            return read_header(found)[0]
    except (HeaderError, ObjectMissingError, StorageError):
        return b""


def _made_visible(store: ObjectStore, name: str) -> _Kept | None:
    """Publish an unfinished object, or discard it where a finished one has its unique name; a store's failure is only logged."""
    try:
        leaves = read_leaves(store.read_leaves(name))
        kept = recover_unfinished(store, name)
        if kept is None:
            return None
        return _Kept(name, kept.size, kept.sha256.hex(), kept.head_sha256.hex(), bound_by(leaves))
    except ObjectExistsError:
        store.discard(name, Leftover.PART)
    except (ObjectMissingError, StorageError) as error:
        log.exception("recorder.unrecovered", object=name, code=error.code)
    return None


def _as_it_is(store: ObjectStore, name: str) -> _Kept | None:
    digest = hashlib.sha256()
    try:
        with store.open(name) as opened:
            for offset in range(0, opened.size, _PIECE):
                digest.update(opened.read_at(offset, min(_PIECE, opened.size - offset)))
            head = hashlib.sha256(_head(store.open, name)).hexdigest()
            leaves = read_leaves(store.read_leaves(name))
            return _Kept(name, opened.size, digest.hexdigest(), head, bound_by(leaves))
    except (ObjectMissingError, StorageError) as error:
        log.exception("recorder.unrecovered", object=name, code=error.code)
    return None


def _unbooked(
    store: ObjectStore, mine: set[str], known: set[str], clock: Clock, look_back: int
) -> Iterator[str]:
    today = civil_date(clock.now())
    for source_id in mine:
        for day in (
            today - timedelta(days=back) for back in range(_days_back(source_id, today, look_back) + 1)
        ):
            booked = known | {stored.object_name for stored in queries.stored_objects(source_id, day)}
            stored = store.objects(f"{source_id}/{day.isoformat()}/")
            yield from (each.name for each in stored if each.name not in booked)


def _days_back(source_id: str, today: date, least: int) -> int:
    """Return how many civil dates before today may hold unbooked objects: all since the last booking."""
    until = queries.covered_until(source_id)
    off = (today - civil_date(until)).days + 1 if until is not None else 0
    return min(max(off, least), MOST_DAYS)


def _recipients(names: Iterable[str]) -> dict[tuple[str, date], str]:
    places = set()
    for name in names:
        with suppress(ValueError):
            places.add(_place(name))
    found = ((place, queries.recipient(*place)) for place in places)
    return {place: recipient for place, recipient in found if recipient is not None}


def _place(name: str) -> tuple[str, date]:
    source_id, _, rest = name.partition("/")
    return source_id, date.fromisoformat(rest.partition("/")[0])


def _from_name(kept: _Kept, left: LeftBehind) -> FinishedSegment | None:
    name = kept.name
    begun, _, identifier = name.rpartition("/")[2].removesuffix(".age").partition("-")
    try:
        source_id, day = _place(name)
        segment_id = uuid.UUID(identifier)
        start = _instant(day, begun, left.seen_at)
    except ValueError:
        log.warning("recorder.stranger", object=name)
        return None
    recipient = left.recipients.get((source_id, day))
    if recipient is None:
        return None
    return FinishedSegment(
        id=segment_id,
        source_id=source_id,
        day=day,
        start=start,
        end=start + timedelta(milliseconds=1),
        run="",
        object_name=name,
        bytes=kept.size,
        sha256=kept.sha256,
        head=kept.head,
        recipient=recipient,
        units=0,
        index=b"",
        recovered=True,
        content=kept.content,
        traits={},
    )


def _instant(day: date, begun: str, seen_at: datetime) -> datetime:
    """Return the instant of a time of day in UTC that lies on a civil date, before it was seen. Raises ValueError: there is none."""
    clock_time = datetime.strptime(begun, "%H%M%S%f").replace(tzinfo=UTC).time()
    instants = (datetime.combine(day - timedelta(days=back), clock_time, UTC) for back in (0, 1))
    of_day = [instant for instant in instants if civil_date(instant) == day]
    if not of_day:
        raise ValueError("no instant of that day")
    return next((instant for instant in of_day if instant <= seen_at), of_day[0])
