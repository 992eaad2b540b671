"""An authorisation counts as the ledger tells that it was issued, and until it tells that it was revoked; a row alone opens nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from rejent.access.acts import AUTHORISATION_ISSUED, AUTHORISATION_REVOKED, VIEWING_OPENED
from rejent.access.views import AuthorisationView
from rejent.kernel.clock import civil_date
from rejent.kernel.findings import Finding
from rejent.registers.queries import EnteredAct, entered, entered_naming
from rejent.registers.shapes import Shape, absent_or, legible, text

_REMEMBERED = 1024
"""Authorisations that were found to be as issued."""
_A_MOMENT = timedelta(minutes=1)
_SUBJECT = "access"
_SHAPES: dict[str, Shape] = {
    AUTHORISATION_ISSUED.name: {"number": text, "person": text, "from": text, "until": absent_or(text)},
    AUTHORISATION_REVOKED.name: {"number": text},
    VIEWING_OPENED.name: {"number": text, "person": text, "authorisation": absent_or(text)},
}


class _Stated(NamedTuple):
    """What an authorisation's row says that its act says, too; a row that is edited is asked about anew."""

    number: str
    person: str
    acts: str
    stream: str
    first: str
    until: str | None
    sources: tuple[str, ...] | None
    issued: datetime


class _NotIssuedError(Exception):
    """No act tells of it as its row does; not remembered."""


def is_entered(view: AuthorisationView) -> bool:
    """Whether an authorisation was issued just as its row says, and not revoked since.

    That it was issued is asked once while its row says the same; that it was revoked each time.
    """
    try:
        _demand_issued(_stated(view))
    except _NotIssuedError:
        return False
    revoked = entered_naming(AUTHORISATION_REVOKED.name, view.number, since=view.issued_at - _A_MOMENT)
    return not any((act.facts or {}).get("number") == view.number for act in revoked)


def entries_of_authorisations() -> dict[str, int]:
    """Where each authorisation was entered in the ledger, by its number; those whose record is gone are missing."""
    issued = entered([AUTHORISATION_ISSUED.name], committed_only=True)
    return {str(act.facts["number"]): act.index for act in issued if act.facts and "number" in act.facts}


def opened_by_none() -> Iterator[Finding]:
    """Every viewing that was opened by an authorisation which its person did not have then; the acts alone are asked.

    Nothing where the record of an authorisation was erased: it may have been that one.
    """
    held: dict[object, EnteredAct] = {}
    for act in legible(entered(list(_SHAPES)), _SHAPES, []):
        if act.facts is None:
            if act.act == AUTHORISATION_ISSUED.name:
                return
        elif act.act == AUTHORISATION_ISSUED.name:
            held[act.facts["number"]] = act
        elif act.act == AUTHORISATION_REVOKED.name:
            held.pop(act.facts["number"], None)
        elif (number := act.facts.get("authorisation")) and not _covers(held.get(number), act):
            yield Finding(
                _SUBJECT,
                f"{_SUBJECT}.authorisation-lacking",
                "Viewing {number} was opened by an authorisation that its person did not have.",
                {"number": act.facts["number"]},
            )


def _covers(issued: EnteredAct | None, opened: EnteredAct) -> bool:
    if issued is None or issued.facts is None or opened.facts is None:
        return False
    day, until = civil_date(opened.at).isoformat(), issued.facts["until"]
    in_time = str(issued.facts["from"]) <= day and (until is None or day <= str(until))
    return in_time and issued.facts["person"] == opened.facts["person"]


def _stated(view: AuthorisationView) -> _Stated:
    return _Stated(
        number=view.number,
        person=str(view.person_id),
        acts=" ".join(sorted(view.acts)),
        stream=view.stream,
        first=view.valid_from.isoformat(),
        until=view.valid_until.isoformat() if view.valid_until else None,
        sources=None if view.source_ids is None else tuple(sorted(view.source_ids)),
        issued=view.issued_at,
    )


@lru_cache(maxsize=_REMEMBERED)
def _demand_issued(stated: _Stated) -> None:
    subject, since = f"person:{stated.person}", stated.issued - _A_MOMENT
    acts = entered_naming(AUTHORISATION_ISSUED.name, stated.number, subject=subject, since=since)
    if stated not in [_told(act, stated.issued) for act in acts]:
        raise _NotIssuedError


def _told(act: EnteredAct, issued: datetime) -> _Stated | None:
    """An authorisation as its act tells of it."""
    facts = act.facts
    if facts is None or not text(facts.get("acts")):
        return None
    sources, until = facts.get("sources"), facts.get("until")
    return _Stated(
        number=str(facts.get("number")),
        person=str(facts.get("person")),
        acts=" ".join(sorted(str(facts["acts"]).split())),
        stream=str(facts.get("stream")),
        first=str(facts.get("from")),
        until=None if until is None else str(until),
        sources=tuple(sorted(map(str, sources))) if isinstance(sources, list) else None,
        issued=issued,
    )
