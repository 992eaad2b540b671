"""What is heard of a call at a mirror port: which packets are its own, in which coding, and with which key."""

import pytest

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.network.rtp.srtp import SdesKeys, answer_crypto
from rejent.streams.calls.receiving.siprec.sdp import read_crypto
from tests.unit.streams_calls.mirror_traffic import (
    BOB,
    SBC,
    Call,
    Desk,
    causes,
    framed,
    over,
    taken,
    udp,
)
from tests.unit.streams_calls.rtp_legs import packet

KEY = "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"


def test_what_was_said_before_the_call_is_not_kept() -> None:
    """Packets between the same ports before the call is described are somebody else's."""
    desk, call = Desk(), Call()
    desk.see(*Call().both(10), call.sip(call.invite()), *Call().both(10), call.sip(call.ok(), 1))
    desk.see(*call.both(10))
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]


def test_early_media_is_part_of_a_call_that_is_answered() -> None:
    """What is heard while it rings, such as an announcement, is kept from the description on."""
    desk, call = Desk(), Call()
    desk.see(
        call.sip(call.invite()),
        call.sip(call.response(183, body=call.description(1)), 1),
        *call.speech(1, 20),
    )
    assert desk.books.begun == []
    desk.see(call.sip(call.ok(""), 1), *call.speech(1, 20))
    over(desk, call)
    assert desk.kept(1) == call.spoken[1]
    assert len(desk.books.begun) == 1


def test_a_telephone_behind_a_translator_of_addresses() -> None:
    """Whose description names an address that nobody sees is told by where the other side hears it."""
    desk, call = Desk(), Call()
    desk.see(call.sip(call.invite(call.description(0, 30_500, "10.1.2.3"))), call.sip(call.ok(), 1))
    desk.see(*call.both(20))
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_descriptions_that_say_nothing() -> None:
    """Lines of sound without formats, at hosts that are names: the call is entered, and nothing is heard of it."""
    desk, call = Desk(), Call(codecs="")
    nothing = "v=0\r\nc=IN IP4 pbx.example.org\r\nm=audio 5 RTP/AVP\r\n"
    desk.see(call.sip(call.invite(nothing)), call.sip(call.ok(nothing), 1), *call.both(5))
    over(desk, call)
    assert (len(desk.books.begun), desk.kept(0)) == (1, [])


def test_a_call_without_a_packet() -> None:
    """It is entered all the same, and its object says that nothing came."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.wait(5)
    over(desk, call)
    assert desk.leg(0)["packets"] == {}
    assert causes(desk, 0) == ["stopped"]


def test_what_others_send_to_the_port_is_not_kept() -> None:
    """Speech of a third host is counted and dropped while the party speaks; so is a flood."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    for number in range(5):
        desk.see(framed(udp((SBC, 9999), (BOB, 40_000), packet(number, 160 * number))), *call.speech(0))
    flood = [framed(call.rtp(1, packet(500 + number, 160 * number, ssrc=0xA1))) for number in range(600)]
    desk.see(*flood, apart=1000)
    over(desk, call)
    assert desk.kept(0) == call.spoken[0]
    assert (desk.leg(0)["refused"], len(desk.kept(1)) <= 420) == (5, True)
    flooded = desk.leg(1)["flooded"]
    assert isinstance(flooded, int)
    assert flooded > 100


@pytest.mark.parametrize("shown", [True, False])
def test_encrypted_speech(shown: bool) -> None:
    """With keys that were shown it is opened; without them it is kept as it came, and marked."""
    attributes = f"a=crypto:{KEY}\r\n" if shown else "a=fingerprint:sha-256 AA:BB\r\n"
    protocol = "RTP/SAVP" if shown else "UDP/TLS/RTP/SAVPF"
    desk, call = Desk(), Call(attributes=(attributes, attributes), protocol=protocol)
    taken(desk, call)
    theirs = read_crypto(KEY)
    sender = SdesKeys(answer_crypto(theirs), theirs)
    plain = [packet(number, 160 * number, payload=bytes([number]) * 160) for number in range(20)]
    sealed = [sender._outgoing.protect(each) for each in plain]
    desk.see(*(framed(call.rtp(0, each)) for each in sealed))
    over(desk, call)
    assert desk.kept(0) == (plain if shown else sealed)
    assert desk.books.begun[0].profile == ("mirror" if shown else "mirror-srtp")
    assert desk.sink.objects[0].opening.traits["codec"] == ("pcma" if shown else "srtp")


