"""What a stranger to a call sends past a mirror port while a party is silent: neither its speech nor its recording is lost to that."""

from collections.abc import Callable

import pytest
import structlog

from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.leg import PERSISTENT_PACKETS
from rejent.streams.calls.network.rtp.srtp import SdesKeys, answer_crypto
from rejent.streams.calls.receiving.mirror import observation
from rejent.streams.calls.receiving.mirror.routes import UNVERIFIED_TAKEOVER_AFTER, WRONG_KEY
from rejent.streams.calls.receiving.siprec.sdp import read_crypto
from rejent.streams.calls.recorder.line import Refusal
from tests.unit.streams_calls.mirror_traffic import (
    ALICE,
    BOB,
    OURS,
    SBC,
    Call,
    Desk,
    framed,
    over,
    taken,
    udp,
)
from tests.unit.streams_calls.rtp_legs import packet
from tests.unit.streams_calls.test_mirror_speech import KEY

MALLORY = "203.0.113.66"
NINE = bytes((9, 10, 0, 160))


def pressing(source: str, port: int) -> list[bytes]:
    """Somebody speaks to where the caller is heard, and presses the nine."""
    said = [packet(number, 160 * number, ssrc=7) for number in range(PERSISTENT_PACKETS + 1)]
    said.append(packet(PERSISTENT_PACKETS + 1, 160 * PERSISTENT_PACKETS, ssrc=7, kind=101, payload=NINE))
    return [framed(udp((source, port), (BOB, 40_000), datagram)) for datagram in said]


@pytest.mark.parametrize("silence", [0.0, 2.5, 600.0])
def test_a_stranger_presses_no_key_for_a_party(silence: float) -> None:
    """However long the party has been silent; that it was not believed is told once."""
    desk, call = Desk(refusal="9"), Call()
    taken(desk, call)
    desk.see(*call.both(10) if silence else ())
    desk.wait(silence)
    with structlog.testing.capture_logs() as told:
        desk.see(*pressing(MALLORY, 5555), *pressing(MALLORY, 5555))
    assert [one["event"] for one in told] == ["call.key-not-believed"]
    assert desk.books.refused == []
    desk.see(*call.both(10))
    over(desk, call)
    assert {*call.spoken[0]} <= {*desk.kept(0)}


@pytest.mark.parametrize("port", [30_000, 34_567])
def test_a_party_presses_it_from_its_own_host(port: int) -> None:
    """Also from another port than it described, as one behind a NAT does."""
    desk, call = Desk(refusal="9"), Call()
    taken(desk, call)
    desk.see(*pressing(ALICE, port))
    assert [how for _, how in desk.books.refused] == [Refusal.KEY]


def test_a_party_behind_a_translator_of_addresses_presses_it() -> None:
    """Its description names an address that nobody sees; its messages and its packets come from the same one."""
    desk, call = Desk(refusal="9"), Call()
    desk.see(call.sip(call.invite(call.description(0, 30_500, "10.1.2.3"))), call.sip(call.ok(), 1))
    desk.see(*pressing(ALICE, 30_000))
    assert [how for _, how in desk.books.refused] == [Refusal.KEY]


def test_what_stays_sealed_presses_no_key() -> None:
    """Octets of an encrypted event may look like any key."""
    key = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MKI|1:4\r\n"
    desk, call = Desk(refusal="9"), Call(protocol="RTP/SAVP", attributes=(key, key))
    taken(desk, call)
    desk.see(*pressing(ALICE, 30_000))
    over(desk, call)
    assert (desk.books.refused, len(desk.kept(0))) == ([], PERSISTENT_PACKETS + 2)


@pytest.mark.parametrize("junk", [WRONG_KEY - 1, WRONG_KEY, 3 * WRONG_KEY])
def test_what_a_stranger_sends_first_does_not_seal_the_speech_of_a_party(junk: int) -> None:
    """Nothing of it opens with the party's key, whose own packets do all the same."""
    attributes = (f"a=crypto:{KEY}\r\n",) * 2
    desk, call, theirs = Desk(), Call(attributes=attributes, protocol="RTP/SAVP"), read_crypto(KEY)
    taken(desk, call)
    plain = [packet(number, 160 * number, payload=bytes([number]) * 160) for number in range(50)]
    desk.see(
        *(framed(udp((MALLORY, 5555), (BOB, 40_000), packet(number, 0, ssrc=7))) for number in range(junk))
    )
    sender = SdesKeys(answer_crypto(theirs), theirs)
    desk.see(*(framed(call.rtp(0, sender._outgoing.protect(each))) for each in plain))
    over(desk, call)
    assert [each for each in desk.kept(0) if each in plain] == plain
    assert desk.sink.objects[-1].opening.traits["codec"] == "pcma"


