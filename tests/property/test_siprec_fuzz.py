"""Whatever a caller sends: only the subject's own errors come of it, and what was read can be written again."""

import contextlib
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.network.sip.header_values import read_address, read_uri, top_via
from rejent.streams.calls.network.sip.message import (
    MAX_HEAD,
    Headers,
    Request,
    SipError,
    read_message,
    write_message,
)
from rejent.streams.calls.network.sip.transactions import ServerTransactions
from rejent.streams.calls.receiving.siprec.bodies import read_bodies
from rejent.streams.calls.receiving.siprec.events import Ended, StreamAdded, StreamRemoved
from rejent.streams.calls.receiving.siprec.metadata import Metadata
from rejent.streams.calls.receiving.siprec.metadata_xml import read_metadata
from rejent.streams.calls.receiving.siprec.sdp import (
    AnsweredMedia,
    Direction,
    Ports,
    read_description,
    write_answer,
)
from tests.unit.streams_calls.caller import Caller, offer

TOKENS = [
    b"INVITE sip:a@example.org SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"ACK sip:a SIP/2.0\n", b"Via: SIP/2.0/UDP h;branch=z9hG4bKx\r\n",
    b"Via: ,;\r\n", b"v: SIP/2.0/TCP [::1]:99999;rport\r\n", b'From: "\\" <sip:x>;tag=1\r\n', b"To: <sip:y>\r\n", b"Call-ID: 1\r\n",
    b"CSeq: 1 INVITE\r\n", b"CSeq: 99999999999 X\r\n", b"Content-Length: 10\r\n", b"l: -1\r\n", b"l: 4\r\n", b"\r\n", b"\n\n", b" folded\r\n",
    b"Contact: *\r\n", b'Contact: <;;"\r\n', b"\0", b"\xff\xfe", b"Require: siprec,,\r\n", b"Session-Expires: ;refresher\r\n",
]  # fmt: skip
BYTES = st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=40)), max_size=30).map(b"".join)
FLOW = Flow("udp", "192.0.2.1", 5060)
WORD = st.text("abcdefgh0123456789-", min_size=1, max_size=12)
VALUE = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs")), min_size=1, max_size=40)


@given(BYTES)
def test_messages(received):
    """Reading a message yields one or refuses; what was read is written and read again as the same."""
    with contextlib.suppress(SipError):
        message = read_message(received)
        assert read_message(write_message(message)).headers.get("Call-ID") == message.headers.get("Call-ID")
        ServerTransactions().receive(message, FLOW, 0.0) if isinstance(message, Request) else top_via(
            message.headers
        )


LONG_HEAD, LONG_BODY = b"X: " + bytes(MAX_HEAD - 40) + b"\r\n", b"l: 70000\r\n\r\n"
STREAM = st.lists(
    st.one_of(
        st.sampled_from([*TOKENS, b"\r", b"\n", b"\r\n\r", LONG_HEAD, LONG_BODY]), st.binary(max_size=40)
    ),
    max_size=30,
).map(b"".join)


def cut_into(received: bytes, places: list[int]) -> list[bytes]:
    """The pieces of what was received, cut at these places."""
    edges = [0, *sorted(place % (len(received) + 1) for place in places), len(received)]
    return [received[begin:end] for begin, end in pairwise(edges)]


def framed(pieces: list[bytes], *, answers: bool) -> tuple[list[bytes], int, bytes | None]:
    """The messages, the signs of life, and what is left once framing is lost; None where it is not."""
    stream, messages, lost = MessageStream(answers=answers), [], None
    for piece in pieces:
        if lost is None:
            try:
                messages.extend(stream.cut(piece))
            except SipError:
                lost = stream.take_rest()
        else:
            lost += piece
    return messages, stream.pings, lost


@given(STREAM, st.lists(st.integers(0, 70_000), max_size=12), st.booleans())
@example(b"\r\n\n\r\nACK sip:a SIP/2.0\r\n\r\n", [5], False)
@example(LONG_HEAD + b"l" * 39 + b"\r\n\r\n", [MAX_HEAD + 2], False)
@example(b"ACK sip:a SIP/2.0\r\n\r\n" + TOKENS[0] + LONG_BODY, [], False)
def test_connections(received, places, answers):
    """What is cut out of a connection does not depend on how TCP cut it, up to where framing is lost and beyond."""
    whole = framed([received], answers=answers)
    assert framed(cut_into(received, places), answers=answers) == whole
    assert framed(
        [received[at : at + 1] for at in range(min(len(received), 400))], answers=answers
    ) == framed([received[:400]], answers=answers)


@given(st.text(max_size=200))
def test_addresses(text):
    """Any text gives an address or a refusal."""
    with contextlib.suppress(SipError):
        assert isinstance(read_address(text).tag, str)
        assert read_uri(text).port != 0


@given(st.lists(st.tuples(WORD, VALUE), max_size=20), st.binary(max_size=60))
def test_round_trip(fields, body):
    """What we write is read back as it was."""
    needed = [
        ("Via", "SIP/2.0/UDP h"),
        ("From", "<sip:a>"),
        ("To", "<sip:b>"),
        ("Call-ID", "1"),
        ("CSeq", "1 INFO"),
    ]
    mine = [(f"X{name}", value) for name, value in fields]
    request = Request("INFO", "sip:a@example.org", Headers([*needed, *mine]), body)
    read = read_message(write_message(request))
    assert [one for one in read.headers if one[0] != "Content-Length"] == list(request.headers)
    assert read.body == body


