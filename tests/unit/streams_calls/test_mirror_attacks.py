"""What a host on a mirrored network sends to harm: it costs little, and calls are kept all the same."""

import pytest

from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.rtcp import ReceptionBlock, receiver_report
from rejent.streams.calls.receiving.mirror import observation
from rejent.streams.calls.receiving.mirror.frames import Segment
from rejent.streams.calls.receiving.mirror.mirrored_call import MAX_MESSAGE_BYTES
from rejent.streams.calls.receiving.mirror.tcp_streams import (
    IDLE_TIMEOUT,
    MAX_BUFFERED,
    MAX_BUFFERED_TOTAL,
    MAX_SEGMENTS,
    TcpStreams,
)
from tests.unit.streams_calls.mirror_traffic import ALICE, BOB, Call, Desk, framed, over, taken, udp
from tests.unit.streams_calls.rtp_legs import packet

ACK = 0x10
STRANGER = Call(called_tag="mallory", ports=(39_000, 49_000))
"""Who knows the name of a call and the tag of its caller."""


def segment(sequence: int, payload: bytes, port: int = 5060) -> Segment:
    """A segment of somebody who speaks to SIP's port."""
    return Segment(
        b"\xc0\x00\x02\x0a" + port.to_bytes(2, "big"), b"\xc0\x00\x02\x14\x13\xc4", sequence, ACK, payload
    )


def waiting(connections: TcpStreams) -> list[int]:
    """How many segments wait in each direction."""
    return [len(one.waiting) for one in connections._directions.values()]


def test_crumbs_with_holes_between_them_do_not_pile_up() -> None:
    """Of one-byte segments at every other byte only few wait, so that each costs as little as the first."""
    connections = TcpStreams()
    for place in range(2000):
        connections.take(segment(2 * place, b"x"), SECOND)
        assert waiting(connections) <= [MAX_SEGMENTS]


