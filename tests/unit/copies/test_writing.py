"""A carrier is entered once something was written to it; what is handed over was packed, written, signed, in this order and no other."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases.copies import queries
from rejent.cases.copies.errors import CopyRefusedError, CopyStateError
from rejent.cases.copies.models import HandOver, Writing
from rejent.cases.copies.services import (
    Handing,
    Written,
    appoint_commission,
    enter_writing,
    hand_over_copy,
    prepare_hand_over,
    sign_hand_over,
    withdraw_hand_over,
    withdraw_writing,
)
from rejent.cases.copies.views import HandOverState, Medium, Signing, State
from rejent.evidence.sealing import find_taken, note_export, note_taken
from rejent.kernel.clock import civil_date
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from tests.guarded_rows import unguarded
from tests.handing import sign_over, write_copy
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.copies.test_destroying import LAST_DAY

POLICE = {"recipient": "asp. Jan Testowy", "body": "Policja"}


def acting(office: CopyingOffice, role: str = "administrator") -> dict[str, Any]:
    """Who acts, by the office's clock."""
    return {"person": office.people[role], "clock": office.office.clock}


def handing(office: CopyingOffice) -> Handing:
    """A copy for the police, and what is said of its hand-over."""
    case = office.decided().number
    return Handing(office.copy(case).number, case, **POLICE)


def test_what_left_is_known_with_whom_it_was_for(pleszew: CopyingOffice) -> None:
    """A package without a code, one with, an export: oldest first; the ledger has the digest of the code alone."""
    clock, noted = pleszew.office.clock, []
    noted.append(note_taken("K-2026-1", "", clock=clock, actor="a"))
    noted.append(note_taken("K-2026-1", "W-2026-1", "code", clock=clock, actor="b"))
    noted.append(note_export("K-2026-1", "", "ONVIF", 3, clock=clock, actor="a"))
    note_taken("K-2026-11", "", clock=clock, actor="a")
    found = find_taken("K-2026-1")
    assert [each.entry for each in found] == noted
    assert [(each.by, each.case, each.format, each.encrypted) for each in found] == [
        ("a", "", "", False), ("b", "W-2026-1", "", True), ("a", "", "ONVIF", False),
    ]  # fmt: skip
    assert "'code'" not in str([act.facts for act in registers.acts(names=["evidence.taken"]).acts]).replace(
        "'code':", ""
    )


def test_a_carrier_is_entered_of_a_package_that_left(pleszew: CopyingOffice) -> None:
    """By whoever makes copies; sign and place are needed of a carrier, not of a file that is sent; the entry can be taken back, once."""
    copy = pleszew.copy(pleszew.decided().number).number
    foreign = note_taken("K-2026-9", "", clock=pleszew.office.clock, actor="")
    with pytest.raises(CopyRefusedError, match="No such package"):
        enter_writing(Written(copy, foreign, Medium.USB, "1", place="x"), **acting(pleszew))
    package = note_taken(copy, "", clock=pleszew.office.clock, actor="")
    for lacking in ({"sign": ""}, {"place": " "}):
        with pytest.raises(CopyRefusedError, match="sign"):
            write_copy(copy, maker=pleszew.people["administrator"], clock=pleszew.office.clock, **lacking)
    with pytest.raises(AccessRefusedError):
        enter_writing(Written(copy, package, Medium.USB, "1", place="x"), **acting(pleszew, "clerk"))
    enter_writing(Written(copy, package, Medium.MESSAGE), **acting(pleszew))
    (sent,) = queries.copy(copy).carriers
    with pytest.raises(CopyRefusedError, match="why"):
        withdraw_writing(copy, sent.key, " ", **acting(pleszew))
    withdraw_writing(copy, sent.key, "omyłka", **acting(pleszew))
    (gone,) = queries.copy(copy).writings
    assert (gone.stands, gone.reason, queries.copy(copy).carriers) == (False, "omyłka", ())
    with pytest.raises(CopyRefusedError, match="before"):
        withdraw_writing(copy, sent.key, "omyłka", **acting(pleszew))
    assert pleszew.found() == []
    with unguarded():
        Writing.objects.update(sign="inny")
    with pytest.raises(LedgerMismatchError):
        queries.copy(copy)


