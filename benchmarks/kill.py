"""Loss by ``kill -9`` of the whole program for each camera, by the catalogue's content after recovery.

Eight cameras, two of them so still that they take many seconds to fill a chunk, are recorded by ``rejent run``. At
moments spread over fragment, chunk and group every process is killed at once; the next start and a round of keepers
recover truncated objects, and the end of the last segment of each camera is compared with the instant of the kill.
One machine, one clock.

``python -m benchmarks.kill [--kills 12] [--cameras 8]``
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rejent.kernel.clock import SystemClock
from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Clip, Coding, encoded_clip
from rejent.streams.cameras.simulated.server import CameraFarm

MUST_S, GOAL_S = 2.0, 1.0
ORDINARY = Coding(width=1280, height=720, rate=25, group=50, bits=4_000_000, noise=True)
STILL = Coding(width=160, height=120, rate=25, group=25)
CODINGS = [ORDINARY] * 6 + [STILL] * 2
RECORDED_S = 6.0
"""Seconds from the moment at which every camera is recorded to the first kill; each later one comes `STEP_S` later."""
PATIENCE_S = 60
PARTS = "vault/*/*/*.part"
STEP_S = 0.37
"""Not a multiple of a fragment, so that the kills fall at different places of it."""
PROGRAM = str(Path(sysconfig.get_path("scripts")) / "rejent")


async def serve_cameras(codings: list[Coding]) -> None:
    """Serve cameras until killed; print host and port."""
    clips: dict[Coding, Clip] = {coding: encoded_clip(coding, 4) for coding in set(codings)}
    farm = CameraFarm(
        {
            f"camera{place}": SimulatedCamera(clips[coding], keep_sent=False)
            for place, coding in enumerate(codings)
        },
        SystemClock(),
    )
    print(f"127.0.0.1:{await farm.start()}", flush=True)
    await asyncio.Event().wait()


def rejent(*arguments: str) -> str:
    """Return the output of a command of the program."""
    return subprocess.run([PROGRAM, *arguments], check=True, text=True, stdout=subprocess.PIPE).stdout


def office(folder: Path, address: str, cameras: int) -> Path:
    """Make an office with these cameras."""
    place = folder / "office"
    rejent("init", str(place), "--regulation", "elblag", "--test")
    for number in range(cameras):
        source = ["--name", f"Kamera {number}", "--url", f"rtsp://{address}/camera{number}"]
        where = ["--building", "A", "--place", f"hol {number}", "--kind", "hall"]
        rejent("source", "add", str(place), "--stream", "video", *source, *where)
    rejent("keep", str(place), "--once")
    return place


def recorded(place: Path, cameras: int, seconds: float, number: int) -> datetime:
    """Run the program for so long, then send the signal to all of it; return the instant."""
    command = [PROGRAM, "run", str(place), "--role", "recorder"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as program:
        assert program.stderr is not None
        recorder = next(
            record["pid"]
            for record in map(json.loads, program.stderr)
            if record.get("process") == "recorder-0"
        )
        begun, until = set(place.glob(PARTS)), time.monotonic() + PATIENCE_S
        while len(set(place.glob(PARTS)) - begun) < cameras and time.monotonic() < until:
            time.sleep(0.1)  # a folder tells nobody of its files
        time.sleep(seconds)  # so much is recorded before it is killed
        at = datetime.now(UTC)
        if number == signal.SIGKILL:
            os.kill(recorder, number)
        program.send_signal(number)
    return at


def kept(place: Path, camera: int) -> list[tuple[datetime, datetime]]:
    """Return beginning and end of each booked segment of a camera."""
    whole = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")
    rows = json.loads(rejent("objects", str(place), "--source", f"Kamera {camera}", *whole, "--json"))
    return [(datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])) for row in rows]


def measured(kills: int, codings: list[Coding]) -> dict[str, list[float]]:
    """Return the seconds lost by each kill, of cameras of each kind."""
    cameras = len(codings)
    serving = [sys.executable, "-m", "benchmarks.kill", "--serve", f"--cameras={cameras}"]
    lost: dict[str, list[float]] = {"ordinary": [], "still": []}
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(serving, stdout=subprocess.PIPE, text=True) as farm,
    ):
        assert farm.stdout is not None
        try:
            place = office(Path(name), farm.stdout.readline().strip(), cameras)
            moments = [
                recorded(place, cameras, RECORDED_S + STEP_S * number, signal.SIGKILL)
                for number in range(kills)
            ]
            recorded(place, cameras, RECORDED_S, signal.SIGTERM)
        finally:
            farm.kill()
        rejent("keep", str(place), "--once")
        for camera, coding in enumerate(codings):
            segments = kept(place, camera)
            for at in moments:
                last = max(end for start, end in segments if start < at)
                kind = "still" if coding == STILL else "ordinary"
                lost[kind].append(max((at - last) / timedelta(seconds=1), 0.0))
    return lost


def main() -> int:
    """Print the losses; return 1 where the worst misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--cameras", type=int, choices=range(3, len(CODINGS) + 1), default=len(CODINGS))
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    codings = CODINGS[-given.cameras :]
    if given.serve:
        asyncio.run(serve_cameras(codings))
        return 0
    lost = measured(given.kills, codings)
    for kind, seconds in lost.items():
        worst = max(seconds)
        reached = "goal reached" if worst <= GOAL_S else "must reached" if worst <= MUST_S else "MISSED"
        print(
            f"lost by kill -9, {kind:<9} {len(seconds):>4} times  median {statistics.median(seconds):5.2f} s  "
            f"worst {worst:5.2f} s  {reached}",
            flush=True,
        )
    return 0 if max(map(max, lost.values())) <= MUST_S else 1


if __name__ == "__main__":
    sys.exit(main())