def test_many_connections_together_hold_no_more_than_is_allowed() -> None:
    """Directions that all wait for something are bounded together, and those that fall silent are forgotten."""
    connections, piece = TcpStreams(), bytes(1400)
    for port in range(1024, 1024 + 4 * MAX_BUFFERED_TOTAL // MAX_BUFFERED):
        for place in range(40):
            connections.take(segment(1 + 2 * place * len(piece), piece, port), SECOND)
    held = sum(one.held for one in connections._directions.values())
    assert MAX_BUFFERED_TOTAL // 2 < held <= MAX_BUFFERED_TOTAL
    connections.take(segment(0, b"", 1023), SECOND + IDLE_TIMEOUT)
    assert sum(waiting(connections)) == 0


def test_messages_under_the_name_of_a_call_are_not_kept_without_end() -> None:
    """Whoever writes under a call's Call-ID fills no disk; the call goes on, and ends by its own BYE."""
    desk, call = Desk(), Call()
    taken(desk, call)
    for number in range(200):
        desk.see(call.sip(Call(sequence=number).request("INFO", body="x" * 30_000)))
    desk.see(*call.both(10))
    over(desk, call)
    messages = desk.sink.objects[0].reader.messages()
    assert 1_000_000 < sum(len(each.content) for each in messages) <= MAX_MESSAGE_BYTES
    assert desk.kept(0) == call.spoken[0]
    assert [why for _, _, why in desk.books.ended] == ["bye"]


@pytest.mark.parametrize(("host", "count"), [("192.0.2.77", 5), (BOB, 2000)])
def test_reports_come_from_the_party_and_within_its_bound(host: str, count: int) -> None:
    """What another host reports of a party is refused and explains no loss; what is beyond a party's bound is not kept."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    for number in range(count):
        report = receiver_report(0xA1, ReceptionBlock(0xA0, 0, 0, number, 0, 0, 0))
        desk.see(framed(udp((host, 40_001), (ALICE, 30_001), report)), apart=1000)
    over(desk, call)
    heard = desk.leg(1)
    kept = desk.sink.objects[0].content.count(report[:8])
    assert (kept, heard["refused"], heard["flooded"]) == (
        (0, count, 0) if host != BOB else (count - int(str(heard["flooded"])), 0, heard["flooded"])
    )
    assert kept <= 500


def test_invented_calls_give_way_to_real_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answered calls without a packet shut a real one out for seconds at most, and the line has a gap for these."""
    monkeypatch.setattr(observation, "MAX_CALLS", 3)
    desk = Desk()
    spoken, *invented, real = [
        Call(call_id=f"{number}@example.org", ports=(30_000 + 2 * number, 40_000 + 2 * number))
        for number in range(5)
    ]
    for call in (spoken, *invented[:2]):
        taken(desk, call)
        desk.see(*(spoken.both(5)))
    taken(desk, invented[2])
    assert [cause.value for *_, cause in desk.sink.gaps] == ["mirror-dropped"]
    desk.wait(12)
    taken(desk, real)
    desk.see(*real.both(10), *spoken.both(10))
    assert [end is not None for _, end, _ in desk.sink.gaps] == [False, True]
    over(desk, spoken)
    over(desk, real)
    assert sorted(desk.kept(0)) == sorted([*spoken.spoken[0], *real.spoken[0]])


def test_a_refused_call_is_entered_once() -> None:
    """However often the INVITE of a number on the list is seen, it is one entry; a later call under the name is another."""
    desk, call = Desk(), Call()
    desk.refusing.numbers = frozenset({call.numbers[0]})
    for _ in range(50):
        desk.see(call.sip(call.invite()))
        desk.wait(1)
    assert len(desk.books.refused) == 1
    desk.wait(32)
    desk.see(call.sip(call.invite()))
    assert len(desk.books.refused) == 2


@pytest.mark.parametrize(
    "forged",
    [
        Call().request("BYE", to_tag=""),
        Call().request("BYE", to_tag="mallory"),
        STRANGER.request("BYE", 1),
        Call().response(481, "UPDATE", tag=""),
        Call().response(408, "INVITE", tag="mallory"),
        Call().request("INVITE", body=STRANGER.description(0), to_tag=""),
        STRANGER.request("UPDATE", body=STRANGER.description(0)),
        STRANGER.ok(),
    ],
)
def test_who_knows_only_the_name_of_a_call_cannot_end_or_move_it(
    forged: bytes,
) -> None:
    """Messages from a party's address without the tags of both sides change nothing: the call goes on where it was."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    desk.see(call.sip(forged), call.sip(forged, 1))
    desk.wait(3)
    desk.see(*call.both(10))
    assert desk.observation.calls == 1
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [why for _, _, why in desk.books.ended] == ["bye"]


def test_a_bye_that_is_refused_ends_no_call() -> None:
    """Whoever wants the rest of a call unrecorded sends one that the other side does not take, also while nothing is said; their own yes counts for nothing."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    desk.see(call.sip(call.request("BYE")), call.sip(call.response(481, "BYE"), 1), *call.both(100))
    call.sequence = 2
    desk.see(call.sip(call.request("INVITE", 0, call.description(0, more="a=inactive\r\n"))))
    desk.see(call.sip(call.response(200, body=call.description(1, more="a=inactive\r\n")), 1))
    desk.see(call.sip(call.request("BYE")), call.sip(call.response(200, "BYE")))
    desk.wait(40)
    call.sequence = 3
    desk.see(call.sip(call.request("INVITE", 0, call.description(0))))
    desk.see(call.sip(call.response(200, body=call.description(1)), 1), *call.both(100))
    assert desk.observation.calls == 1
    desk.see(call.sip(call.request("BYE")), call.sip(call.response(200, "BYE"), 1))
    desk.wait(1)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [why for _, _, why in desk.books.ended] == ["bye"]


@pytest.mark.parametrize(
    ("status", "side", "goes_on"), [(420, 1, True), (500, 1, True), (481, 1, False), (420, 0, False)]
)
def test_a_bye_that_is_refused_in_a_call_that_is_known_ends_none(
    status: int, side: int, goes_on: bool
) -> None:
    """However silent both are after it, where the answer comes from whom the BYE went to."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    desk.see(call.sip(call.request("BYE")), call.sip(call.response(status, "BYE"), side))
    desk.wait(5)
    desk.see(*call.both(10))
    assert desk.observation.calls == goes_on
    over(desk, call)
    assert [len(desk.kept(leg)) for leg in (0, 1)] == [20 if goes_on else 10] * 2


@pytest.mark.parametrize(
    ("method", "status", "side"), [("PRACK", 481, 1), ("UPDATE", 408, 1), ("INVITE", 481, 0)]
)
def test_a_call_in_which_somebody_speaks_has_not_vanished(method: str, status: int, side: int) -> None:
    """A PRACK for nothing is answered as if the call were unknown, and whoever calls can write such an answer, too."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    call.sequence = 7
    desk.see(call.sip(call.request(method)), call.sip(call.response(status, method), side))
    desk.see(*call.both(100))
    desk.wait(10)
    desk.see(*call.both(100))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [why for _, _, why in desk.books.ended] == ["bye"]


ELSEWHERE = "198.51.100.7"


@pytest.mark.parametrize("side", [0, 1])
def test_nobody_speaks_for_the_other_side(side: int) -> None:
    """Whoever is recorded may write what the other side never said, which exchanges pass over: both are heard where they were."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    elsewhere = [call.description(each, 50_000 + each, ELSEWHERE) for each in (0, 1)]
    call.sequence = 2
    forged = [
        call.response(200, "INVITE", side, elsewhere[1 - side]),
        call.request("ACK", side, elsewhere[side]),
        call.request("UPDATE", 1 - side, elsewhere[1 - side]),
        call.response(200, "UPDATE", 1 - side, elsewhere[side]),
    ]
    desk.see(*(call.sip(message, side) for message in forged), *call.both(50))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_a_goodbye_among_reports_ends_no_call() -> None:
    """Whoever forges a party's address may say in RTCP that its source is gone (RFC 3550 §6.6): what comes is kept all the same."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    goodbye = bytes.fromhex("81cb0001000000a0")
    reporting = (call.phones[0], call.ports[0] + 1), (call.phones[1], call.ports[1] + 1)
    desk.see(framed(udp(*reporting, receiver_report(0xA0, None) + goodbye)))
    desk.see(*call.both(10))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [why for _, _, why in desk.books.ended] == ["bye"]


def test_who_names_the_endpoint_of_another_call_does_not_get_its_speech() -> None:
    """Whoever describes where the office's telephone will hear, and keeps that warm, loses it to the call that this telephone describes."""
    desk, call = Desk(), Call()
    mallory = "203.0.113.66"
    theirs = Call(phones=(mallory, BOB), call_id="mallory@example.org", ports=(40_000, 41_000))
    invite = theirs.invite(theirs.description(0, port=call.ports[1], host=BOB))
    desk.see(theirs.sip(invite), theirs.sip(theirs.ok(), 1), theirs.sip(theirs.request("ACK")))

    def keep_warm(number: int) -> None:
        speech = packet(number, 160 * number, ssrc=7, payload=b"x" * 160, kind=8)
        desk.see(framed(udp((mallory, 5555), (BOB, call.ports[1]), speech)))

    for number in range(3):
        keep_warm(number)
        desk.wait(0.5)
    taken(desk, call)
    for number in range(100):
        desk.see(*call.both(1))
        keep_warm(3 + number)
    over(desk, call)
    told = [each for one in desk.sink.objects for each in one.reader.packets()]
    assert [each.datagram for each in told if each.datagram in call.spoken[0]] == call.spoken[0]
    mine = next(
        one
        for one in desk.sink.objects
        if call.spoken[0][0] in {each.datagram for each in one.reader.packets()}
    )
    assert [each.datagram for each in mine.reader.packets() if each.leg == 0] == call.spoken[0]
    assert [each.datagram for each in mine.reader.packets() if each.leg == 1] == call.spoken[1]
