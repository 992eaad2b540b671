"""Faulty cameras: each is reported with its cause, costs no more than the gap says, and never keeps a damaged picture."""

import hashlib
import itertools
import socket
import threading
from contextlib import closing

import pytest

from rejent.recording.contract import GeneralCause, State
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Transport, parse_address
from rejent.streams.cameras.recorder import camera_reader as watch
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import clip, frames, recorded_pictures, recording, served
from tests.cameras.faults import Account, CameraBehaviour

NOISE = hashlib.shake_256(b"noise").digest(1200)
SHORT_GROUPS = Coding(group=5)
PASSWORD = "hasło-którego-nikt-nie-zobaczy"


def record_until(behaviour, cause, login=None):
    """Record a camera until a cause is reported; return the notebook."""
    camera = SimulatedCamera(clip(), behaviour)
    with served({"hall": camera}) as farm, recording(farm.camera("hall", login)) as (_, notebook):
        notebook.wait_for(lambda: cause in notebook.causes("hall"))
    assert State.STOPPED not in {status.state for status in notebook.statuses[:-1]}
    return notebook


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (CameraBehaviour(refuse={"DESCRIBE": 404}), CameraCause.NOT_A_CAMERA),
        (CameraBehaviour(greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n"), CameraCause.NOT_A_CAMERA),
        (CameraBehaviour(greeting=b"SSH-2.0-OpenSSH_9.2\r\n"), CameraCause.NOT_A_CAMERA),
        (CameraBehaviour(greeting=NOISE), CameraCause.NOT_A_CAMERA),
        (CameraBehaviour(greeting=b"RTSP/1.0 200 OK\r\n" + b"X-Endless: 1\r\n" * 4000), CameraCause.GARBAGE),
        (CameraBehaviour(greeting=b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n"), CameraCause.GARBAGE),
        (CameraBehaviour(account=Account("root", PASSWORD)), CameraCause.REFUSED_PASSWORD),
        (CameraBehaviour(refuse={"DESCRIBE": 403}), CameraCause.REFUSED_PASSWORD),
        (CameraBehaviour(refuse={"DESCRIBE": 503}), CameraCause.CLOSED),
        (CameraBehaviour(answer=lambda _method, answer: answer.replace(b"m=video", b"m=audio")), CameraCause.NO_VIDEO),
        (CameraBehaviour(answer=lambda _method, answer: answer.replace(b"H264", b"VP80")), CameraCause.UNSUPPORTED_CODEC),
        (CameraBehaviour(transports=frozenset()), CameraCause.NOT_A_CAMERA),
        (CameraBehaviour(close_at=0), CameraCause.CLOSED),
        (CameraBehaviour(packets=lambda _number, _packets: [NOISE] * 60), CameraCause.GARBAGE),
    ],
    ids=[
        "wrong-path", "http", "ssh", "noise", "endless-headers", "impossible-body", "no-login-given", "forbidden", "busy",
        "only-sound", "codec", "no-transport", "hangs-up", "garbage-packets",
    ],
)  # fmt: skip
def test_the_fault_of_a_camera_is_reported(behaviour, cause):
    """Every way in which an address is not a usable camera has its own cause, and the recorder goes on trying."""
    notebook = record_until(behaviour, cause)
    assert notebook.gaps["hall"][-1].end is None


def test_an_unreachable_camera_is_reported():
    """An address where nobody listens is unreachable."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
    address, _ = parse_address(f"rtsp://127.0.0.1:{port}/hall")
    with recording(Camera("hall", address)) as (_, notebook):
        notebook.wait_for(lambda: CameraCause.UNREACHABLE in notebook.causes("hall"))
    assert not notebook.segments


def test_a_wrong_password_is_tried_once_and_shown_nowhere(capsys, caplog):
    """A refused password is reported as such, not tried again at once, and stands in no log and no status."""
    camera = SimulatedCamera(clip(), CameraBehaviour(account=Account("root", "right")))
    with (
        served({"hall": camera}) as farm,
        recording(farm.camera("hall", Login("root", PASSWORD))) as (recorder, notebook),
    ):
        notebook.wait_for(lambda: CameraCause.REFUSED_PASSWORD in notebook.causes("hall"))
        shown = repr(recorder.statuses()) + repr(farm.camera("hall", Login("root", PASSWORD)))
    captured = capsys.readouterr()
    assert camera.connections == 1
    assert PASSWORD not in shown + caplog.text + captured.out + captured.err


def test_a_redirect_is_followed_without_taking_the_password_elsewhere():
    """A redirect to another host is followed, but that host never gets the login; one to the same host does."""
    elsewhere = SimulatedCamera(clip(), CameraBehaviour(account=Account("root", PASSWORD, "Basic")))
    with served({"target": elsewhere}) as there:
        port = there.farm.port
        for host, cause in (("localhost", CameraCause.REFUSED_PASSWORD), ("127.0.0.1", GeneralCause.NONE)):
            first = SimulatedCamera(clip(), CameraBehaviour(redirect=f"rtsp://root:x@{host}:{port}/target"))
            with (
                served({"hall": first}) as here,
                recording(here.camera("hall", Login("root", PASSWORD))) as (_, notebook),
            ):
                notebook.wait_for(lambda wanted=cause, notes=notebook: wanted in notes.causes("hall"))
    assert first.connections == 1


def test_a_camera_that_goes_back_to_basic_does_not_learn_the_password():
    """After Digest, a camera that demands Basic is reported and given nothing, even once it was switched off and on."""
    camera = SimulatedCamera(clip(), CameraBehaviour(account=Account("root", PASSWORD)))
    with (
        served({"hall": camera}) as farm,
        recording(farm.camera("hall", Login("root", PASSWORD))) as (recorder, notebook),
    ):
        notebook.wait_for(lambda: notebook.units("hall"))
        camera.behaviour.account = Account("root", PASSWORD, "Basic")
        recorder.remove("hall")
        recorder.add(farm.camera("hall", Login("root", PASSWORD)))
        notebook.wait_for(lambda: CameraCause.WEAKER_LOGIN in notebook.causes("hall"))
    assert camera.connections == 2


def test_a_ring_of_redirects_ends():
    """A camera that redirects to itself, or cameras that redirect to one another, are noticed at once."""
    hall, yard = (SimulatedCamera(clip(), CameraBehaviour()) for _ in range(2))
    for first, second, connections in (("hall", "hall", 1), ("yard", "hall", 2)):
        with served({"hall": hall, "yard": yard}) as farm:
            hall.behaviour.redirect = f"rtsp://127.0.0.1:{farm.farm.port}/{first}"
            yard.behaviour.redirect = f"rtsp://127.0.0.1:{farm.farm.port}/{second}"
            with recording(farm.camera("hall")) as (_, notebook):
                notebook.wait_for(lambda notes=notebook: CameraCause.REDIRECTED in notes.causes("hall"))
        assert hall.connections + yard.connections == connections
        hall.connections = yard.connections = 0


def lose(numbers):
    """Lose the middle packet of some pictures."""

    def packets(number, sent):
        return [one for place, one in enumerate(sent) if number not in numbers or place != len(sent) // 2]

    return packets


def shuffle(number, sent):
    """Send every picture's packets in another order."""
    return sorted(sent, key=lambda one: hashlib.sha256(bytes((number & 0xFF,)) + one).digest())


def swallow(number, content):
    """Some pictures lose a stretch of bytes from their middle, so that no length holds any more."""
    third = len(content) // 3
    return content[:third] + content[2 * third :] if number in {12, 33} else content


def repeat(_number, sent):
    """Send every packet twice."""
    return [one for one in sent for _ in range(2)]


@pytest.mark.parametrize(
    "behaviour",
    [
        CameraBehaviour(packets=lose({12, 33}), size=200),
        CameraBehaviour(stream=swallow, size=200),
        CameraBehaviour(packets=repeat),
        CameraBehaviour(packets=lambda number, sent: [*sent, b"\x80\x60\x00"] if number % 7 == 3 else sent),
        CameraBehaviour(new_ssrc_at=frozenset({14})),
        CameraBehaviour(timestamp_jumps={14: 90_000 * 3600}),
        CameraBehaviour(timestamp_jumps={14: -90_000 * 3600, 30: 2**31 - 5}),
    ],
    ids=["lost", "swallowed", "repeated", "stubs", "new-sender", "jump-ahead", "jumps-back-and-forth"],
)
def test_no_damaged_picture_is_kept(behaviour, tmp_path):
    """Whatever is lost, cut, doubled or jumps on the way: all that is kept decodes, and was sent exactly so."""
    camera = SimulatedCamera(clip(SHORT_GROUPS), behaviour)
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 45)
    sent = {picture.units for picture in camera.sent}
    assert set(recorded_pictures(notebook.segments)) <= sent
    for segment in notebook.segments:
        if segment.units:
            assert frames(segment.write(tmp_path)) == (segment.units, "")
    spans = [(segment.opening.start, segment.ending.end) for segment in notebook.segments]
    assert all(earlier[1] <= later[0] for earlier, later in itertools.pairwise(spans))


def test_packets_that_overtake_one_another_are_put_in_order(tmp_path):
    """Over UDP, packets of a picture that arrive shuffled cost nothing."""
    camera = SimulatedCamera(clip(), CameraBehaviour(packets=shuffle, size=300))
    with (
        served({"hall": camera}) as farm,
        recording(farm.camera("hall", transport=Transport.UDP)) as (_, notebook),
    ):
        notebook.wait_for(lambda: notebook.units("hall") >= 40)
    assert frames(notebook.segments[0].write(tmp_path)) == (notebook.segments[0].units, "")
    assert CameraCause.PACKETS_LOST not in {gap.cause for gap in notebook.gaps["hall"]}


def test_a_loss_is_entered_as_a_gap_up_to_the_next_key_picture():
    """A lost packet costs the pictures up to the next key picture, and the register says so."""
    camera = SimulatedCamera(clip(SHORT_GROUPS), CameraBehaviour(packets=lose({32}), size=200))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: len(notebook.segments) >= 2 and notebook.segments[-1].units >= 10)
    gaps = [gap for gap in notebook.gaps["hall"] if gap.cause is CameraCause.PACKETS_LOST]
    assert len(gaps) == 1
    assert 0.03 < (gaps[0].end - gaps[0].start).total_seconds() < 0.25


