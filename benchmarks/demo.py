"""The demo office of four cameras: how long it takes to make, what it takes on the disk, how soon it answers again."""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from benchmarks.figures import row
from tests.ports import free_port

MUST_S, AGAIN_S = 120, 10
MAKE = "import sys, json; from rejent.ops.demo.command import make; make(sys.argv[1], minutes=json.loads(sys.argv[2]))"
WITHIN_S = 300


def made(office: Path, minutes: int | None) -> None:
    """Make the office and print what it took."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-c", MAKE, office, json.dumps(minutes)], check=True)
    took, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    row(
        "made in",
        f"{took:.0f} s",
        f"must {MUST_S} s; {cpu:.0f} s of CPU, load average {os.getloadavg()[0]:.0f}",
    )


def kept(office: Path) -> None:
    """Print the bytes on the disk, each file once however many names it has, and what they would be apart."""
    files = [file.stat() for file in office.rglob("*") if file.is_file()]
    once = {each.st_ino: each.st_blocks * 512 for each in files}
    row("on the disk", f"{sum(once.values()) / 1e6:.0f} MB", f"{len(once)} files of {len(files)} names")
    row("the same without shared bytes", f"{sum(each.st_size for each in files) / 1e6:.0f} MB")


def started(office: Path) -> None:
    """Start it again and print when it answers."""
    pages, cameras = free_port(), free_port()
    listen = ["--listen", f"127.0.0.1:{pages}", "--cameras-port", str(cameras)]
    command = [
        sys.executable,
        "-c",
        "from rejent.ops.command import run; run()",
        "demo",
        str(office),
        *listen,
    ]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as program:
        pause = threading.Event()
        while time.perf_counter() - begun < WITHIN_S and not _answers(pages):
            pause.wait(0.1)
        row("answers again after", f"{time.perf_counter() - begun:.1f} s", f"must {AGAIN_S} s")
        program.send_signal(signal.SIGINT)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, help="recorded of each day; all if left out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        office = Path(folder) / "demo"
        made(office, given.minutes)
        kept(office)
        started(office)


if __name__ == "__main__":
    main()
