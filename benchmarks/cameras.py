"""Cost of recording a camera: CPU per camera-second and memory, beside ffmpeg and GStreamer in the same run.

All read the same simulated cameras (1080p25 H.264, 4 Mbit/s) over RTSP and TCP on the loopback. Ours is the whole
program as it runs in an office: ``rejent run --role recorder``, sealing, hashing, fsync, rows and ledger included;
the peers only write plain MP4. CPU is user and system time of the whole process tree by the operating system, in the
steady state.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

MUST_MS, GOAL_MS = 2.0, 1.2
MUST_MIB, GOAL_MIB = 5.0, 3.0
_TICKS = os.sysconf("SC_CLK_TCK")
_FIRST_SECONDS = 12.0


@dataclass(frozen=True)
class Cost:
    """Costs of one recorder in the window."""

    cameras: int
    ms: float
    mib: float
    kept: float
    """Return megabytes written per camera and second; the cameras send 0.5."""


def process_tree(root: int) -> list[int]:
    """Return a process and all its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += parents.get(pid, [])
    return found


def cpu_seconds(roots: list[int]) -> float:
    """Return user and system time of process trees, and of their ended children."""
    total = 0
    for root in roots:
        for pid in process_tree(root):
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            total += sum(int(field) for field in fields[11:15])
    return total / _TICKS


def proportional_mib(roots: list[int]) -> float:
    """Return the memory of process trees, shared pages divided among their users."""
    total = 0
    for root in roots:
        for pid in process_tree(root):
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


@contextmanager
def camera_farm(names: list[str], seconds: int) -> Iterator[str]:
    """Run simulated cameras in a process of their own; yield host and port."""
    command = [
        sys.executable,
        "-m",
        "rejent.streams.cameras.simulated",
        "--listen",
        "127.0.0.1:0",
        "--size",
        "1920x1080",
    ]
    command += ["--rate", "25", "--group", "50", "--bits", "4000000", "--loop", str(seconds), *names]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as farm:
        try:
            assert farm.stdout is not None
            yield farm.stdout.readline().strip()
        finally:
            farm.terminate()


def written(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.suffix in {".mp4", ".age", ".part"})


def measured(roots: list[int], cameras: int, seconds: float, folder: Path) -> Cost:
    """Measure running processes in their steady state."""
    time.sleep(_FIRST_SECONDS)  # starting up is not what is measured, and ends in nothing one could wait for
    begun, before, size = time.monotonic(), cpu_seconds(roots), written(folder)
    time.sleep(seconds)  # the window itself
    elapsed, spent, grown = time.monotonic() - begun, cpu_seconds(roots) - before, written(folder) - size
    return Cost(
        cameras, spent / elapsed / cameras * 1000, proportional_mib(roots), grown / elapsed / cameras / 1e6
    )


