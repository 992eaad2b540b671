"""Cameras that behave, recorded from end to end; ffprobe judges the files."""

import ssl
import subprocess
from pathlib import Path

import pytest

from rejent.formats.mp4.picture import Codec
from rejent.recording.contract import State
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.address import Login, Transport, Trust
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import assert_unbroken, clip, frames, recording, served
from tests.cameras.faults import Account, CameraBehaviour

H264, H265 = Coding(), Coding(Codec.H265)
PICTURES = 40


def recorded(camera, tmp_path, login=None, transport=Transport.TCP):
    """Record one camera for a while; its segments and the notebook."""
    with served({"hall": camera}) as farm:
        with recording(farm.camera("hall", login, transport)) as (_, notebook):
            notebook.wait_for(lambda: notebook.units("hall") >= PICTURES)
        for segment in notebook.segments:
            count, complaints = frames(segment.write(tmp_path))
            assert (count, complaints) == (segment.units, "")
    return notebook


@pytest.mark.parametrize(
    "coding",
    [
        H264,
        H265,
        Coding(b_pictures=2, slices=3),
        Coding(slices=4),
        Coding(rate=10, group=10),
    ],
    ids=["h264", "h265", "b-pictures", "slices", "ten-a-second"],
)
@pytest.mark.parametrize("transport", [Transport.TCP, Transport.UDP])
def test_every_picture_is_kept_bit_for_bit(coding, transport, tmp_path):
    """Whatever the codec and the transport, the recording is an unbroken stretch of what was sent, and all of it decodes."""
    camera = SimulatedCamera(clip(coding))
    notebook = recorded(camera, tmp_path, transport=transport)
    assert notebook.units("hall") >= PICTURES
    assert_unbroken(camera, notebook.segments)


@pytest.mark.parametrize(
    "behaviour",
    [
        CameraBehaviour(aggregate=True),
        CameraBehaviour(size=300),
        CameraBehaviour(marker="none"),
        CameraBehaviour(marker="units"),
        CameraBehaviour(sets=False),
        CameraBehaviour(channels=(4, 5)),
        CameraBehaviour(early=3),
        CameraBehaviour(bursts=30),
        CameraBehaviour(clock_rate=1000),
        CameraBehaviour(session="x; timeout = 1"),
        CameraBehaviour(session="y;timeout=0"),
        CameraBehaviour(refuse={"OPTIONS": 405}),
        CameraBehaviour(asks=(b"OPTIONS rtsp://127.0.0.1/ RTSP/1.0\r\nCSeq: 7\r\n\r\n", b"RTSP/1.0 200 OK\r\nCSeq: 999\r\n\r\n")),
    ],
    ids=[
        "aggregated", "small-packets", "no-markers", "marker-each-slice", "sets-in-band", "other-channels", "before-play",
        "burst", "odd-clock-rate", "short-session", "session-of-no-time", "no-options", "asks-back",
    ],
)  # fmt: skip
def test_odd_but_understandable_cameras_lose_nothing(behaviour, tmp_path):
    """A camera that does unusual but understandable things is recorded without losing a picture."""
    camera = SimulatedCamera(clip(Coding(slices=3)), behaviour)
    notebook = recorded(camera, tmp_path)
    assert notebook.units("hall") >= PICTURES
    assert_unbroken(camera, notebook.segments)


@pytest.mark.parametrize(
    "account",
    [
        Account("root", "zażółć", "Basic"),
        Account("root", "zażółć"),
        Account("root", "zażółć", algorithm=None, qop_auth=False),
        Account("root", "zażółć", algorithm="SHA-256"),
        Account("root", "zażółć", nonce_uses=1),
    ],
    ids=["basic", "md5", "rfc2069", "sha-256", "stale-nonces"],
)
def test_every_way_to_log_in_is_answered(account, tmp_path):
    """Basic and Digest, with MD5, SHA-256 and nonces that age, all let the recorder in."""
    camera = SimulatedCamera(clip(), CameraBehaviour(account=account))
    notebook = recorded(camera, tmp_path, Login("root", "zażółć"))
    assert notebook.units("hall") >= PICTURES


def test_sound_is_never_set_up(tmp_path):
    """Of a camera that offers sound beside its picture only the picture is set up."""
    camera = SimulatedCamera(clip(), CameraBehaviour(sound=True))
    recorded(camera, tmp_path)
    assert [uri.rpartition("/")[2] for uri in camera.set_up] == ["video"]


