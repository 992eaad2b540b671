"""Absences, faults, agreements and statements against the acts that the ledger holds of them: each opens something to somebody."""

from collections.abc import Iterator

from rejent.kernel.findings import Finding
from rejent.office.acts import (
    ABSENCE_ENDED,
    ABSENCE_ENTERED,
    AGREEMENT_ENDED,
    AGREEMENT_ENTERED,
    FAULT_CLOSED,
    FAULT_OPENED,
    STATEMENT_ENTERED,
)
from rejent.office.models import Absence, Fault, ProcessingAgreement, SignedStatement
from rejent.office.services.maintenance import SERIES
from rejent.registers.checks import numbering
from rejent.registers.numbers import read_number
from rejent.registers.queries import entered
from rejent.registers.replay import Facts, Replayed, against, lasting
from rejent.registers.shapes import Shape, absent_or, legible, text, texts, whole

_SUBJECT = "office"
_PERIOD = {"from": text, "until": absent_or(text)}
_SHAPES: dict[str, Shape] = {
    ABSENCE_ENTERED.name: {"absence": text, "person": text, **_PERIOD},
    ABSENCE_ENDED.name: {"absence": text},
    FAULT_OPENED.name: {"number": text, "source": absent_or(text), "description": text},
    FAULT_CLOSED.name: {"number": text, "done": text},
    AGREEMENT_ENTERED.name: {"agreement": text, "party": text, "people": texts, **_PERIOD},
    AGREEMENT_ENDED.name: {"agreement": text},
    STATEMENT_ENTERED.name: {"person": text, "version": whole, "on": text},
}


def against_ledger() -> Iterator[Finding]:
    """Every one of them that is not what was entered, that no act explains, or whose row is gone; gaps between faults."""
    yield from numbering(SERIES, map(read_number, Fault.objects.values_list("number", flat=True)))
    yield from lasting(_absences)
    yield from lasting(_faults)
    yield from lasting(_agreements)
    yield from lasting(_statements)


def _replayed(begin: str, end: str, key: str, named: tuple[str, ...]) -> Replayed:
    """What acts that begin and end a thing come to; the facts named, and whether it was ended."""
    stated = Replayed()
    for act in legible(entered([begin, end]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose("ended", begins=act.act == begin)
        elif act.act == begin:
            stated.things[str(act.facts[key])] = {
                "ended": False,
                **{name: act.facts[name] for name in named},
            }
        else:
            stated.restate(str(act.facts[key]), ended=True)
    return stated


def _absences() -> Iterator[Finding]:
    stated = _replayed(ABSENCE_ENTERED.name, ABSENCE_ENDED.name, "absence", ("person", "from", "until"))
    rows: Iterator[tuple[str, Facts]] = (
        (
            str(row.pk),
            {
                "person": str(row.person_id),
                "from": row.first_day.isoformat(),
                "until": row.last_day.isoformat() if row.last_day else None,
                "ended": row.ended_at is not None,
            },
        )
        for row in Absence.objects.order_by("pk")
    )
    yield from against(_SUBJECT, "absence", stated, rows)


def _faults() -> Iterator[Finding]:
    stated = _replayed(FAULT_OPENED.name, FAULT_CLOSED.name, "number", ("source", "description"))
    rows: Iterator[tuple[str, Facts]] = (
        (
            row.number,
            {
                "source": row.source or None,
                "description": row.description,
                "ended": row.closed_at is not None,
            },
        )
        for row in Fault.objects.order_by("pk")
    )
    yield from against(_SUBJECT, "fault", stated, rows)


def _agreements() -> Iterator[Finding]:
    named = ("party", "from", "until", "people")
    stated = _replayed(AGREEMENT_ENTERED.name, AGREEMENT_ENDED.name, "agreement", named)
    rows: Iterator[tuple[str, Facts]] = (
        (
            row.number,
            {
                "party": row.party,
                "from": row.valid_from.isoformat(),
                "until": row.valid_until.isoformat() if row.valid_until else None,
                "people": sorted(str(covered.person_id) for covered in row.people.all()),
                "ended": row.ended_at is not None,
            },
        )
        for row in ProcessingAgreement.objects.prefetch_related("people").order_by("pk")
    )
    yield from against(_SUBJECT, "agreement", stated, rows)


def _statements() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([STATEMENT_ENTERED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
        else:
            stated.things[f"{act.facts['person']}/{act.facts['version']}"] = {"on": act.facts["on"]}
    rows: Iterator[tuple[str, Facts]] = (
        (f"{row.person_id}/{row.version}", {"on": row.signed_on.isoformat()})
        for row in SignedStatement.objects.order_by("pk")
    )
    yield from against(_SUBJECT, "statement", stated, rows)