def rejent(address: str, names: list[str], seconds: float, folder: Path) -> Cost:
    """Measure Rejent."""
    program = [str(Path(sysconfig.get_path("scripts")) / "rejent")]
    office = folder / "office"
    subprocess.run(
        [*program, "init", str(office), "--regulation", "pleszew", "--test"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    subprocess.run([sys.executable, "-c", _ADD_SOURCES, str(office), address, *names], check=True)
    subprocess.run([*program, "keep", str(office), "--once"], check=True, stdout=subprocess.DEVNULL)
    running = subprocess.Popen(
        [*program, "run", str(office), "--role", "recorder"], stderr=subprocess.DEVNULL
    )
    try:
        return measured([running.pid], len(names), seconds, office / "vault")
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait()


_ADD_SOURCES = """
import sys
import sysconfig
from pathlib import Path
from rejent.cli.command_setup import ACTOR, open_installation, program_clock
open_installation(Path(sys.argv[1]))
from django.conf import settings
from rejent.catalog import services
for name in sys.argv[3:]:
    services.add_source(
        stream="video", name=name, address=f"rtsp://{sys.argv[2]}/{name}", building="A", place=name, kind="corridor",
        clock=program_clock(), actor=ACTOR, credentials_box=settings.VAULT.credentials,
    )
"""


def peer(
    command: Callable[[str, Path], list[str]], address: str, names: list[str], seconds: float, folder: Path
) -> Cost:
    """Measure another recorder, one process a camera."""
    running = [
        subprocess.Popen(
            command(f"rtsp://{address}/{name}", folder / f"{name}-%d.mp4"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    try:
        return measured([process.pid for process in running], len(names), seconds, folder)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def ffmpeg(url: str, place: Path) -> list[str]:
    """Return the command of ffmpeg that copies the video track into files of a minute."""
    read = ["ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", url]
    return [*read, "-an", "-c", "copy", "-f", "segment", "-segment_time", "60", "-y", str(place)]


def gstreamer(url: str, place: Path) -> list[str]:
    """Return the command of a GStreamer pipeline that does the same."""
    read = [
        "gst-launch-1.0",
        "-q",
        "rtspsrc",
        f"location={url}",
        "protocols=tcp",
        "!",
        "rtph264depay",
        "!",
        "h264parse",
    ]
    return [*read, "!", "splitmuxsink", f"location={place}", "max-size-time=60000000000"]


def in_fresh_folder(run: Callable[[Path], Cost]) -> Cost:
    """Run with an empty temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="rejent-bench-"))
    try:
        return run(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def row(name: str, cost: Cost, verdict: str = "") -> None:
    """Print one line."""
    print(
        f"{name:<28} {cost.cameras:>4} {cost.ms:>10.2f} {cost.mib:>9.0f} {cost.kept:>9.2f}  {verdict}",
        flush=True,
    )


def verdict(value: float, must: float, goal: float) -> str:
    """Compare a figure with its limit."""
    return "goal reached" if value <= goal else "must reached" if value <= must else "MISSED"


def main() -> int:
    """Measure every number of cameras, and the peers at one; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each window")
    parser.add_argument("--cameras", default="1,8,32,64,128", help="how many cameras, separated by commas")
    parser.add_argument(
        "--peers-at", type=int, default=32, help="cameras the peers are measured with; 0 leaves them out"
    )
    given = parser.parse_args()
    counts = [int(count) for count in given.cameras.split(",")]
    names = [f"camera{number}" for number in range(max([*counts, given.peers_at]))]
    costs: dict[int, Cost] = {}
    judged_at = 32 if 32 in counts else max(counts)
    print(f"{'recorder':<28} {'cams':>4} {'ms/cam-s':>10} {'PSS MiB':>9} {'MB/cam-s':>9}")
    with camera_farm(names, 20) as address:
        for count in counts:
            costs[count] = in_fresh_folder(partial(rejent, address, names[:count], given.seconds))
            judged = verdict(costs[count].ms, MUST_MS, GOAL_MS) if count == judged_at else ""
            row("rejent, sealed and booked", costs[count], judged)
        chosen = names[: given.peers_at]
        for name, command in (("ffmpeg -c copy", ffmpeg), ("GStreamer splitmuxsink", gstreamer)):
            if chosen:
                measure = partial(peer, command, address, chosen, given.seconds)
                row(name, in_fresh_folder(measure))
    many = [cost for cost in costs.values() if cost.cameras >= 8]
    if len(many) > 1:
        spread = max(cost.ms for cost in many) / min(cost.ms for cost in many) - 1
        print(
            f"cost per camera from {many[0].cameras} to {many[-1].cameras} cameras: flat within {spread:.0%}"
        )
    if len(costs) > 1:
        few, most = costs[min(costs)], costs[max(costs)]
        each = (most.mib - few.mib) / (most.cameras - few.cameras)
        print(f"memory per further camera: {each:.1f} MiB  {verdict(each, MUST_MIB, GOAL_MIB)}")
    lossless = all(cost.kept > 0.45 for cost in costs.values())
    if not lossless:
        print("NOT every camera was recorded whole: the figures count for nothing")
    return 0 if lossless and costs[judged_at].ms <= MUST_MS else 1


if __name__ == "__main__":
    sys.exit(main())