def test_nothing_is_handed_over_before_it_was_packed_written_and_signed(pleszew: CopyingOffice) -> None:
    """Each refusal says what to do; a time before the signatures or to come is none."""
    said, clock = handing(pleszew), pleszew.office.clock
    clerk = acting(pleszew, "clerk")
    with pytest.raises(CopyRefusedError, match="package") as refused:
        prepare_hand_over(said, **clerk)
    assert "takes the package" in refused.value.advice
    note_taken(said.copy, "", clock=clock, actor="")
    with pytest.raises(CopyRefusedError, match="to which carrier"):
        prepare_hand_over(said, **clerk)
    write_copy(said.copy, maker=pleszew.people["administrator"], clock=clock)
    prepared = prepare_hand_over(said, **clerk)
    assert (prepared.state, queries.copy(said.copy).state) == (HandOverState.PREPARED, State.KEPT)
    with pytest.raises(CopyStateError, match="under way"):
        prepare_hand_over(said, **clerk)
    with pytest.raises(CopyStateError, match="not signed"):
        hand_over_copy(prepared.number, clock.now(), ledger=None, **clerk)
    today = civil_date(clock.now())
    for day, words in (
        (today - timedelta(days=1), "before the paper"),
        (today + timedelta(days=1), "not come"),
    ):
        with pytest.raises(CopyRefusedError, match=words):
            sign_hand_over(prepared.number, Signing.PAPER, day, **clerk)
    sign_hand_over(prepared.number, Signing.PAPER, today, **clerk)
    with pytest.raises(CopyStateError, match="names this carrier"):
        write_copy(said.copy, maker=pleszew.people["administrator"], clock=clock)
    for at, words in (
        (clock.now() - timedelta(hours=1), "before the paper"),
        (clock.now() + timedelta(hours=1), "not come"),
    ):
        with pytest.raises(CopyRefusedError, match=words):
            hand_over_copy(prepared.number, at, ledger=None, **clerk)
    done = hand_over_copy(prepared.number, clock.now(), ledger=None, **clerk)
    assert (done.state, done.handed_at) == (HandOverState.HANDED, clock.now())
    with pytest.raises(CopyStateError, match="entered before"):
        withdraw_hand_over(prepared.number, "x", **clerk)
    assert pleszew.found() == []


def test_a_hand_over_that_did_not_happen_keeps_its_number(pleszew: CopyingOffice) -> None:
    """Withdrawn with a reason, also once it was signed; another follows, and meanwhile no commission takes the copy."""
    said, head = handing(pleszew), pleszew.people["head"]
    given = {
        "maker": pleszew.people["administrator"],
        "giver": pleszew.people["clerk"],
        "clock": pleszew.office.clock,
    }
    first = sign_over(said, **given)
    pleszew.office.go_to(LAST_DAY)
    members = [pleszew.people[role].id for role in ("clerk", "secretary")]
    with pytest.raises(CopyStateError, match="under way"):
        appoint_commission([said.copy], members, person=head, clock=pleszew.office.clock)
    with pytest.raises(CopyRefusedError, match="why"):
        withdraw_hand_over(first.number, "", **acting(pleszew, "clerk"))
    withdraw_hand_over(first.number, "nikt nie przyjechał", **acting(pleszew, "clerk"))
    assert queries.hand_over(said.copy) is None
    assert [each.number for each in queries.find_withdrawn(said.copy)] == ["P-2026-1"]
    assert sign_over(said, **given).number == "P-2026-2"
    assert pleszew.found() == []


def test_the_database_keeps_the_order(pleszew: CopyingOffice) -> None:
    """No hand-over begins signed, skips a step, or is done of what counts as written no more; what was written is neither changed nor deleted."""
    said, clock = handing(pleszew), pleszew.office.clock
    given = {"maker": pleszew.people["administrator"], "giver": pleszew.people["clerk"], "clock": clock}
    sign_over(said, **given)
    row = HandOver.objects.filter(number="P-2026-1")
    for change in (
        lambda: Writing.objects.update(sign="inny"),
        lambda: Writing.objects.all().delete(),
        lambda: row.update(state="prepared"),
        lambda: row.update(case_id="W-2026-9"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    Writing.objects.update(withdrawn_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(state="handed", handed_at=clock.now())
