"""SIP messages are read as devices write them, and refused by name where they cannot be."""

import pytest

from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.network.sip.header_values import read_address, read_uri, read_via, top_via
from rejent.streams.calls.network.sip.message import (
    MAX_FIELDS,
    MAX_HEAD,
    MAX_MESSAGE,
    Headers,
    Request,
    Response,
    SipError,
    read_message,
    readable,
    split_values,
    write_message,
)

HEAD = (
    b"INVITE sip:rec@rec.example.org SIP/2.0\r\n"
    b"v: SIP/2.0/TCP sbc.example.org;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2\r\n"
    b'f: "Made, Up" <sip:5550100@example.org>;tag=a\r\n'
    b"t: <sip:rec@rec.example.org>\r\n"
    b"i: 1@example.org\r\n"
    b"CSeq: 7   INVITE\r\n"
)


def test_compact_names_and_folding():
    """Short names mean the long ones, and a line that begins with a space continues the one before."""
    message = read_message(HEAD + b"s: one\r\n\ttwo\r\n  three\r\nl: 0\r\n\r\n")
    assert isinstance(message, Request)
    assert message.headers.get("Subject") == "one two three"
    assert message.headers.get("call-id") == "1@example.org"
    assert message.call_id == "1@example.org"
    assert message.sequence == 7


def test_repeated_and_joined_fields_are_the_same():
    """Values between commas count like values on lines of their own; commas in quotes and brackets do not part."""
    message = read_message(HEAD + b"Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK3\r\n\r\n")
    assert len(message.headers.values("Via")) == 3
    assert top_via(message.headers).branch == "z9hG4bK1"
    assert split_values('"a, b" <sip:x,y@h>, <sip:z@h>;q="1,2"') == [
        '"a, b" <sip:x,y@h>',
        '<sip:z@h>;q="1,2"',
    ]


def test_careless_writing_is_forgiven():
    """Bare line feeds, spaces before colons, names in any case and leading empty lines do no harm."""
    text = b"\r\n\r\n" + HEAD.replace(b"\r\n", b"\n").replace(b"CSeq:", b"cseq  :") + b"\nrest"
    message = read_message(text)
    assert message.headers.get("CSeq") == "7   INVITE"
    assert message.body == b"rest"


def test_raw_bytes_are_kept():
    """What came is handed on byte by byte, even where it is no UTF-8, and goes back as it came."""
    text = HEAD.replace(b"Made", b"M\xf3de") + b"\r\n"
    message = read_message(text)
    assert message.raw == text
    sender = message.headers.get("From")
    assert b"M\xf3de" in write_message(Response(200, "OK", Headers([("From", sender)])))
    assert "\ufffd" in readable(sender)


def test_body_is_cut_to_its_length():
    """What follows the announced body of a datagram is no part of it."""
    assert read_message(HEAD + b"Content-Length: 3\r\n\r\nabcdef").body == b"abc"


