"""What a mirror port shows of calls, frame by frame: in networks within networks, in pieces, twice, over connections."""

from itertools import chain

import pytest

from tests.unit.streams_calls.mirror_traffic import (
    ALICE,
    BOB,
    Call,
    Desk,
    fragments,
    framed,
    over,
    taken,
    tcp,
)


@pytest.mark.parametrize("tags", [(0x8100,), (0x88A8, 0x8100), (0x9100, 0x8100)])
def test_tags_of_networks_are_passed_over(tags: tuple[int, ...]) -> None:
    """A call in a VLAN, or in one within another, is kept like any."""
    desk, call = Desk(), Call()
    for content, side in ((call.invite(), 0), (call.ok(), 1)):
        desk.see(framed(call.sip_packet(content, side), tags))
    desk.see(*(framed(call.speech_packet(0), tags) for _ in range(20)))
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]


def test_calls_of_the_sixth_version() -> None:
    """Telephones with addresses of IPv6 are heard, too."""
    desk, call = Desk(), Call(phones=("2001:db8::10", "2001:db8::20"))
    taken(desk, call)
    desk.see(*call.both(20))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 0, 2)])
def test_a_message_in_pieces(order: tuple[int, ...]) -> None:
    """An INVITE that came in fragments, in any order and some of them twice, opens its call."""
    desk, call = Desk(), Call(extra=f"X-Padding: {'x' * 700}\r\n")
    pieces = fragments(call.sip_packet(call.invite()), 480)
    assert len(pieces) == 3
    desk.see(*(framed(pieces[place]) for place in order), call.sip(call.ok(), 1), *call.speech(0, 10))
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]


def test_whatever_a_mirror_shows_twice_is_kept_once() -> None:
    """Both directions of two mirrored ports bring each frame twice: packets and messages are kept once, copies counted."""
    desk, call = Desk(), Call()
    opening = [call.sip(call.invite()), call.sip(call.ok(), 1), call.sip(call.request("ACK"))]
    speech = list(call.both(50))
    desk.see(*chain.from_iterable((frame, frame) for frame in [*opening, *speech]))
    for frame in call.speech(0, 10):
        desk.see(frame)
    late = call.speech(0, 4)
    desk.see(*late, *late, apart=1000)
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [desk.leg(leg)["copies"] for leg in (0, 1)] == [54, 50]
    assert len(desk.sink.objects[0].reader.messages()) == 4


def test_signalling_over_a_connection() -> None:
    """SIP over TCP is read in order, whichever way its segments come, and however often."""
    desk, call = Desk(), Call()
    ends = (ALICE, 40_001), (BOB, 5060)
    invite, ok = call.invite(), call.ok()
    parts = [tcp(*ends, 1001 + at, invite[at : at + 150]) for at in range(0, len(invite), 150)]
    desk.see(
        framed(tcp(*ends, 1000, b"", flags=2)),
        *(framed(each) for each in [parts[1], *parts, *reversed(parts)]),
    )
    desk.see(framed(tcp(*reversed(ends), 2**32 - 100, ok)), *call.speech(0, 10))
    bye = call.request("BYE")
    desk.see(framed(tcp(*ends, 1001 + len(invite), bye)))
    desk.wait(1)
    assert desk.kept(0) == call.spoken[0]
    assert [why for _, _, why in desk.books.ended] == ["bye"]


def test_a_hole_in_a_connection_costs_a_message_only() -> None:
    """Where a segment was not seen, reading goes on at the next message."""
    desk, call = Desk(), Call()
    ends = (ALICE, 40_001), (BOB, 5060)
    options = call.request("OPTIONS")
    begin = 1 + len(options)
    desk.see(framed(tcp(*ends, 1, options[:50])), framed(tcp(*ends, begin, call.invite())))
    desk.wait(1)
    desk.see(framed(tcp(*ends, begin + len(call.invite()), call.request("OPTIONS"))))
    desk.see(call.sip(call.ok(), 1), *call.speech(0, 10))
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]
    assert desk.dissection.connections.holes == 1


def test_a_connection_that_was_open_before() -> None:
    """Whoever listens from the middle of a message on finds the next one."""
    desk, call = Desk(), Call()
    ends = (ALICE, 40_001), (BOB, 5060)
    desk.see(
        framed(tcp(*ends, 7, b"=audio 9 RTP/AVP 8\r\n" + call.invite())),
        call.sip(call.ok(), 1),
        *call.speech(0, 5),
    )
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]


@pytest.mark.parametrize("length", range(34, 43))
def test_a_frame_that_ends_within_its_heads_is_passed_over(length: int) -> None:
    """On a way that is known, too; it costs nothing of what comes behind it."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(2))
    desk.see(call.speech(0)[0][:length])
    call.spoken[0].pop()
    desk.see(*call.both(1))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