def test_a_pause_with_the_connection_open_is_a_gap():
    """Three seconds without pictures on an open connection are a gap, not one long picture."""
    camera = SimulatedCamera(clip(SHORT_GROUPS), CameraBehaviour(silent=((30, 105),)))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: len(notebook.segments) >= 2 and notebook.segments[-1].units >= 10)
    gap = next(gap for gap in notebook.gaps["hall"] if gap.cause is CameraCause.STALLED)
    assert 2.8 < (gap.end - gap.start).total_seconds() < 3.6
    assert camera.connections == 1


def test_a_stall_is_noticed_though_tcp_stays_up():
    """A camera that falls silent for good is reported within seconds and connected to anew."""
    camera = SimulatedCamera(clip(SHORT_GROUPS), CameraBehaviour(silent=((30, 10**9),)))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: CameraCause.STALLED in notebook.causes("hall"))
        notebook.wait_for(lambda: camera.connections >= 2)
    gap = next(gap for gap in notebook.gaps["hall"] if gap.cause is CameraCause.STALLED)
    assert gap.start == notebook.segments[0].ending.end


def test_a_camera_that_returns_with_other_pictures_starts_a_new_segment(tmp_path):
    """A camera that comes back with another size, without a new connection, is recorded on in a new segment at once."""
    small, large = clip(SHORT_GROUPS), clip(Coding(width=320, height=240, group=5))
    camera = SimulatedCamera(small)
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 20)
        camera.clip = large
        notebook.wait_for(lambda: len(notebook.segments) >= 2 and notebook.segments[-1].units >= 10)
    sizes = [segment.opening.traits["width"] for segment in notebook.segments]
    assert sizes == sorted(sizes, reverse=True)
    assert set(sizes) == {640, 320}
    assert all(frames(segment.write(tmp_path)) == (segment.units, "") for segment in notebook.segments)


