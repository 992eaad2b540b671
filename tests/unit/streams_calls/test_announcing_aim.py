"""Speech goes only where somebody shows that it is wanted, and no word of a description holds anybody up."""

import asyncio
import struct

import pytest

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.announcing.negotiation import Destination, SignallingPeers, destination_of
from rejent.streams.calls.announcing.playback import PAUSE_S, Programme, Sound
from rejent.streams.calls.announcing.service import _CallerSockets
from rejent.streams.calls.announcing.session import MAX_UNCONFIRMED, Outcome
from rejent.streams.calls.network.rtp.ports import PortPairs
from rejent.streams.calls.network.sip.flow import Flow
from tests.unit.streams_calls.announced_caller import OFFER, PROGRAMME, AnnouncedCaller
from tests.unit.streams_calls.caller import START
from tests.unit.streams_calls.test_rtp_receiver import HOST, free_range
from tests.waiting import CEILING_S

REACHED, OF_SIX = (
    SignallingPeers("192.0.2.10", "198.51.100.1"),
    SignallingPeers("2001:db8::10", "2001:db8::1"),
)
LONG = Programme(Sound("incoming", 7, struct.pack("<8000h", *range(8000)) * 20))


def elsewhere(host: str) -> bytes:
    """A description of somebody who wants to hear us at another host than its exchange."""
    return OFFER.replace(b"c=IN IP4 192.0.2.10", f"c=IN IP4 {host}".encode())


@pytest.mark.parametrize(
    "written",
    [
        "pbx.example.org", "localhost", "ü..x", "a" * 255, "<broadcast>", "any", "1.2.3", "0x7f000001", "192.0.2.010", "192.0.2.10%eth0",
        "127.0.0.1", "127.8.8.8", "198.51.100.1", "::ffff:127.0.0.1",
        "224.0.1.75", "239.1.2.3", "255.255.255.255", "240.0.0.1", "2001:db8::10",
    ],
)  # fmt: skip
def test_names_groups_and_ourselves_are_no_ears(written: str) -> None:
    """What would have to be looked up, reaches many hosts, or is a service of this machine."""
    assert destination_of(written, REACHED) is None


@pytest.mark.parametrize("written", ["::1", "fe80::1%eth0", "ff02::1", "192.0.2.10", "::ffff:192.0.2.10", "2001:db8:0:0::1"])  # fmt: skip
def test_ears_of_the_other_family_likewise(written: str) -> None:
    """At an address of IPv6 one of IPv4 cannot be reached, and a zone means nothing to another host."""
    assert destination_of(written, OF_SIX) is None


@pytest.mark.parametrize(
    ("written", "reached", "expected"),
    [
        ("", REACHED, Destination("192.0.2.10", elsewhere=False)),
        ("192.0.2.10", REACHED, Destination("192.0.2.10", elsewhere=False)),
        ("::ffff:192.0.2.10", REACHED, Destination("192.0.2.10", elsewhere=False)),
        ("203.0.113.7", REACHED, Destination("203.0.113.7", elsewhere=True)),
        ("2001:DB8:0:0:0::10", OF_SIX, Destination("2001:db8::10", elsewhere=False)),
        ("64:ff9b::c000:20a", OF_SIX, Destination("64:ff9b::c000:20a", elsewhere=True)),
        ("127.0.0.1", SignallingPeers("127.0.0.1", "127.0.0.1"), Destination("127.0.0.1", elsewhere=False)),
        (
            "127.0.0.1",
            SignallingPeers("198.51.100.1", "198.51.100.1"),
            Destination("127.0.0.1", elsewhere=True),
        ),
        ("0.0.0.0", OF_SIX, Destination("0.0.0.0", elsewhere=False)),  # noqa: S104 - hold
    ],
)
def test_addresses_are_ears(written: str, reached: SignallingPeers, expected: Destination) -> None:
    """The caller's own, another host's, this machine's where the exchange runs on it, and all zeros for hold."""
    assert destination_of(written, reached) == expected


@pytest.mark.parametrize("host", ["slow.example.org", "127.0.0.1", "224.0.1.75"])
def test_description_that_names_no_ear_is_refused_at_once(host: str) -> None:
    """The dialplan goes on; no port is taken, and nobody else notices."""
    caller = AnnouncedCaller()
    assert caller.call(elsewhere(host)).status == 488
    assert caller.voices == []
    assert AnnouncedCaller(core=caller.core, call_id="other").call().status == 200


