"""Encrypted speech: opened with the keys that signalling told, and nothing taken that is not authentic."""

import socket

import pytest
from pylibsrtp import Policy, Session

from rejent.formats.rtp.rtcp import receiver_report
from rejent.streams.calls.network.rtp.srtp import SUITES, Crypto, SdesKeys, answer_crypto
from rejent.streams.calls.receiving.siprec.sdp import read_crypto
from tests.unit.streams_calls.rtp_legs import packet, speech
from tests.unit.streams_calls.test_rtp_receiver import SENDER_REPORT, Machine
from tests.waiting import CEILING_S

OFFER = "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20"
"""RFC 4568 §6.1's own example, but for its MKI."""
OFFERED = read_crypto(OFFER)


def sender(crypto: Crypto) -> Session:
    """Who sends under a key."""
    return Session(Policy(crypto.key, Policy.SSRC_ANY_OUTBOUND, srtp_profile=SUITES[crypto.suite][0]))


@pytest.mark.parametrize("suite", SUITES)
def test_what_was_protected_comes_out_as_it_was(suite: str) -> None:
    """In each suite packets, also of two senders, over a wrap and out of order, are opened bit by bit, and reports as well."""
    offered = Crypto(1, suite, bytes(range(SUITES[suite][1])))
    keys, party = SdesKeys(offered, answer_crypto(offered)), sender(offered)
    plain = [datagram for datagram, _ in [*speech(60), *speech(9, ssrc=7)]]
    protected = [party.protect(datagram) for datagram in plain]
    order = [*range(60), 61, 60, *range(62, 69)]
    assert [keys.media(protected[number]) for number in order] == [plain[number] for number in order]
    assert keys.control(party.protect_rtcp(SENDER_REPORT)) == SENDER_REPORT


def test_what_is_forged_or_repeated_is_not_taken() -> None:
    """A changed bit, another key, a repeated packet, plain speech and any bytes are refused."""
    offered = OFFERED
    keys, party = SdesKeys(offered, answer_crypto(offered)), sender(offered)
    protected = party.protect(packet(1, 160))
    assert keys.media(protected[:-1] + bytes([protected[-1] ^ 1])) is None
    assert keys.media(sender(answer_crypto(offered)).protect(packet(2, 320))) is None
    assert keys.media(protected) == packet(1, 160)
    assert keys.media(protected) is None
    assert keys.media(packet(3, 480)) is None
    assert keys.control(SENDER_REPORT) is None
    assert keys.media(bytes(3000)) is None


def test_our_reports_open_under_the_key_that_we_answered() -> None:
    """A report of ours is protected under our own key, not under the sender's."""
    offered = OFFERED
    own = answer_crypto(offered)
    report = receiver_report(5, None)
    sent = SdesKeys(offered, own).protected(report)
    theirs = Session(Policy(own.key, Policy.SSRC_ANY_INBOUND, srtp_profile=SUITES[own.suite][0]))
    assert theirs.unprotect_rtcp(sent) == report
    assert (own.tag, own.suite) == (offered.tag, offered.suite)


def test_encrypted_speech_is_taken_from_the_socket_in_the_clear() -> None:
    """A leg with keys keeps what was in the packets; what is in the clear, or of others' keys, is refused and told."""
    machine, offered = Machine(), OFFERED
    stream = machine.streams[0]
    stream.keys = SdesKeys(offered, answer_crypto(offered))
    party = sender(offered)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as speaking:
        speaking.bind(("127.0.0.1", 0))
        for number in range(10):
            speaking.sendto(party.protect(packet(number, 160 * number)), ("127.0.0.1", stream.port.number))
        speaking.sendto(packet(10, 1600), ("127.0.0.1", stream.port.number))
        speaking.sendto(party.protect_rtcp(SENDER_REPORT), ("127.0.0.1", stream.port.number + 1))
        machine.turn()
        machine.turn(7.5)
        speaking.settimeout(CEILING_S)
    machine.receiver.close()
    assert [datagram for _, datagram, _ in machine.call.taken] == [packet(n, 160 * n) for n in range(10)]
    assert machine.call.outside[0].refused == 1
    assert machine.call.controls == [(0, SENDER_REPORT)]
