"""A recording session lives as its caller says, and never ends while speech comes."""

import pytest

from rejent.streams.calls.network.sip.message import read_message
from rejent.streams.calls.receiving.siprec.bodies import METADATA, SDP
from rejent.streams.calls.receiving.siprec.core import Settings
from rejent.streams.calls.receiving.siprec.events import (
    Begun,
    DeviationNoted,
    Ended,
    EndReason,
    MessageReceived,
    MetadataChanged,
    Profile,
    StreamAdded,
    StreamChanged,
    StreamPaused,
    StreamRemoved,
    StreamResumed,
)
from rejent.streams.calls.receiving.siprec.sdp import Direction
from rejent.streams.calls.receiving.siprec.session import MAX_MESSAGE_BYTES
from tests.unit.streams_calls.caller import (
    START,
    Caller,
    PortsOfTest,
    described,
    metadata,
    offer,
    write_parts,
)


def test_two_parties():
    """An INVITE with two lines is answered at once with two ports, receiving only, each with its label."""
    caller = Caller()
    response = caller.invite()
    assert response.status == 200
    assert "+sip.srs" in response.headers.get("Contact")
    assert [(one.port, one.direction, one.label) for one in described(response).media] == [
        (30000, Direction.RECVONLY, "1"),
        (30002, Direction.RECVONLY, "2"),
    ]
    assert caller.kinds() == ["Begun", "MessageReceived", "StreamAdded", "StreamAdded", "Confirmed"]
    (begun,) = caller.of(Begun)
    assert begun.profile is Profile.STRICT
    assert begun.at.wall == START
    assert begun.metadata.participants[0].names[0][0] == "sip:005550100@example.org"


def test_bye():
    """BYE is answered at once, gives the ports back and ends the session with its cause."""
    caller = Caller()
    caller.invite()
    assert caller.ask("BYE", required=()).status == 200
    assert caller.kinds()[-4:] == ["MessageReceived", "StreamRemoved", "StreamRemoved", "Ended"]
    assert caller.of(Ended)[0].reason is EndReason.BYE
    assert caller.ports.open == set()
    assert caller.core.sessions == 0
    assert caller.ask("BYE", required=()).status == 481


def test_pause_and_resume():
    """Inactive pauses and sendonly resumes, at instants that are told; the answer follows."""
    caller = Caller()
    caller.invite()
    caller.now = 10.0
    assert [
        one.direction
        for one in described(caller.ask("INVITE", offer("inactive", "inactive", version=2))).media
    ] == [Direction.INACTIVE] * 2
    caller.now = 20.0
    caller.ask("INVITE", offer("sendonly", "sendonly", version=3))
    assert [one.at.monotonic for one in caller.of(StreamPaused)] == [10.0, 10.0]
    assert [one.at.monotonic for one in caller.of(StreamResumed)] == [20.0, 20.0]
    assert [one.stream.ports.rtp for one in caller.of(StreamResumed)] == [30000, 30002]


def test_remove_add_and_reuse():
    """Port 0 removes a line, a new line adds one, and a removed line may come to life again."""
    caller = Caller()
    caller.invite()
    caller.ask("INVITE", offer("sendonly", "", version=2))
    assert caller.of(StreamRemoved)[0].stream.number == 1
    answer = described(caller.ask("UPDATE", offer("sendonly", "sendonly", "sendonly", version=3)))
    assert [one.port for one in answer.media] == [30000, 30004, 30006]
    assert [one.stream.number for one in caller.of(StreamAdded)] == [0, 1, 1, 2]


def test_codec_change_and_transfer_with_fewer_lines():
    """Another codec and another party are a change; a line no longer described keeps its port, for devices err."""
    caller = Caller()
    caller.invite()
    response = caller.ask("INVITE", offer("sendonly", version=2, formats="18", labels=["7"]))
    assert len(described(response).media) == 1
    changed = caller.of(StreamChanged)[0].stream
    assert [one.name for one in changed.media.formats] == ["G729"]
    assert changed.media.label == "7"
    assert caller.of(StreamPaused)[0].stream.number == 1
    assert caller.ports.open == {30000, 30002}
    assert "media-lines-missing" in [one.deviation for one in caller.of(DeviationNoted)]


