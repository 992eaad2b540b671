"""Whatever a peer sends: only the subject's own errors come of it, and memory stays bounded."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.formats.rtp.rtcp import read_compound
from rejent.recording.errors import SourceError
from rejent.streams.cameras.network.rtsp.address import Camera, Login, parse_address, redirect_target
from rejent.streams.cameras.network.rtsp.auth import Authenticator, parse_challenge
from rejent.streams.cameras.network.rtsp.camera_stream import CameraStream
from rejent.streams.cameras.network.rtsp.message import MAX_BODY, MAX_HEAD, parse_message, skip_noise
from rejent.streams.cameras.network.rtsp.sdp import video_track
from tests.examples import examples

CAMERA = Camera("x", parse_address("rtsp://192.0.2.7/a")[0], Login("u", "p"))
SDP = b"v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:v\r\n"
TOKENS = [
    b"RTSP/1.0 200 OK\r\n", b"RTSP/1.0 401 No\r\n", b"OPTIONS * RTSP/1.0\r\n", b"CSeq: 1\r\n", b"CSeq: 2\r\n", b"CSeq: 99\r\n",
    b"Content-Length: 10\r\n", b"Content-Length: -1\r\n", b"Content-Length: 99999999999\r\n", b"\r\n", b"\n\n", b"Session: a;timeout=-3\r\n",
    b"Content-Type: application/sdp\r\n", b"Transport: RTP/AVP/TCP;interleaved=300-1\r\n", b"Location: rtsp://h/\r\n", SDP,
    b'WWW-Authenticate: Digest realm="r", nonce="n"\r\n', b"$\0\0\x10", b"$\x01\xff\xff", b"\x80\x60\0\1\0\0\0\1\0\0\0\1",
]  # fmt: skip
BYTES = st.lists(st.one_of(st.sampled_from(TOKENS), st.binary(max_size=40)), max_size=30).map(b"".join)


@given(BYTES)
def test_messages(received):
    """Reading a message yields one, or asks for more, or refuses; and never claims bytes that are not there."""
    with contextlib.suppress(SourceError):
        message, used = parse_message(received)
        assert (message is None) == (used == 0)
        assert used <= len(received)
    assert 0 <= skip_noise(received) <= len(received)


@given(BYTES)
def test_unfinished_messages(received):
    """Taking a body as it stands is no more dangerous."""
    with contextlib.suppress(SourceError):
        assert parse_message(received, quiet=True)[1] <= len(received)


@given(st.one_of(st.binary(max_size=600), st.lists(st.sampled_from(
    [b"m=video 0 RTP/AVP 96 97 999999 x", b"a=rtpmap:96 H264/0", b"a=rtpmap:96 H265/999999999", b"a=fmtp:96 sprop-parameter-sets=Z0", b"v=0",
     b"a=control:\xff", b"a=rtpmap:-1 H264/1", b"m=", b"a=fmtp:96 ;;=;packetization-mode=2", b"a=rtcp-fb:* nack pli"]), max_size=12).map(b"\n".join)))  # fmt: skip
def test_descriptions(text):
    """A description gives a track that can be used, or is refused."""
    with contextlib.suppress(SourceError):
        track = video_track(text)
        assert 0 <= track.payload_type <= 127
        assert track.clock_rate > 0


@given(st.text(max_size=200), st.text(max_size=60))
def test_challenges_and_addresses(offer, location):
    """Any challenge, any address and any redirect is understood or refused."""
    with contextlib.suppress(SourceError):
        assert parse_challenge(offer).strength >= 0
        authenticator = Authenticator(Login("u", "p"))
        authenticator.take([offer])
        assert authenticator.field("OPTIONS", "rtsp://h/") is not None
    with contextlib.suppress(SourceError):
        assert parse_address(location)[0].host
    with contextlib.suppress(SourceError):
        assert redirect_target(CAMERA.address, location).host


@given(st.binary(max_size=200))
def test_control_packets(packet):
    """RTCP of any kind is read without an error."""
    report, leaving = read_compound(packet)
    assert report is None or isinstance(report.wall, float)
    assert leaving in {True, False}


@settings(max_examples=examples(200))
@given(st.lists(BYTES, max_size=12), st.booleans())
def test_whole_connections(batches, described):
    """A connection fed with anything, in any pieces, ends in a refusal or goes on with a bounded rest."""
    stream = CameraStream(CAMERA, 0.0)
    rest = b""
    if described:
        batches = [
            b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n" % len(SDP)
            + SDP + b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: s\r\n\r\nRTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n",
            *batches,
        ]  # fmt: skip
    with contextlib.suppress(SourceError):
        for number, batch in enumerate(batches):
            buffer = bytearray(rest + batch)
            used = stream.take(memoryview(buffer), len(buffer), number / 10)
            assert 0 <= used <= len(buffer)
            rest = bytes(buffer[used:])
            assert len(rest) <= MAX_HEAD + MAX_BODY + 65_540
            rest = stream.tick(rest, number / 10)
            stream.outgoing()
            stream.pictures()