def test_a_camera_without_key_pictures_is_reported_and_asked_for_one():
    """Pictures without any key picture are reported as such, and one is requested if the camera takes such requests."""
    camera = SimulatedCamera(clip(), CameraBehaviour(keys=False))
    before, watch.NO_KEY_REPORTED = watch.NO_KEY_REPORTED, 1.0
    try:
        with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
            notebook.wait_for(lambda: CameraCause.NO_KEY_FRAME in notebook.causes("hall"))
            notebook.wait_for(lambda: camera.key_requests > 0)
    finally:
        watch.NO_KEY_REPORTED = before
    assert not notebook.segments


@pytest.mark.parametrize("change", [17, -17, None], ids=["too-long", "too-short", "missing"])
def test_a_body_of_another_length_than_announced_is_understood(change):
    """A description announced too long, too short, or without any length is read all the same."""

    def answer(method, content):
        if method != "DESCRIBE":
            return content
        head, _, body = content.partition(b"\r\n\r\n")
        length = b"Content-Length: %d" % (len(body) + change) if change else b"X-Length: none"
        return head.replace(b"Content-Length: %d" % len(body), length) + b"\r\n\r\n" + body

    camera = SimulatedCamera(clip(), CameraBehaviour(answer=answer))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 5)
    assert camera.connections == 1


