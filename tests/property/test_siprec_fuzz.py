"""Whatever a caller sends: only the subject's own errors come of it, and what was read can be written again."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from rejent.capture.calls.sip.errors import SipError
from rejent.capture.calls.sip.fields import read_address, read_uri, top_via
from rejent.capture.calls.sip.flow import Flow
from rejent.capture.calls.sip.message import Headers, Request, read_message, write_message
from rejent.capture.calls.sip.stream import MessageStream
from rejent.capture.calls.sip.transactions import ServerTransactions

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


@given(BYTES, st.integers(1, 50))
def test_connections(received, piece):
    """The messages cut out of a connection do not depend on how it was cut into pieces."""
    whole, pieces = MessageStream(), MessageStream()
    with contextlib.suppress(SipError):
        expected = whole.receive(received)
        found = []
        for place in range(0, len(received), piece):
            found += pieces.receive(received[place : place + piece])
        assert found == expected


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
