"""Motion JPEG over HTTP, from a server that sends what a test wants."""

import io
import socket
import ssl
import subprocess
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from rejent.kernel.clock import SystemClock
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.libav import motion_jpeg
from rejent.streams.cameras.network.libav.motion_jpeg import http_answer, jpeg_parts
from rejent.streams.cameras.network.libav.reader import read
from rejent.streams.cameras.network.libav.wire import Kind, decode_messages
from rejent.streams.cameras.network.rtsp.address import Trust
from tests.certificates import Authority

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
CHUNKED = HEAD[:-2] + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"


def jpeg() -> bytes:
    """Return a picture."""
    encoder = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 240, "yuvj420p", Fraction(1, 25)
    return b"".join(bytes(packet) for packet in encoder.encode(av.VideoFrame(320, 240, "yuvj420p")))


def part(content: bytes, *, with_length: bool = True) -> bytes:
    """Return a part as cameras send it."""
    length = b"Content-Length: %d\r\n" % len(content) if with_length else b""
    return b"--frame\r\nContent-Type: image/jpeg\r\n" + length + b"\r\n" + content + b"\r\n"


@contextmanager
def serving(pieces: Iterator[bytes], tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Answer one request with pieces, and hang up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            accepted, _ = listening.accept()
            with tls.wrap_socket(accepted, server_side=True) if tls else accepted as camera:
                camera.recv(65_536)
                try:
                    for piece in pieces:
                        camera.sendall(piece)
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{listening.getsockname()[1]}/video?size=1"
        thread.join()


@pytest.mark.parametrize("with_length", [True, False])
def test_every_part_comes_out_as_it_was_sent(*, with_length: bool) -> None:
    """Pictures are told apart by length or boundary, whatever lies between them."""
    pictures = [b"\xff\xd8" + bytes([number]) * 20_000 + b"\n\xff\xd9" for number in range(3)]
    sent = [
        HEAD,
        b"preamble\r\n",
        *(part(each, with_length=with_length) for each in pictures),
        b"--frame--\r\n",
    ]
    with serving(iter(sent)) as address:
        parts = jpeg_parts(http_answer(address, None, Trust()))
        assert parts is not None
        assert list(parts) == pictures


@pytest.mark.parametrize("with_length", [True, False])
def test_a_part_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch, *, with_length: bool) -> None:
    """No picture takes more memory than the largest may; the camera is then sending garbage."""
    monkeypatch.setattr(motion_jpeg, "MAX_PART", 100_000)
    endless = [HEAD, part(b"x" * 200_000, with_length=with_length)]
    with serving(iter(endless)) as address:
        parts = jpeg_parts(http_answer(address, None, Trust()))
        assert parts is not None
        with pytest.raises(SourceError) as caught:
            list(parts)
    assert caught.value.cause is CameraCause.GARBAGE


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (HEAD + b"--frame\r\nContent-Length: " + b"9" * 4301 + b"\r\n\r\n", CameraCause.GARBAGE),
        (HEAD + b"--frame\r\nContent-Length: 8388609\r\n\r\n", CameraCause.GARBAGE),
        (CHUNKED + b"f" * 20 + b"\r\n", CameraCause.GARBAGE),
        (CHUNKED + b"24\r\n--frame\r\nContent-Length: 8000000\r\n\r\n\r\nx\r\n", CameraCause.CLOSED),
    ],
)
def test_a_length_that_cannot_be_is_given_up_with_a_cause(answer: bytes, cause: CameraCause) -> None:
    """A length beyond any number, of a part or of a chunk, and one that is none, end the reading with their cause."""
    with serving(iter([answer])) as address, pytest.raises(SourceError) as refused:
        list(jpeg_parts(http_answer(address, None, Trust())) or ())
    assert refused.value.cause is cause


@pytest.mark.parametrize("length", [b"0", b"-5", b"0x20", b"1e3", "²".encode()])
def test_a_length_that_says_nothing_is_not_needed(length: bytes) -> None:
    """A part whose length is no number is read up to the boundary; one of no length holds no picture."""
    content = b"\xff\xd8" + bytes(100) + b"\xff\xd9"
    sent = HEAD + b"--frame\r\nContent-Length: " + length + b"\r\n\r\n" + content + b"\r\n" + part(content)
    with serving(iter([sent])) as address:
        parts = list(jpeg_parts(http_answer(address, None, Trust())) or ())
    assert parts == [content] * (1 if length == b"0" else 2)


