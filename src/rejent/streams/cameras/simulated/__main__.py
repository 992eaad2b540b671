"""Simulated cameras by themselves: ``python -m rejent.streams.cameras.simulated --listen 127.0.0.1:8554 hall stairs``.

Each name becomes an address, such as rtsp://127.0.0.1:8554/hall. The pictures carry the true civil time. With ``--loop``
a clip is encoded once and repeated instead, which costs next to nothing however many cameras there are.
"""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from rejent.formats.mp4.picture import Codec
from rejent.kernel.clock import Clock, SystemClock
from rejent.streams.cameras.network.rtsp.payload_format import FORMATS
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Clip, Coding, LiveScene, encoded_clip
from rejent.streams.cameras.simulated.scene import VIEWS, View
from rejent.streams.cameras.simulated.server import CameraFarm

SWITCH_S = 0.5
"""Seconds between two looks at the switches."""


def live_camera(coding: Coding, view: View, clock: Clock) -> SimulatedCamera:
    """Return a camera whose pictures are encoded as they are sent."""
    first = LiveScene(coding, view).picture(clock.now())
    return SimulatedCamera(
        Clip(coding.codec, coding.rate, (first,)), live=lambda: LiveScene(coding, view), keep_sent=False
    )


@dataclass(slots=True)
class Plug:
    """A camera at an address of its own, which is off while a file exists: nobody listens then."""

    farm: CameraFarm
    host: str
    off: Path
    on: bool = False

    async def follow(self, port: int) -> None:
        """Switch the camera as the file says."""
        if self.on and self.off.exists():
            await self.farm.stop()
            self.on = False
        elif not self.on and not self.off.exists():
            await self.farm.start(self.host, port)
            self.on = True


async def serve(farm: CameraFarm, host: str, port: int) -> None:
    """Serve all cameras at one address until stopped; print it once it listens."""
    stopped = _stopped()
    _say(host, await farm.start(host, port))
    await stopped.wait()
    await farm.stop()


async def serve_apart(cameras: dict[str, SimulatedCamera], first: str, port: int, switches: Path) -> None:
    """Serve each camera at an address of its own, from ``first`` on, until stopped; print the first once all listen."""
    stopped = _stopped()
    plugs = [
        Plug(CameraFarm({name: camera}), str(ip_address(first) + place), switches / f"{name}.off")
        for place, (name, camera) in enumerate(cameras.items())
    ]
    for plug in plugs:
        await plug.follow(port)
    _say(first, port)
    while not stopped.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), SWITCH_S)
        for plug in plugs:
            await plug.follow(port)
    for plug in plugs:
        await plug.farm.stop()


def _stopped() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _say(host: str, port: int) -> None:
    sys.stdout.write(f"{host}:{port}\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Serve the cameras named on the command line."""
    given = _parser().parse_args(arguments)
    host, _, port = given.listen.rpartition(":")
    width, _, height = given.size.partition("x")
    coding = Coding(
        Codec(given.codec), int(width), int(height), given.rate, given.group or given.rate, given.bits,
        noise=given.loop is not None,
    )  # fmt: skip
    clock = SystemClock()
    if given.loop:
        clip = encoded_clip(coding, given.loop)
        cameras = {name: SimulatedCamera(clip, keep_sent=False) for name in given.names}
    else:
        cameras = {
            name: live_camera(coding, VIEWS[place % len(VIEWS)], clock)
            for place, name in enumerate(given.names)
        }
    if given.switches is None:
        asyncio.run(serve(CameraFarm(cameras, clock), host, int(port)))
    else:
        asyncio.run(serve_apart(cameras, host, int(port), given.switches))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="rejent.streams.cameras.simulated", description="Simulated RTSP cameras."
    )
    parser.add_argument("names", nargs="+", help="one camera each")
    parser.add_argument("--listen", default="127.0.0.1:8554", help="host and port; port 0 takes a free one")
    parser.add_argument(
        "--switches", metavar="DIR", type=Path,
        help="each camera listens at an address of its own, the next from the first on, unless DIR/NAME.off exists",
    )  # fmt: skip
    parser.add_argument("--codec", choices=[codec.value for codec in FORMATS], default="h264")
    parser.add_argument("--size", default="640x360", help="pixels")
    parser.add_argument("--rate", type=int, default=10, help="pictures a second")
    parser.add_argument(
        "--group", type=int, help="pictures from one key picture to the next; a second's worth if not given"
    )
    parser.add_argument("--bits", type=int, help="bits a second")
    parser.add_argument(
        "--loop", type=int, metavar="SECONDS", help="repeat a clip with grain instead of the live scene"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
