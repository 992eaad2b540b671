"""Faults and processing agreements: what lets the maintenance contractor in, and ends it (R-ACC-3, S4 § 6.3)."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction

from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.office import queries
from rejent.office.acts import AGREEMENT_ENDED, AGREEMENT_ENTERED, FAULT_CLOSED, FAULT_OPENED
from rejent.office.errors import AgreementEnteredError, AgreementRefusedError, FaultRefusedError
from rejent.office.models import CoveredPerson, Fault, ProcessingAgreement
from rejent.office.people import maintenance, standing
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.services.changing import end_sessions, end_sessions_of_contractors
from rejent.office.views import AgreementView, FaultView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter, take_number

SERIES = "faults"
_MARK = "A"
_LONGEST_TEXT = 2000


def open_fault(
    *, description: str, source: str, stream: str, clock: Clock, actor: str, outage: int | None = None
) -> FaultView:
    """Enter a technical fault; while it is open, contractors under an agreement may attend to it.

    ``source`` and ``stream`` are empty where the machine itself is at fault; a fault with ``outage``, the number of its
    gap, calls no contractor in. Raises FaultRefusedError.
    """
    text, clock = _sentence(description), FrozenClock(clock)
    with transaction.atomic():
        year = civil_date(clock.now()).year
        row = Fault.objects.create(
            number=written_number(_MARK, year, take_number(SERIES, year)),
            source=source,
            stream=stream,
            description=text,
            opened_at=clock.now(),
            opened_by=actor,
            outage=outage,
        )
        place = standing.place_taken(actor, clock=clock)
        where = {"source": source or None, "stream": stream or None}
        record = {"number": row.number, **where, "description": text, **place}
        subject = f"source:{source}" if source else ""
        enter(FAULT_OPENED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return view_of(FaultView, row)


def close_fault(number: str, *, outcome: str, clock: Clock, actor: str) -> FaultView:
    """Close a fault; sessions of contractors end with it. One that is closed already stays as it was.

    Raises NoSuchFaultError, FaultRefusedError.
    """
    maintenance.fault(number)
    text, clock = _sentence(outcome), FrozenClock(clock)
    with transaction.atomic():
        row = verified(Fault.objects.select_for_update(no_key=True).get(number=number))
        if row.closed_at is None:
            row.closed_at, row.closed_by, row.outcome = clock.now(), actor, text
            row.save(update_fields=["closed_at", "closed_by", "outcome"])
            end_sessions_of_contractors()
            record = {"number": number, "done": text, **standing.place_taken(actor, clock=clock)}
            subject = f"source:{row.source}" if row.source else ""
            enter(FAULT_CLOSED, actor=actor, subject=subject, record=record, at=clock.now(), row=row)
    return view_of(FaultView, row)


def add_agreement(
    *,
    number: str,
    party: str,
    concluded_on: date,
    valid_from: date,
    valid_until: date | None,
    people: Collection[UUID | str],
    clock: Clock,
    actor: str,
) -> AgreementView:
    """Enter a processing agreement with a firm and which of its people it covers; both days are included.

    Raises NoSuchPersonError, AgreementRefusedError, AgreementEnteredError.
    """
    clock = FrozenClock(clock)
    sign, firm = _plain(number, 80), _plain(party, 200)
    today = civil_date(clock.now())
    _require_days(concluded_on, valid_from, valid_until, today)
    covered = _contractors(people, today)
    with transaction.atomic():
        if ProcessingAgreement.objects.filter(number=sign).exists():
            raise AgreementEnteredError(
                "An agreement of the number {number} is entered already.",
                number=sign,
                advice="Check the number.",
            )
        row = ProcessingAgreement.objects.create(
            number=sign,
            party=firm,
            concluded_on=concluded_on,
            valid_from=valid_from,
            valid_until=valid_until,
            entered_at=clock.now(),
            entered_by=actor,
        )
        CoveredPerson.objects.bulk_create(CoveredPerson(agreement=row, person_id=each) for each in covered)
        row.state_parts(people=sorted(each.hex for each in covered))
        record = {
            "agreement": row.number,
            "party": row.party,
            "concluded_on": row.concluded_on.isoformat(),
            "from": row.valid_from.isoformat(),
            "until": row.valid_until.isoformat() if row.valid_until else None,
            "people": sorted(map(str, covered)),
            **standing.place_taken(actor, clock=clock),
        }
        enter(AGREEMENT_ENTERED, actor=actor, subject="", record=record, at=clock.now(), row=row)
    return maintenance.agreement(sign)


def end_agreement(number: str, *, clock: Clock, actor: str) -> AgreementView:
    """End an agreement at once, and the sessions of whom it covers; one that is over already stays as it was.

    Raises NoSuchAgreementError.
    """
    maintenance.agreement(number)
    clock = FrozenClock(clock)
    with transaction.atomic():
        row = verified(ProcessingAgreement.objects.select_for_update(no_key=True).get(number=number))
        if not maintenance.agreement_view(row).over(civil_date(clock.now())):
            row.ended_at, row.ended_by = clock.now(), actor
            row.save(update_fields=["ended_at", "ended_by"])
            end_sessions(row.people.values_list("person_id", flat=True))
            record = {"agreement": number, **standing.place_taken(actor, clock=clock)}
            enter(AGREEMENT_ENDED, actor=actor, subject="", record=record, at=clock.now(), row=row)
    return maintenance.agreement(number)


def _require_days(concluded_on: date, valid_from: date, valid_until: date | None, today: date) -> None:
    if concluded_on > min(today, valid_from):
        raise AgreementRefusedError(
            "An agreement is concluded before it comes into force, and before it is entered."
        )
    if valid_until is not None and valid_until < max(valid_from, today):
        raise AgreementRefusedError(
            "The agreement would be over before it begins, or before today.", advice="Give a later last day."
        )


def _contractors(people: Collection[UUID | str], today: date) -> list[UUID]:
    found = {person.id: person for person in map(queries.person, people)}
    if not found or any(
        RoleName.CONTRACTOR not in each.roles or not each.active(today) for each in found.values()
    ):
        raise AgreementRefusedError(
            "An agreement covers people who are maintenance contractors, one at least.",
            advice="Enter the person with that role first.",
        )
    return list(found)


def _sentence(written: str) -> str:
    text = written.strip()
    if not text or len(text) > _LONGEST_TEXT or not is_plain(text.replace("\n", " ").replace("\r", " ")):
        raise FaultRefusedError(
            "A fault needs a description of at most {longest} characters, and what was done when it is closed.",
            longest=_LONGEST_TEXT,
        )
    return text


def _plain(written: str, longest: int) -> str:
    text = written.strip()
    if not text or len(text) > longest or not is_plain(text):
        raise AgreementRefusedError(
            "An agreement needs a number and a party, of at most {longest} characters.", longest=longest
        )
    return text
