"""The simulated cameras, which stand for real ones in the demo and in tests."""

import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from rejent.formats.mp4.picture import Codec
from rejent.kernel.clock import OFFICE_ZONE, ManualClock
from rejent.streams.cameras.network.rtsp.payload_format import FORMATS
from rejent.streams.cameras.simulated.__main__ import live_camera
from rejent.streams.cameras.simulated.clip import Coding, LiveScene
from rejent.streams.cameras.simulated.scene import HALL, VIEWS, Scene, View, moment
from tests.installation import HERE, environment
from tests.ports import free_port
from tests.waiting import until

BEGUN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("codec", list(FORMATS))
def test_every_picture_leaves_when_it_is_taken(codec: Codec) -> None:
    """In both codings each instant gives its own picture at once, and each group begins with a key picture."""
    scene = LiveScene(Coding(codec, width=320, height=180, rate=10, group=5))
    made = [scene.picture(BEGUN + timedelta(seconds=number / 10)) for number in range(11)]
    assert [number for number, picture in enumerate(made) if picture.key] == [0, 5, 10]
    assert {picture.shift for picture in made} == {0}


@pytest.mark.parametrize("codec", list(FORMATS))
def test_a_live_camera_describes_its_coding(codec: Codec) -> None:
    """A camera without a loop knows its parameter sets before anybody asks for them."""
    camera = live_camera(Coding(codec, width=320, height=180, rate=10, group=10), HALL, ManualClock(BEGUN))
    assert len(camera.clip.sets) == {Codec.H264: 2, Codec.H265: 3}[codec]


def luma(view: View, local: datetime) -> bytes:
    """What a camera sees at a local time, without a caption."""
    return Scene(160, 90, view, "").draw(local)[0]


def difference(one: bytes, other: bytes) -> float:
    """By how much two pictures differ, of 220 levels."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


@pytest.mark.parametrize("hour", [3, 7, 12])
def test_the_views_differ_at_a_glance(hour: int) -> None:
    """At any time of the day no two of the four cameras could be taken for one another."""
    at = datetime(2026, 11, 23, hour, 0, 30, tzinfo=OFFICE_ZONE)
    for one, other in combinations(VIEWS, 2):
        assert difference(luma(one, at), luma(other, at)) > 12, (one.name, other.name)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_day_and_night_and_whoever_passes_are_seen(view: View) -> None:
    """Nights are darker than days; by day somebody moves in some minutes, and in others nobody does."""
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=OFFICE_ZONE)
    night, day = luma(view, noon - timedelta(hours=10)), luma(view, noon)
    assert sum(night) < 0.6 * sum(day)
    moving = {
        moment(at).traffic: luma(view, at + timedelta(seconds=11)) != luma(view, at + timedelta(seconds=16))
        for at in (noon + timedelta(minutes=number) for number in range(60))
    }
    assert moving == {0: False, 1: True, 2: True, 3: True}


def test_minutes_of_one_moment_are_the_same_pictures() -> None:
    """But for what is written on them, so that a history need not encode them twice."""
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=OFFICE_ZONE)
    alike = [
        at for at in (noon + timedelta(minutes=number) for number in range(200)) if moment(at) == moment(noon)
    ]
    assert len(alike) > 20
    assert len({luma(VIEWS[3], at + timedelta(seconds=9)) for at in alike}) == 1


def listens(host: str, port: int) -> bool:
    """Whether anybody takes a connection there."""
    with socket.socket() as asking:
        return asking.connect_ex((host, port)) == 0


def test_one_camera_is_switched_off_alone(tmp_path: Path) -> None:
    """While its file is there nobody listens at its address; the other camera notices nothing."""
    port, off = free_port(), tmp_path / "two.off"
    command = [sys.executable, "-m", "rejent.streams.cameras.simulated", "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "--switches", str(tmp_path), "--size", "64x36", "one", "two"],
        stdout=subprocess.PIPE, env=environment(), cwd=HERE,
    ) as cameras:  # fmt: skip
        try:
            assert cameras.stdout is not None
            assert cameras.stdout.readline() == f"127.0.0.1:{port}\n".encode()
            with socket.create_connection(("127.0.0.1", port)) as watching:
                assert listens("127.0.0.2", port)
                off.touch()
                until(lambda: not listens("127.0.0.2", port))
                off.unlink()
                until(lambda: listens("127.0.0.2", port))
                watching.sendall(b"OPTIONS rtsp://127.0.0.1/one RTSP/1.0\r\nCSeq: 1\r\n\r\n")
                assert watching.recv(1024).startswith(b"RTSP/1.0 200")
        finally:
            cameras.terminate()
