"""What is learnt of a delivery is added to its hand-over; nothing of it is ever changed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from rejent.access.errors import AccessRefusedError
from rejent.cases.copies import queries
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.models import Delivery, HandOver
from rejent.cases.copies.services import Delivered, enter_delivery
from rejent.cases.copies.views import DeliveryWay, HandOverView
from rejent.registers import queries as registers
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.checks import guarded_rows
from tests.guarded_rows import unguarded
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.copies.test_handing import handed

NUMBER = "AE:PL-1-2-3"


def entered(office: CopyingOffice, said: Delivered, role: str = "clerk") -> HandOverView:
    """Enter a delivery."""
    return enter_delivery(said, person=office.people[role], clock=office.office.clock, ledger=None)


def test_a_delivery_is_entered_and_its_receipt_beside_it(pleszew: CopyingOffice) -> None:
    """The later entry counts, the earlier stays; the ledger has way and times and no number; who took a row away or altered one is named."""
    case = pleszew.decided()
    hand_over = handed(pleszew, pleszew.copy(case.number).number, case.number)
    assert hand_over.deliveries == ()
    sent_at = (hand_over.handed_at or hand_over.at).replace(second=0, microsecond=0)
    said = Delivered(hand_over.number, DeliveryWay.E_DELIVERY, f" {NUMBER} ", sent_at)
    assert entered(pleszew, said).deliveries[0].reference == NUMBER
    pleszew.office.go_to(hand_over.at + timedelta(days=2))
    received_at = sent_at + timedelta(days=1)
    entered(pleszew, replace(said, received_at=received_at))
    first, last = (queries.hand_over(hand_over.copy) or hand_over).deliveries
    assert (first.received_at, last.sent_at, last.received_at) == (None, sent_at, received_at)
    told = registers.acts(names=["copy.delivered"]).acts
    assert [sorted(act.facts or {}) for act in told] == [
        ["copy", "delivery", "number", "received_at", "sent_at"],
        ["copy", "delivery", "number", "sent_at"],
    ]
    assert not any(NUMBER in str(act.facts) for act in told)
    assert pleszew.found() == []
    for change in (lambda: Delivery.objects.update(reference="x"), lambda: Delivery.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with unguarded():
        Delivery.objects.order_by("pk").last().delete()
    with pytest.raises(LedgerMismatchError):
        queries.hand_over(hand_over.copy)
    assert [each.code for each in guarded_rows("copies")] == ["copies.differs-from-ledger"]


def test_times_of_a_delivery_follow_one_another(pleszew: CopyingOffice) -> None:
    """One clear line each; nothing is entered."""
    case = pleszew.decided()
    hand_over = handed(pleszew, pleszew.copy(case.number).number, case.number)
    at, hour = hand_over.at, timedelta(hours=1)
    pleszew.office.go_to(at + 3 * hour)
    post = Delivered(hand_over.number, DeliveryWay.POST, "R-1", at + 2 * hour, at + 2 * hour)
    in_person = Delivered(hand_over.number, DeliveryWay.IN_PERSON, received_at=at + hour)
    for said, words in (
        (replace(post, reference=" "), "has a number"),
        (replace(post, reference="R\u200b1"), "invisible"),
        (replace(post, sent_at=None), "when it was sent"),
        (replace(post, sent_at=at - hour), "before the hand-over"),
        (replace(post, received_at=at + hour), "before it was sent"),
        (replace(post, received_at=at + 4 * hour), "has not come"),
        (replace(in_person, received_at=None), "when it was received"),
        (replace(in_person, sent_at=at + hour), "in person is not sent"),
    ):
        with pytest.raises(CopyRefusedError, match=words):
            entered(pleszew, said)
    with pytest.raises(AccessRefusedError):
        entered(pleszew, in_person, "iod")
    assert not Delivery.objects.exists()
    assert HandOver.objects.count() == 1
    assert entered(pleszew, in_person).deliveries[0].received_at == at + hour
