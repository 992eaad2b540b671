"""Calls that are seen at a mirror port: whose they are, whether they are kept, and that one leaves the others alone."""

import pytest

from rejent.streams.calls.receiving.mirror.observation import MAX_CALLS
from rejent.streams.calls.recorder.line import STORE_CHECK, Line, LineOrder
from tests.unit.streams_calls.mirror_traffic import (
    ALICE,
    ANOTHERS,
    BOB,
    OURS,
    SBC,
    Call,
    Desk,
    framed,
    over,
    taken,
)
from tests.unit.streams_calls.rtp_legs import packet


def test_a_call_is_kept_bit_by_bit() -> None:
    """Both voices lie in one object as they were sent, under the numbers of both and the word that ended it."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(100))
    over(desk, call)
    (begun,) = desk.books.begun
    assert (begun.direction, begun.caller, begun.called, begun.profile) == (
        "incoming",
        *call.numbers,
        "mirror",
    )
    assert [why for _, _, why in desk.books.ended] == ["bye"]
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [desk.leg(leg)["party"] for leg in (0, 1)] == ["caller", "called"]
    said = [each.content.split(b" ")[0] for each in desk.sink.objects[0].reader.messages()]
    assert said == [b"INVITE", b"SIP/2.0", b"SIP/2.0", b"ACK", b"BYE"]
    assert desk.observation.calls == 0


@pytest.mark.parametrize("numbers", [(OURS, ANOTHERS), (OURS, OURS[:-1] + "2")])
def test_a_call_out_of_scope_leaves_nothing(numbers: tuple[str, str]) -> None:
    """Neither a call to the outside nor one within the office begins an object, or is remembered."""
    desk, call = Desk(), Call(numbers=numbers)
    taken(desk, call)
    desk.see(*call.both(10))
    assert (desk.sink.objects, desk.books.begun, desk.observation.calls) == ([], [], 0)


@pytest.mark.parametrize(
    ("phones", "numbers", "way"),
    [
        ((SBC, BOB), ("anonymous", OURS), "incoming"),
        ((SBC, BOB), (ANOTHERS, ANOTHERS), "incoming"),
        ((ALICE, SBC), (ANOTHERS, ANOTHERS), "outgoing"),
        ((ALICE, BOB), (OURS, OURS), "internal"),
        ((ALICE, BOB), (ANOTHERS, "101"), None),
        ((ALICE, BOB), (OURS, ANOTHERS), None),
    ],
)
def test_the_trunk_tells_which_way_a_call_goes(
    phones: tuple[str, str], numbers: tuple[str, str], way: str | None
) -> None:
    """By the trunk is in or out, whatever the numbers; the stretch between exchange and telephone is not a call of its own."""
    desk = Desk(("incoming", "outgoing", "internal"), trunk=("192.0.2.99",))
    call = Call(phones=phones, numbers=numbers)
    taken(desk, call)
    assert [begun.direction for begun in desk.books.begun] == ([way] if way else [])


@pytest.mark.parametrize(("rule", "kept"), [("record", ["undecided"]), ("refuse", [])])
def test_undecided_calls_follow_the_rule(rule: str, kept: list[str]) -> None:
    """Two numbers of others tell no way: the line's own rule says what becomes of the call."""
    desk, call = Desk(undecided=rule), Call(numbers=(ANOTHERS, ANOTHERS))
    taken(desk, call)
    assert [begun.direction for begun in desk.books.begun] == kept


def test_who_refused_is_not_recorded() -> None:
    """A number on the list is not recorded at all; the key that the line names destroys what was begun."""
    desk, call = Desk(), Call()
    desk.refusing.numbers = frozenset({ANOTHERS})
    taken(desk, call)
    assert (desk.sink.objects, [how.value for _, how in desk.books.refused]) == ([], ["list"])
    desk, call = Desk(refusal="9"), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    press = packet(10, 1600, ssrc=0xA0, kind=101, payload=b"\x09\x0a\x00\xa0")
    desk.see(framed(call.rtp(1, packet(10, 1600, ssrc=0xA1, kind=101, payload=b"\x09\x0a\x00\xa0"))))
    assert desk.books.refused == []
    desk.see(framed(call.rtp(0, press)), *call.both(10))
    over(desk, call)
    assert desk.sink.discarded == desk.sink.objects
    assert [how.value for _, how in desk.books.refused] == ["key"]
    assert [why for _, _, why in desk.books.ended] == ["refused"]


