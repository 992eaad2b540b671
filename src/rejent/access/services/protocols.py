"""Writing the protocol of a viewing: begun with it, finished by its viewer, then positioned on, then only added to (R-ACC-4)."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Max

from rejent.access.acts import (
    PROTOCOL_CONCLUDED,
    PROTOCOL_EXPORTED,
    PROTOCOL_FINISHED,
    PROTOCOL_NOTED,
    PROTOCOL_POSITION,
)
from rejent.access.errors import (
    AccessRefusedError,
    NoSuchProtocolError,
    ProtocolFinishedError,
    ProtocolRefusedError,
)
from rejent.access.models import Protocol, ProtocolNote, Viewing
from rejent.access.rules.decision import may_administer, protocol_unfinished
from rejent.access.rules.refusals import NOT_THEIR_PROTOCOL
from rejent.access.viewings import protocols
from rejent.access.viewings.protocols import Demand, commitment
from rejent.access.views import ProtocolState, ProtocolView
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, FrozenClock
from rejent.kernel.plain_text import is_plain
from rejent.ledger.commitment import new_salts
from rejent.office.people import standing
from rejent.office.views import PersonView
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter

LONGEST_TEXT = 4000
LONGEST_NOTE = 2000
MOST_NOTES = 50


def begin_protocol(viewing: Viewing, demand: Demand) -> None:
    """Begin the protocol of a viewing in the transaction that opens it. Raises AccessRefusedError."""
    try:
        with transaction.atomic():
            Protocol.objects.create(
                viewing=viewing,
                person_id=viewing.person_id,
                version=demand.version,
                fields=list(demand.fields),
                position_of=demand.position,
            )
    except IntegrityError:
        raise AccessRefusedError(protocol_unfinished(protocols.unfinished(viewing.person_id))) from None


def save_draft(number: str, texts: Mapping[str, str], *, person: PersonView, clock: Clock) -> ProtocolView:
    """Keep what was written so far; fields may be empty, and nothing is entered.

    Raises NoSuchProtocolError, AccessRefusedError, ProtocolFinishedError, ProtocolRefusedError.
    """
    with transaction.atomic():
        row = _unfinished_row(number, person, clock)
        kept = _written(row, texts)
        Protocol.objects.filter(pk=row.pk).update(texts=kept, drafted_at=clock.now())
    return protocols.protocol(number)


def finish_protocol(
    number: str, texts: Mapping[str, str], *, person: PersonView, clock: Clock
) -> ProtocolView:
    """Finish a protocol; from then on it cannot be changed, and the person may open recordings again.

    Who decides in the office does it for a viewer who has left. Raises NoSuchProtocolError, AccessRefusedError,
    ProtocolFinishedError, ProtocolRefusedError.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _unfinished_row(number, person, clock)
        if row.viewing.closed_at is None:
            raise ProtocolRefusedError(
                "The viewing goes on; its protocol is finished afterwards.", advice="End the viewing first."
            )
        kept = _written(row, texts)
        for field in row.fields:
            if not kept.get(field):
                raise ProtocolRefusedError(
                    "Nothing is written here. Where there is nothing to tell, write that.", part=field
                )
        salt = new_salts(1)[0]
        row.texts, row.salt = kept, salt
        row.finished_at, row.finished_by = clock.now(), str(person.id)
        row.save(update_fields=["texts", "salt", "finished_at", "finished_by"])
        act = PROTOCOL_FINISHED if person.id == row.person_id else PROTOCOL_CONCLUDED
        digest = commitment(salt, number, "texts", kept)
        _enter(act, row, person, clock, version=row.version, digest=digest)
    return protocols.protocol(number)