def test_hold_by_zeros():
    """The old way of holding, an address of zeros, pauses too."""
    caller = Caller()
    caller.invite()
    held = offer("sendrecv", "sendonly", version=2).replace(b"c=IN IP4 192.0.2.10", b"c=IN IP4 0.0.0.0")
    caller.ask("INVITE", held)
    assert [one.stream.number for one in caller.of(StreamPaused)] == [0]


def test_sixteen_lines_and_more():
    """Sixteen lines get ports; those beyond are refused in their place."""
    caller = Caller()
    answer = described(caller.invite(offer(*["sendonly"] * 18)))
    assert [one.port > 0 for one in answer.media] == [True] * 16 + [False] * 2


def test_the_answer_has_an_origin_of_its_own():
    """Our description has its own origin, whose version grows only when something changes."""
    caller = Caller()
    first = described(caller.invite())
    same = described(caller.ask("INVITE", offer("sendonly", "sendonly", version=1)))
    other = described(caller.ask("INVITE", offer("inactive", "sendonly", version=2)))
    assert first.origin.startswith("rejent ")
    assert (first.version, same.version, other.version) == (1, 1, 2)


def test_our_offer_where_the_caller_has_none():
    """An INVITE without description gets our offer; the answer in the ACK is taken."""
    caller = Caller()
    response = caller.ask("INVITE")
    caller.tag = response.headers.get("To").rpartition("tag=")[2]
    (media,) = described(response).media
    assert media.direction is Direction.RECVONLY
    assert caller.ask("INVITE", offer("sendonly")).status == 491
    caller.sequence = 1
    caller.acknowledge(offer("sendonly", formats="9"))
    assert [one.name for one in caller.of(StreamChanged)[0].stream.media.formats] == ["G722"]
    assert caller.kinds().count("StreamAdded") == 1


def test_an_answer_that_never_comes():
    """An ACK without the answer it owes is noted, and the session can be changed all the same."""
    caller = Caller()
    response = caller.ask("INVITE")
    caller.tag = response.headers.get("To").rpartition("tag=")[2]
    caller.acknowledge()
    assert caller.of(DeviationNoted)[-1].deviation == "answer-missing"
    assert caller.ask("INVITE", offer("sendonly")).status == 200


def test_a_bye_out_of_order():
    """A BYE ends the session even where its number is not newer, for nobody else knows the tags."""
    caller = Caller()
    caller.invite()
    assert caller.ask("BYE", sequence=1, required=()).status == 200
    assert caller.of(Ended)[0].reason is EndReason.BYE


def test_reinvite_without_description():
    """A re-INVITE without description gets our offer of all lines, and its answer in the ACK counts."""
    caller = Caller()
    caller.invite()
    response = caller.ask("INVITE")
    assert [one.port for one in described(response).media] == [30000, 30002]
    caller.acknowledge(offer("sendonly", "inactive", version=2))
    assert [one.stream.number for one in caller.of(StreamPaused)] == [1]


def test_messages_are_handed_out_to_be_kept():
    """Each message that says something of the call is handed out byte by byte."""
    caller = Caller()
    caller.invite()
    caller.ask("INVITE", offer("inactive", "inactive", version=2))
    caller.ask("BYE", required=())
    kept = caller.of(MessageReceived)
    assert [one.method for one in kept] == ["INVITE", "INVITE", "BYE"]
    assert all(read_message(one.raw).call_id == "c1@192.0.2.10" for one in kept)


def test_messages_without_end_are_handed_out_up_to_a_bound():
    """A session that says more than may be kept is answered and heeded as before; it is named once, and its end is kept."""
    caller = Caller()
    caller.invite()
    (session,) = caller.core._sessions.values()
    session.message_bytes = MAX_MESSAGE_BYTES - 4_000
    for size in (1_000, 4_000, 10):
        assert caller.ask("INFO", b"x" * size, "text/plain", required=()).status == 200
    assert caller.ask("INVITE", offer("inactive", "inactive", version=2)).status == 200
    caller.ask("BYE", required=())
    assert [one.method for one in caller.of(MessageReceived)] == ["INVITE", "INFO", "BYE"]
    assert [one.deviation for one in caller.of(DeviationNoted)] == ["messages-too-much"]
    assert len(caller.of(StreamPaused)) == 2


