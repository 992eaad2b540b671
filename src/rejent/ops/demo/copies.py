"""Copies of a demo office: one handed over, one destroyed by a commission, one whose last day is today."""

from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING

from rejent.kernel.clock import ManualClock, civil_date

if TYPE_CHECKING:
    from rejent.cases.copies.views import CopyView

MEMBERS = ("sekretarz", "pracownik")


def copy_for(number: str, clock: ManualClock) -> None:
    """Make three copies of what is held for a disclosure, where any of it was recorded, and let each come to another stage."""
    from rejent.cases import queries as cases
    from rejent.cases.copies import permission
    from rejent.cases.copies.errors import CopyRefusedError

    today = civil_date(clock.now())
    if not permission.copyable(cases.case(number)):
        return
    with suppress(CopyRefusedError):
        handed = _made(number, today + timedelta(days=60), "płyta nr 1", "BK 000123")
        destroyed = _made(number, today, "płyta nr 2", "BK 000124")
        _made(number, today, "płyta nr 3", "BK 000125")
        _hand_over(handed, clock)
        _destroy(destroyed, clock)


def _made(number: str, until: date, carrier: str, bag: str) -> "CopyView":
    from django.conf import settings

    from rejent.cases import queries as cases
    from rejent.cases.copies import permission, services
    from rejent.cases.copies.views import Medium
    from rejent.office import queries as office

    held = permission.copyable(cases.case(number))[0]
    asked = services.Asked(
        number,
        held.source_id,
        held.interval,
        item=held.item,
        medium=Medium.DVD,
        carrier=carrier,
        bag=bag,
        kept_in="sejf, pokój 12",
        stated=until,
    )
    return services.make_copy(asked, person=office.person_by_username("asi"), keeping=settings.KEEPING())


def _hand_over(copy: "CopyView", clock: ManualClock) -> None:
    from django.conf import settings

    from rejent.cases.copies.services import Handing, hand_over_copy
    from rejent.office import queries as office

    handing = Handing(
        copy.number,
        copy.case,
        "asp. Jan Przykładowy",
        "dzielnicowy",
        "Komenda Powiatowa Policji w Przykładowie",
        declared=True,
    )
    clerk = office.person_by_username("kancelaria")
    hand_over_copy(handing, person=clerk, clock=clock, ledger=settings.LEDGER)


def _destroy(copy: "CopyView", clock: ManualClock) -> None:
    """Have a commission of two destroy a copy on its last day."""
    from django.conf import settings

    from rejent.cases.copies.services import appoint_commission, confirm_destruction
    from rejent.office import queries as office

    members = [office.person_by_username(name) for name in MEMBERS]
    head = office.person_by_username("burmistrz")
    commission = appoint_commission([copy.number], {each.id for each in members}, person=head, clock=clock)
    for member in members:
        confirm_destruction(
            commission.number,
            {copy.number: "płytę połamano i pocięto w niszczarce"},
            person=member,
            keeping=settings.KEEPING(),
            ledger=settings.LEDGER,
        )
