"""Whatever is altered in what devices, servers and files hand over: a parser reads it, or refuses it by an error of its own."""

import os
import zipfile
from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from rejent.catalog.addresses import masked
from rejent.formats.file_types import file_type
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.matroska.reader import CallReader
from rejent.formats.mp4.reader import initialisation_of, parameters_of, scan
from rejent.formats.pdf_revisions import digests_of_revisions
from rejent.formats.records import whole_packets
from rejent.formats.rtp.packet import payload_bounds
from rejent.formats.rtp.rtcp import read_blocks, read_compound
from rejent.formats.source import BytesSource
from rejent.ledger.proof import parse_proof
from rejent.ledger.signed import note
from rejent.office.regulation.loading import check, example
from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordZone
from rejent.streams.calls.network.sip.framing import MessageStream
from rejent.streams.calls.network.sip.header_values import read_address, read_uri
from rejent.streams.calls.network.sip.message import read_message, write_message
from rejent.streams.calls.receiving.imported.records import delimiter, find_columns, read_row, rows
from rejent.streams.calls.receiving.mirror.classifier import read_leniently
from rejent.streams.calls.receiving.mirror.frames import read_datagram, read_frame, read_segment
from rejent.streams.calls.receiving.siprec.bodies import read_bodies
from rejent.streams.calls.receiving.siprec.metadata import Metadata
from rejent.streams.calls.receiving.siprec.metadata_xml import read_metadata
from rejent.streams.calls.receiving.siprec.sdp import read_description
from rejent.streams.cameras.network.onvif import responses
from rejent.streams.cameras.network.rtsp.auth import parse_challenge
from rejent.streams.cameras.network.rtsp.message import parse_message, skip_noise
from rejent.streams.cameras.network.rtsp.sdp import video_track
from rejent.streams.cameras.recorder.live.wire import parse_message_head, parse_subscription, subscription
from rejent.streams.mail.messages.classes import MailRules, MessageHead, facts_of, is_exempt, is_private
from rejent.streams.mail.messages.framing import MessageFacts, MessageFrame
from rejent.streams.mail.messages.journal_reports import claims_to_report, look_through, read_report
from rejent.streams.mail.messages.looking import html_document
from rejent.streams.mail.messages.markup import Words, text_of
from rejent.streams.mail.messages.parts import kinds_of
from rejent.streams.mail.messages.rendering import _take_apart, attached_part, digest_of, searched_text
from rejent.streams.mail.messages.syntax import decode_text, read_value, split_head
from rejent.streams.mail.receiving.milter import MilterSession
from rejent.streams.mail.receiving.received import Outcome
from rejent.streams.mail.receiving.server_log import deliveries
from rejent.streams.mail.receiving.smtp import SmtpSession, Terms
from rejent.streams.mail.threats.unpacking import Unpacking
from rejent.vault.age import Identity, seal, unseal
from rejent.vault.age.header import parse as parse_header
from tests.altered import Parser, run_altered
from tests.streams.mail_corpus import HARD, HTML, ORDINARY, PRIVATE, REPORTED, archive, nested, winmail
from tests.unit.formats.clips import clip
from tests.unit.formats.written import content_of, fragments_of
from tests.unit.streams_calls.mirror_traffic import Call, Desk

