"""Simulated cameras by themselves: ``python -m rejent.streams.cameras.simulated --listen 127.0.0.1:8554 hall stairs``.

Each name becomes an address, such as rtsp://127.0.0.1:8554/hall. The scene carries the true civil time. With ``--loop``
a clip is encoded once and repeated instead, which costs next to nothing however many cameras there are.
"""

import argparse
import asyncio
import signal
import sys

from rejent.formats.mp4.picture import Codec
from rejent.kernel.clock import Clock, SystemClock
from rejent.streams.cameras.simulated.clip import Clip, Coding, LiveScene, encoded_clip
from rejent.streams.cameras.simulated.server import CameraFarm, SimulatedCamera


def live_camera(coding: Coding, tint: int, clock: Clock) -> SimulatedCamera:
    """Return a camera whose pictures are encoded as they are sent."""
    first = LiveScene(coding, tint).picture(clock.now())
    return SimulatedCamera(
        Clip(coding.codec, coding.rate, (first,)), live=lambda: LiveScene(coding, tint), keep_sent=False
    )


async def serve(farm: CameraFarm, host: str, port: int) -> None:
    """Serve until stopped; print the addresses once it listens."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    listening = await farm.start(host, port)
    sys.stdout.write(f"{host}:{listening}\n")
    sys.stdout.flush()
    await stopped.wait()
    await farm.stop()


def main(arguments: list[str] | None = None) -> int:
    """Serve the cameras named on the command line."""
    parser = argparse.ArgumentParser(
        prog="rejent.streams.cameras.simulated", description="Simulated RTSP cameras."
    )
    parser.add_argument("names", nargs="+", help="one camera each")
    parser.add_argument("--listen", default="127.0.0.1:8554", help="host and port; port 0 takes a free one")
    parser.add_argument("--codec", choices=[codec.value for codec in Codec], default="h264")
    parser.add_argument("--size", default="640x360", help="pixels")
    parser.add_argument("--rate", type=int, default=10, help="pictures a second")
    parser.add_argument(
        "--group", type=int, help="pictures from one key picture to the next; a second's worth if not given"
    )
    parser.add_argument("--bits", type=int, help="bits a second")
    parser.add_argument(
        "--loop", type=int, metavar="SECONDS", help="repeat a clip with grain instead of the live scene"
    )
    given = parser.parse_args(arguments)
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
        tints = {name: 108 + 40 * place // max(len(given.names), 1) for place, name in enumerate(given.names)}
        cameras = {name: live_camera(coding, tint, clock) for name, tint in tints.items()}
    asyncio.run(serve(CameraFarm(cameras, clock), host, int(port)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
