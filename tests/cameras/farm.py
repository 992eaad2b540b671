"""Simulated cameras and a recorder, run for the length of a test."""

import asyncio
import itertools
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rejent.formats.mp4.parameters import nal_units
from rejent.kernel.clock import SystemClock
from rejent.streams.cameras.network.rtsp.address import Camera, Login, Transport, Trust, parse_address
from rejent.streams.cameras.recorder.engine import CameraRecorder
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Clip, Coding, encoded_clip
from rejent.streams.cameras.simulated.server import CameraFarm
from tests.cameras.faults import FaultyConnection
from tests.cameras.notebook import Notebook, NotedSegment

USUAL = Coding()


@lru_cache(maxsize=16)
def clip(coding: Coding = USUAL, seconds: int = 2) -> Clip:
    """A clip, encoded once a session."""
    return encoded_clip(coding, seconds)


@dataclass
class Served:
    """Cameras being served."""

    farm: CameraFarm
    loop: asyncio.AbstractEventLoop
    scheme: str = "rtsp"

    def camera(
        self,
        name: str,
        login: Login | None = None,
        transport: Transport = Transport.TCP,
        trust: Trust | None = None,
    ) -> Camera:
        """The camera as an office would enter it."""
        address, _ = parse_address(f"{self.scheme}://127.0.0.1:{self.farm.port}/{name}")
        return Camera(name, address, login, transport, trust or Trust())

    def disconnect(self, name: str) -> None:
        """Break the connections of a camera."""
        self.loop.call_soon_threadsafe(self.farm.disconnect, name)

    def restart(self, port: int) -> None:
        """Listen again on a port."""
        asyncio.run_coroutine_threadsafe(self.farm.start(port=port), self.loop).result(10)

    def stop(self) -> None:
        """Stop listening and hang up."""
        asyncio.run_coroutine_threadsafe(self.farm.stop(), self.loop).result(10)


@contextmanager
def served(cameras: dict[str, SimulatedCamera], tls: ssl.SSLContext | None = None) -> Iterator[Served]:
    """Serve cameras from a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    farm = CameraFarm(cameras, connection=FaultyConnection)
    asyncio.run_coroutine_threadsafe(farm.start(tls=tls), loop).result(10)
    try:
        yield Served(farm, loop, "rtsps" if tls else "rtsp")
    finally:
        asyncio.run_coroutine_threadsafe(farm.stop(), loop).result(10)
        asyncio.run_coroutine_threadsafe(_settle(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _settle() -> None:
    """Let closed transports finish."""
    for _ in range(5):
        await asyncio.sleep(0)


@contextmanager
def recording(*cameras: Camera) -> Iterator[tuple[CameraRecorder, Notebook]]:
    """Record cameras into a notebook."""
    notebook = Notebook()
    recorder = CameraRecorder(notebook, SystemClock())
    for camera in cameras:
        recorder.add(camera)
    thread = threading.Thread(target=recorder.run)
    thread.start()
    try:
        yield recorder, notebook
    finally:
        recorder.stop()
        thread.join()


def recorded_pictures(segments: list[NotedSegment]) -> list[tuple[bytes, ...]]:
    """The NAL units of every picture recorded, in order."""
    pictures = [part for segment in segments for fragment in segment.fragments for part in fragment.parts[1:]]
    return [tuple(bytes(unit) for unit in nal_units(picture)) for picture in pictures]


def assert_unbroken(camera: SimulatedCamera, segments: list[NotedSegment]) -> None:
    """Every picture recorded is bit for bit one that was sent, and none in between is missing."""
    recorded = recorded_pictures(segments)
    sent = [picture.units for picture in camera.sent]
    assert recorded, "nothing was recorded"
    places = [at for at in range(len(sent)) if sent[at : at + len(recorded)] == recorded]
    assert places, "what was recorded is not an unbroken stretch of what was sent"
    for earlier, later in itertools.pairwise(segments):
        assert earlier.ending is not None
        assert earlier.ending.end == later.opening.start


def frames(path: Path) -> tuple[int, str]:
    """Count the pictures ffmpeg decodes from a file; return also its complaints."""
    command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries"]
    done = subprocess.run(
        [*command, "stream=nb_read_frames", "-of", "csv=p=0", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return int(done.stdout.strip().strip(",") or 0), done.stderr.strip()