ORDINARY_COUNT, SOAK_COUNT = 150, 100_000
CALL = Call()
AT = datetime(2026, 11, 2, 7, 0, tzinfo=UTC)
TODAY = date(2026, 11, 2)
RULES = MailRules(frozenset({"urzad.example"}), frozenset({"@zwiazek.example"}), ("prywatne",), frozenset({"raporty@urzad.example"}))  # fmt: skip
WORDS = Words("elsewhere", "missing", "failed", str)
KEY = Identity(bytes(range(32)))
LETTERS = (ORDINARY, HTML, PRIVATE, REPORTED, *HARD, nested(5), winmail("a.txt"))
SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 9000 RTP/SAVP 8 0\r\na=label:1\r\na=rtpmap:8 PCMA/8000\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\na=sendonly\r\n"
CAMERA = b"v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\na=control:v\r\n"
ANSWER = b'RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\nSession: a;timeout=60\r\nWWW-Authenticate: Digest realm="r", nonce="n", algorithm=SHA-256\r\n\r\nv=0\n'
SOAP = b'<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:t="http://www.onvif.org/ver10/media/wsdl" xmlns:o="http://www.onvif.org/ver10/schema"><s:Body><t:GetProfilesResponse><t:Profiles token="a"><o:Name>n</o:Name><o:VideoEncoderConfiguration><o:Encoding>H264</o:Encoding><o:Resolution><o:Width>1920</o:Width><o:Height>1080</o:Height></o:Resolution></o:VideoEncoderConfiguration></t:Profiles></t:GetProfilesResponse></s:Body></s:Envelope>'
METADATA = b'<?xml version="1.0"?><recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode><session session_id="s"/><participant participant_id="a"><nameID aor="sip:+48225550100@x"/></participant><stream stream_id="b" session_id="s"><label>1</label></stream><participantstreamassoc participant_id="a"><send>b</send></participantstreamassoc></recording>'
LOG = b"Nov  2 08:00:00 poczta postfix/smtp[1]: 4ABC: to=<dziennik@archiwum.example>, relay=127.0.0.1[127.0.0.1]:2525, delay=1, status=sent (250 2.0.0 Taken)\n2026-11-02T08:00:00+01:00 poczta postfix/lmtp[1]: 4ABD: to=<dziennik@archiwum.example>, orig_to=<x>, status=sent (250)\n"
RECORDS = b"calldate,src,dst,duration,billsec,disposition,uniqueid,recordingfile\n2026-11-02 08:00:00,+48225550100,5550101,61,60,ANSWERED,1762.1,a.wav\n"
SMTP = b"EHLO a\r\nMAIL FROM:<anna@urzad.example> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<dziennik@archiwum.example>\r\nDATA\r\nSubject: x\r\n\r\n..x\r\n.\r\nAUTH PLAIN AGEAYg==\r\nRSET\r\nNOOP\r\nVRFY x\r\nQUIT\r\n"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nxref\n0 1\n0000000000 65535 f \ntrailer<</Size 1/Root 1 0 R>>\nstartxref\n40\n%%EOF\n"
INDEX = FragmentIndex(tuple(FragmentPlace(at * 90_000, 90_000, 25, key=True, offset=at * 100, length=100) for at in range(4)))  # fmt: skip
FRAME = MessageFrame(MessageFacts(at=AT, size=3, direction="incoming", counterpart="none", attachments=("pdf",)), b"abc").encoded()  # fmt: skip


def milter(*packets: bytes) -> bytes:
    """Return packets of the milter protocol."""
    return b"".join(len(each).to_bytes(4, "big") + each for each in packets)


MILTER = milter(
    b"O" + (6).to_bytes(4, "big") + b"\0\0\1\xff" + b"\0\x1f\xff\xff", b"Djxyz\0a\0", b"Chost\x004\0\x19192.0.2.1\0", b"Ha\0", b"M<a@urzad.example>\0SIZE=1\0",
    b"R<b@urzad.example>\0", b"T", b"LSubject\0x\0", b"N", b"Btext\r\n", b"E", b"Q",
)  # fmt: skip


def text(content: bytes) -> str:
    """Return bytes as text, whatever they are."""
    return content.decode("utf-8", "replace")


def read_smtp(content: bytes) -> None:
    """Feed an SMTP session, and settle what waits."""
    session = SmtpSession(Terms("a", lmtp=False, recipients=frozenset({"dziennik@archiwum.example"}), most_bytes=5000, tls=False, auth=True))  # fmt: skip
    session.feed(content)
    for _ in range(50):
        if session.message is None and session.credentials is None:
            break
        if session.credentials is not None:
            session.authenticate(accepted=True)
        else:
            session.settle(Outcome.TAKEN)
    assert session.replies()