def state_position(number: str, text: str, *, person: PersonView, clock: Clock) -> ProtocolView:
    """State what follows from a viewing, once; see `protocols.position_decision` for who may.

    Raises NoSuchProtocolError, AccessRefusedError, ProtocolFinishedError, ProtocolRefusedError.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _locked(number)
        view = protocols.protocol_view(row)
        if row.position_at is not None:
            raise ProtocolFinishedError("The position on protocol {number} was stated before.", number=number)
        if view.state is not ProtocolState.WAITING:
            raise ProtocolRefusedError("Protocol {number} does not wait for a position.", number=number)
        refused = protocols.position_decision(view, person, clock=clock)
        if refused is not None:
            raise AccessRefusedError(refused)
        kept, salt = _demanded_text("position", text, LONGEST_TEXT), new_salts(1)[0]
        row.position, row.position_salt = kept, salt
        row.position_at, row.position_by = clock.now(), str(person.id)
        row.save(update_fields=["position", "position_salt", "position_at", "position_by"])
        digest = commitment(salt, number, "position", kept)
        own = protocols.perhaps_own(view, person.id)
        _enter(PROTOCOL_POSITION, row, person, clock, digest=digest, own=own)
    return protocols.protocol(number)


def append_note(number: str, text: str, *, person: PersonView, clock: Clock) -> ProtocolView:
    """Append a correction to a finished protocol: the viewer, whoever finished it, or who states positions.

    Raises NoSuchProtocolError, AccessRefusedError, ProtocolRefusedError.
    """
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = _locked(number)
        roles = standing.current_roles(person.id, clock=clock) or frozenset()
        own = protocols.own_protocol(protocols.protocol_view(row), str(person.id))
        if not own and not may_administer(roles, "state-position").allowed:
            raise AccessRefusedError(NOT_THEIR_PROTOCOL)
        if row.finished_at is None:
            raise ProtocolRefusedError(
                "A protocol is corrected once it is finished; until then it is written."
            )
        place = 1 + (row.notes.aggregate(last=Max("place"))["last"] or 0)
        if place > MOST_NOTES:
            raise ProtocolRefusedError("A protocol takes {most} notes at most.", most=MOST_NOTES)
        kept, salt = _demanded_text("note", text, LONGEST_NOTE), new_salts(1)[0]
        note = ProtocolNote.objects.create(
            protocol=row, place=place, text=kept, salt=salt, at=clock.now(), by=str(person.id)
        )
        digest = commitment(salt, number, f"note-{place}", kept)
        _enter(PROTOCOL_NOTED, row, person, clock, about=note, note=place, digest=digest)
    return protocols.protocol(number)


def export_protocol(number: str, *, clock: Clock, actor: str) -> int:
    """Enter that a protocol leaves the program as a file; the entry's index. Raises NoSuchProtocolError, ProtocolRefusedError."""
    row = protocols.protocol(number)
    if row.finished_at is None:
        raise ProtocolRefusedError("Protocol {number} is not finished yet.", number=number)
    with transaction.atomic():
        return enter(
            PROTOCOL_EXPORTED,
            actor=actor,
            subject=f"protocol:{number}",
            record={"number": number, "person": str(row.person_id)},
            at=clock.now(),
        )


def _unfinished_row(number: str, person: PersonView, clock: Clock) -> Protocol:
    row = _locked(number)
    if row.finished_at is not None:
        raise ProtocolFinishedError(
            "Protocol {number} is finished, perhaps in another window. It cannot be changed any more.",
            number=number,
            advice="Append a note with what is missing.",
        )
    if not protocols.may_write(row.person_id, person, clock=clock):
        raise AccessRefusedError(NOT_THEIR_PROTOCOL)
    return row


def _written(row: Protocol, texts: Mapping[str, str]) -> dict[str, str]:
    strange = set(texts) - set(row.fields)
    if strange:
        raise ProtocolRefusedError("This protocol has no such part.", part=min(strange))
    return {field: _tidy(field, texts.get(field, ""), LONGEST_TEXT) for field in row.fields}


def _demanded_text(part: str, text: str, longest: int) -> str:
    kept = _tidy(part, text, longest)
    if not kept:
        raise ProtocolRefusedError("Nothing is written here.", part=part)
    return kept


def _tidy(part: str, text: str, longest: int) -> str:
    """Return the text with one kind of line end and no blanks around, if it is bounded and all of it can be seen."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ").strip()
    if len(kept) > longest:
        raise ProtocolRefusedError(
            "The text is longer than {longest} characters.", part=part, longest=longest
        )
    if not all(map(is_plain, kept.split("\n"))) or any("\ud800" <= sign <= "\udfff" for sign in kept):
        raise ProtocolRefusedError(
            "The text may hold no invisible characters.", part=part, advice="Type it anew."
        )
    return kept


def _locked(number: str) -> Protocol:
    row = (
        Protocol.objects.select_for_update(no_key=True, of=("self",))
        .select_related("viewing")
        .filter(viewing__number=number)
        .first()
    )
    if row is None:
        raise NoSuchProtocolError("There is no protocol {number}.", number=number)
    return verified(row)


def _enter(
    act: Act,
    row: Protocol,
    person: PersonView,
    clock: Clock,
    *,
    about: ProtocolNote | None = None,
    **facts: object,
) -> None:
    number = row.viewing.number
    if act in {PROTOCOL_CONCLUDED, PROTOCOL_POSITION}:
        facts |= standing.place_taken(str(person.id), clock=clock)
    record = {"number": number, "person": str(row.person_id), **facts}
    subject = f"protocol:{number}"
    enter(act, actor=str(person.id), subject=subject, record=record, at=clock.now(), row=about or row)
