"""Evidence packages: written and verified, beside ``cp`` and ``openssl dgst -sha256`` of the same bytes, and ``sha256sum``; the largest memory of each.

``python -m benchmarks.evidence [--megabytes 1800] [--rounds 3] [--to DIR]``; the verifier is the one file out of the package, in a process of its own.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from benchmarks.figures import row

BLOCK = 4 << 20
WRITE_MUST, VERIFY_MUST, BROWSER_MUST = 1.5, 1.2, 3.0


class FileSource:
    """The content of a file, as an opened object gives it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.size = path.stat().st_size

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """Return the content from ``offset``."""
        self._file.seek(offset)
        return self._file.read(self.size - offset if length is None else length)

    def read_into(self, target: bytearray | memoryview, offset: int = 0) -> None:
        """Fill ``target`` with the content from ``offset``."""
        self._file.seek(offset)
        self._file.readinto(target)  # type: ignore[attr-defined]  # an unbuffered file


def main() -> int:
    """Print the figures; return 1 if one misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1800)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, help="folder to measure in")
    parser.add_argument("--pack", nargs=2, metavar=("RECORDING", "PACKAGE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.pack:
        return pack(*map(Path, given.pack))
    with tempfile.TemporaryDirectory(dir=given.to) as folder:
        return measured(Path(folder), given.megabytes, given.rounds)


def measured(folder: Path, megabytes: int, rounds: int) -> int:
    """Measure all, one after the other in each round."""
    recording, copy, package = folder / "recording.mp4", folder / "copy.mp4", folder / "K-2026-1"
    with recording.open("wb") as file:
        for _ in range(-(-megabytes * 1_000_000 // BLOCK)):
            file.write(token_bytes(BLOCK))
    _digest_beside(recording)
    packing = [sys.executable, "-m", "benchmarks.evidence", "--pack", str(recording), str(package)]
    times: dict[str, list[float]] = {
        name: [] for name in ("copy", "digest", "sum", "write", "verify", "browser")
    }
    memory = {"write": 0.0, "verify": 0.0}
    for _ in range(rounds):
        subprocess.run(["rm", "-rf", package, copy], check=True)
        times["copy"].append(timed(["cp", str(recording), str(copy)])[0])
        times["digest"].append(timed(["openssl", "dgst", "-sha256", str(copy)])[0])
        times["sum"].append(timed(["sha256sum", str(copy)])[0])
        copy.unlink()
        for name, command in (
            ("write", packing),
            ("verify", [sys.executable, "-I", str(package / "verify.py"), "--key", "0" * 32]),
        ):
            took, most = timed(command)
            times[name].append(took)
            memory[name] = max(memory[name], most)
        times["browser"].append(in_browser(package))
    median = {name: statistics.median(found) for name, found in times.items()}
    return printed(median, memory, recording.stat().st_size)


def printed(median: dict[str, float], memory: dict[str, float], size: int) -> int:
    """Print the rows; return 1 if a limit is missed. Debian's ``sha256sum`` uses no instructions for it: no yardstick, but what people know."""
    peer, ratios = median["copy"] + median["digest"], {}
    row(
        f"cp and openssl dgst -sha256 of {size / 1e9:.2f} GB",
        f"{peer:.2f} s",
        f"{median['copy']:.2f} + {median['digest']:.2f}; with sha256sum {median['copy']:.2f} + {median['sum']:.2f}",
    )
    for name, against, must, note in (
        ("write", peer, WRITE_MUST, "cp + openssl dgst"),
        ("verify", median["digest"], VERIFY_MUST, "openssl dgst"),
        ("browser", median["digest"], BROWSER_MUST, "openssl dgst"),
    ):
        ratios[name] = median[name] / against
        most = f", memory {memory[name]:.0f} MiB at most" if name in memory else ""
        row(f"package: {name}", f"{median[name]:.2f} s", f"{ratios[name]:.2f} x {note}, must {must}{most}")
    return int(
        ratios["write"] > WRITE_MUST or ratios["verify"] > VERIFY_MUST or ratios["browser"] > BROWSER_MUST
    )


def timed(command: list[str]) -> tuple[float, float]:
    """Run a command to its end; the seconds it takes, and the MiB of its largest memory."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        _, _, used = os.wait4(running.pid, 0)
        running.returncode = 0
    return time.perf_counter() - began, used.ru_maxrss / 1024


def in_browser(package: Path) -> float:
    """Choose the package's folder in its own page; the seconds until it is checked."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto((package / "index.html").as_uri())
        page.wait_for_selector("#result")
        began = time.perf_counter()
        page.set_input_files("#folder", package)
        page.wait_for_selector("body[data-checked='0']", state="attached")
        took = time.perf_counter() - began
        browser.close()
    return took


def pack(recording: Path, package: Path) -> int:
    """Write the package of one recording, whose digest its act has; that was computed when the copy was made."""
    from rejent.evidence.contents import ClockStatement, PackageContents, PlayableFile, Recording
    from rejent.evidence.targets import FolderTarget
    from rejent.evidence.writing import write_package
    from rejent.kernel.intervals import Interval
    from tests.packages import NOON, PaperLedger, both

    digest = _digest_beside(recording)
    ledger, when = PaperLedger(), Interval(NOON, NOON + timedelta(hours=1))
    act = ledger.enter("copy.made", {"sha256": digest.hex()})
    contents = PackageContents(
        number="K-2026-1", office="Urząd", kind=both("Kamera", "Camera"), source="Hol", interval=when, language="pl", made_at=NOON,
        recordings=[Recording("hol.mp4", "video/mp4", when, FileSource(recording), digest, act)],
        playable=[PlayableFile("hol.mp4", "video/mp4", when)],
        gaps=[], gone=[], clock=ClockStatement(both("Zegar zgodny.")), acts={act: both("Sporządzono kopię")}, label=b"%PDF", custody=b"%PDF",
    )  # fmt: skip
    write_package(contents, FolderTarget(package), ledger.seal("K-2026-1", [act]))
    return 0


def _digest_beside(recording: Path) -> bytes:
    """Return the recording's digest, computed once: an office knows it from the act of the copy."""
    beside = recording.with_suffix(".sha256")
    if not beside.exists():
        made = sha256()
        with recording.open("rb") as file:
            while block := file.read(BLOCK):
                made.update(block)
        beside.write_bytes(made.digest())
    return beside.read_bytes()


if __name__ == "__main__":
    sys.exit(main())
