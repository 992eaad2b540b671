"""Applications as clerks enter them, for tests."""

from datetime import UTC, date, datetime
from typing import Any

from rejent.cases import services
from rejent.cases.rules import requested_interval
from rejent.cases.views import Applicant, Application, CaseView, Channel, Kind
from rejent.kernel.clock import Clock

EVENT = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
APPLICANT = Applicant("Anna Przykładowa", "ul. Rynek 1, 63-300 Pleszew", "tel. 600 000 000")
TEXTS = {
    "place": "hol przy wejściu",
    "description": "Ktoś zabrał rower.",
    "purpose": "zawiadomienie o przestępstwie",
    "legal-basis": "art. 15 ust. 1 ustawy o Policji",
    "case-number": "RSD-17/26",
}


def application(*sources: str, **changed: Any) -> Application:
    """An application about the first of March, as Pleszew's form has it."""
    first = changed.pop("event_first", EVENT)
    last = changed.pop("event_last", first)
    start, end = changed.pop("times", (NOON, None))
    given: dict[str, Any] = {
        "kind": Kind.PRESERVATION,
        "stream": "video",
        "channel": Channel.IN_PERSON,
        "received_on": date(2026, 3, 2),
        "event_first": first,
        "event_last": last,
        "interval": requested_interval(first, last, start, end),
        "about": start,
        "applicant": APPLICANT,
        "details": TEXTS,
        "source_ids": frozenset(sources),
    }
    return Application(**(given | changed))


def entered(clock: Clock, *sources: str, **changed: Any) -> CaseView:
    """A case that a clerk entered."""
    return services.enter_case(application(*sources, **changed), clock=clock, ledger=None, actor="clerk")