XML_PIECES = [
    '<recording xmlns="urn:ietf:params:xml:ns:recording:1">', "</recording>", "<datamode>partial</datamode>", '<participant participant_id="a">',
    "</participant>", '<nameID aor="sip:x"><name>n</name></nameID>', '<stream stream_id="a" session_id="s"><label>1</label></stream>',
    '<participantstreamassoc participant_id="a"><send>a</send></participantstreamassoc>', "<start-time>2026-99-99T99:99:99Z</start-time>",
    "<associate-time>9999-12-31T23:59:59-14:00</associate-time>", '<session session_id="s">', "</session>", "<x:y/>", '<v xmlns="urn:v"><w/></v>', "&lt;", "&a;",
    "<!DOCTYPE a>", "]]>", "\x00", "ą",
]  # fmt: skip


@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(st.sampled_from(XML_PIECES), max_size=20).map(lambda p: "".join(p).encode()),
    )
)
def test_metadata(text):
    """Any metadata is understood or refused, and can be laid over other."""
    with contextlib.suppress(SipError):
        known = read_metadata(text)
        assert Metadata().updated(known).participants == known.participants


@given(st.lists(st.sampled_from(XML_PIECES[1:-4]), max_size=12).map("".join))
def test_metadata_inside(inner):
    """What stands inside a well-formed root is understood or refused."""
    with contextlib.suppress(SipError):
        known = read_metadata(
            f'<recording xmlns="urn:ietf:params:xml:ns:recording:1">{inner}</recording>'.encode()
        )
        assert known.updated(known).sessions == known.sessions


LINES = [
    b"v=0", b"o=- 1 x IN", b"c=IN IP4 1.2.3.4/127", b"c=", b"m=audio 9 RTP/AVP 0 8 999 x", b"m=", b"m=audio -1 RTP/SAVP 8", b"a=rtpmap:8 X/0",
    b"a=rtpmap:8 a/1/0", b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:====", b"a=crypto:1 X inline:A", b"a=label:\xff", b"a=sendonly", b"a=rtcp:",
    b"a=rtcp:99999", b"a=fmtp:8 x", b"a=record:on", b"m=audio 70000 RTP/AVP 8",
]  # fmt: skip


@given(st.one_of(st.binary(max_size=300), st.lists(st.sampled_from(LINES), max_size=20).map(b"\n".join)))
def test_descriptions(text):
    """Any description is understood or refused, and its answer has its lines."""
    with contextlib.suppress(SipError):
        offer = read_description(text)
        lines = [AnsweredMedia(one, Ports("192.0.2.1", 2, 3), Direction.RECVONLY) for one in offer.media]
        answer = read_description(write_answer("1", 1, "192.0.2.1", lines))
        assert [one.label for one in answer.media] == [one.label for one in offer.media]


@given(
    BYTES,
    st.sampled_from(
        [
            "",
            "multipart/mixed",
            "multipart/mixed;boundary=a",
            "application/sdp",
            ";;;",
            'multipart/mixed;boundary="',
        ]
    ),
)
def test_bodies(text, written):
    """Any body gives parts; nothing fails."""
    with contextlib.suppress(SipError):
        bodies = read_bodies(Headers([("Content-Type", written)]), text.replace(b"Via", b"--a"))
        assert len(bodies.others) <= 16


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("INVITE"), st.lists(st.sampled_from(["sendonly", "inactive", "sendrecv", ""]), max_size=5)
        ),
        st.tuples(st.just("UPDATE"), st.lists(st.sampled_from(["sendonly", "inactive", ""]), max_size=5)),
        st.tuples(st.just("wait"), st.integers(0, 700)),
        st.tuples(st.just("heard"), st.just(0)),
        st.tuples(st.just("raw"), BYTES),
        st.tuples(st.just("receiving"), st.booleans()),
        st.tuples(st.just("stop"), st.just(0)),
        st.tuples(st.just("BYE"), st.just([])),
    ),
    max_size=12,
)


@given(CHANGES, st.sampled_from(["", "100;refresher=uas", "300"]))
def test_any_life_of_a_session(changes, timer):
    """However a session is changed, ports are given back once, streams come and go in pairs, and it ends once."""
    caller = Caller()
    caller.invite(timer=timer)
    for what, value in changes:
        if what in {"INVITE", "UPDATE", "BYE"}:
            caller.send(caller.request(what, offer(*value) if value else b"", required=(), timer=timer))
            caller.send(caller.request("ACK", sequence=caller.sequence, required=(), branch="z9hG4bKack"))
        elif what == "wait":
            caller.wait(value)
        elif what == "heard":
            caller.ports.heard = caller.now
        elif what == "raw":
            caller.send(value)
        elif what == "receiving":
            caller.core.set_receiving(caller.events[0].session, caller.at, receiving=value)
        else:
            caller.core.stop(caller.events[0].session, caller.at)
        caller.collect()
    caller.core.stop_all(caller.at)
    caller.wait(700)
    assert caller.ports.open == set()
    assert caller.core.sessions == 0
    assert len(caller.of(Ended)) == 1
    assert isinstance(caller.events[-1], Ended)
    assert len(caller.of(StreamAdded)) == len(caller.of(StreamRemoved))
    assert caller.core.next_deadline is None
