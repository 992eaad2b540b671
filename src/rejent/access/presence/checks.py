"""Checks of the guests and second persons of viewings."""

from collections.abc import Iterator
from datetime import date

from rejent.access.acts import VIEWING_OPENED
from rejent.access.models import Guest, Viewing
from rejent.access.rules.demands import provisions_of
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.findings import Finding, run_checks
from rejent.office import queries as office
from rejent.office.acts import REGULATION_ACTIVATED
from rejent.registers.damage import Facts, Shape, legible, text, whole
from rejent.registers.queries import EnteredAct, entered

_SUBJECT = "access"
_CHUNK = 2000
_OPENED: dict[str, Shape] = {
    VIEWING_OPENED.name: {"number": text, "person": text, "source": text},
    REGULATION_ACTIVATED.name: {"version": whole, "in_force_from": text},
}


def presence_findings() -> Iterator[Finding]:
    """Yield counts of guests that differ, and viewings that one person opened where two must."""
    yield from run_checks(_SUBJECT, {"counts-of-guests": _counts, "second-persons": _opened_alone})


def _counts() -> Iterator[Finding]:
    places: dict[object, int] = {}
    for viewing in Guest.objects.values_list("viewing_id", flat=True).iterator(_CHUNK):
        places[viewing] = places.get(viewing, 0) + 1
    for row in Viewing.objects.order_by("pk").iterator(_CHUNK):
        if row.guests != places.get(row.pk, 0):
            yield Finding(
                _SUBJECT,
                f"{_SUBJECT}.guests-miscounted",
                "Viewing {number} does not tell as many guests as are entered.",
                {"number": row.number},
            )


def _opened_alone() -> Iterator[Finding]:
    """Viewings that one person opened while the regulation demanded two, by the order of the ledger."""
    versions: dict[int, date] = {}
    for act in legible(entered(_OPENED), _OPENED, []):
        facts = act.facts or {}
        if act.act == REGULATION_ACTIVATED.name and facts:
            versions[int(str(facts["version"]))] = date.fromisoformat(str(facts["in_force_from"]))
        elif (
            "second" in facts
            and facts["second"] in {None, facts["person"]}
            and _two_demanded(act, facts, versions)
        ):
            yield Finding(
                _SUBJECT,
                f"{_SUBJECT}.second-missing",
                "Viewing {number} was opened by one person where the regulation demands two.",
                {"number": facts["number"]},
            )


def _two_demanded(act: EnteredAct, facts: Facts, versions: dict[int, date]) -> bool:
    """Return whether the regulation that was in force by what the ledger held then demanded a second person."""
    begun = {version: day for version, day in versions.items() if day <= civil_date(act.at)}
    if not begun:
        return False
    try:
        version = max(begun, key=lambda one: (begun[one], one))
        provisions = provisions_of(office.regulation_of(version), catalog.stream_of(str(facts["source"])))
    except RejentError:
        return False
    return provisions is not None and provisions.second_person
