"""With what a recorded person said go the papers of the hand-over to them, and the rows of their copies in closed years."""

from datetime import timedelta
from typing import Any

import pytest

from rejent.cases import services as cases
from rejent.cases.attachments import queries
from rejent.cases.attachments.errors import FileRefusedError, NoSuchFileError
from rejent.cases.attachments.services import keep_files
from rejent.cases.attachments.views import Role
from rejent.cases.copies import queries as copies
from rejent.cases.copies.services import appoint_commission
from rejent.cases.views import Kind, State
from rejent.kernel.intervals import Interval
from rejent.registers.books.closing import Digests, close_year, closed_content
from rejent.retention import queries as holds
from rejent.retention import services as retention
from tests.unit.attachments.test_attaching import attached, found
from tests.unit.cases.application import NOON, entered
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.copies.test_destroying import LAST_DAY, confirmed
from tests.unit.copies.test_handing import handed
from tests.unit.copies.test_redacting import derived, filmed, plan, region

__all__ = ["filmed"]


def access(office: CopyingOffice) -> str:
    """The number of a recorded person's access, consented to, whose derived copy they took."""
    times = (NOON, NOON + timedelta(seconds=4))
    asked: dict[str, Any] = {"kind": Kind.RIGHT, "right": "access", "identity": "document", "times": times}
    number = entered(office.office.clock, office.camera, **asked).number
    said: dict[str, Any] = {"reasons": "", "basis": "art. 15 RODO", "knowledge": None}
    head, clock = office.people["head"], office.office.clock
    cases.decide_case(number, State.GRANTED, person=head, clock=clock, ledger=None, **said)
    first = office.copy(number, interval=Interval(*times))
    second = derived(office, first.number, plan(region((0, 0, 0, 5000, 5000))))
    handed(office, second.number, number, recipient="Anna Przykładowa", body="")
    return number


def test_papers_and_closed_rows_of_a_recorded_person_go(filmed: CopyingOffice) -> None:
    """And nothing is attached to the hand-over afterwards."""
    office, head = filmed.office, filmed.people["head"]
    number = access(filmed)
    (given,) = copies.hand_overs_under(number)
    about, book = f"hand-over:{given.number}", "copies-video"
    receipt = attached(filmed, about, role=Role.SIGNED)
    rows = [(one.number, (one.number, "Anna Przykładowa")) for one in copies.of_case(number)]
    other = ("K-2026-9", ("K-2026-9", "Jan Testowy"))
    close_year(
        book, 2026, {}, [*rows, other], Digests("", ""), clock=office.clock, actor=str(head.id), place={}
    )
    office.go_to(LAST_DAY)
    members = [filmed.people[role].id for role in ("clerk", "secretary")]
    commission = appoint_commission([key for key, _ in rows], members, person=head, clock=office.clock).number
    notes = {key: "rozdrobniono" for key, _ in rows}
    confirmed(filmed, commission, "clerk", **notes)
    confirmed(filmed, commission, "secretary")
    for hold in holds.holds():
        if hold.ended_at is None:
            retention.end_hold(hold.number, reason="x", clock=office.clock, ledger=None, actor="")
    cases.erase_applicant(number, grounds="B5", person=head, clock=office.clock, ledger=None)
    assert closed_content(book, 2026).rows == [None, None, other]
    assert keep_files(office.keeping) == []
    with pytest.raises(NoSuchFileError):
        queries.attached_file(receipt.id)
    assert not list(office.store.objects("attachments/"))
    with pytest.raises(FileRefusedError, match="erased"):
        attached(filmed, about, role=Role.SIGNED)
    assert found(filmed) == []
