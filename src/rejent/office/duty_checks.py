"""Absences, faults, agreements and statements against the acts that the ledger holds of them: each opens something to somebody."""

from collections.abc import Iterator

from rejent.kernel.findings import Finding, run_checks
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
from rejent.registers.queries import entered
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, told
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
    numbers = Fault.objects.values_list("number", flat=True)
    yield from run_checks(_SUBJECT, {"numbers-of-faults": lambda: numbering(SERIES, numbers)})
    yield from compared(_SUBJECT, _absences, _faults, _agreements, _statements)


def _replayed(begin: str, end: str, key: str, named: tuple[str, ...], told_last: str = "") -> Replayed:
    """What acts that begin and end a thing come to: the facts named, when and by whom it was entered and ended.

    Args:
        begin: the act that begins one.
        end: the act that ends it.
        key: the fact that names it.
        named: facts of the beginning; those that an earlier version did not enter are believed.
        told_last: a fact of the end.
    """
    stated = Replayed()
    for act in legible(entered([begin, end]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.lose("ended", "ended_by", told_last, begins=act.act == begin)
        elif act.act == begin:
            stated.things[str(act.facts[key])] = {
                **{name: act.facts[name] for name in named if name in act.facts},
                "entered": Entered(act.at),
                "entered_by": act.actor,
                "ended": None,
                "ended_by": "",
                **({told_last: ""} if told_last else {}),
            }
        else:
            last = {told_last: act.facts[told_last]} if told_last else {}
            stated.restate(str(act.facts[key]), ended=Entered(act.at), ended_by=act.actor, **last)
    return stated


def _absences() -> Iterator[Finding]:
    stated = _replayed(ABSENCE_ENTERED.name, ABSENCE_ENDED.name, "absence", ("person", "from", "until"))
    yield from against(_SUBJECT, "absence", stated, told(Absence.objects.all(), _absence, stated))


def _absence(row: Absence) -> tuple[str, Facts]:
    return str(row.pk), {
        "person": str(row.person_id),
        "from": row.first_day.isoformat(),
        "until": row.last_day.isoformat() if row.last_day else None,
        **_entered_and_ended(row),
    }


def _faults() -> Iterator[Finding]:
    named = ("source", "stream", "description")
    stated = _replayed(FAULT_OPENED.name, FAULT_CLOSED.name, "number", named, "done")
    yield from against(_SUBJECT, "fault", stated, told(Fault.objects.all(), _fault, stated))


def _fault(row: Fault) -> tuple[str, Facts]:
    return row.number, {
        "source": row.source or None,
        "stream": row.stream or None,
        "description": row.description,
        "done": row.outcome,
        "entered": row.opened_at,
        "entered_by": row.opened_by,
        "ended": row.closed_at,
        "ended_by": row.closed_by,
    }


def _agreements() -> Iterator[Finding]:
    named = ("party", "concluded_on", "from", "until", "people")
    stated = _replayed(AGREEMENT_ENTERED.name, AGREEMENT_ENDED.name, "agreement", named)
    rows = told(ProcessingAgreement.objects.prefetch_related("people"), _agreement, stated)
    yield from against(_SUBJECT, "agreement", stated, rows)


def _agreement(row: ProcessingAgreement) -> tuple[str, Facts]:
    return row.number, {
        "party": row.party,
        "concluded_on": row.concluded_on.isoformat(),
        "from": row.valid_from.isoformat(),
        "until": row.valid_until.isoformat() if row.valid_until else None,
        "people": sorted(str(covered.person_id) for covered in row.people.all()),
        **_entered_and_ended(row),
    }


def _entered_and_ended(row: Absence | ProcessingAgreement) -> dict[str, object]:
    return {
        "entered": row.entered_at,
        "entered_by": row.entered_by,
        "ended": row.ended_at,
        "ended_by": row.ended_by,
    }


def _statements() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([STATEMENT_ENTERED.name]), _SHAPES, stated.odd):
        if act.facts is None:
            stated.erased += 1
        else:
            about = f"{act.facts['person']}/{act.facts['version']}"
            written = {"on": act.facts["on"], "entered": Entered(act.at), "entered_by": act.actor}
            stated.things[about] = written
    rows = told(SignedStatement.objects.all(), _statement, stated)
    yield from against(_SUBJECT, "statement", stated, rows)


def _statement(row: SignedStatement) -> tuple[str, Facts]:
    written = {"on": row.signed_on.isoformat(), "entered": row.entered_at, "entered_by": row.entered_by}
    return f"{row.person_id}/{row.version}", written
