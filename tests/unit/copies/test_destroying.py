"""Two people destroy a copy, whom the head appoints and of whom neither made it; then nothing opens it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save

from rejent.access.errors import AccessRefusedError
from rejent.cases.copies import queries
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import Commission, Confirmation, Copy
from rejent.cases.copies.opening import open_part
from rejent.cases.copies.services import (
    Seen,
    appoint_commission,
    confirm_destruction,
    destroying,
    dissolve_commission,
    finish_destructions,
)
from rejent.cases.copies.views import CommissionState, CommissionView, CopyView, State
from rejent.office.models import Account
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.retention import services as retention
from rejent.retention.rounds.alarms import alarms
from tests.handing import write_copy
from tests.people import add_person
from tests.planted import plant_trigger
from tests.unit.copies.conftest import CopyingOffice

LAST_DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
HOW = "rozdrobniono w niszczarce"


@pytest.fixture
def copy(pleszew: CopyingOffice) -> CopyView:
    """A copy on a disc, on its last day."""
    number = pleszew.copy(pleszew.decided().number).number
    made = write_copy(number, maker=pleszew.people["administrator"], clock=pleszew.office.clock)
    pleszew.office.go_to(LAST_DAY)
    return made


def appointed(office: CopyingOffice, copy: CopyView, *roles: str, by: str = "head") -> CommissionView:
    """A commission of these."""
    members = [office.people[role].id for role in roles]
    return appoint_commission([copy.number], members, person=office.people[by], clock=office.office.clock)


def confirmed(office: CopyingOffice, number: str, role: str, **notes: str) -> CommissionView:
    """A member's word, with how the carriers of copies were destroyed, of which the members read the right sign."""
    said = {
        one.key: Seen(f" {one.sign.lower()} ", note)
        for copy, note in notes.items()
        for one in queries.copy(copy).carriers
    }
    person = office.people[role]
    return confirm_destruction(number, said, person=person, keeping=office.office.keeping, ledger=None)


def test_the_last_word_destroys(pleszew: CopyingOffice, copy: CopyView) -> None:
    """Each in their own session; key dead, objects gone, a proof in the ledger, numbers and rows in order."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    assert (number, [one.number for one in queries.awaiting(str(pleszew.people["clerk"].id))]) == (
        "B-2026-1",
        [number],
    )
    first = confirmed(pleszew, number, "clerk", **{copy.number: HOW})
    assert (first.state, queries.copy(copy.number).state) == (CommissionState.APPOINTED, State.KEPT)
    with pytest.raises(CopyStateError, match="no confirmation"):
        confirmed(pleszew, number, "clerk")
    last = confirmed(pleszew, number, "secretary")
    assert (last.state, dict(last.copies)) == (CommissionState.DONE, {copy.number: f"SN 7: {HOW}"})
    gone = queries.copy(copy.number)
    assert (gone.state, gone.commission, gone.destroyed_at) == (State.DESTROYED, number, LAST_DAY)
    assert not [key for key in pleszew.office.keys.alive() if key.kind == "copy"]
    assert not list(pleszew.office.store.objects("copies/"))
    with pytest.raises(CopyStateError):
        open_part(copy.parts[0], person=pleszew.people["administrator"], clock=pleszew.office.clock)
    (act,) = registers.acts(names=["copy.destroyed"]).acts
    assert act.facts is not None
    assert act.facts["digest"] == copy.digest
    assert pleszew.found() == []


def test_a_word_that_a_trigger_plants_destroys_nothing(pleszew: CopyingOffice, copy: CopyView) -> None:
    """A member confirms, and the database adds the word of the other one: the act is refused whole."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    row = f"'{number}', '{pleszew.people['secretary'].id}', '2026-06-01 09:00:00'"
    planted = (
        f"INSERT INTO copies_confirmation (commission_id, person, at) VALUES ({row}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own
    )
    plant_trigger("UPDATE", "copies_commissionitem", planted)
    with pytest.raises(LedgerMismatchError):
        confirmed(pleszew, number, "clerk", **{copy.number: HOW})
    assert queries.copy(copy.number).state == State.KEPT
    assert not Confirmation.objects.exists()


def test_who_may_not_be_of_it(pleszew: CopyingOffice, copy: CopyView) -> None:
    """One person, the maker, a namesake, an account that shares an address; and only who decides appoints."""
    with pytest.raises(CopyRefusedError, match="2 people"):
        appointed(pleszew, copy, "clerk")
    with pytest.raises(CopyRefusedError, match="does not count"):
        appointed(pleszew, copy, "clerk", "administrator")
    with pytest.raises(AccessRefusedError):
        appointed(pleszew, copy, "clerk", "secretary", by="secretary")
    twin = add_person(
        "clerk Osoba", post="", roles=["clerk"], username="twin", password="Haslo-do-prob-7", clock=pleszew.office.clock, actor=""
    )  # fmt: skip
    pleszew.people["twin"] = twin
    with pytest.raises(CopyRefusedError, match="may be one person"):
        appointed(pleszew, copy, "clerk", "twin")
    assert not Commission.objects.exists()


