"""Sources that are no RTSP cameras: files, and motion JPEG over HTTP."""

import http.server
import ssl
import subprocess
import threading
from contextlib import contextmanager
from fractions import Fraction

import av
import pytest

from rejent.formats.mp4.parameters import length_prefixed
from rejent.formats.mp4.picture import Codec, ParameterSets
from rejent.kernel.clock import SystemClock
from rejent.streams.cameras.errors import CameraCause, ProtocolError
from rejent.streams.cameras.network.libav.wire import (
    Kind,
    decode_messages,
    decode_parameters,
    encode,
    encode_parameters,
)
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Trust, fingerprint, parse_address
from tests.cameras.farm import clip, frames, recording
from tests.certificates import Authority

SETS = ParameterSets(Codec.H265, (b"vps", b"sps", b"pps"))


def test_messages_of_the_reader_decode_as_they_were_encoded():
    """Messages survive the pipe in any pieces; what follows stays for later."""
    stream = (
        encode_parameters(SETS)
        + encode(Kind.PICTURE, b"units", key=True, time=-3)
        + encode(Kind.CAUSE, b"x")[:-1]
    )
    told, used = decode_messages(memoryview(stream))
    assert decode_parameters(told[0].content) == SETS
    assert (told[1].key, told[1].time, told[1].content) == (True, -3, b"units")
    assert stream[used:] == encode(Kind.CAUSE, b"x")[:-1]


@pytest.mark.parametrize("stream", [b"\x09" * 14, b"\x02" + b"\xff" * 13], ids=["kind", "length"])
def test_a_reader_gone_mad_is_given_up(stream):
    """Anything else on the pipe ends the source."""
    with pytest.raises(ProtocolError):
        decode_messages(memoryview(stream))


def recorded(source, tmp_path, login=None):
    """Record a source for a while; ffprobe has judged its segment."""
    address, _ = parse_address(source)
    with recording(Camera("file", address, login)) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("file") >= 20)
    segment = notebook.segments[0]
    assert frames(segment.write(tmp_path)) == (segment.units, "")
    return notebook


def samples(segment):
    """The pictures of a segment, as they are stored."""
    return [part for fragment in segment.fragments for part in fragment.parts[1:]]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
def test_a_file_is_recorded_as_if_a_camera_sent_it(codec, tmp_path):
    """H.264 and H.265 files are handed on as they are, others are coded; both at the pace at which they were made."""
    made = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=322x240:rate=15",
        "-t",
        "5",
        "-c:v",
        codec,
        "-g",
        "15",
    ]
    subprocess.run(
        [*made, "-pix_fmt", "yuv420p", "-x265-params", "log-level=none", str(tmp_path / "film.mp4")],
        check=True,
    )
    clock = SystemClock()
    begun = clock.monotonic()
    notebook = recorded(f"file://{tmp_path}/film.mp4", tmp_path)
    assert clock.monotonic() - begun > 1.0
    assert notebook.segments[0].opening.traits["width"] == 322
    assert notebook.segments[0].opening.traits.get("coded_from") == (codec if codec == "mpeg4" else None)


def test_a_missing_file_is_reported(tmp_path):
    """A missing file, and one that is no film, have their causes."""
    (tmp_path / "text").write_text("no film")
    for name, cause in (("missing", CameraCause.UNREACHABLE), ("text", CameraCause.NOT_A_CAMERA)):
        with recording(Camera("file", parse_address(f"file://{tmp_path}/{name}")[0])) as (_, notebook):
            notebook.wait_for(lambda wanted=cause, notes=notebook: wanted in notes.causes("file"))
        assert notebook.segments == []


@pytest.mark.parametrize("form", ["ts", "mp4", "mkv"])
def test_sound_beside_the_pictures_is_not_recorded(form, tmp_path):
    """Of a source that mixes sound with its pictures not one packet of sound reaches a segment."""
    film = tmp_path / f"film.{form}"
    sources = ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=15", "-f", "lavfi", "-i", "sine"]
    coding = ["-t", "3", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "15", "-c:a", "aac"]
    subprocess.run(["ffmpeg", "-v", "error", *sources, *coding, str(film)], check=True)
    with av.open(str(film)) as container:
        sound = [bytes(packet) for packet in container.demux(audio=0) if packet.size > 40]
    notebook = recorded(f"file://{film}", tmp_path)
    content = b"".join(segment.movie for segment in notebook.segments)
    assert sound
    assert not [packet for packet in sound if packet[8:40] in content]


def test_a_playlist_leads_to_no_other_file(tmp_path):
    """A source that only names other files or addresses is no film, though libav could follow it."""
    film = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=15", "-t", "3"]
    subprocess.run([*film, "-c:v", "libx264", "-pix_fmt", "yuv420p", str(tmp_path / "other.ts")], check=True)
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nother.ts\n#EXT-X-ENDLIST\n"
    (tmp_path / "film.m3u8").write_text(playlist)
    with recording(Camera("file", parse_address(f"file://{tmp_path}/film.m3u8")[0])) as (_, notebook):
        notebook.wait_for(lambda: CameraCause.NOT_A_CAMERA in notebook.causes("file"))
    assert notebook.units("file") == 0


