"""Guests and second persons against the acts that the ledger holds of them."""

from collections.abc import Iterator
from datetime import date

from rejent.access.acts import GUEST_ENTERED, VIEWING_OPENED
from rejent.access.beside import guest_commitment, guest_view
from rejent.access.demands import provisions_of
from rejent.access.models import Guest, Viewing
from rejent.catalog import queries as catalog
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.findings import Finding, run_checks
from rejent.ledger.errors import RecordRefusedError
from rejent.office import queries as office
from rejent.office.acts import REGULATION_ACTIVATED
from rejent.registers.queries import EnteredAct, entered
from rejent.registers.replay import Entered, Facts, Replayed, against, compared, told
from rejent.registers.shapes import Shape, legible, text, whole

_SUBJECT = "access"
_CHUNK = 2000
_GUEST: dict[str, Shape] = {GUEST_ENTERED.name: {"number": text, "guest": whole, "digest": text}}
_OPENED: dict[str, Shape] = {
    VIEWING_OPENED.name: {"number": text, "person": text, "source": text},
    REGULATION_ACTIVATED.name: {"version": whole, "in_force_from": text},
}


def presence_against_ledger() -> Iterator[Finding]:
    """Guests that are not who was entered, counts that differ, and viewings that one person opened where two must."""
    yield from compared(_SUBJECT, _guests)
    yield from run_checks(_SUBJECT, {"counts-of-guests": _counts, "second-persons": _opened_alone})


def _guests() -> Iterator[Finding]:
    stated = Replayed()
    for act in legible(entered([GUEST_ENTERED.name]), _GUEST, stated.odd):
        if act.facts is None:
            stated.erased += 1
        else:
            key = f"{act.facts['number']}/{act.facts['guest']}"
            stated.things[key] = {"digest": act.facts["digest"], "entered": Entered(act.at)}
    rows = told(Guest.objects.select_related("viewing"), _guest, stated)
    yield from against(_SUBJECT, "guest", stated, rows)


def _guest(row: Guest) -> tuple[str, Facts]:
    number = row.viewing.number
    try:
        digest = guest_commitment(bytes(row.salt), number, guest_view(row))
    except RecordRefusedError:
        digest = "-"
    return f"{number}/{row.place}", {"digest": digest, "entered": row.entered_at}


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
    """Whether the regulation that was in force by what the ledger held then demanded a second person."""
    begun = {version: day for version, day in versions.items() if day <= civil_date(act.at)}
    if not begun:
        return False
    try:
        version = max(begun, key=lambda one: (begun[one], one))
        provisions = provisions_of(office.regulation_of(version), catalog.stream_of(str(facts["source"])))
    except RejentError:
        return False
    return provisions is not None and provisions.second_person
