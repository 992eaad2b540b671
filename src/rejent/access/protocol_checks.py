"""Protocols of viewings against the acts that the ledger holds of them, and that none was skipped."""

from collections.abc import Iterator

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
from rejent.kernel.findings import Finding
from rejent.ledger.errors import RecordRefusedError
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Facts, Replayed, against, lasting
from rejent.registers.shapes import Shape, legible, text, whole

_SUBJECT = "access"
_CHUNK = 2000
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
    yield from lasting(_protocols)
    yield from _skipped()


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
    yield from against(_SUBJECT, "protocol", stated, _rows())


def _erased(act: EnteredAct, stated: Replayed) -> None:
    """What an act whose record is gone may have said of a protocol is not compared.

    Acts of viewings that cannot be read are told by the check of viewings.
    """
    if act.act in {VIEWING_OPENED.name, VIEWING_CLOSED.name} and act.index in stated.odd:
        stated.odd.remove(act.index)
    stated.erased += act.act == VIEWING_OPENED.name
    stated.unsure |= {
        PROTOCOL_POSITION.name: {"position", "position_by"},
        PROTOCOL_NOTED.name: {"notes"},
        PROTOCOL_FINISHED.name: {"texts", "finished_by"},
        PROTOCOL_CONCLUDED.name: {"texts", "finished_by"},
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
        "finished_by": "",
        "position": "",
        "position_by": "",
        "notes": {},
    }


def _went_on(act: EnteredAct, facts: Facts, stated: Replayed) -> None:
    number, digest = str(facts["number"]), facts["digest"]
    if act.act in _FINISHED:
        stated.restate(number, texts=digest, finished_by=act.actor)
    elif act.act == PROTOCOL_POSITION.name:
        stated.restate(number, position=digest, position_by=act.actor)
    elif (thing := stated.things.get(number)) is not None and isinstance(thing["notes"], dict):
        thing["notes"] = {**thing["notes"], facts["note"]: (digest, act.actor)}


def _rows() -> Iterator[tuple[str, Facts]]:
    rows = Protocol.objects.select_related("viewing").prefetch_related("notes").order_by("pk")
    for row in rows.iterator(_CHUNK):
        number = row.viewing.number
        finished, positioned = row.finished_at is not None, row.position_at is not None
        yield (
            number,
            {
                "person": str(row.person_id),
                "version": row.version,
                "fields": row.fields,
                "position_of": row.position_of,
                "texts": _digest(row.salt, number, "texts", row.texts) if finished else "",
                "finished_by": row.finished_by,
                "position": _digest(row.position_salt, number, "position", row.position)
                if positioned
                else row.position,
                "position_by": row.position_by,
                "notes": {
                    note.place: (_digest(note.salt, number, f"note-{note.place}", note.text), note.by)
                    for note in row.notes.all()
                },
            },
        )


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
