"""fsck finds absences, faults, agreements and statements that somebody wrote into the database by hand."""

from collections.abc import Callable
from datetime import timedelta

from rejent.kernel.clock import ManualClock
from rejent.office import checks, services
from rejent.office.models import Absence, CoveredPerson, Fault, ProcessingAgreement, SignedStatement
from rejent.office.views import PersonView
from tests.unit.office_services.conftest import TODAY
from tests.unit.office_services.test_duties import agree, fault

People = Callable[..., PersonView]


def found(clock: ManualClock) -> list[tuple[str, object]]:
    """Codes and things of what is found."""
    return sorted((one.code, str(one.facts.get("thing"))) for one in checks.findings(clock))


def test_what_was_entered_is_as_it_was_entered(add: People, clock: ManualClock) -> None:
    """Begun, ended and running ones alike: nothing is found."""
    head, contractor = add("head", roles=["head"]), agree(add, clock)
    absence = services.enter_absence(head.id, TODAY, None, clock=clock, actor="cli")
    services.end_absence(absence.id, clock=clock, actor="cli")
    services.enter_absence(head.id, TODAY, TODAY, clock=clock, actor="cli")
    services.close_fault(fault(clock), outcome="Działa.", clock=clock, actor="cli")
    fault(clock, source="kamera", stream="video")
    agree(add, clock, number="UP/8/2026", valid_until=TODAY)
    services.end_agreement("UP/7/2026", clock=clock, actor="cli")
    services.enter_statement(contractor.id, TODAY, clock=clock, actor="cli")
    assert found(clock) == []


def test_what_was_written_by_hand_is_found(add: People, clock: ManualClock) -> None:
    """A period made longer, a fault opened again, a person added to an agreement, and rows that nobody entered."""
    head, contractor = add("head", roles=["head"]), agree(add, clock, valid_until=TODAY)
    absence = services.enter_absence(head.id, TODAY, TODAY, clock=clock, actor="cli")
    number = fault(clock)
    services.close_fault(number, outcome="Działa.", clock=clock, actor="cli")
    Absence.objects.update(last_day=None)
    Fault.objects.update(closed_at=None)
    ProcessingAgreement.objects.update(valid_until=TODAY + timedelta(days=9))
    CoveredPerson.objects.create(agreement=ProcessingAgreement.objects.get(), person_id=head.id)
    SignedStatement.objects.create(
        person_id=contractor.id, version=1, signed_on=TODAY, entered_at=clock.now()
    )
    differing = [
        f"absence:{absence.id}",
        f"fault:{Fault.objects.get(number=number).pk}",
        f"processingagreement:{ProcessingAgreement.objects.get().pk}",
    ]
    assert found(clock) == [
        *(("office.differs-from-ledger", thing) for thing in differing),
        ("office.not-in-ledger", f"signedstatement:{SignedStatement.objects.get().pk}"),
    ]
    Fault.objects.all().delete()
    CoveredPerson.objects.all().delete()
    ProcessingAgreement.objects.all().delete()
    codes = {code for code, _ in found(clock)}
    assert {"office.row-missing", "registers.number-gap"} <= codes