def test_a_store_that_is_gone_and_comes_back() -> None:
    """The call under way goes on once the store is there again; meanwhile no new one is taken."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(30))
    desk.sink.gone = True
    desk.see(*call.both(100))
    other = Call(call_id="two@example.org", ports=(30_100, 40_100))
    desk.see(call.sip(other.invite()))
    assert desk.observation.calls == 1
    desk.sink.gone = False
    desk.line.free(STORE_CHECK)
    desk.see(*call.both(200))
    over(desk, call)
    assert set(call.spoken[0][-100:]) <= set(desk.kept(0))
    assert len(desk.sink.gaps) >= 2


def test_calls_that_come_and_go_leave_the_others_alone() -> None:
    """While a call lasts, others begin, move and end; not a packet of it is lost by that."""
    desk, call = Desk(), Call()
    taken(desk, call)
    for number in range(10):
        other = Call(call_id=f"{number}@example.org", ports=(31_000 + 2 * number, 41_000 + 2 * number))
        taken(desk, other)
        desk.see(*call.both(5), *other.both(5))
        desk.see(other.sip(other.request("BYE")))
        desk.see(*call.both(5))
    over(desk, call)
    first = desk.sink.objects[0].reader
    assert [[each.datagram for each in first.packets() if each.leg == leg] for leg in (0, 1)] == call.spoken
    assert len(desk.books.ended) == 11


def test_nothing_is_left_of_calls_that_are_over() -> None:
    """After hundreds of calls of every course no table of theirs holds anything."""
    desk = Desk()
    for number in range(300):
        call = Call(
            call_id=f"{number}@example.org", ports=(20_000 + 2 * (number % 50), 40_000 + 2 * (number % 50))
        )
        desk.see(call.sip(call.invite()))
        if number % 3:
            desk.see(call.sip(call.ok(), 1), *call.both(2), call.sip(call.request("BYE")))
        else:
            desk.see(call.sip(call.response(486), 1))
        desk.wait(1)
    routes = desk.observation.routes
    desk.see(*Call(ports=(20_000, 40_000)).both(1))
    assert desk.observation.calls == 0
    assert not any(routes.known.values())
    assert len(desk.books.ended) == 200


def test_a_recorder_that_stops_ends_its_calls() -> None:
    """What was taken is kept and ended as stopped by us; what nobody answered leaves nothing."""
    desk, call, ringing = Desk(), Call(), Call(call_id="two@example.org", ports=(31_000, 41_000))
    taken(desk, call)
    desk.see(
        ringing.sip(ringing.invite()),
        ringing.sip(ringing.response(183, body=ringing.description(1)), 1),
        *call.both(10),
    )
    desk.observation.stop(desk.at)
    assert [why for _, _, why in desk.books.ended] == ["recorder-stopped"]
    assert desk.sink.discarded == [desk.sink.objects[1]]
    assert [each.datagram for each in desk.sink.objects[0].reader.packets() if each.leg == 0] == call.spoken[
        0
    ]


def test_a_flood_of_calls_that_only_ring() -> None:
    """Invitations without end push out the oldest of their kind; a call that is spoken in stays, and so does memory."""
    desk, call = Desk(), Call()
    taken(desk, call)
    for number in range(MAX_CALLS + 50):
        spoof = Call(call_id=f"{number}@example.org", extra=f"X-Padding: {'x' * 3000}\r\n")
        desk.dissection.take(spoof.sip(spoof.invite()), desk.at)
    assert desk.observation.calls == MAX_CALLS
    desk.see(*call.both(10))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_a_call_belongs_to_the_line_whose_numbers_fit_best() -> None:
    """Of two lines behind one port the one with the longer beginning takes the call."""
    desk = Desk()
    other = Desk(numbers=("+48 10 123 00",))
    line = Line(LineOrder("other", other.line.order.address, frozenset({"incoming"})), other.sink, desk.now)
    desk.observation.add(line)
    taken(desk, Call(numbers=(ANOTHERS, "+48101239999")))
    taken(desk, Call(numbers=(ANOTHERS, "+48101230001"), call_id="two@example.org", ports=(31_000, 41_000)))
    assert [begun.source_id for begun in desk.books.begun] == ["line", "other"]


def test_a_line_that_was_struck_off_takes_no_more() -> None:
    """A call that begins afterwards is passed over; one under way is recorded to its end."""
    desk, call, other = Desk(), Call(), Call(call_id="two@example.org", ports=(30_100, 40_100))
    taken(desk, call)
    desk.observation.remove(desk.line)
    taken(desk, other)
    desk.see(*call.both(10), *other.both(10))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert len(desk.books.begun) == 1


def test_a_withheld_number_stays_withheld() -> None:
    """Who asked the network to say nothing is nobody; the network's own word counts where nobody asked."""
    asserted = f"P-Asserted-Identity: <sip:{ANOTHERS}@example.org>\r\n"
    for more, said in ((asserted + "Privacy: id\r\n", "anonymous"), (asserted, ANOTHERS)):
        desk, call = Desk(), Call(numbers=("+48100000000", OURS), extra=more)
        taken(desk, call)
        assert desk.books.begun[0].caller == said