def test_a_payload_type_that_means_another_coding() -> None:
    """Where a new description gives a number another meaning, what comes then lies in an object of its own, as that coding."""
    desk, call = Desk(), Call(codecs="96", attributes=("a=rtpmap:96 PCMU/8000\r\n",) * 2)
    taken(desk, call)
    desk.see(*call.speech(0, 20, kind=96))
    call.sequence, call.attributes = 2, ("a=rtpmap:96 PCMA/8000\r\n",) * 2
    desk.see(call.sip(call.request("INVITE", 0, call.description(0))))
    desk.see(call.sip(call.response(200, body=call.description(1)), 1), *call.speech(0, 20, kind=96))
    over(desk, call)
    assert [one.opening.traits["codec"] for one in desk.sink.objects] == ["pcmu", "pcma"]
    assert sum(1 for _ in desk.sink.objects[-1].reader.packets()) == 20
    assert desk.kept(0) == call.spoken[0]


def test_a_key_that_opens_nothing() -> None:
    """Where the key that was shown is not the one in use, half a second later speech is kept sealed; a key that is shown then is tried."""
    desk, call = Desk(), Call(attributes=(f"a=crypto:{KEY}\r\n",) * 2, protocol="RTP/SAVP")
    taken(desk, call)
    theirs, other = read_crypto(KEY), answer_crypto(read_crypto(KEY))
    plain = [packet(number, 160 * number, payload=bytes([number]) * 160) for number in range(100)]
    wrong, right = SdesKeys(theirs, other), SdesKeys(theirs, theirs)
    sealed = [wrong._outgoing.protect(each) for each in plain[:50]]
    desk.see(*(framed(call.rtp(0, each)) for each in sealed))
    assert desk.observation.calls == 1
    call.sequence, call.attributes = 2, (f"a=crypto:{KEY[:-2]}aa\r\n", call.attributes[1])
    fresh = read_crypto(f"{KEY[:-2]}aa")
    right = SdesKeys(theirs, fresh)
    desk.see(call.sip(call.request("INVITE", 0, call.description(0))))
    desk.see(call.sip(call.response(200, body=call.description(1)), 1))
    desk.see(*(framed(call.rtp(0, right._outgoing.protect(each))) for each in plain[50:]))
    over(desk, call)
    assert desk.kept(0) == [*sealed[25:], *plain[50:]]
    assert [one.opening.traits["codec"] for one in desk.sink.objects] == ["pcma", "srtp,pcma", "pcma"]


def test_a_call_is_divided_at_midnight() -> None:
    """What is spoken after midnight lies in an object of its own, under the key of its day."""
    desk, call = Desk(), Call()
    desk.at += 11 * 3600 * SECOND - 5 * SECOND
    taken(desk, call)
    for _ in range(30):
        desk.see(*call.both(10))
    over(desk, call)
    assert len({one.opening.day for one in desk.sink.objects}) == 2
    assert [desk.kept(0), desk.kept(1)] == call.spoken


def test_marked_packets_of_a_low_number_are_speech_where_that_was_described() -> None:
    """With a mark they look like control packets (RFC 5761 §4); whoever describes such a coding is heard all the same."""
    desk, call = Desk(), Call(codecs="66", attributes=("a=rtpmap:66 PCMA/8000\r\n",) * 2)
    taken(desk, call)
    marked = [packet(number, 160 * number, kind=66, marker=True) for number in range(20)]
    desk.see(*(framed(call.rtp(0, each)) for each in marked))
    over(desk, call)
    assert desk.kept(0) == marked
