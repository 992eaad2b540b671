"""Checks that no protocol was skipped."""

from collections.abc import Iterator

from rejent.access.acts import (
    PROTOCOL_CONCLUDED,
    PROTOCOL_FINISHED,
    VIEWING_CLOSED,
    VIEWING_OPENED,
)
from rejent.access.models import Protocol
from rejent.kernel.findings import Finding
from rejent.registers.damage import Shape, legible, text
from rejent.registers.queries import entered

_SUBJECT = "access"
_FINISHED = {PROTOCOL_FINISHED.name, PROTOCOL_CONCLUDED.name}
_SHAPES: dict[str, Shape] = {
    VIEWING_OPENED.name: {"number": text, "person": text, "source": text, "purpose": text},
    VIEWING_CLOSED.name: {"number": text},
    PROTOCOL_FINISHED.name: {"number": text, "digest": text},
    PROTOCOL_CONCLUDED.name: {"number": text, "digest": text},
}


def protocol_findings() -> Iterator[Finding]:
    """Yield viewings opened while their person owed a protocol, protocols finished before their viewing ended, and drafts that are gone.

    By the order of the ledger, whatever the clock said. An act whose record is gone may have finished or ended any of them.
    """
    owed: dict[str, str] = {}
    going_on: set[str] = set()
    begun: set[str] = set()
    for act in legible(entered(_SHAPES), _SHAPES, []):
        if act.facts is None:
            owed.clear()
            going_on.clear()
            begun.clear()
        elif act.act == VIEWING_OPENED.name and act.facts.get("protocol") is not None:
            number, person = str(act.facts["number"]), str(act.facts["person"])
            if person in owed:
                yield _found("protocol-skipped", _SKIPPED, number=number, owed=owed[person])
            owed[person] = number
            going_on.add(number)
            begun.add(number)
        elif act.act == VIEWING_CLOSED.name:
            going_on.discard(str(act.facts["number"]))
        elif act.act in _FINISHED:
            number = str(act.facts["number"])
            owed = {person: one for person, one in owed.items() if one != number}
            begun.discard(number)
            if number in going_on:
                yield _found("protocol-early", _EARLY, number=number)
    drafts = set(Protocol.objects.filter(finished_at__isnull=True).values_list("viewing__number", flat=True))
    for number in sorted(begun - drafts):
        yield _found("row-missing", _GONE, thing=f"protocol:{number}")


_SKIPPED = "Viewing {number} was opened while the protocol of viewing {owed} was not finished."
_GONE = "The ledger tells of {thing}, but the database does not hold it."
_EARLY = "The protocol of viewing {number} was finished before the viewing had ended."


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(_SUBJECT, f"{_SUBJECT}.{code}", template, facts)
