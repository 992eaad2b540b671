"""Protocols of viewings against the acts that the ledger holds of them, and that none was skipped."""

from collections.abc import Iterator

from django.db.models import QuerySet

from rejent.access.acts import (
    PROTOCOL_CONCLUDED,
    PROTOCOL_FINISHED,
    PROTOCOL_NOTED,
    PROTOCOL_POSITION,
    VIEWING_CLOSED,
    VIEWING_OPENED,
)
from rejent.access.models import Protocol
from rejent.access.protocols import commitment, demanded_by
from rejent.catalog import queries as catalog
from rejent.kernel.errors import RejentError
from rejent.kernel.findings import Finding, run_checks
from rejent.ledger.errors import RecordRefusedError
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, told
from rejent.registers.shapes import Shape, legible, text, whole

_SUBJECT = "access"
_FINISHED = {PROTOCOL_FINISHED.name, PROTOCOL_CONCLUDED.name}
_SHAPES: dict[str, Shape] = {
    VIEWING_OPENED.name: {"number": text, "person": text, "source": text, "purpose": text},
    VIEWING_CLOSED.name: {"number": text},
    PROTOCOL_FINISHED.name: {"number": text, "digest": text},
    PROTOCOL_CONCLUDED.name: {"number": text, "digest": text},
    PROTOCOL_POSITION.name: {"number": text, "digest": text},
    PROTOCOL_NOTED.name: {"number": text, "note": whole, "digest": text},
}


def protocols_against_ledger() -> Iterator[Finding]:
    """Every protocol that is not what was entered, and every viewing opened while an earlier protocol was owed."""
    yield from compared(_SUBJECT, _protocols)
    yield from run_checks(_SUBJECT, {"order-of-protocols": _skipped})


def _protocols() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered(_SHAPES), _SHAPES, stated.odd):
        if act.facts is None:
            _erased(act, stated)
        elif act.act == VIEWING_OPENED.name:
            if (version := act.facts.get("protocol")) is not None:
                stated.things[str(act.facts["number"])] = _begun(act.facts, version)
        elif act.act != VIEWING_CLOSED.name:
            _went_on(act, act.facts, stated)
    yield from against(_SUBJECT, "protocol", stated, told(_protocol_rows(), _protocol, stated))


def _erased(act: EnteredAct, stated: Replayed) -> None:
    """What an act whose record is gone may have said of a protocol is not compared.

    Acts of viewings that cannot be read are told by the check of viewings.
    """
    if act.act in {VIEWING_OPENED.name, VIEWING_CLOSED.name} and act.index in stated.odd:
        stated.odd.remove(act.index)
    stated.erased += act.act == VIEWING_OPENED.name
    stated.unsure |= {
        PROTOCOL_POSITION.name: {"position", "position_by", "position_at"},
        PROTOCOL_NOTED.name: {"notes", "noted"},
        PROTOCOL_FINISHED.name: {"texts", "finished_by", "finished"},
        PROTOCOL_CONCLUDED.name: {"texts", "finished_by", "finished"},
    }.get(act.act, set())


def _begun(facts: Facts, version: object) -> dict[str, object]:
    try:
        stream = catalog.stream_of(str(facts["source"]))
        demand = demanded_by(version, stream, str(facts["purpose"])) if isinstance(version, int) else None
    except RejentError:
        demand = None
    return {
        "person": facts["person"],
        "version": version,
        "fields": list(demand.fields) if demand else None,
        "position_of": demand.position if demand else None,
        "texts": "",
        "finished": None,
        "finished_by": "",
        "position": "",
        "position_at": None,
        "position_by": "",
        "notes": {},
        "noted": [],
    }


def _went_on(act: EnteredAct, facts: Facts, stated: Replayed) -> None:
    number, digest = str(facts["number"]), facts["digest"]
    if act.act in _FINISHED:
        stated.restate(number, texts=digest, finished=Entered(act.at), finished_by=act.actor)
    elif act.act == PROTOCOL_POSITION.name:
        stated.restate(number, position=digest, position_at=Entered(act.at), position_by=act.actor)
    elif (thing := stated.things.get(number)) is not None and isinstance(thing["notes"], dict):
        thing["notes"] = {**thing["notes"], facts["note"]: (digest, act.actor)}
        thing["noted"] = [*_listed(thing["noted"]), Entered(act.at)]


def _listed(held: object) -> list[object]:
    return held if isinstance(held, list) else []


def _protocol_rows() -> QuerySet[Protocol]:
    return Protocol.objects.select_related("viewing").prefetch_related("notes")


def _protocol(row: Protocol) -> tuple[str, Facts]:
    number = row.viewing.number
    finished, positioned = row.finished_at is not None, row.position_at is not None
    position = _digest(row.position_salt, number, "position", row.position) if positioned else row.position
    notes = sorted(row.notes.all(), key=lambda note: note.place)
    return number, {
        "person": str(row.person_id),
        "version": row.version,
        "fields": row.fields,
        "position_of": row.position_of,
        "texts": _digest(row.salt, number, "texts", row.texts) if finished else "",
        "finished": row.finished_at,
        "finished_by": row.finished_by,
        "position": position,
        "position_at": row.position_at,
        "position_by": row.position_by,
        "notes": {
            note.place: (_digest(note.salt, number, f"note-{note.place}", note.text), note.by)
            for note in notes
        },
        "noted": [note.at for note in notes],
    }


def _digest(salt: bytes | memoryview, number: str, part: str, held: object) -> str:
    """The commitment to what the row holds; none where it holds what nobody can commit to."""
    try:
        return commitment(bytes(salt), number, part, held)
    except RecordRefusedError:
        return "-"


def _skipped() -> Iterator[Finding]:
    """Viewings that were opened while their person owed a protocol, and protocols finished before their viewing ended.

    By the order of the ledger, whatever the clock said. An act whose record is gone may have finished or ended any of them.
    """
    owed: dict[str, str] = {}
    going_on: set[str] = set()
    for act in legible(entered(_SHAPES), _SHAPES, []):
        if act.facts is None:
            owed.clear()
            going_on.clear()
        elif act.act == VIEWING_OPENED.name and act.facts.get("protocol") is not None:
            number, person = str(act.facts["number"]), str(act.facts["person"])
            if person in owed:
                yield _found("protocol-skipped", _SKIPPED, number=number, owed=owed[person])
            owed[person] = number
            going_on.add(number)
        elif act.act == VIEWING_CLOSED.name:
            going_on.discard(str(act.facts["number"]))
        elif act.act in _FINISHED:
            number = str(act.facts["number"])
            owed = {person: one for person, one in owed.items() if one != number}
            if number in going_on:
                yield _found("protocol-early", _EARLY, number=number)


_SKIPPED = "Viewing {number} was opened while the protocol of viewing {owed} was not finished."
_EARLY = "The protocol of viewing {number} was finished before the viewing had ended."


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(_SUBJECT, f"{_SUBJECT}.{code}", template, facts)
