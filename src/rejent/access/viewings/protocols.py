"""Reading the protocols of viewings: what one demands, whose are unfinished, who may state a position."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from django.db.models import Q, QuerySet

from rejent.access.acts import (
    PROTOCOL_CONCLUDED,
    PROTOCOL_FINISHED,
    PROTOCOL_NOTED,
    PROTOCOL_POSITION,
    VIEWING_OPENED,
)
from rejent.access.errors import NoSuchProtocolError
from rejent.access.models import Protocol, Viewing
from rejent.access.rules.decision import Decision, may_administer
from rejent.access.rules.refusals import NOT_THEIR_POSITION, POSITION_ON_THEIR_OWN
from rejent.access.views import NoteView, ProtocolState, ProtocolView
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.views import view_of
from rejent.ledger.canonical import canonical_json
from rejent.ledger.commitment import commitment_of
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.office.people import standing
from rejent.office.people.duplicate_persons import shared
from rejent.office.people.duties import Duty
from rejent.office.regulation.vocabulary import PlaybackRecord, Position, RoleName
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.queries import EnteredAct

_ENTITLED = {
    Position.NONE: frozenset[str](),
    Position.HEAD: frozenset({RoleName.HEAD, Duty.ACTING_HEAD}),
    Position.HEAD_OR_DEPUTY: frozenset({RoleName.HEAD, RoleName.DEPUTY, Duty.ACTING_HEAD}),
}
_FINISHING = (PROTOCOL_FINISHED.name, PROTOCOL_CONCLUDED.name)
_WRITTEN = (PROTOCOL_FINISHED.name, PROTOCOL_CONCLUDED.name, PROTOCOL_POSITION.name, PROTOCOL_NOTED.name)


@dataclass(frozen=True, slots=True)
class Demand:
    """The demands of a regulation on the protocol of a viewing."""

    version: int
    fields: tuple[str, ...]
    position: str


def demanded(stream: str, purpose: str, day: date) -> Demand | None:
    """Return the regulation's demands on a protocol for a purpose on a day; None if it demands none."""
    try:
        version = office.version_in_force(day).version
    except NoRegulationError:
        return None
    return demanded_by(version, stream, purpose)


def demanded_by(version: int, stream: str, purpose: str) -> Demand | None:
    """Return the same of one version of the regulation. Raises `NoRegulationError` if there is no such version."""
    rules = office.verified_version(version).stream(stream)
    if rules is None or rules.access.playback_record is PlaybackRecord.ENTRY:
        return None
    of_purpose = next((one.protocol_fields for one in rules.purposes if one.id == purpose), None)
    fields = rules.access.protocol_fields if of_purpose is None else of_purpose
    return Demand(version, tuple(map(str, fields)), str(rules.access.position))


def unfinished(person_id: UUID) -> str:
    """Return the number of the viewing whose protocol a person has to finish, open ones included; empty where there is none.

    A protocol counts as finished once the ledger says so, whatever its row holds: a draft is bound to nothing.
    """
    owed = Protocol.objects.filter(person=person_id, finished_at__isnull=True)
    drafted = owed.values_list("viewing__number", flat=True).first()
    return drafted or _unfinished_in_ledger.get(person_id, partial(_owed_by_ledger, person_id))


def _owed_by_ledger(person_id: UUID) -> str:
    """Return the number of a person's newest viewing, if it leaves a protocol that no act finished; at its opening none was owed.

    An act of opening that was tampered with counts as one whose protocol is owed.
    """
    for opened in registers.acts(names=(VIEWING_OPENED.name,), actor=str(person_id), limit=1).acts:
        if opened.facts is None:
            newest = Viewing.objects.filter(person=person_id).order_by("-opened_at", "-number")
            return "" if opened.erased else newest.values_list("number", flat=True).first() or ""
        number = str(opened.facts["number"])
        if opened.facts.get("protocol") is not None and not _is_finished(number):
            return number
    return ""


def _is_finished(number: str) -> bool:
    finishing = registers.entered_on(f"protocol:{number}", _FINISHING)
    return any(act.facts is not None or act.erased for act in finishing)


_unfinished_in_ledger = VerifiedOnce[str](Viewing, Protocol)


def protocol(number: str) -> ProtocolView:
    """Return the protocol of a viewing, by its number. Raises `NoSuchProtocolError` if there is none."""
    row = _rows().filter(viewing__number=number).first()
    if row is None:
        raise NoSuchProtocolError("There is no protocol {number}.", number=number)
    return protocol_view(row)


def protocols(
    states: Sequence[ProtocolState] = (), *, person_id: UUID | None = None, limit: int | None = None
) -> list[ProtocolView]:
    """Protocols by when their viewings were opened, the newest first; of some states or of one person, where asked for."""
    rows = _rows().order_by("-viewing__opened_at", "-viewing__number")
    if states:
        wanted = Q()
        for state in states:
            wanted |= _OF_STATE[state]
        rows = rows.filter(wanted)
    if person_id is not None:
        rows = rows.filter(person=person_id)
    return [protocol_view(row) for row in rows[:limit]]