def test_careless_headers_are_understood():
    """Lower-case field names, bare line feeds and lost sequence numbers do not keep a camera from being recorded."""

    def answer(_method, content):
        head, gap, body = content.partition(b"\r\n\r\n")
        first, *fields = head.split(b"\r\n")
        fields = [
            field if field.startswith(b"WWW") else field.lower()
            for field in fields
            if not field.startswith(b"CSeq")
        ]
        return b"\n".join([first, *fields]) + gap.replace(b"\r", b"") + body

    camera = SimulatedCamera(clip(), CameraBehaviour(answer=answer))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 5)
    assert camera.connections == 1


@pytest.mark.parametrize(
    "cause",
    [
        GeneralCause.STORAGE_FULL,
        GeneralCause.STORAGE_FAILED,
        GeneralCause.STORAGE_SLOW,
        GeneralCause.NO_DAY_KEY,
    ],
)
def test_a_failing_store_is_reported_and_tried_again(cause):
    """Recording stops with the store's cause, keeps the camera connected, and goes on when the store takes segments again."""
    camera = SimulatedCamera(clip(SHORT_GROUPS))
    with served({"hall": camera}) as farm, recording(farm.camera("hall")) as (_, notebook):
        notebook.wait_for(lambda: notebook.units("hall") >= 15)
        notebook.failure = notebook.refusal = cause
        notebook.wait_for(
            lambda: (State.STOPPED, cause) in {(one.state, one.cause) for one in notebook.statuses}
        )
        notebook.failure = notebook.refusal = None
        notebook.wait_for(lambda: len(notebook.segments) >= 2 and notebook.segments[-1].units >= 10)
    gap = next(gap for gap in notebook.gaps["hall"] if gap.cause is cause)
    assert gap.end == notebook.segments[-1].opening.start
    assert camera.connections == 1


def test_a_recorder_with_a_hundred_broken_cameras_still_records_one():
    """Threads, files and time are not used up by cameras that fail over and over."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        dead = taken.getsockname()[1]
    camera = SimulatedCamera(clip(SHORT_GROUPS))
    before = threading.active_count()
    with served({"good": camera}) as farm:
        broken = [
            Camera(f"b{number}", parse_address(f"rtsp://127.0.0.1:{dead}/x")[0]) for number in range(100)
        ]
        with recording(*broken, farm.camera("good")) as (_, notebook):
            notebook.wait_for(lambda: notebook.units("good") >= 40)
            assert threading.active_count() <= before + 3
    assert camera.connections == 1
