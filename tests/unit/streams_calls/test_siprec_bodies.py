"""Whatever a device wraps its description and metadata into, both are found; what is odd is named."""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.streams.calls.network.sip.message import Headers, SipError
from rejent.streams.calls.receiving.siprec.bodies import (
    MAX_PART_FIELDS,
    MAX_PARTS,
    METADATA,
    SDP,
    _pieces,
    read_bodies,
)
from rejent.streams.calls.receiving.siprec.sdp import (
    MAX_DECLARED_MEDIA,
    AnsweredMedia,
    Direction,
    Ports,
    is_recordable,
    offer_line,
    read_crypto,
    read_description,
    write_answer,
    write_crypto,
)
from tests.unit.streams_calls.caller import write_parts

OFFER = b"v=0\r\no=- 1 7 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n"
XML = b"<recording/>"


def multipart(text, written='multipart/mixed;boundary="b 1"'):
    """The parts of a body under a Content-Type."""
    return read_bodies(Headers([("Content-Type", written)]), text)


WHOLE = (
    b"preamble\r\n--b 1\r\nContent-Type: application/sdp\r\n\r\n" + OFFER + b"--b 1\r\n"
    b"content-type: application/rs-metadata\r\nContent-Disposition: recording-session\r\n\r\n"
    + XML
    + b"\r\n--b 1--\r\nend"
)


def test_two_parts():
    """Description and metadata are taken apart; both names of the metadata's type are good."""
    bodies = multipart(WHOLE)
    assert bodies.description == OFFER.removesuffix(b"\r\n")
    assert bodies.metadata == XML
    assert bodies.deviations == ()


@pytest.mark.parametrize(
    ("text", "written", "deviation"),
    [
        (WHOLE.replace(b"\r\n", b"\n"), 'Multipart/Mixed ; Boundary = "b 1"', None),
        (WHOLE, "multipart/mixed", "boundary-missing"),
        (WHOLE, "multipart/mixed;boundary=other", "boundary-missing"),
        (WHOLE.partition(b"--b 1--")[0], 'multipart/mixed;boundary="b 1"', "boundary-not-closed"),
        (WHOLE.replace(b"Content-Disposition: recording-session\r\n", b""), 'multipart/mixed;boundary="b 1"',
         "metadata-disposition"),
        (WHOLE.replace(b"application/rs-metadata", b"application/xml"), 'multipart/mixed;boundary="b 1"', "metadata-type"),
        (WHOLE.replace(b"Content-Type: application/sdp\r\n", b""), 'multipart/mixed;boundary="b 1"', "description-type"),
    ],
)  # fmt: skip
def test_quirks(text, written, deviation):
    """Spaces, case, a missing or wrong boundary, a missing end or type: both parts are found all the same."""
    bodies = multipart(text, written)
    assert bodies.description is not None
    assert bodies.description.startswith(b"v=0")
    assert bodies.metadata.strip() == XML
    assert bodies.deviations == ((deviation,) if deviation else ())


def test_blanks_without_end_make_no_boundary():
    """A boundary that is missing in the head is looked for in lines as long as one may be (RFC 2046 §5.1.1), blanks included."""
    wide = WHOLE.replace(b"--b 1\r\n", b"--b 1 \t\r\n")
    assert multipart(wide, "multipart/mixed").description is not None
    endless = multipart(wide.replace(b"\t", b"\t" * 300), "multipart/mixed")
    assert (endless.description, len(endless.others)) == (None, 1)


def test_head_of_a_part_is_bounded():
    """What stands behind so many lines of a part's head is not looked at; the part itself is taken for what it looks like."""
    many = WHOLE.replace(
        b"Content-Type: application/sdp", b"X: y\r\n" * MAX_PART_FIELDS + b"Content-Type: application/sdp"
    )
    assert multipart(many).deviations == ("description-type",)
    assert multipart(many.replace(b"X: y\r\n", b"", 1)).deviations == ()


def test_media_lines_without_end_are_refused():
    """A description may have more lines than are answered with a port, and not more than any device has."""
    assert len(read_description(OFFER + LINE % (5000, 1) * MAX_DECLARED_MEDIA).media) == MAX_DECLARED_MEDIA
    with pytest.raises(SipError, match="media lines"):
        read_description(OFFER + LINE % (5000, 1) * (MAX_DECLARED_MEDIA + 1))


def test_one_body_alone():
    """A description or metadata may come without multipart."""
    assert read_bodies(Headers([("Content-Type", "application/sdp")]), OFFER).description == OFFER
    fields = [("Content-Type", METADATA), ("Content-Disposition", "recording-session")]
    assert read_bodies(Headers(fields), XML).metadata == XML
    assert read_bodies(Headers(), b"").description is None


def test_what_the_sender_insists_on():
    """A part of an unknown kind that must be understood is named; one marked optional is kept."""
    part = b"--b 1\r\nContent-Type: application/x\r\nContent-Disposition: session;handling=%s\r\n\r\nz\r\n--b 1--"
    assert multipart(part % b"required").not_understood == ("application/x",)
    optional = multipart(part % b"optional")
    assert optional.not_understood == ()
    assert optional.others[0].content == b"z"