def test_a_second_line_with_an_address_is_taken() -> None:
    """The first line that we may send is answered; the one with a name gets no port."""
    caller = AnnouncedCaller()
    answer = caller.call(
        elsewhere("slow.example.org") + b"m=audio 22000 RTP/AVP 0\r\nc=IN IP4 192.0.2.10\r\n"
    )
    assert [line.split()[1] for line in answer.body.splitlines() if line.startswith(b"m=")] == [
        b"0",
        b"30000",
    ]
    assert caller.core.session_of(caller.voice).reached == ("192.0.2.10", 22000)


def test_moving_to_a_name_in_mid_call_is_refused_and_speech_goes_on() -> None:
    """A refused re-INVITE leaves all as it was (RFC 3261 §14.2)."""
    caller = AnnouncedCaller()
    caller.call()
    caller.wait(0.1)
    assert caller.call(elsewhere("slow.example.org")).status == 488
    caller.wait(0.1)
    assert {sent[1:] for sent in caller.voice.sent} == {("192.0.2.10", 21000)}
    assert len(caller.voice.sent) == 11


def test_answer_with_a_name_lets_the_caller_go() -> None:
    """Whoever wanted our offer and answers it so is not spoken to."""
    caller = AnnouncedCaller()
    response = caller.ask("INVITE", required=())
    caller.tag = response.headers.get("To").rpartition("tag=")[2]
    caller.acknowledge(elsewhere("slow.example.org"))
    assert [one.outcome for one in caller.events] == [Outcome.NOT_CONFIRMED]
    assert caller.voice.sent == []


def test_host_that_never_speaks_is_spoken_to_for_five_seconds() -> None:
    """A stranger cannot aim an announcement at a host that wants none; the dialplan goes on."""
    caller = AnnouncedCaller(LONG)
    assert caller.call(elsewhere("203.0.113.7")).status == 200
    caller.wait(20)
    assert len(caller.voice.sent) == MAX_UNCONFIRMED
    assert caller.methods() == ["BYE"]
    assert [(one.outcome, one.media) for one in caller.events] == [(Outcome.NOT_HEARD, False)]


def test_moving_from_host_to_host_gains_nothing() -> None:
    """What goes to hosts that do not speak is counted over all of them."""
    caller = AnnouncedCaller(LONG)
    caller.call()
    for number in range(20):
        caller.call(elsewhere(f"203.0.113.{number}"))
        caller.wait(0.5)
    aimed = [sent for sent in caller.voice.sent if sent[1] != "192.0.2.10"]
    assert len(aimed) == MAX_UNCONFIRMED
    assert caller.core.sessions == 0


def test_direct_media_is_heard_to_its_end() -> None:
    """A telephone to which its exchange leaves the speech sends some itself, and is then spoken to as long as it takes."""
    caller = AnnouncedCaller(LONG)
    caller.call(elsewhere("203.0.113.7"))
    caller.press("1", host="203.0.113.7", port=4000)
    caller.wait(20 + PAUSE_S)
    (told,) = caller.events
    assert (told.outcome, told.played[0].completed, told.media) == (Outcome.CONTINUED, True, True)


def test_the_exchange_itself_need_not_speak() -> None:
    """Where its own address is named, the announcement is played whether packets come or not."""
    caller = AnnouncedCaller(LONG)
    caller.call()
    caller.wait(20 + PAUSE_S)
    assert [one.outcome for one in caller.events] == [Outcome.CONTINUED]


def test_exchange_on_this_machine_is_served() -> None:
    """Signalling by loopback may have its speech there."""
    offer = OFFER.replace(b"192.0.2.10", b"127.0.0.1")
    local = AnnouncedCaller(PROGRAMME, flow=Flow("udp", "127.0.0.1", 5060))
    assert local.call(offer).status == 200
    local.wait(0.1)
    assert local.voice.sent[-1][1:] == ("127.0.0.1", 21000)


@pytest.mark.parametrize("host", ["ü..x", "a\0b", "::1"])
def test_packet_to_nowhere_is_lost_and_nothing_else(host: str) -> None:
    """Whatever stands where an address should, the loop of all callers goes on."""

    async def sent() -> list[bytes]:
        heard: list[bytes] = []
        arrived = asyncio.Event()

        def hear(_ears: _CallerSockets, datagram: bytes, _host: str, _port: int) -> None:
            heard.append(datagram)
            arrived.set()

        pairs = PortPairs(HOST, *free_range(), ManualClock(START))
        ears = _CallerSockets(pairs.take(), pairs, hear)
        ears.send(b"lost", host, 9)
        ears.send(b"lost", HOST, 70_000)
        ears.send(b"heard", HOST, ears.port)
        await asyncio.wait_for(arrived.wait(), CEILING_S)
        ears.close()
        return heard

    assert asyncio.run(sent()) == [b"heard"]
