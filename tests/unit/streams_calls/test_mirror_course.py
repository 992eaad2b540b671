"""How calls go that are seen at a mirror port: ringing, held, moved, handed on, and how they end."""

from itertools import chain

import pytest

from tests.unit.streams_calls.mirror_traffic import (
    BOB,
    SBC,
    Call,
    Desk,
    causes,
    over,
    taken,
)


@pytest.mark.parametrize("status", [487, 486, 603])
def test_a_call_that_nobody_takes_leaves_nothing(status: int) -> None:
    """Cancelled, busy or declined: what was heard while it rang is destroyed, and nothing is entered."""
    desk, call = Desk(), Call()
    desk.see(
        call.sip(call.invite()),
        call.sip(call.response(183, body=call.description(1)), 1),
        *call.speech(1, 20),
    )
    desk.see(call.sip(call.request("CANCEL", to_tag="")), call.sip(call.response(200, "CANCEL"), 1))
    desk.see(call.sip(call.response(status), 1))
    desk.wait(1)
    assert desk.sink.discarded == desk.sink.objects
    assert (desk.books.begun, desk.books.ended, desk.observation.calls) == ([], [], 0)


def test_one_of_several_telephones_takes_the_call() -> None:
    """Three ring, one of them speaks early, one is busy, the third takes the call: it is one call with the third."""
    desk, call = Desk(), Call()
    desk.see(call.sip(call.invite()))
    first = Call(called_tag="first", ports=(30_000, 41_000))
    desk.see(call.sip(call.response(183, body=first.description(1), tag="first"), 1), *first.speech(1, 5))
    desk.see(call.sip(call.response(180, tag="second"), 1), call.sip(call.ok(), 1), *call.both(20))
    desk.see(call.sip(first.request("BYE", 1), 1), *call.both(20))
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]
    assert set(call.spoken[1]) <= set(desk.kept(1))
    assert [why for _, _, why in desk.books.ended] == ["bye"]


def test_hold_and_resume() -> None:
    """A hold of an hour is told as a pause, whoever wants it; the call goes on where it is taken up again."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(20))
    call.sequence = 2
    desk.see(call.sip(call.request("INVITE", 1, call.description(1, more="a=sendonly\r\n")), 1))
    desk.see(call.sip(call.response(200, side=1, body=call.description(0, more="a=recvonly\r\n"))))
    desk.wait(2 * 3600)
    call.sequence = 3
    desk.see(call.sip(call.request("INVITE", 1, call.description(1)), 1))
    desk.see(call.sip(call.response(200, side=1, body=call.description(0))), *call.both(20))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert causes(desk, 0) == ["paused"]
    assert [why for _, _, why in desk.books.ended] == ["bye"]


def test_a_hold_as_it_was_written_of_old() -> None:
    """An address of nobody says that nothing is to be sent there, until one of somebody takes its place."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(20))
    for sequence, host in ((2, "0.0.0.0"), (3, BOB)):  # noqa: S104 - how a hold was written (RFC 2543)
        call.sequence = sequence
        desk.see(call.sip(call.request("INVITE", 1, call.description(1, host=host)), 1))
        desk.see(call.sip(call.response(200, side=1, body=call.description(0))))
        desk.wait(60)
    desk.see(*call.both(20))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert "paused" in causes(desk, 0)


@pytest.mark.parametrize(("status", "followed"), [(200, True), (488, False)])
def test_a_party_that_moves_is_followed(status: int, followed: bool) -> None:
    """After a re-INVITE that is accepted speech goes to the new port; one that is refused changes nothing."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    moved = Call(ports=(30_000, 45_000), sequence=2)
    desk.see(call.sip(moved.request("INVITE", 1, moved.description(1)), 1))
    desk.see(call.sip(moved.response(status, side=1, body=call.description(0) if status == 200 else "")))
    after = moved if followed else call
    after.spoken = call.spoken
    desk.wait(3)
    desk.see(*after.both(30))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_a_bye_that_was_not_seen() -> None:
    """Where a session timer was agreed, silence behind its end is the end; without one an hour without a word is."""
    for expires, after, why in (
        ("Session-Expires: 90;refresher=uac\r\n", 100, "not-refreshed"),
        ("", 3700, "vanished"),
    ):
        desk, call = Desk(), Call()
        desk.see(
            call.sip(call.invite()), call.sip(call.response(200, body=call.description(1), extra=expires), 1)
        )
        desk.see(*call.both(10))
        desk.wait(80)
        assert desk.observation.calls == 1
        desk.wait(after)
        desk.wait(1)
        assert [told for _, _, told in desk.books.ended] == [why]
        assert desk.observation.calls == 0


def test_a_call_that_one_side_no_longer_knows_is_over() -> None:
    """481 to a message within the call ends it, as it does for those who speak; when that was is told, though it is seen by the silence after it."""
    desk, call = Desk(), Call()
    taken(desk, call)
    call.sequence = 2
    desk.see(call.sip(call.request("UPDATE")), call.sip(call.response(481, "UPDATE"), 1))
    said = desk.now()
    desk.wait(31)
    assert [(end, why) for _, end, why in desk.books.ended] == [(said, "vanished")]


def test_a_call_that_asks_for_a_password_first() -> None:
    """The INVITE that was challenged and the one that follows under the same name are one call, entered once."""
    desk, call = Desk(), Call()
    desk.see(call.sip(call.invite()), call.sip(call.response(407), 1))
    call.sequence = 2
    taken(desk, call)
    desk.see(*call.both(10))
    over(desk, call)
    assert len(desk.books.begun) == 1
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_a_name_that_is_used_again() -> None:
    """The same Call-ID after its call is over names another call."""
    desk = Desk()
    for _ in range(2):
        call = Call()
        taken(desk, call)
        desk.see(*call.both(10))
        over(desk, call)
    assert len({begun.id for begun in desk.books.begun}) == 2
    assert len(desk.kept(0)) == 20


def test_an_invite_that_describes_nothing() -> None:
    """Where the called side offers and the caller answers with its ACK, the call is recorded from there on."""
    desk, call = Desk(), Call()
    desk.see(
        call.sip(call.invite("")),
        call.sip(call.ok(), 1),
        call.sip(call.request("ACK", body=call.description(0))),
    )
    desk.see(*call.both(10))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_a_stretch_behind_the_exchange_is_the_same_call() -> None:
    """A proxy hands the INVITE on under the same name: what it describes there does not change where the first stretch is heard."""
    desk, call = Desk(), Call()
    behind = Call(phones=(BOB, SBC), ports=(50_000, 51_000))
    desk.see(call.sip(call.invite()), call.sip(behind.invite()), call.sip(behind.ok(), 1))
    desk.see(behind.sip(behind.invite()), behind.sip(behind.ok(), 1), call.sip(call.ok(), 1))
    desk.see(*chain.from_iterable(zip(call.both(10), behind.both(10), strict=True)))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert len(desk.books.begun) == 1


def test_calls_that_only_ring_are_given_up() -> None:
    """Ten minutes after the last word about it, a call that nobody took is forgotten."""
    desk, call = Desk(), Call()
    desk.see(call.sip(call.invite()), call.sip(call.response(180), 1))
    desk.wait(500)
    assert desk.observation.calls == 1
    desk.wait(120)
    desk.wait(1)
    assert desk.observation.calls == 0