class JpegCamera(http.server.BaseHTTPRequestHandler):
    """A camera that sends JPEG pictures without end, to those who log in."""

    jpeg = b""

    asked = threading.Event()

    def do_GET(self):
        """Send pictures until nobody listens."""
        if self.path == "/elsewhere":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/video.mjpg")
            self.end_headers()
            return
        self.asked.set()
        if self.headers.get("Authorization") != "Basic Z3VhcmQ6dGFqbmU=":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        pause = threading.Event()
        try:
            while not pause.wait(0.04):
                self.wfile.write(
                    b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(self.jpeg)
                    + self.jpeg
                    + b"\r\n"
                )
        except OSError:
            return

    def log_message(self, *_arguments):
        """Say nothing."""


@contextmanager
def serving_jpeg(tls=None):
    """Serve one; gives its port."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 240, "yuvj420p", Fraction(1, 25)
    JpegCamera.jpeg = b"".join(
        bytes(packet) for packet in encoder.encode(av.VideoFrame(320, 240, "yuvj420p"))
    )
    JpegCamera.asked.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), JpegCamera)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def jpeg_camera():
    """Its port."""
    with serving_jpeg() as port:
        yield port


@pytest.fixture
def certified(tmp_path):
    """A camera over TLS: its address, the authority of its certificate, and the certificate's fingerprint."""
    authority = Authority(tmp_path)
    signed, tls = authority.server("127.0.0.1"), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(signed.certificate, signed.key)
    shown = fingerprint(ssl.PEM_cert_to_DER_cert(signed.certificate.read_text()))
    with serving_jpeg(tls) as port:
        yield f"https://127.0.0.1:{port}/video.mjpg", authority.file.read_text(), shown


@pytest.mark.parametrize("kind", ["authority", "fingerprint"])
def test_motion_jpeg_over_https_is_recorded_when_trusted(kind, certified):
    """By the authority of its certificate, or by the certificate itself."""
    address, authority, shown = certified
    trust = Trust(authority) if kind == "authority" else Trust(fingerprint=shown)
    camera = Camera("file", parse_address(address)[0], Login("guard", "tajne"), trust=trust)
    with recording(camera) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("file") >= 5)
    assert CameraCause.UNTRUSTED not in notebook.causes("file")


@pytest.mark.parametrize(
    "trust", [Trust(), Trust(fingerprint="00" * 32)], ids=["unknown-issuer", "wrong-fingerprint"]
)
def test_motion_jpeg_over_https_that_is_not_trusted_gets_no_request(trust, certified):
    """As over RTSPS: the cause is the certificate, what is shown is reported to compare, and no password leaves."""
    address, _, shown = certified
    with recording(Camera("file", parse_address(address)[0], Login("guard", "tajne"), trust=trust)) as (
        _,
        notebook,
    ):
        notebook.wait_for(lambda: CameraCause.UNTRUSTED in notebook.causes("file"))
    refused = [status for status in notebook.statuses if status.cause is CameraCause.UNTRUSTED]
    assert {status.certificate for status in refused} == {shown}
    assert not JpegCamera.asked.is_set()


def test_motion_jpeg_over_http_is_recorded(jpeg_camera, tmp_path):
    """A camera that only knows motion JPEG is logged in to and recorded as it sends, every picture a JPEG of its own."""
    notebook = recorded(f"http://127.0.0.1:{jpeg_camera}/video.mjpg", tmp_path, Login("guard", "tajne"))
    assert notebook.segments[0].opening.traits == {"codec": "mp4v.6C", "width": 320, "height": 240}
    assert set(samples(notebook.segments[0])) == {JpegCamera.jpeg}


def test_a_file_of_motion_jpeg_is_recorded_picture_by_picture_as_it_is(tmp_path):
    """What stock ffmpeg reads out of a recording are the bytes of the file's pictures."""
    film = tmp_path / "film.avi"
    made = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=15", "-t", "4"]
    subprocess.run([*made, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", str(film)], check=True)
    with av.open(str(film)) as container:
        pictures = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    notebook = recorded(f"file://{film}", tmp_path)
    segment = notebook.segments[0]
    kept = samples(segment)
    assert kept == pictures[: len(kept)]
    with av.open(str(segment.write(tmp_path))) as container:
        assert container.streams.video[0].codec_context.name == "mjpeg"
        assert [bytes(packet) for packet in container.demux(video=0) if packet.size] == kept


def test_a_wrong_password_of_motion_jpeg_is_reported(jpeg_camera):
    """A camera that refuses the password over HTTP is reported as such."""
    camera = Camera(
        "file", parse_address(f"http://127.0.0.1:{jpeg_camera}/video.mjpg")[0], Login("guard", "inne")
    )
    with recording(camera) as (_, notebook):
        notebook.wait_for(lambda: CameraCause.REFUSED_PASSWORD in notebook.causes("file"))
    assert notebook.segments == []


def test_a_redirect_over_http_is_not_followed(jpeg_camera):
    """No camera makes the recorder ask another address for it."""
    camera = Camera("file", parse_address(f"http://127.0.0.1:{jpeg_camera}/elsewhere")[0])
    with recording(camera) as (_, notebook):
        notebook.wait_for(lambda: CameraCause.UNREACHABLE in notebook.causes("file"))
    assert not JpegCamera.asked.is_set()


def test_a_proxy_of_the_environment_gets_nothing_of_a_camera(jpeg_camera, tmp_path, monkeypatch):
    """A camera is asked directly, whatever proxy this machine has for the web."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    recorded(f"http://127.0.0.1:{jpeg_camera}/video.mjpg", tmp_path, Login("guard", "tajne"))
    assert JpegCamera.asked.is_set()


def test_the_units_of_a_clip_survive_both_forms():
    """Start codes and lengths are two ways to write the same units."""
    units = clip().pictures[0].units
    assert length_prefixed(units).count(units[0]) == 1
