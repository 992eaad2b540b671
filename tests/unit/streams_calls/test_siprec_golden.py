"""The INVITE of each kind of device is recorded, with its streams, its parties and its message kept."""

import pytest

from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.message import read_message
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.events import (
    Begun,
    DeviationNoted,
    MessageReceived,
    Profile,
    StreamAdded,
)
from rejent.streams.calls.receiving.siprec.sdp import Direction, read_description
from rejent.streams.calls.recorder.parties import Order, likely_way, parties, possible_ways
from tests.unit.streams_calls.caller import Caller, PortsOfTest, counted
from tests.unit.streams_calls.golden_invites import NAMES, golden

FIRST, SECOND = "sip:005550100@example.org", "sip:005550199@example.org"
STRICT, TOLERANT, DRAFT = Profile.STRICT, Profile.TOLERANT, Profile.DRAFT
EXPECTED = {
    "opensips": (STRICT, [("1", [FIRST]), ("2", [SECOND])], set()),
    "cisco-cube": (STRICT, [("1", [FIRST]), ("2", [SECOND])], set()),
    "cisco-bib": (Profile.CISCO_BIB, [("", ["005550199"])], set()),
    "oracle": (DRAFT, [("90001", [FIRST]), ("90002", [SECOND])], {"time-without-zone"}),
    "ribbon": (
        DRAFT,
        [("1", ["sip:005550199@192.0.2.15"]), ("2", ["sip:005550100@192.0.2.15"])],
        {"clock-unset"},
    ),
    "broadworks": (
        DRAFT,
        [("1", ["sip:clerk@example.org", "sip:005550100@192.0.2.16;user=phone"])],
        {"require-missing", "feature-draft", "boundary-not-closed"},
    ),
    "avaya-sbce": (TOLERANT, [("0", []), ("1", [])], {"feature-in-address", "stream-without-id"}),
    "audiocodes": (TOLERANT, [("1", [FIRST]), ("2", [SECOND])], {"feature-draft"}),
    "freeswitch": (STRICT, [("", [])], set()),
    "metaswitch": (STRICT, [("1", [FIRST, SECOND])], set()),
}

BOTH = ("005550100", "005550199")
WHO_CALLED = {
    "opensips": (BOTH, Order.STATED),
    "cisco-cube": (BOTH, Order.STATED),
    "freeswitch": (BOTH, Order.STATED),
    "oracle": (BOTH, Order.STATED),
    "ribbon": (BOTH, Order.STATED),
    "broadworks": (BOTH, Order.STATED),
    "metaswitch": (BOTH, Order.STATED),
    "cisco-bib": (BOTH[::-1], Order.UNKNOWN),
    "avaya-sbce": (("dummy", ""), Order.ASSUMED),
}


def test_every_device_is_tested():
    """No golden INVITE is without expectations."""
    assert set(EXPECTED) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_devices(name):
    """A session with the right streams and parties comes of it, and the message is handed out as it came."""
    core = RecordingCore(Settings("198.51.100.1"), PortsOfTest(), counted())
    caller = Caller(core, flow=Flow("udp", "192.0.2.10", 5060))
    data = golden(name)
    (response,) = caller.send(data)
    profile, streams, deviations = EXPECTED[name]
    assert response.status == 200
    answered = read_description(response.body).media
    assert [one.direction for one in answered] == [Direction.RECVONLY] * len(streams)
    (begun,) = caller.of(Begun)
    assert begun.profile is profile
    found = [
        (
            one.stream.media.label,
            [party.names[0][0] for party in begun.metadata.senders(one.stream.media.label)],
        )
        for one in caller.of(StreamAdded)
    ]
    assert found == streams
    assert {one.deviation for one in caller.of(DeviationNoted)} >= deviations
    assert caller.of(MessageReceived)[0].raw == data


@pytest.mark.parametrize("name", NAMES)
def test_every_device_tells_who_called_whom(name):
    """Caller and called party are those of the call, in whatever words and order the device names them; only where it says so is the order certain."""
    core = RecordingCore(Settings("198.51.100.1"), PortsOfTest(), counted())
    caller = Caller(core, flow=Flow("udp", "192.0.2.10", 5060))
    caller.send(golden(name))
    (begun,) = caller.of(Begun)
    stated = parties(begun, begun.metadata)
    numbers, order = WHO_CALLED.get(name, (("005550100", "005550199"), Order.ASSUMED))
    assert (stated.numbers, stated.order) == (numbers, order)
    ours = ("005550199",)
    certain = {"incoming"} if order is Order.STATED else {"incoming", "outgoing"}
    if name != "avaya-sbce":
        assert possible_ways(stated, ours) == certain
        way = likely_way(stated, ours, possible_ways(stated, ours))
        assert way == ("undecided" if order is Order.UNKNOWN else "incoming")


def test_both_calls_of_a_bridge_belong_together():
    """The near and the far call of Cisco's bridge share their group and differ in who speaks."""
    core = RecordingCore(Settings("198.51.100.1"), PortsOfTest(), counted())
    near = Caller(core)
    near.send(golden("cisco-bib"))
    far = Caller(core)
    other = golden("cisco-bib").replace(b"x-nearend;x-refci=100001", b"x-farend;x-refci=100002")
    other = other.replace(b"x-farendrefci=100002", b"x-farendrefci=100001").replace(b"bib-1", b"bib-2")
    far.send(other)
    groups = {one.metadata.sessions[0].group for one in [*near.of(Begun), *far.of(Begun)]}
    assert groups == {"100001+100002"}
    assert far.of(Begun)[0].metadata.senders("")[0].names == (("005550100", ""),)
    assert near.of(Begun)[0].stated == "Mon, 02 Mar 2026 08:15:00 GMT"


def test_invites_outgrow_a_datagram():
    """Some of them are longer than 1,300 bytes, which is why connections and fragments have to work."""
    assert sum(len(golden(name)) > 1300 for name in NAMES) >= 8
    assert all(read_message(golden(name)).body or name == "cisco-bib" for name in NAMES)