def test_srtp_key_of_our_own():
    """An encrypted line is answered with a key of ours under the caller's tag, which stays until theirs changes."""
    line = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n"
    caller = Caller()
    secure = {"extra": line, "protocol": "RTP/SAVP"}
    first = described(caller.invite(offer("sendonly", **secure))).media[0].crypto
    assert first.tag == 1
    assert first.key != bytes(30)
    again = described(caller.ask("INVITE", offer("sendonly", version=2, **secure))).media[0].crypto
    assert again == first


@pytest.mark.parametrize(
    ("settings", "pairs", "description", "status"),
    [
        (Settings("198.51.100.1", limit=0), 9, offer("sendonly"), 503),
        (Settings("198.51.100.1"), 0, offer("sendonly"), 503),
        (Settings("198.51.100.1"), 1, offer("sendonly", "sendonly"), 200),
        (Settings("198.51.100.1"), 9, offer("sendonly", protocol="RTP/SAVP"), 488),
        (Settings("198.51.100.1"), 9, offer("sendonly").replace(b"m=audio", b"m=video"), 488),
        (Settings("198.51.100.1"), 9, offer("sendonly", formats="77"), 200),
        (Settings("198.51.100.1"), 9, offer(), 200),
        (Settings("198.51.100.1"), 9, b"nonsense", 400),
    ],
)
def test_refused_only_for_want_of_room_or_of_anything_to_record(settings, pairs, description, status):
    """One line out of many is enough, unknown codecs too; want of room is 503 with a time, want of speech 488."""
    caller = Caller(ports=PortsOfTest(pairs), settings=settings)
    response = caller.invite(description)
    assert response.status == status
    assert (response.headers.get("Retry-After") is not None) == (status == 503)
    assert bool(caller.of(Begun)) == (status == 200)


def test_unknown_requirements():
    """What we are required to know and do not is named."""
    response = Caller().invite(required=("siprec", "foo, 100rel, bar"))
    assert response.status == 420
    assert response.headers.get("Unsupported") == "foo, bar"


def test_an_ordinary_call():
    """Without any sign of recording a call is declined, or taken where the office wants it."""
    plain = {"required": (), "contact": "<sip:005550100@192.0.2.10>"}
    assert Caller().ask("INVITE", offer("sendrecv"), **plain).status == 603
    willing = Caller(settings=Settings("198.51.100.1", takes_plain_calls=True))
    assert willing.ask("INVITE", offer("sendrecv"), **plain).status == 200
    assert willing.of(Begun)[0].profile is Profile.PLAIN


def test_a_body_of_another_kind():
    """A body we know nothing of is refused with what we take; metadata alone is no reason to refuse."""
    response = Caller().ask("INVITE", b"x", "application/other")
    assert response.status == 415
    assert "application/rs-metadata+xml" in response.headers.get("Accept")


def test_methods_and_dialogs_not_known():
    """Unknown methods get 405 with those allowed, requests in dialogs that are none 481, late ones 500."""
    caller = Caller()
    response = caller.ask("SUBSCRIBE", required=())
    assert response.status == 405
    assert "UPDATE" in response.headers.get("Allow")
    assert caller.ask("BYE", tag="none", required=()).status == 481
    assert caller.ask("INFO", required=()).status == 481
    caller.sequence = 0
    caller.call_id = "c2"
    caller.invite()
    assert caller.ask("INVITE", offer("sendonly"), sequence=1, branch="z9hG4bKlate").status == 500
    assert caller.ask("INFO", required=(), sequence=9).status == 200


def test_options_tell_the_load():
    """OPTIONS shows what we are and how full; when full, it is answered as an INVITE would be."""
    caller = Caller(settings=Settings("198.51.100.1", limit=1))
    response = caller.ask("OPTIONS", required=())
    assert response.status == 200
    assert response.headers.get("X-Load") == "0;limit=1"
    assert "application/sdp" in response.headers.get("Accept")
    assert "+sip.srs" in response.headers.get("Contact")
    caller.invite()
    other = Caller(caller.core, call_id="c2")
    full = other.ask("OPTIONS", required=())
    assert (full.status, full.headers.get("Retry-After")) == (503, "30")
    assert other.invite().status == 503
    caller.core.accepting = False
    caller.ask("BYE", required=())
    assert other.invite().status == 503