def test_the_recorder_keeps_a_short_session_alive_and_reports_reception(tmp_path):
    """A session that dies after a second without a sign is kept alive with what the camera says it understands."""
    camera = SimulatedCamera(clip(), CameraBehaviour(session="s;timeout=1"))
    recorded(camera, tmp_path)
    assert ("GET_PARAMETER" in {method for method, _ in camera.requests}, camera.connections) == (True, 1)


def test_the_cameras_clock_is_compared_with_ours(tmp_path):
    """A camera whose clock is twenty years slow is recorded at the right time, and the offset is reported."""
    slow = -20 * 365.25 * 86_400
    notebook = recorded(SimulatedCamera(clip(), CameraBehaviour(clock_offset=slow)), tmp_path)
    ending = notebook.segments[0].ending
    assert ending.clock_offset == pytest.approx(slow, abs=0.5)
    assert abs((ending.start - notebook.gaps["hall"][0].start).total_seconds()) < 10


def test_a_loss_of_the_connection_costs_what_the_gap_says():
    """When the camera hangs up, the recorder returns, and the time between is one gap with its cause."""
    camera = SimulatedCamera(clip(Coding(group=5)))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 20)
        farm.disconnect("hall")
        notebook.wait_for(lambda: len(notebook.segments) == 2 and notebook.segments[1].units >= 10)
    first, second = notebook.segments
    gap = next(gap for gap in notebook.gaps["hall"] if gap.cause is CameraCause.CLOSED)
    assert (gap.start, gap.end) == (first.ending.end, second.opening.start)
    assert camera.connections == 2


def test_one_camera_does_not_disturb_another():
    """A camera that is removed, and one that sends garbage, leave the recording of the third unbroken."""
    cameras = {
        "good": SimulatedCamera(clip()),
        "leaving": SimulatedCamera(clip()),
        "mad": SimulatedCamera(
            clip(), CameraBehaviour(packets=lambda _number, packets: [b"\xff" * 90] * len(packets))
        ),
    }
    with served(cameras) as farm, recording(*(farm.camera(name) for name in cameras)) as (recorder, notebook):
        notebook.wait_for(lambda: notebook.units("leaving") >= 15)
        recorder.remove("leaving")
        notebook.wait_for(lambda: notebook.units("good") >= 60)
    assert_unbroken(cameras["good"], notebook.of("good"))
    assert cameras["good"].connections == 1
    assert notebook.of("leaving")[0].ending is not None
    assert not notebook.of("mad")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
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
    made += ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"), "-subj", "/CN=camera"]
    subprocess.run([*made, "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
    return folder


def fingerprint(folder: Path) -> str:
    """The fingerprint as openssl prints it."""
    shown = subprocess.run(
        ["openssl", "x509", "-in", str(folder / "cert.pem"), "-noout", "-fingerprint", "-sha256"],
        check=True,
        capture_output=True,
        text=True,
    )
    return shown.stdout.strip().partition("=")[2]


@pytest.mark.parametrize("kind", ["authority", "fingerprint", "anything"])
def test_an_encrypted_camera_is_recorded_when_trusted(kind, certificate):
    """RTSPS works with the issuing authority, with a pinned fingerprint, and with the explicit waiver."""
    trust = {
        "authority": Trust(authority=(certificate / "cert.pem").read_text()),
        "fingerprint": Trust(fingerprint=fingerprint(certificate)),
        "anything": Trust(anything=True),
    }[kind]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    camera = SimulatedCamera(clip())
    with (
        served({"hall": camera}, context) as farm,
        recording(farm.camera("hall", trust=trust)) as (_, notebook),
    ):
        notebook.wait_for(lambda: notebook.units("hall") >= 30)
    assert CameraCause.UNTRUSTED not in notebook.causes("hall")
    assert_unbroken(camera, notebook.segments)


@pytest.mark.parametrize(
    "trust", [Trust(), Trust(fingerprint="00" * 32)], ids=["unknown-issuer", "wrong-fingerprint"]
)
def test_an_encrypted_camera_that_is_not_trusted_gets_no_request(trust, certificate):
    """A certificate that is not the agreed one is the cause, before any password could be sent; what is shown is reported to compare."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    camera = SimulatedCamera(clip(), CameraBehaviour(account=Account("root", "x")))
    with (
        served({"hall": camera}, context) as farm,
        recording(farm.camera("hall", Login("root", "x"), trust=trust)) as (_, notebook),
    ):
        notebook.wait_for(lambda: CameraCause.UNTRUSTED in notebook.causes("hall"))
    refused = [status for status in notebook.statuses if status.cause is CameraCause.UNTRUSTED]
    assert {status.certificate for status in refused} == {fingerprint(certificate)}
    assert not camera.requests
    assert State.RECORDING not in {status.state for status in notebook.statuses}