def read_milter(content: bytes) -> None:
    """Feed a milter session, and settle what waits."""
    session = MilterSession(5000)
    session.feed(content)
    for _ in range(50):
        if session.message is None:
            break
        session.settle()


def read_mp4(content: bytes) -> None:
    """Read what can be read of a recording."""
    source = BytesSource(content)
    scan(source)
    parameters_of(initialisation_of(source))


def read_call(content: bytes) -> None:
    """Read everything of a call's object."""
    call = CallReader(content)
    list(call.packets())
    list(call.places(call.whole_length))
    call.counted()
    call.messages()
    call.controls()
    call.manifest  # noqa: B018 - read when it is asked for


def read_frames(content: bytes) -> None:
    """Read a frame as either kind."""
    if (packet := read_frame(content)) is not None:
        read_datagram(packet)
        read_segment(packet)


def read_table(content: bytes) -> None:
    """Read call records as lines of a table; a row that is none raises what the reader counts as unread."""
    lines = text(content).split("\n")
    parted = delimiter(lines[0])
    places, _ = find_columns(next(rows([lines[0]], parted), []), PbxFormat.ASTERISK, ())
    for cells in rows(lines[1:], parted):
        read_row(cells, places, RecordZone.LOCAL, AT)


def decide(content: bytes) -> None:
    """Decide of a message what is decided when it comes."""
    head = MessageHead(content)
    is_private(head, RULES)
    is_exempt(head, ("a@urzad.example",), RULES)
    facts_of(content, head, "a@urzad.example", AT, RULES)
    claims_to_report(head, "raporty@urzad.example", RULES)
    read_report(content)
    look_through(content)
    kinds_of(content)
    digest_of(content)


def show(content: bytes) -> None:
    """Show a message in each way there is; what the guard of pages would catch is not caught."""
    _take_apart(content)
    searched_text(content)
    attached_part(content, 0)
    html_document(content, WORDS, "pl")


def film() -> list[bytes]:
    """Return a recording of a second."""
    coded = clip("h264", (64, 36), 2, 5)
    return [content_of(coded.parameters, fragments_of(coded.parameters, coded.units))]


def calls() -> list[bytes]:
    """Return the object of a call seen at a mirror port."""
    desk, call = Desk(), Call()
    desk.see(call.sip(call.invite()), call.sip(call.ok(), 1), *call.both(20), call.sip(call.request("BYE")))
    desk.wait(60)
    return [each.content for each in desk.sink.objects]