@pytest.mark.parametrize(("left", "status"), [(2, 200), (1, 503), (0, 503)])
def test_options_without_ports(left, status):
    """Where there are no ports for a call of two parties, OPTIONS says so beforehand."""
    caller = Caller(ports=PortsOfTest(left))
    response = caller.ask("OPTIONS", required=())
    assert response.status == status
    assert response.headers.get("X-Load") == "0;limit=500"


def test_the_same_call_id_twice():
    """Two sessions under one Call-ID are two recordings, and the second is marked."""
    first = Caller()
    first.invite()
    second = Caller(first.core, ports=first.ports)
    second.sequence = 5
    assert second.invite().status == 200
    assert first.core.sessions == 2
    names = {one.session for one in [*first.of(Begun), *second.of(Begun)]}
    assert len(names) == 2
    assert [one.deviation for one in second.of(DeviationNoted)] == ["call-id-twice"]


def test_cancel():
    """CANCEL after the answer changes nothing but is noted; of an unknown INVITE it gets 481."""
    caller = Caller()
    caller.ask("INVITE", offer("sendonly"), branch="z9hG4bKx")
    assert caller.ask("CANCEL", sequence=1, branch="z9hG4bKx", required=()).status == 200
    assert caller.of(DeviationNoted)[-1].deviation == "cancel-late"
    assert caller.ask("CANCEL", sequence=1, branch="z9hG4bKy", required=()).status == 481


def test_broken_messages_are_answered():
    """A request whose body is cut off gets 400, what is no SIP gets nothing, and neither leaves a trace."""
    caller = Caller()
    (response,) = caller.send(b"INVITE sip:r@example.org SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKq\r\nFrom: <sip:a>;tag=1\r\n"
                              b"To: <sip:r>\r\nCall-ID: q\r\nCSeq: 1 INVITE\r\nContent-Length: 99\r\n\r\nv=0")  # fmt: skip
    assert response.status == 400
    assert caller.send(b"\x80\x08\x00\x01") == []
    assert caller.events == []


def test_a_request_that_requires_too_much_is_answered():
    """More extensions than anybody reads get 400, not silence, and a session goes on."""
    caller = Caller()
    caller.invite()
    assert caller.ask("OPTIONS", required=[", ".join(f"x{number}" for number in range(70))]).status == 400
    assert caller.core.sessions == 1


def test_stop_one_and_all():
    """A session of ours is ended by BYE, and nothing new begins while we stop."""
    caller = Caller()
    caller.invite()
    assert caller.core.stop(caller.of(Begun)[0].session, caller.at)
    caller.collect()
    assert caller.asked[-1].method == "BYE"
    assert caller.of(Ended)[0].reason is EndReason.STOPPED
    assert not caller.core.stop("none", caller.at)
    again = Caller(caller.core, call_id="c2")
    again.invite()
    again.core.stop_all(again.at)
    again.collect()
    assert again.of(Ended)[0].reason is EndReason.STOPPED
    assert Caller(caller.core, call_id="c3").invite().status == 503


CALLS = "".join(f'<session session_id="s{n}"/><participant participant_id="p{n}"/>' for n in range(3))


def test_many_calls_in_one_session():
    """A standing session may begin without any line and carry many calls later."""
    caller = Caller()
    assert caller.invite(offer()).status == 200
    media_type, body = write_parts(
        [
            (SDP, "", offer("sendonly", "sendonly", version=2)),
            (METADATA, "recording-session", metadata(CALLS)),
        ],
        "b",
    )
    assert caller.ask("INVITE", body, media_type).status == 200
    assert len(caller.of(MetadataChanged)[-1].metadata.sessions) == 3
    assert caller.kinds().count("StreamAdded") == 2


def test_a_late_duplicate_of_the_invite():
    """An INVITE that the network doubled opens one session and gets one answer twice."""
    caller = Caller()
    invite = caller.request("INVITE", offer("sendonly"))
    first = caller.send(invite)
    assert caller.send(invite) == first
    assert caller.core.sessions == 1