@pytest.mark.parametrize(
    ("text", "where", "status"),
    [
        (b"", "head", 400),
        (HEAD, "head", 400),
        (b"GET / HTTP/1.1\r\n" + HEAD.partition(b"\n")[2] + b"\r\n", "start-line", 400),
        (HEAD.replace(b"SIP/2.0\r\nv", b"SIP/3.0\r\nv") + b"\r\n", "start-line", 505),
        (HEAD + b"l: 9\r\n\r\nshort", "Content-Length", 400),
        (HEAD + b"l: -1\r\n\r\n", "Content-Length", 400),
        (HEAD + b"l: 1\r\nContent-Length: 2\r\n\r\nxx", "Content-Length", 400),
        (HEAD + b"l: 99999999\r\n\r\n", "Content-Length", 513),
        (HEAD.replace(b"i: 1@example.org\r\n", b"") + b"\r\n", "Call-ID", 400),
        (HEAD.replace(b"7   INVITE", b"seven INVITE") + b"\r\n", "CSeq", 400),
        (HEAD.replace(b"7   INVITE", b"4294967296 INVITE") + b"\r\n", "CSeq", 400),
        (HEAD.replace(b"7   INVITE", b"7 BYE") + b"\r\n", "CSeq", 400),
        (HEAD + b"X: 1\r\n" * MAX_FIELDS + b"\r\n", "head", 400),
        (HEAD + b"X: " + b"y" * MAX_HEAD + b"\r\n\r\n", "head", 400),
        (HEAD + b"\r\n" + b"y" * (MAX_MESSAGE + 1), "message", 513),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(text, where, status):
    """A broken message is refused with the place that is broken and the code to answer."""
    with pytest.raises(SipError) as refused:
        read_message(text)
    assert refused.value.where == where
    assert refused.value.status == status
    assert where in str(refused.value)


def test_a_broken_request_can_still_be_answered():
    """Where enough could be read to answer, the error carries the request."""
    with pytest.raises(SipError) as refused:
        read_message(HEAD + b"l: 9\r\n\r\nshort")
    assert refused.value.request.call_id == "1@example.org"


def test_nobody_smuggles_a_line():
    """A line break in a header field of ours is refused."""
    with pytest.raises(SipError):
        write_message(Response(200, "OK", Headers([("To", "x\r\nEvil: 1")])))


def test_addresses():
    """Names, quotes, parameters inside and outside the brackets and bare addresses are told apart."""
    avaya = read_address('"A \\"B\\" <c>" <sip:x@192.0.2.5:5060;transport=tcp;+sip.src>;expires=3')
    assert avaya.display == 'A "B" <c>'
    assert avaya.has("+sip.src")
    assert avaya.address.port == 5060
    bare = read_address("sip:5550100@example.org;tag=x")
    assert bare.tag == "x"
    assert bare.address.user == "5550100"
    assert read_uri("tel:00-555;phone-context=x").user == "00-555"
    assert read_uri("sip:[2001:db8::1]:5070;lr").host == "2001:db8::1"
    assert read_uri("no address").scheme == ""


def test_endless_parameters_are_refused():
    """Parameters without end are refused before they cost anything, whether they differ or not."""
    for text in (";a" * 10_000, ";" * 10_000, "".join(f";p{n}" for n in range(100))):
        with pytest.raises(SipError):
            read_address("<sip:x@example.org>;x" + text)


def test_a_connection_is_cut_into_messages():
    """Messages arrive in any pieces; line ends between them are signs of life."""
    one = HEAD + b"Content-Length: 4\r\n\r\nbody"
    stream = MessageStream()
    got = [
        message
        for sign in b"\r\n\r\n" + one + b"\r\n" + one + b"\r\n\r\n"
        for message in stream.cut(bytes([sign]))
    ]
    assert got == [one, one]
    assert stream.pings == 2


def test_an_endless_head_ends_the_connection():
    """A peer that never ends its head, or announces more than is taken, is given up."""
    with pytest.raises(SipError):
        list(MessageStream().cut(b"INVITE " + b"x" * (MAX_HEAD + 1)))
    with pytest.raises(SipError):
        list(MessageStream().cut(HEAD + b"l: 70000\r\n\r\n"))


def test_the_sentence_is_translated_and_the_place_is_not():
    """The sentence can be said in another language, and the part of the message keeps its name in the protocol."""
    with pytest.raises(SipError) as refused:
        read_message(HEAD.replace(b"i: 1@example.org\r\n", b"") + b"\r\n")
    assert refused.value.sentence(lambda text: text.upper()).endswith("IS MISSING. (Call-ID)")


def test_a_way_back_is_no_longer_than_a_name_may_be() -> None:
    """Blanks without end, of which each would be tried as the beginning of the name, are refused before they are looked at."""
    assert read_via("SIP / 2.0 / udp   pbx.example.org : 5070 ;branch=z9hG4bK1").port == 5070
    with pytest.raises(SipError):
        read_via(f"SIP/2.0/UDP{' ' * 600}pbx.example.org;branch=z9hG4bK1")