def left_by(viewing_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the viewings that leave a protocol."""
    return set(Protocol.objects.filter(pk__in=list(viewing_ids)).values_list("pk", flat=True))


def may_write(viewer_id: UUID, person: PersonView, *, clock: Clock) -> bool:
    """Return whether a person may write a viewer's protocol: the viewer, else who decides once the viewer has left."""
    roles = standing.current_roles(person.id, clock=clock) or frozenset()
    if person.id == viewer_id:
        return bool(roles)
    left = office.standing(viewer_id, civil_date(clock.now())) is None
    return left and may_administer(roles, "conclude-protocol").allowed


def position_decision(view: ProtocolView, person: PersonView, *, clock: Clock) -> Decision | None:
    """Return why a person may not state the position on a protocol; None where they may.

    The deputy who acts in the head's absence states it in the head's place. Nobody does on a viewing that they opened, or
    whose protocol they finished for another, by whichever account (see `rejent.office.people.duplicate_persons`), while somebody else in the
    office may; the head who is away is somebody else. Where nobody else may, they do, and the ledger says that it was
    their own.
    """
    today = civil_date(clock.now())
    entitled = _ENTITLED[Position(view.position_of)]
    if not (standing.current_roles(person.id, clock=clock) or frozenset()) & entitled:
        return NOT_THEIR_POSITION
    if perhaps_own(view, person.id) and any(
        one.roles & entitled and one.active(today) and one.username and not perhaps_own(view, one.id)
        for one in office.people()
    ):
        return POSITION_ON_THEIR_OWN
    return None


def own_protocol(view: ProtocolView, actor: str) -> bool:
    """Return whether somebody opened the viewing or finished its protocol."""
    return actor in {str(view.person_id), view.finished_by}


def perhaps_own(view: ProtocolView, person_id: UUID) -> bool:
    """Return whether somebody could be the human who opened the viewing or finished its protocol, by this account or another."""
    wrote = {view.person_id} | ({UUID(view.finished_by)} if view.finished_by else set())
    return any(shared(each, person_id) for each in wrote)


def entries_of_protocols() -> dict[str, EnteredAct]:
    """Return the last act that wrote on each protocol, by its number; those whose record is gone are missing."""
    acts = registers.entered(_WRITTEN, committed_only=True)
    return {str(act.facts["number"]): act for act in acts if act.facts and "number" in act.facts}


def entry_of_protocol(number: str) -> EnteredAct | None:
    """Return the last act that wrote on one protocol; nothing while it is a draft."""
    found = registers.acts(names=_WRITTEN, subject=f"protocol:{number}", limit=100).acts
    return max(found, key=lambda act: act.index, default=None)


def commitment(salt: bytes, number: str, part: str, text: object) -> str:
    """Return the ledger's HMAC-SHA256 of a part of a protocol in hexadecimal.

    ``part`` is ``texts``, ``position`` or ``note-1``; ``salt`` has 32 bytes and is kept beside the text.
    """
    return commitment_of(salt, canonical_json({"number": number, "part": part, "text": text})).hex()


_OF_STATE = {
    ProtocolState.OPEN: Q(viewing__closed_at__isnull=True),
    ProtocolState.UNFINISHED: Q(viewing__closed_at__isnull=False, finished_at__isnull=True),
    ProtocolState.WAITING: Q(finished_at__isnull=False, position_at__isnull=True)
    & ~Q(position_of=Position.NONE),
    ProtocolState.COMPLETE: Q(finished_at__isnull=False)
    & (Q(position_at__isnull=False) | Q(position_of=Position.NONE)),
}


def _rows() -> QuerySet[Protocol]:
    return Protocol.objects.select_related("viewing").prefetch_related("notes")


def protocol_view(row: Protocol) -> ProtocolView:
    """Return the row as it is handed out."""
    viewing, notes = row.viewing, sorted(row.notes.all(), key=lambda note: note.place)
    return view_of(
        ProtocolView,
        row,
        viewing,
        viewing_id=viewing.pk,
        fields=tuple(row.fields),
        texts=dict(row.texts),
        notes=tuple(view_of(NoteView, note) for note in notes),
    )


REGISTER: NumberedRows[Protocol] = NumberedRows(
    rows=_rows,
    views=lambda rows: [protocol_view(row) for row in rows],
    at="viewing__opened_at",
    begun=(PROTOCOL_FINISHED, PROTOCOL_CONCLUDED),
    order="viewing__opened_at",
    named="viewing__number",
    search=lambda rows, words: rows.filter(
        Q(viewing__number__icontains=words)
        | Q(viewing__case__icontains=words)
        | Q(person__name__icontains=words)
    ),
)
"""The register of protocols; their numbers are those of the viewings, of which not every one leaves a protocol."""
