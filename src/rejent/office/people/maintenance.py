"""Technical faults and processing agreements, which let the maintenance contractor in (R-ACC-3)."""

from datetime import date
from functools import partial
from uuid import UUID

from django.db.models import F, Q

from rejent.kernel.views import view_of
from rejent.office import queries
from rejent.office.acts import FAULT_OPENED
from rejent.office.errors import NoSuchAgreementError, NoSuchFaultError
from rejent.office.models import Fault, ProcessingAgreement
from rejent.office.regulation.vocabulary import ContractorAccess
from rejent.office.views import AgreementView, FaultView
from rejent.registers.books.numbered_rows import NumberedRows
from rejent.registers.guard.rows import matching


def faults(*, open_only: bool = False) -> list[FaultView]:
    """Return the faults: the open ones first, each kind the newest first."""
    rows = Fault.objects.order_by(F("closed_at").desc(nulls_first=True), "-pk")
    return [view_of(FaultView, row) for row in (rows.filter(closed_at__isnull=True) if open_only else rows)]


def outages_entered() -> dict[int, FaultView]:
    """Return the faults that gaps entered, by the gap."""
    rows = Fault.objects.filter(outage__isnull=False)
    return {row.outage: view_of(FaultView, row) for row in rows if row.outage is not None}


def fault(number: str) -> FaultView:
    """Return a fault by its number; raise `NoSuchFaultError`."""
    row = Fault.objects.filter(number=number).first()
    if row is None:
        raise NoSuchFaultError("There is no fault {number}.", number=number)
    return view_of(FaultView, row)


def agreements() -> list[AgreementView]:
    """Return the agreements, the last to begin first."""
    rows = ProcessingAgreement.objects.prefetch_related("people").order_by("-valid_from", "-pk")
    return [agreement_view(row) for row in rows]


def agreement(number: str) -> AgreementView:
    """Return an agreement by its number; raise `NoSuchAgreementError`."""
    row = ProcessingAgreement.objects.prefetch_related("people").filter(number=number).first()
    if row is None:
        raise NoSuchAgreementError("There is no agreement {number}.", number=number)
    return agreement_view(row)


def covered(person_id: UUID | str, day: date) -> bool:
    """Return whether an agreement in force on a civil date covers a person."""
    held = ProcessingAgreement.objects.filter(ended_at__isnull=True, valid_from__lte=day)
    in_force = matching(held.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day)))
    return any(queries.person_key(person_id).hex in row.bound_parts["people"] for row in in_force)


def attended(day: date) -> list[FaultView]:
    """Return the open faults that the regulation lets the contractor attend to; the machine's if any stream does.

    An outage that entered itself lets nobody in: a person opens a fault for that.
    """
    streams = {
        name
        for name, rules in queries.verified_streams(day).items()
        if rules.access.contractor is ContractorAccess.ON_FAULT
    }
    if not streams:
        return []
    found = map(
        partial(view_of, FaultView),
        matching(Fault.objects.filter(closed_at__isnull=True, outage__isnull=True).order_by("-pk")),
    )
    return [each for each in found if not each.stream or each.stream in streams]


def reach(day: date) -> frozenset[str] | None:
    """Return the sources a contractor may attend to; None for every one, because the machine is at fault."""
    found = attended(day)
    return None if any(not each.source for each in found) else frozenset(each.source for each in found)


def agreement_view(row: ProcessingAgreement) -> AgreementView:
    """Return the row as a view."""
    people = frozenset(covered.person_id for covered in row.people.all())
    return view_of(AgreementView, row, people=people)


REGISTER: NumberedRows[Fault] = NumberedRows(
    rows=Fault.objects.all,
    views=lambda rows: [view_of(FaultView, row) for row in rows],
    at="opened_at",
    begun=(FAULT_OPENED,),
    series="faults",
    search=lambda rows, words: rows.filter(Q(number__icontains=words) | Q(description__icontains=words)),
)