def naming(call: Call) -> list[bytes]:
    """A call of Mallory's own, which names where the caller of another is heard."""
    own = Call(
        phones=(MALLORY, BOB),
        numbers=("+48601000000", OURS),
        call_id="own@example.org",
        ports=(31_000, 41_000),
    )
    invite = own.invite(own.description(0, call.ports[0], ALICE))
    return [own.sip(invite), own.sip(own.ok(), 1), own.sip(own.request("ACK"))]


def spoke(desk: Desk, call: Call) -> None:
    """Both speak."""
    desk.see(*call.both(10))


def rang(desk: Desk, call: Call) -> None:
    """Nobody has spoken yet."""
    assert call.spoken[1] == []
    desk.wait(0.1)


@pytest.mark.parametrize("before", [spoke, rang])
def test_a_silent_party_keeps_its_place_against_a_stranger(before: Callable[[Desk, Call], None]) -> None:
    """Whoever hears nothing for a while has not left: its own host named where it hears, and the stranger's did not."""
    desk, call = Desk(), Call()
    taken(desk, call)
    before(desk, call)
    desk.wait(UNVERIFIED_TAKEOVER_AFTER // SECOND - 10)
    desk.see(*naming(call))
    desk.see(*call.both(20))
    over(desk, call)
    kept = [*desk.sink.objects[0].reader.packets()]
    assert [[each.datagram for each in kept if each.leg == leg] for leg in (0, 1)] == call.spoken


def test_a_call_whose_end_was_not_seen_does_not_keep_its_place_for_ever() -> None:
    """After a minute of silence whoever names it gets it."""
    desk, call = Desk(), Call()
    taken(desk, call)
    desk.see(*call.both(10))
    desk.wait(UNVERIFIED_TAKEOVER_AFTER // SECOND + 1)
    desk.see(*naming(call))
    desk.see(*call.speech(1, 20))
    desk.wait(1)
    desk.observation.stop(desk.at)
    assert [len([*one.reader.packets()]) for one in desk.sink.objects] == [20, 20]


def test_a_name_that_was_used_from_elsewhere_hides_no_call() -> None:
    """Whoever sends an INVITE under a forged address, and calls under its name then, is recorded; another stretch is the same call."""
    desk, call = Desk(), Call()
    decoy = Call(phones=(MALLORY, BOB), ports=(31_000, 41_000))
    desk.see(decoy.sip(decoy.invite()))
    taken(desk, call)
    for stretch in (Call(phones=(BOB, SBC)), Call(phones=(SBC, "192.0.2.98"))):
        desk.see(stretch.sip(stretch.invite()))
    desk.see(*call.both(10))
    assert desk.observation.calls == 2
    over(desk, call)
    assert [desk.kept(0), desk.kept(1)] == call.spoken
    assert [begun.caller for begun in desk.books.begun] == [call.numbers[0]]


def test_a_call_that_is_given_up_while_it_rings_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever rings longest gives way to invitations without end: it may be a call, so the line has a gap, once a minute."""
    monkeypatch.setattr(observation, "MAX_CALLS", 3)
    desk, call = Desk(), Call()
    desk.see(call.sip(call.invite()))
    with structlog.testing.capture_logs() as told:
        for number in range(20):
            spoof = Call(phones=(MALLORY, BOB), call_id=f"{number}@example.org")
            desk.see(spoof.sip(spoof.invite()))
        desk.wait(61)
    assert [(one["event"], one["calls"]) for one in told] == [("mirror.given-up", 1), ("mirror.given-up", 17)]
    assert [(cause.value, end is not None) for _, end, cause in desk.sink.gaps] == [
        ("mirror-dropped", False),
        ("mirror-dropped", True),
    ] * 2
    assert desk.observation.calls == 3
