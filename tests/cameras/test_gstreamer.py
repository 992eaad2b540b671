"""Real cameras of another make: Debian's GStreamer RTSP server."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Transport, Trust, parse_address
from tests.cameras.farm import frames, recording

pytestmark = pytest.mark.cameras
SERVER = Path(__file__).with_name("gstreamer_server.py")
GUARD = Login("guard", "tajne")


@contextmanager
def gstreamer(*arguments: str) -> Iterator[int]:
    """The server for the length of a test; yields its port."""
    command = ["/usr/bin/python3", str(SERVER), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def camera(port, path, scheme="rtsp", **options):
    """One of its cameras."""
    return Camera("hall", parse_address(f"{scheme}://127.0.0.1:{port}/{path}")[0], **options)


@pytest.mark.parametrize("path", ["h264", "h265"])
@pytest.mark.parametrize("transport", list(Transport))
def test_its_cameras_are_recorded(path, transport, tmp_path):
    """H.264 beside sound, and H.265, over TCP and UDP: every picture kept decodes, and no packet is missed."""
    with gstreamer() as port, recording(camera(port, path, transport=transport)) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 50)
    for segment in notebook.segments:
        assert frames(segment.write(tmp_path)) == (segment.units, "")
    assert CameraCause.PACKETS_LOST not in {gap.cause for gap in notebook.gaps["hall"]}


def test_its_sender_reports_carry_the_clock():
    """The offset of a camera on this very machine is next to nothing."""
    with gstreamer() as port, recording(camera(port, "h264")) as (recorder, notebook):
        notebook.wait_for(lambda: any(each.clock_offset is not None for each in recorder.statuses()))
        (status,) = recorder.statuses()
    assert status.clock_offset == pytest.approx(0.0, abs=0.5)


def test_its_login_is_answered():
    """Digest as GStreamer requires it: accepted with the password, refused without it."""
    with gstreamer("login") as port:
        with recording(camera(port, "h264", login=GUARD)) as (_, notebook):
            notebook.wait_for(lambda: notebook.units("hall") >= 10)
        with recording(camera(port, "h264", login=Login("guard", "inne"))) as (_, notebook):
            notebook.wait_for(lambda: CameraCause.REFUSED_PASSWORD in notebook.causes("hall"))
        assert notebook.segments == []


def test_its_encrypted_cameras_are_recorded(tmp_path):
    """RTSPS with a certificate vouched for by name and address."""
    made = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    made += ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "certificate"), "-subj", "/CN=camera"]
    subprocess.run([*made, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    both = tmp_path / "both.pem"
    both.write_text((tmp_path / "certificate").read_text() + (tmp_path / "key").read_text())
    trust = Trust(authority=(tmp_path / "certificate").read_text())
    with (
        gstreamer("login", str(both)) as port,
        recording(camera(port, "h264", "rtsps", login=GUARD, trust=trust)) as (_, notebook),
    ):
        notebook.wait_for(lambda: notebook.units("hall") >= 10)
    assert notebook.segments[0].opening.traits["width"] == 320


def test_motion_jpeg_is_reported_and_then_recorded_through_libav(tmp_path):
    """Motion JPEG over RTSP is reported as unsupported at first, and then recorded as it is, by libav."""
    with gstreamer() as port, recording(camera(port, "jpeg")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 10)
    assert CameraCause.UNSUPPORTED_CODEC in notebook.causes("hall")
    assert frames(notebook.segments[0].write(tmp_path)) == (notebook.segments[0].units, "")