def test_a_part_of_short_lines_takes_no_more_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line a byte costs what the bytes cost."""
    monkeypatch.setattr(motion_jpeg, "MAX_PART", 400_000)
    with serving(iter([HEAD, part(b"\n" * 400_001, with_length=False)])) as address:
        parts = jpeg_parts(http_answer(address, None, Trust()))
        assert parts is not None
        tracemalloc.start()
        with pytest.raises(SourceError):
            list(parts)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 4 * 400_000


@pytest.fixture
def encrypted(tmp_path: Path) -> tuple[ssl.SSLContext, str]:
    """What a camera shows, and the authority that signed it."""
    authority = Authority(tmp_path)
    signed, context = authority.server("127.0.0.1"), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    return context, authority.file.read_text()


def test_an_encrypted_camera_is_read_the_same_way(
    encrypted: tuple[ssl.SSLContext, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTPS a part without end is given up, too, and whole ones before it come out."""
    monkeypatch.setattr(motion_jpeg, "MAX_PART", 100_000)
    context, authority = encrypted
    with serving(iter([HEAD, part(b"whole"), part(b"x" * 200_000)]), context) as address:
        parts = jpeg_parts(http_answer(address, None, Trust(authority)))
        assert parts is not None
        assert next(parts) == b"whole"
        with pytest.raises(SourceError):
            next(parts)


def test_what_else_an_encrypted_camera_sends_is_read_within_the_connection_that_was_checked(
    encrypted: tuple[ssl.SSLContext, str], tmp_path: Path
) -> None:
    """Libav gets what comes there; asked for the address itself, it would believe anybody."""
    film, written, (context, authority) = tmp_path / "film.ts", io.BytesIO(), encrypted
    made = [
        "ffmpeg",
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc=size=320x240:rate=10",
        "-t",
        "2",
        "-pix_fmt",
        "yuv420p",
    ]
    subprocess.run([*made, "-c:v", "libx264", str(film)], check=True)
    sent = [b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n", film.read_bytes()]
    with serving(iter(sent), context) as address:
        read({"address": address, "authority": authority}, written, SystemClock())
    messages, _ = decode_messages(memoryview(written.getvalue()))
    assert sum(message.kind is Kind.PICTURE for message in messages) == 20


def test_parts_whose_boundary_nobody_named_are_found() -> None:
    """Some cameras leave out the parameter; any line of two hyphens then begins a part."""
    head = HEAD.replace(b"; boundary=frame", b"")
    with serving(iter([head, part(b"one"), part(b"two"), b"--frame--\r\n"])) as address:
        parts = jpeg_parts(http_answer(address, None, Trust()))
        assert parts is not None
        assert list(parts) == [b"one", b"two"]


def test_anything_else_is_left_to_libav() -> None:
    """An answer that is no multipart is none of motion JPEG."""
    with serving(iter([b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n\r\n"])) as address:
        assert jpeg_parts(http_answer(address, None, Trust())) is None


def test_what_is_no_picture_between_others_is_counted_as_not_kept() -> None:
    """A part that is no JPEG reaches the recorder as nothing, so that it is counted among those that came and were not kept."""
    picture, written = jpeg(), io.BytesIO()
    with serving(
        iter([HEAD, part(picture), part(b"no picture"), part(picture[:100]), part(picture)])
    ) as address:
        read({"address": address}, written, SystemClock())
    messages, _ = decode_messages(memoryview(written.getvalue()))
    assert [message.content for message in messages[1:]] == [picture, b"", b"", picture]


def test_the_first_pictures_have_instants_of_their_own() -> None:
    """Pictures are timed by their arrival from the first on: looking at what the camera sends holds none of them back."""
    picture, pause = jpeg(), threading.Event()

    def slowly() -> Iterator[bytes]:
        yield HEAD
        for _ in range(4):
            yield part(picture)
            pause.wait(0.3)

    written = io.BytesIO()
    with serving(slowly()) as address:
        read({"address": address}, written, SystemClock())
    messages, _ = decode_messages(memoryview(written.getvalue()))
    times = [message.time / 90_000 for message in messages if message.kind is Kind.PICTURE]
    assert len(times) == 4
    assert all(later - earlier >= 0.25 for earlier, later in pairwise(times))