def test_what_we_write_is_read():
    """Our own multipart bodies are taken apart again."""
    media_type, body = write_parts([(SDP, "", OFFER), (METADATA, "recording-session", XML)], "x")
    bodies = multipart(body, media_type)
    assert bodies.metadata == XML
    assert bodies.deviations == ()


LINE = b"m=audio %d RTP/AVP 8 96\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=label:%d\r\na=sendonly\r\n"


def test_sixteen_lines_are_answered_in_order():
    """Every line offered is answered in its place, with its label and formats, or with port 0."""
    offer = read_description(OFFER + b"".join(LINE % (5000 + 2 * n, n) for n in range(16)))
    assert len(offer.media) == 16
    assert offer.version == 7
    lines = [
        AnsweredMedia(
            media, Ports("192.0.2.1", 30000 + 2 * n, 30001 + 2 * n) if n % 2 else None, Direction.RECVONLY
        )
        for n, media in enumerate(offer.media)
    ]
    answer = read_description(write_answer("1", 1, "192.0.2.1", lines))
    assert [media.port for media in answer.media] == [30000 + 2 * n if n % 2 else 0 for n in range(16)]
    assert answer.media[3].label == "3"
    assert answer.media[3].direction is Direction.RECVONLY
    assert answer.media[3].formats == offer.media[3].formats
    assert answer.origin != offer.origin


def test_attributes():
    """Directions and addresses of the session hold for lines without their own; control ports and records are kept."""
    text = (
        OFFER + b"a=inactive\r\na=record:paused\r\nm=audio 9 RTP/AVP 0 18 200 x\r\nc=IN IP6 2001:db8::1\r\n"
    )
    text += b"a=rtcp:53020\r\na=rtcp-mux\r\na=recordpref:off\r\nm=video 0 RTP/AVP 99\r\n"
    audio, video = read_description(text).media
    assert audio.direction is Direction.INACTIVE
    assert audio.host == "2001:db8::1"
    assert audio.rtcp_port == 53020
    assert audio.mux
    assert (audio.record, audio.record_preference) == ("paused", "off")
    assert [one.name for one in audio.formats] == ["PCMU", "G729"]
    assert video.host == "192.0.2.5"
    assert not is_recordable(video)


def test_keys():
    """A key of the right length is read, shows itself nowhere, and makes an encrypted line recordable."""
    key = "A" * 40
    crypto = read_crypto(f"1 AES_CM_128_HMAC_SHA1_80 inline:{key}|2^20|1:4 KDR=1")
    assert crypto.session == "2^20|1:4 KDR=1"
    assert "key" not in repr(crypto)
    assert write_crypto(crypto) == f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}"
    assert read_crypto("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA") is None
    secure = OFFER + b"m=audio 9 RTP/SAVP 8\r\n"
    assert not is_recordable(read_description(secure).media[0])
    line = f"a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:{key}\r\n".encode()
    assert is_recordable(read_description(secure + line).media[0])


def test_our_offer():
    """To a caller without offer we offer one audio line in the codecs of telephony, only to receive."""
    ports = Ports("192.0.2.1", 30000, 30001)
    line = AnsweredMedia(offer_line(ports), ports, Direction.RECVONLY)
    (media,) = read_description(write_answer("1", 1, "192.0.2.1", [line])).media
    assert media.direction is Direction.RECVONLY
    assert {one.name for one in media.formats} >= {"PCMA", "PCMU", "G722", "G729"}


def test_no_description():
    """Text that is no description is refused by name."""
    with pytest.raises(SipError, match="SDP"):
        read_description(b"hello\r\nworld")


def test_only_keys_that_open_what_comes_are_taken():
    """What is answered can be decrypted: the suites are those of reception, and no key names itself or weakens the session."""
    key = base64.b64encode(bytes(30)).decode()
    line = f"1 AES_CM_128_HMAC_SHA1_80 inline:{key}"
    assert read_crypto(line).is_supported
    assert read_crypto(f"{line}|2^20").is_supported
    assert not read_crypto(f"{line}|2^20|1:4").is_supported
    assert not read_crypto(f"{line} UNENCRYPTED_SRTP").is_supported


CRUMBS = [b"--b", b"--b--", b"--bx", b"\r\n", b"\n", b"\r", b" ", b"\t", b"-", b"x"]


@given(st.lists(st.sampled_from(CRUMBS), max_size=60).map(b"".join))
def test_a_body_is_divided_where_lines_begin_with_the_boundary(body: bytes) -> None:
    """As the pattern of RFC 2046 §5.1.1 divides it, spaces before the boundary forgiven, and into no more parts than are read."""
    pattern = rb"(?:\A|\r?\n)[ \t]*--b(?=[ \t\r\n]|--|\Z)"
    assert _pieces(body, b"--b") == re.split(pattern, body, maxsplit=MAX_PARTS + 1)