def test_accounts_that_come_to_share_something_count_once(pleszew: CopyingOffice, copy: CopyView) -> None:
    """It is asked again when a member confirms."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    Account.objects.filter(person_id__in=[pleszew.people[role].id for role in ("clerk", "secretary")]).update(
        email="a@b.example"
    )
    with pytest.raises((CopyRefusedError, LedgerMismatchError)):
        confirmed(pleszew, number, "clerk", **{copy.number: HOW})


def test_nothing_goes_before_its_last_day(pleszew: CopyingOffice) -> None:
    """Two weeks ahead a commission may be appointed; it confirms when the day has come, and tells of each carrier."""
    number = pleszew.copy(pleszew.decided().number).number
    copy = write_copy(number, maker=pleszew.people["administrator"], clock=pleszew.office.clock)
    pleszew.office.go_to(LAST_DAY - timedelta(days=15))
    with pytest.raises(CopyRefusedError, match="nothing destroys it before"):
        appointed(pleszew, copy, "clerk", "secretary")
    pleszew.office.go_to(LAST_DAY - timedelta(days=14))
    number = appointed(pleszew, copy, "clerk", "secretary").number
    with pytest.raises(CopyRefusedError, match="nothing destroys it before"):
        confirmed(pleszew, number, "clerk", **{copy.number: HOW})
    with pytest.raises(CopyStateError, match="another commission's"):
        appointed(pleszew, copy, "clerk", "deputy")
    pleszew.office.go_to(LAST_DAY)
    with pytest.raises(CopyRefusedError, match="how the carrier"):
        confirmed(pleszew, number, "clerk")
    with pytest.raises(CopyStateError, match="no confirmation"):
        confirmed(pleszew, number, "deputy", **{copy.number: HOW})


def test_a_dissolved_commission_gives_its_copies_back(pleszew: CopyingOffice, copy: CopyView) -> None:
    """With a reason; another one can be appointed."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    head, clock = pleszew.people["head"], pleszew.office.clock
    with pytest.raises(CopyRefusedError, match="reason"):
        dissolve_commission(number, " ", person=head, clock=clock)
    assert dissolve_commission(number, "choroba", person=head, clock=clock).state is CommissionState.DISSOLVED
    assert appointed(pleszew, copy, "clerk", "deputy").number == "B-2026-2"
    assert pleszew.found() == []


def test_a_keeper_carries_out_what_was_confirmed(
    pleszew: CopyingOffice, copy: CopyView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the point of no return, and once more between key and objects."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    confirmed(pleszew, number, "clerk", **{copy.number: HOW})

    class Killed(BaseException):
        """Nothing catches it."""

    def kill(*_arguments: Any, **_named: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(destroying, "_destroy", kill)
        with pytest.raises(Killed):
            confirmed(pleszew, number, "secretary")
    assert queries.copy(copy.number).state is State.DYING
    pleszew.office.go_to(LAST_DAY + timedelta(hours=2))
    assert pleszew.found() == ["copies.undestroyed"]
    with monkeypatch.context() as patched:
        patched.setattr(destroying, "clear_folder", kill)
        with pytest.raises(Killed):
            finish_destructions(pleszew.office.keeping)
    assert not [key for key in pleszew.office.keys.alive() if key.kind == "copy"]

    def fail(*_arguments: Any) -> None:
        raise ValueError("malformed")

    with monkeypatch.context() as patched:
        patched.setattr(destroying, "clear_folder", fail)
        assert finish_destructions(pleszew.office.keeping) == [f"commission {number}: malformed"]
    assert finish_destructions(pleszew.office.keeping) == []
    assert queries.copy(copy.number).state is State.DESTROYED
    assert pleszew.found() == []


def test_the_database_wants_two_people(pleszew: CopyingOffice, copy: CopyView) -> None:
    """Neither none, nor one twice, nor the maker beside another (I7)."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    row = Commission.objects.get(number=number)
    wanted = Copy.objects.filter(number=copy.number)

    def refused() -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            wanted.update(state=State.DYING, commission=row)

    refused()
    Confirmation.objects.create(commission=row, person="one", at=LAST_DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.create(commission=row, person="one", at=LAST_DAY)
    Confirmation.objects.create(commission=row, person=copy.made_by, at=LAST_DAY)
    refused()
    assert UUID(copy.made_by)
    with pytest.raises(LedgerMismatchError):
        queries.commission(number)


def test_a_word_that_a_trigger_plants_is_nobodys(pleszew: CopyingOffice, copy: CopyView) -> None:
    """One member's confirmation plants the other's row behind it: nothing dies, and neither does it where it is bound (I7)."""
    number = appointed(pleszew, copy, "clerk", "secretary").number
    other = str(pleszew.people["secretary"].id)

    def plant(instance: Confirmation, **_told: Any) -> None:
        if instance.person != other:
            Confirmation.objects.create(commission_id=number, person=other, at=LAST_DAY)

    post_save.connect(plant, sender=Confirmation)
    try:
        with pytest.raises(LedgerMismatchError):
            confirmed(pleszew, number, "clerk", **{copy.number: HOW})
    finally:
        post_save.disconnect(plant, sender=Confirmation)
    assert queries.copy(copy.number).state is State.KEPT
    assert pleszew.found() == []
    row = Commission.objects.get(number=number)
    Confirmation.objects.create(commission=row, person=other, at=LAST_DAY)
    assert "copies.confirmed-otherwise" in pleszew.found()


def test_a_keeper_says_that_a_copy_is_due(pleszew: CopyingOffice, copy: CopyView) -> None:
    """On its last day the alarm is raised, and it ends once the copy is destroyed."""
    retention.keep_once(pleszew.office.keeping)
    assert [alarm.subject for alarm in alarms() if alarm.kind == "copy-due"] == [copy.number]
    number = appointed(pleszew, copy, "clerk", "secretary").number
    for role in ("clerk", "secretary"):
        confirmed(pleszew, number, role, **{copy.number: HOW})
    retention.keep_once(pleszew.office.keeping)
    assert [alarm for alarm in alarms() if alarm.kind == "copy-due"] == []
