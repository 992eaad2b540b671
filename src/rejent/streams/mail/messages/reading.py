"""Messages of an open viewing: opened within the scope of its case, listed, searched, read; noted as seen before anything leaves."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from rejent.access import queries as access_queries
from rejent.access import services as access
from rejent.access.errors import NoSuchViewingError
from rejent.access.viewings import volume
from rejent.access.viewings.account import HEADS
from rejent.access.viewings.restriction import restriction
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.opening import open_for, open_in_order
from rejent.content.records import packet_places, readable_parts
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock
from rejent.kernel.errors import NotFoundError
from rejent.kernel.intervals import Interval
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.services import enter
from rejent.streams.mail.messages.addresses import normal_address
from rejent.streams.mail.messages.classes import MessageHead
from rejent.streams.mail.messages.first_keys import GivenKey
from rejent.streams.mail.messages.framing import MessageFacts, MessageFrame
from rejent.streams.mail.messages.journal_reports import REPORT
from rejent.streams.mail.messages.parts import has_more
from rejent.streams.mail.messages.rendering import (
    MessageHeaders,
    attached_part,
    digest_of,
    headers_of,
    markup_of,
)
from rejent.streams.mail.messages.scope import Scope
from rejent.streams.mail.messages.sealing import KeyRole, MessageOpener, OpenedMessage
from rejent.streams.mail.messages.workspace import (
    IndexedText,
    ListedMessage,
    MessageName,
    MessagePlace,
    Proposal,
    Workspace,
    Workspaces,
    in_scope,
)
from rejent.streams.mail.records.acts import ATTACHMENT_SHOWN, MAIL_SEARCHED, MAIL_UNSEALED, MESSAGE_READ
from rejent.streams.mail.records.errors import NoOpeningError
from rejent.streams.mail.records.openings import opening_of
from rejent.streams.mail.records.readings import (
    leave_message,
    left_messages,
    release_messages,
    released_messages,
)
from rejent.vault.errors import NoMatchError

log = structlog.get_logger(__name__)
PAGE = 25
"""Messages listed at once; each is noted."""


class Look(StrEnum):
    """How a message is looked at."""

    TEXT = "text"
    MARKUP = "markup"
    """As it looked."""


def unseal(viewing: ViewingView, keys: Mapping[KeyRole, GivenKey], *, clock: Clock, actor: str) -> None:
    """Open the messages of a viewing that lie in the scope of its case, with the keys of both roles; entered.

    Raises NoOpeningError, AccessRefusedError, NotAsEnteredError, ContentError.
    """
    opening = opening_of(viewing, clock)
    identities = {role: given.identity for role, given in keys.items()}
    enter_of(MAIL_UNSEALED, viewing, {"opening": opening.number, **numbers_of(keys)}, clock, actor)
    volume.require_room(viewing, clock=clock)
    found = open_in_scope(viewing, MessageOpener(identities), opening.scope, clock)
    WORKSPACES.keep(viewing.id, Workspace(identities, found))


def numbers_of(keys: Mapping[KeyRole, GivenKey]) -> dict[str, int]:
    """Return the numbers of keys by their roles, for a record."""
    return {role.value: given.number for role, given in keys.items()}


def open_in_scope(
    viewing: ViewingView, opener: MessageOpener, scope: Scope, clock: Clock
) -> Iterator[tuple[ListedMessage, IndexedText]]:
    """Yield the messages of a viewing that lie in scope, with what is searched of them; no delivery of a letter that was left as private."""
    left, released = left_messages(viewing), released_messages(viewing)
    places = list(_places(viewing, clock))
    gone = {
        digest_of(message.content)
        for _, _, message in _open_places(viewing, opener, [each for each in places if each.name in left])
    }
    others = [each for each in places if each.name not in left]
    for place, frame, message in _open_places(viewing, opener, others):
        found = _list_message(place, frame.facts, message, scope)
        if found is not None and found[0].digest not in gone:
            listed, text = found
            yield replace(listed, aside=bool(frame.facts.doubts) and place.name not in released), text


def _open_places(
    viewing: ViewingView, opener: MessageOpener, places: Iterable[MessagePlace]
) -> Iterator[tuple[MessagePlace, MessageFrame, OpenedMessage]]:
    """Yield messages with their frames; not those that were sealed to other keys of the roles."""
    of_segment: dict[UUID, list[MessagePlace]] = {}
    for place in places:
        of_segment.setdefault(place.segment.id, []).append(place)
    for segment, content in open_in_order(viewing, [each[0].segment for each in of_segment.values()]):
        for place in of_segment.pop(segment.id):
            frame = MessageFrame.decoded(content.read(place.place.offset, place.place.length))
            message = _opened(frame, opener)
            if message is not None:
                yield place, frame, message


def _list_message(
    place: MessagePlace, facts: MessageFacts, message: OpenedMessage, scope: Scope
) -> tuple[ListedMessage, IndexedText] | None:
    """Return a message for the list, with what is searched of it; None where it does not belong to the case.

    One at which the program fails belongs to it by its envelope, and is said to be unreadable; the others open.
    """
    try:
        head = MessageHead(message.content)
        if (text := in_scope(message, head, scope, report=REPORT in facts.doubts)) is None:
            return None
        digest, partly = digest_of(message.content), has_more(message.content)
        return ListedMessage(place, facts, headers_of(head), digest, partly=partly), text
    except Exception as fault:  # noqa: BLE001 - what strangers write may provoke any
        log.warning("mail.message-not-read", fault=type(fault).__name__)
        if not scope.covers_people(set(map(normal_address, (message.sender, *message.recipients)))):
            return None
        return ListedMessage(place, facts, MessageHeaders(), b"", failed=True), IndexedText("", "", "")


def propose(viewing: ViewingView, names: Collection[MessageName], *, private: bool, clock: Clock) -> None:
    """Put to the holders of both keys what is to become of messages that were set aside; what was put to them before lapses.

    Raises NoOpeningError, NotFoundError.
    """
    workspace = opened(viewing, clock)
    known = {each.place.name for each in workspace.set_aside()} if workspace is not None else set()
    if workspace is None or not names or not set(names) <= known:
        raise NotFoundError("There is no such message in this viewing.")
    workspace.proposal = Proposal(frozenset(names), private)


def withdraw(viewing: ViewingView, clock: Clock) -> None:
    """Take back what was put to the holders of both keys. Raises NoOpeningError."""
    workspace = opened(viewing, clock)
    if workspace is not None:
        workspace.proposal = None


def judge(
    viewing: ViewingView,
    workspace: Workspace,
    proposal: Proposal,
    keys: Mapping[KeyRole, GivenKey],
    *,
    clock: Clock,
    actor: str,
) -> None:
    """Do what the holders of both keys decided of messages that were set aside; entered. Raises NoOpeningError."""
    if proposal.private:
        aside = {each.place.name for each in workspace.set_aside()}
        leave(viewing, *(proposal.messages & aside), clock=clock, actor=actor)
    else:
        release_messages(viewing, proposal.messages, numbers_of(keys), clock=clock, actor=actor)
        workspace.release(proposal.messages)
    workspace.proposal = None


def leave(viewing: ViewingView, *names: MessageName, clock: Clock, actor: str) -> None:
    """Show messages, and every other delivery of them that this viewing opened, to nobody any more; entered at once.

    Raises NotFoundError, NoOpeningError.
    """
    workspace = opened(viewing, clock)
    deliveries = workspace.deliveries(*names) if workspace is not None else []
    leaving = [each.place.name for each in deliveries]
    if workspace is None or not set(leaving).issuperset(names):
        raise NotFoundError("There is no such message in this viewing.")
    with transaction.atomic():
        for name in leaving:
            leave_message(viewing, name, clock=clock, actor=actor)
    for name in leaving:
        workspace.drop(name)


def enter_of(
    act: Act,
    viewing: ViewingView,
    record: Mapping[str, object],
    clock: Clock,
    actor: str,
    *,
    source_id: str = "",
) -> None:
    """Enter an act of a viewing, about one of its journals or else about the first."""
    with transaction.atomic():
        subject = f"source:{source_id or viewing.source_id}"
        facts = {"viewing": viewing.number, **record}
        enter(act, actor=actor, subject=subject, record=facts, at=clock.now())


def places(viewing: ViewingView, clock: Clock) -> list[MessagePlace]:
    """Return where the messages of a viewing's time lie that may still be opened; nothing of them is opened.

    Raises NoOpeningError.
    """
    opening_of(viewing, clock)
    return list(_places(viewing, clock))


def opened(viewing: ViewingView, clock: Clock) -> Workspace | None:
    """Return what was opened of a viewing; None where the keys of both roles are not open. Raises NoOpeningError."""
    try:
        opening_of(viewing, clock)
    except NoOpeningError:
        WORKSPACES.forget(viewing.id)
        raise
    workspace = WORKSPACES.of(viewing.id)
    if workspace is not None:
        workspace.keep_sources(viewing.source_ids)
    return workspace


def listed(viewing: ViewingView, chosen: Sequence[ListedMessage], clock: Clock) -> list[ListedMessage]:
    """Return messages for a list that may still be read, noted as listed. Raises AccessRefusedError."""
    volume.require_room(viewing, clock=clock)
    readable, left = readable_parts(viewing, clock), left_messages(viewing)
    found = [
        each for each in chosen
        if each.place.name not in left and any(_span(each.place).overlaps(one) for one in readable(each.place.segment))
    ]  # fmt: skip
    for each in found:
        _note_seen(viewing, each.place, HEADS, clock)
    return found


def searched(
    viewing: ViewingView,
    workspace: Workspace,
    words: str,
    since: datetime | None,
    until: datetime | None,
    *,
    clock: Clock,
    actor: str,
) -> list[ListedMessage]:
    """Return the opened messages that have words or addresses, of a period; that somebody looked is entered, not for what."""
    found = workspace.searched(words, since, until)
    enter_of(MAIL_SEARCHED, viewing, {"found": len(found)}, clock, actor)
    return found


def choose(
    viewing: ViewingView, listed: Collection[MessageName], ticked: Collection[MessageName], clock: Clock
) -> frozenset[MessageName]:
    """Remember which of some listed messages are chosen to be copied, and return all that are, on whatever page.

    Raises NoOpeningError.
    """
    workspace = opened(viewing, clock)
    if workspace is None:
        return frozenset(ticked)
    known = {each.place.name for each in workspace.messages()}
    chosen = (workspace.chosen - frozenset(listed)) | frozenset(ticked)
    workspace.chosen = chosen & known
    return chosen


def read(
    viewing: ViewingView, name: MessageName, look: Look, *, clock: Clock, actor: str, part: int | None = None
) -> tuple[ListedMessage, OpenedMessage]:
    """Return a whole message of the case's scope to be shown; the look, at an attached file by its number, is entered first.

    Raises NotFoundError, NoOpeningError.
    """
    found, message, _frame_read = take_out(viewing, name, clock=clock)
    if part is not None and attached_part(message.content, part) is None:
        raise NotFoundError("There is no such file in this message.")
    if look is Look.MARKUP and not markup_of(message.content)[0]:
        raise NotFoundError("This message is no HTML.", advice="Read it as text.")
    place = found.place
    _note_seen(viewing, place, "message", clock)
    record = {
        "at": place.at.isoformat(),
        "object": place.segment.object_name,
        "look": look.value,
        **({"part": part + 1} if part is not None else {}),
    }
    act = MESSAGE_READ if part is None else ATTACHMENT_SHOWN
    enter_of(act, viewing, record, clock, actor, source_id=place.segment.source_id)
    return found, message


def _note_seen(viewing: ViewingView, place: MessagePlace, kind: str, clock: Clock) -> None:
    source_id = place.segment.source_id
    access.note_seen(viewing.id, place.at, place.end, kind, clock=clock, apart=True, source_id=source_id)


def take_out(
    viewing: ViewingView, name: MessageName, *, clock: Clock
) -> tuple[ListedMessage, OpenedMessage, bytes]:
    """Return an opened message byte for byte, with the sealed frame as it lies; errors as `read`, which enters the look."""
    workspace = opened(viewing, clock)
    found = workspace.named(name) if workspace is not None else None
    readable = found is not None and any(
        _span(found.place).overlaps(each) for each in readable_parts(viewing, clock)(found.place.segment)
    )
    if workspace is None or found is None or not readable or name in left_messages(viewing):
        raise NotFoundError("There is no such message in this viewing.")
    volume.require_room(viewing, clock=clock)
    place = found.place
    frame = open_for(viewing)(place.segment).read(place.place.offset, place.place.length)
    message = _opened(MessageFrame.decoded(frame), MessageOpener(workspace.identities))
    if message is None:
        raise NotFoundError("There is no such message in this viewing.")
    return found, message, frame


def _places(viewing: ViewingView, clock: Clock) -> Iterator[MessagePlace]:
    segments = chain.from_iterable(_segments(viewing, each) for each in viewing.source_ids)
    for segment, place, span in packet_places(viewing, clock, segments):
        yield MessagePlace(span.start, span.end, segment, place)


def _segments(viewing: ViewingView, source_id: str) -> list[SegmentView]:
    """Return the segments of one of a viewing's journals, but for those that somebody had restricted."""
    found = list(catalog.segments(source_id, viewing.start, viewing.end))
    whole = [*(each.start for each in found), *(each.end for each in found)]
    if not found or restriction(source_id, min(whole), max(whole)) is None:
        return found
    return [each for each in found if restriction(source_id, each.start, each.end) is None]


def _span(place: MessagePlace) -> Interval:
    return Interval(place.at, place.end)


def _opened(frame: MessageFrame, opener: MessageOpener) -> OpenedMessage | None:
    """Return the message of a frame; None where it was sealed to other keys of the roles."""
    try:
        return opener.open(frame.sealed)
    except NoMatchError:
        return None


def is_over(viewing_id: UUID) -> bool:
    """Return whether nothing of a viewing may be in memory any more."""
    try:
        viewing = access_queries.viewing(viewing_id)
        opening_of(viewing, settings.CLOCK)
    except (NoSuchViewingError, NoOpeningError, LedgerMismatchError):
        return True
    return viewing.closed_at is not None or viewing.expires_at <= settings.CLOCK.now()


WORKSPACES = Workspaces(is_over)
