"""A dialog keeps order, finds its way back, and agrees on how long it lives."""

import pytest

from rejent.streams.calls.network.sip.deadlines import Deadlines
from rejent.streams.calls.network.sip.dialogs import SessionTimer, dialog_from_invite, dialog_id, negotiate
from tests.unit.streams_calls.sip_messages import UDP, request

CONTACT = "<sip:rec@192.0.2.1:5060>;+sip.srs"
ROUTES = [("Record-Route", "<sip:p1.example.org;lr>, <sip:p2.example.org;lr>")]


def test_a_dialog_is_named_by_both_sides():
    """Call-ID and both tags name it; a request without our tag opens one."""
    dialog = dialog_from_invite(request(), UDP, "ours", CONTACT)
    assert dialog_id(request("BYE", 2, to_tag="ours")) == dialog.id
    assert dialog_id(request()) is None


def test_requests_must_grow():
    """A request not newer than the last is out of order."""
    dialog = dialog_from_invite(request(sequence=5), UDP, "ours", CONTACT)
    assert not dialog.accept_sequence(request("BYE", 5))
    assert dialog.accept_sequence(request("BYE", 9))
    assert not dialog.accept_sequence(request("BYE", 8))


def test_requests_of_ours_take_the_recorded_route():
    """A BYE of ours goes to the caller's Contact by the way it asked for, with growing numbers."""
    dialog = dialog_from_invite(request(extra=ROUTES), UDP, "ours", CONTACT)
    bye = dialog.request("BYE", "z9hG4bKb")
    assert bye.uri == "sip:sbc@192.0.2.10:5080"
    assert bye.headers.all("Route") == ["<sip:p1.example.org;lr>", "<sip:p2.example.org;lr>"]
    assert bye.headers.get("From") == "<sip:recorder@rec.example.org>;tag=ours"
    assert bye.headers.get("To") == "<sip:sbc@sbc.example.org>;tag=src"
    assert (bye.sequence, dialog.request("BYE", "z9hG4bKc").sequence) == (1, 2)


def test_a_strict_router_is_obeyed():
    """A proxy older than loose routing gets itself as the address, and the caller as last route."""
    dialog = dialog_from_invite(
        request(extra=[("Record-Route", "<sip:old.example.org>")]), UDP, "ours", CONTACT
    )
    bye = dialog.request("BYE", "z9hG4bKb")
    assert bye.uri == "sip:old.example.org"
    assert bye.headers.all("Route") == ["<sip:sbc@192.0.2.10:5080>"]


def test_a_new_contact_counts():
    """A re-INVITE may move the caller; what it allows is noted."""
    dialog = dialog_from_invite(request(), UDP, "ours", CONTACT)
    moved = request("UPDATE", 2, extra=[("Allow", "INVITE, BYE, UPDATE")])
    dialog.refresh(moved, UDP)
    assert dialog.allows_update
    assert dialog.target == "sip:sbc@192.0.2.10:5080"


TIMER = ("Supported", "timer")


@pytest.mark.parametrize(
    ("fields", "timer"),
    [
        ([], None),
        ([("Session-Expires", "600")], None),
        ([TIMER], SessionTimer(1800, ours=False)),
        ([TIMER, ("x", "600;refresher=uac")], SessionTimer(600, ours=False)),
        ([TIMER, ("x", "600")], SessionTimer(600, ours=False)),
        ([TIMER, ("x", "600;refresher=uas")], SessionTimer(600, ours=True)),
        ([TIMER, ("x", "soon")], SessionTimer(1800, ours=False)),
        ([TIMER, ("x", "999999999")], SessionTimer(86400, ours=False)),
    ],
)
def test_the_caller_refreshes_where_it_may(fields, timer):
    """The caller refreshes unless it insists that we do; one that knows no timers gets none."""
    assert negotiate(request(extra=fields)) == timer


def test_a_timer_too_short_is_lengthened_in_secret():
    """An interval below the smallest allowed is confirmed as asked and counted as the smallest."""
    timer = negotiate(request(extra=[TIMER, ("x", "20")]))
    assert timer.fields == [("Session-Expires", "20;refresher=uac"), ("Require", "timer")]
    assert timer.expires_after == 90


def test_deadlines_move():
    """Only the last instant set for a key counts, and the heap does not grow with those moved."""
    deadlines = Deadlines()
    for at in range(1000):
        deadlines.set("a", at)
    deadlines.set("b", 5)
    deadlines.drop("b")
    assert deadlines.next == 999
    assert len(deadlines._heap) < 200
    assert list(deadlines.due(998)) == []
    assert list(deadlines.due(999)) == ["a"]
    assert deadlines.next is None