PARSERS = [
    Parser("age", lambda content: unseal(content, [KEY]), lambda: [_sealed()]),
    Parser("age-head", parse_header, lambda: [_sealed()]),
    Parser("call-object", read_call, calls),
    Parser("call-records", read_table, lambda: [RECORDS], (ArithmeticError, ValueError)),
    Parser("camera-sdp", video_track, lambda: [CAMERA]),
    Parser("challenge", lambda content: parse_challenge(text(content)), lambda: [b'Digest realm="r", nonce="n", qop="auth"', b'Basic realm="r"']),
    Parser("checkpoint", note.parse, lambda: [note.sign("a\n1\nx\n", note.SignerKey.generate("a")).text.encode()]),
    Parser("file-type", lambda content: file_type(BytesSource(content)), lambda: [PDF, archive(b"x", "a.txt"), winmail("a")]),
    Parser("fragment-index", FragmentIndex.decode, lambda: [INDEX.encode()]),
    Parser("live-head", lambda content: parse_message_head(content[:16].ljust(16)), lambda: [bytes(16)]),
    Parser("live-subscription", parse_subscription, lambda: [subscription(["a" * 32])]),
    Parser("mail-decisions", decide, lambda: LETTERS),
    Parser("mail-frame", MessageFrame.decoded, lambda: [FRAME]),
    Parser("mail-frames", whole_packets, lambda: [FRAME * 3]),
    Parser("mail-log", lambda content: deliveries(text(content).split("\n"), frozenset({"dziennik@archiwum.example"}), TODAY), lambda: [LOG]),
    Parser("mail-markup", lambda content: text_of(text(content)), lambda: [b"<p title='a'>x<!-- y --><b>z&#65;</b><img alt=q src=cid:a>"]),
    Parser("mail-shown", show, lambda: LETTERS),
    Parser("mail-syntax", lambda content: (split_head(content), read_value(text(content)), decode_text(content, text(content[:20]))), lambda: [b"text/plain; charset=utf-8; name*0*=utf-8''a%20; name*1=b (c)", ORDINARY]),
    Parser("mask", lambda content: masked(text(content)), lambda: [b"rtsp://u:p@192.0.2.1:554/a?b=c"]),
    Parser("milter", read_milter, lambda: [MILTER]),
    Parser("mirror-frame", read_frames, lambda: [CALL.sip(CALL.invite()), *CALL.speech(0, 1)]),
    Parser("mirror-sip", read_leniently, lambda: [CALL.invite(), CALL.ok()]),
    Parser("mp4", read_mp4, film),
    Parser("onvif", lambda content: responses.profiles(responses.soap_body(content), media2=False), lambda: [SOAP]),
    Parser("pdf", lambda content: digests_of_revisions(BytesSource(content)), lambda: [PDF]),
    Parser("proof", lambda content: parse_proof(text(content)), lambda: [b"c2sp.org/tlog-proof@v1\nextra e30=\nindex 1\nAAAA\n\na\n1\n"]),
    Parser("regulation", lambda content: check(text(content)), lambda: [example("pleszew").encode()[:3000]]),
    Parser("rtcp", lambda content: (read_compound(content), read_blocks(content)), lambda: [bytes.fromhex("80c80006000000010102030405060708000000000000000a00000064")]),
    Parser("rtp", lambda content: payload_bounds(content, 0, len(content)), lambda: [bytes.fromhex("9060000100000001000000011234000100000000ff")]),
    Parser("rtsp", lambda content: (parse_message(content), skip_noise(content)), lambda: [ANSWER]),
    Parser("sip", lambda content: write_message(read_message(content)), lambda: [CALL.invite(), CALL.ok()]),
    Parser("sip-address", lambda content: (read_address(text(content)), read_uri(text(content))), lambda: [b'"A" <sip:+48225550100@192.0.2.1;user=phone>;tag=1']),
    Parser("sip-bodies", lambda content: read_bodies(read_message(CALL.invite()).headers, content), lambda: [b"--b\r\nContent-Type: application/sdp\r\n\r\n" + SDP + b"\r\n--b--"]),
    Parser("sip-stream", lambda content: list(MessageStream().cut(content)), lambda: [CALL.invite() + CALL.ok()]),
    Parser("siprec-metadata", lambda content: Metadata().updated(read_metadata(content)), lambda: [METADATA]),
    Parser("siprec-sdp", read_description, lambda: [SDP]),
    Parser("smtp", read_smtp, lambda: [SMTP]),
    Parser("unpacking", lambda content: list(Unpacking().of(content)), lambda: [archive(b"x" * 300, "a.txt", 2), _lzma()]),
]  # fmt: skip


def _sealed() -> bytes:
    return seal(b"x" * 300, [KEY.recipient])


def _lzma() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("a.txt", b"x" * 300)
    return made.getvalue()


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_altered_inputs_are_read_or_refused(parser: Parser) -> None:
    """The same ones each time, with those at which it once failed."""
    assert sum(run_altered(parser, ORDINARY_COUNT, parser.name)) == ORDINARY_COUNT


@pytest.mark.soak
@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_new_altered_inputs_are_read_or_refused(parser: Parser) -> None:
    """New ones each time; one that fails is kept as an example."""
    assert sum(run_altered(parser, SOAK_COUNT, int.from_bytes(os.urandom(8), "big"))) == SOAK_COUNT
