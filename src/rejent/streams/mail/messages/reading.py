"""Messages of an open viewing: their facts, their heads, one whole; noted as seen before anything leaves."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rejent.access import queries as access_queries
from rejent.access import services as access
from rejent.access.errors import NoSuchViewingError
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.opening import open_for
from rejent.formats.fragment import FragmentPlace
from rejent.formats.fragment_index import FragmentIndex
from rejent.kernel.clock import Clock
from rejent.kernel.errors import NotFoundError
from rejent.kernel.intervals import Interval
from rejent.registers.services import enter
from rejent.retention import queries as retention
from rejent.streams.mail.messages.framing import MessageFrame, instant
from rejent.streams.mail.messages.rendering import ShownHeaders, ShownMessage, digest_of, headers_of, shown
from rejent.streams.mail.messages.sealing import KeyRole, RoleIdentities, open_message
from rejent.streams.mail.records.acts import MAIL_UNSEALED, MESSAGE_READ
from rejent.streams.mail.records.left_messages import left_messages
from rejent.streams.mail.records.role_keys import open_role_keys
from rejent.vault.errors import NoMatchError

PAGE = 25
"""Messages listed at once; each is noted."""


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """Place of a message: its instant names it, for holds and copies leave that as it is."""

    at: datetime
    end: datetime
    segment: SegmentView = field(repr=False)
    place: FragmentPlace


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A message in a list; its head only where the keys of both roles are open, and it did not turn out private."""

    place: MessagePlace
    frame: MessageFrame
    headers: ShownHeaders | None
    left: bool
    digest: bytes = b""


class OpenKeys:
    """Private halves of role keys for viewings that run, in memory alone; gone with their viewing and with the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[UUID, tuple[RoleIdentities, datetime]] = {}

    def keep(self, viewing: ViewingView, identities: RoleIdentities) -> None:
        """Keep keys until a viewing ends."""
        with self._lock:
            self._held[viewing.id] = identities, viewing.expires_at

    def of(self, viewing: ViewingView, clock: Clock) -> RoleIdentities | None:
        """Return the keys of a viewing, where they are open; forget those of viewings that are over."""
        now = clock.now()
        with self._lock:
            for each in [each for each, (_, until) in self._held.items() if until <= now or _is_over(each)]:
                del self._held[each]
            return self._held.get(viewing.id, (None,))[0]

    def forget(self, viewing_id: UUID) -> None:
        """Forget the keys of a viewing."""
        with self._lock:
            self._held.pop(viewing_id, None)


OPEN_KEYS = OpenKeys()


def unseal(viewing: ViewingView, chosen: dict[KeyRole, tuple[int, str]], *, clock: Clock, actor: str) -> None:
    """Open the keys of both roles for a viewing; entered.

    Raises:
        RoleKeyRefusedError: the keys and passphrases do not belong together.
    """
    identities = open_role_keys(chosen)
    record = {
        "viewing": viewing.number,
        "case": chosen[KeyRole.CASE][0],
        "control": chosen[KeyRole.CONTROL][0],
    }
    with transaction.atomic():
        enter(
            MAIL_UNSEALED, actor=actor, subject=f"source:{viewing.source_id}", record=record, at=clock.now()
        )
    OPEN_KEYS.keep(viewing, identities)


def places(viewing: ViewingView, clock: Clock) -> list[MessagePlace]:
    """Return the messages of a viewing that may still be opened, by time; nothing of them is opened."""
    return list(_places(viewing, clock))


def listed(viewing: ViewingView, chosen: Sequence[MessagePlace], clock: Clock) -> list[ListedMessage]:
    """Return messages for a list: their facts, and their heads where the keys of both roles are open.

    Raises:
        AccessRefusedError: the viewing was closed, or its person was given enough.
        NotAsEnteredError: a row does not name the object that was entered.
        ContentError: an object holds what is no message.
    """
    keys, open_object = OPEN_KEYS.of(viewing, clock), open_for(viewing)
    left = left_messages(viewing.source_id, viewing.start, viewing.end)
    volume.demand_room(viewing, clock=clock)
    found = []
    for each in chosen:
        content = open_object(each.segment)
        frame = MessageFrame.decoded(content.read(each.place.offset, each.place.length))
        headers, digest = None, b""
        if keys is not None and each.at not in left:
            plain = _opened(frame, keys)
            if plain is not None:
                headers, digest = headers_of(plain), digest_of(plain)
        found.append(ListedMessage(each, frame, headers, each.at in left, digest))
        access.note_seen(viewing.id, each.at, each.end, "headers" if headers else "facts", clock=clock)
    return found


def read(
    viewing: ViewingView, at: datetime, *, clock: Clock, actor: str
) -> tuple[ListedMessage, ShownMessage]:
    """Return a whole message as it is shown; the look is entered first.

    Raises:
        NotFoundError: there is none at this instant, it turned out private, or the keys of both roles are not open for it.
    """
    place = next((each for each in _places(viewing, clock) if each.at == at), None)
    if place is None or at in left_messages(viewing.source_id, viewing.start, viewing.end):
        raise NotFoundError("There is no such message in this viewing.")
    keys = OPEN_KEYS.of(viewing, clock)
    volume.demand_room(viewing, clock=clock)
    content = open_for(viewing)(place.segment)
    frame = MessageFrame.decoded(content.read(place.place.offset, place.place.length))
    plain = _opened(frame, keys) if keys is not None else None
    if plain is None:
        raise NotFoundError(
            "This message is sealed.", advice="It needs the keys of both roles to which it was sealed."
        )
    access.note_seen(viewing.id, place.at, place.end, "message", clock=clock)
    record = {
        "viewing": viewing.number,
        "source": viewing.source_id,
        "at": at.isoformat(),
        "object": place.segment.object_name,
    }
    with transaction.atomic():
        subject = f"source:{viewing.source_id}"
        enter(MESSAGE_READ, actor=actor, subject=subject, record=record, at=clock.now())
    return ListedMessage(place, frame, headers_of(plain), left=False), shown(plain)


def _places(viewing: ViewingView, clock: Clock) -> Iterator[MessagePlace]:
    whole = Interval(viewing.start, viewing.end)
    for segment in catalog.segments(viewing.source_id, viewing.start, viewing.end):
        readable = retention.readable(viewing.source_id, segment.day, segment.start, segment.end, clock)
        for place in FragmentIndex.decode(segment.index).places:
            first, end = (instant(segment.start, tick) for tick in (place.time, place.time + place.duration))
            span = Interval(first, end)
            if span.overlaps(whole) and any(span.overlaps(each) for each in readable):
                yield MessagePlace(first, end, segment, place)


def _opened(frame: MessageFrame, keys: RoleIdentities) -> bytes | None:
    """Return the message of a frame; None where it was sealed to other keys of the roles."""
    try:
        return open_message(frame.sealed, keys).content
    except NoMatchError:
        return None


def _is_over(viewing_id: UUID) -> bool:
    try:
        return access_queries.viewing(viewing_id).closed_at is not None
    except NoSuchViewingError:
        return True
