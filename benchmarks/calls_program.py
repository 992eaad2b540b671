"""The installed program under calls: set up by SIP, both parties speaking, all sealed and booked, nothing lost.

Unlike ``calls_rtp``, which measures reception and sealing alone, this starts an office's own recorder of calls, sends
it so many calls at once as a session border controller does, and takes its CPU time from the kernel: signalling,
reception, sealing, booking and ledger. A bare uvloop receiver that writes unsealed bytes stands beside it in the same
run.

``python -m benchmarks.calls_program [--calls 500] [--seconds 20]``
"""

import argparse
import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.calls_rtp import GOAL, HOST, MUST, measured, send
from benchmarks.figures import row
from rejent.kernel.clock import SystemClock
from rejent.streams.calls.network.rtp.ports import allow_open_files
from rejent.streams.calls.practice.session import RecordingSession, Speaker, recording_session
from rejent.streams.calls.receiving.siprec.sdp import read_description

SIPREC, FIRST_PORT, LAST_PORT = 19_990, 20_000, 31_999
AT_ONCE = 50
"""Sessions set up in parallel."""
LENGTH_S = 180.0
"""Length of a typical call: three minutes."""
TICKS = os.sysconf("SC_CLK_TCK")


class Program:
    """A running office whose recorder of calls is measured."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]") -> None:
        self.folder = folder
        self._process = process
        self._events: list[dict[str, Any]] = []
        self._listening = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._listening.wait(60), "the recorder does not listen"
        started = [each for each in self._events if each.get("event") == "process.started"]
        self.pid = next(int(each["pid"]) for each in started if each["process"] == "calls")

    def _read(self) -> None:
        for line in self._process.stderr or ():
            self._events.append(json.loads(line))
            if self._events[-1].get("event") == "calls.listening":
                self._listening.set()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Count the rows of the catalogue."""
        with sqlite3.connect(self.folder / "catalog" / "catalog.db", timeout=30) as base:
            return base.execute(query).fetchall()

    def cpu_s(self) -> float:
        """Return the CPU seconds of the recorder so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory_mib(self) -> float:
        """Return the recorder's memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def files(self) -> int:
        """Count its open files and sockets."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))


@contextmanager
def program() -> Iterator[Program]:
    """Run an office of Wałbrzych's kind with one line for the length of the block."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as made:
        folder, command = Path(made) / "office", [str(Path(sysconfig.get_path("scripts")) / "rejent")]
        for arguments in (
            ["init", str(folder), "--regulation", "walbrzych-mops", "--test"],
            ["source", "add", str(folder), "--stream", "calls", "--name", "Switchboard", "--siprec",
             f"{HOST}:{SIPREC}", "--numbers", "+48 10 555"],
        ):  # fmt: skip
            subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)
        with (folder / "rejent.toml").open("a") as file:
            file.write(f"\n[calls]\nrtp_ports = [{FIRST_PORT}, {LAST_PORT}]\n")
        subprocess.run([*command, "keep", str(folder), "--once"], check=True, stdout=subprocess.DEVNULL)
        run = [*command, "run", str(folder), "--role", "recorder"]
        with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
            try:
                yield Program(folder, process)
            finally:
                process.terminate()
                process.wait(60)


async def opened(stack: AsyncExitStack, calls: int) -> tuple[list[RecordingSession], list[int], list[float]]:
    """Set up calls from outside; return sessions, ports to speak to, and seconds until each was answered."""
    clock, turns, over = SystemClock(), asyncio.Semaphore(AT_ONCE), asyncio.Event()

    async def one(number: int) -> tuple[RecordingSession, list[int], float]:
        """Set up the call of one caller in its turn."""
        session = await stack.enter_async_context(recording_session((HOST, SIPREC)))
        lines = "".join(
            f"m=audio {9000 + leg} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendonly\r\na=label:{leg}\r\n"
            for leg in (1, 2)
        )
        description = f"v=0\r\no=pbx 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n{lines}"
        speakers = (Speaker("1", f"+4810777{number:04d}"), Speaker("2", "+48105550100"))
        async with turns:
            begun = clock.monotonic()
            answer = await session.begin(speakers, description, clock, over)
            waited = clock.monotonic() - begun
        assert answer is not None
        assert answer.status == 200, f"answered {answer.status}"
        return session, [media.port for media in read_description(answer.body).media], waited

    done = await asyncio.gather(*(one(number) for number in range(calls)))
    return (
        [each for each, _, _ in done],
        [port for _, ports, _ in done for port in ports],
        [w for _, _, w in done],
    )


@dataclass(frozen=True)
class Measured:
    """Costs of the recorder.

    Attributes:
        speaking_s: CPU seconds a second while all speak.
        call_s: CPU seconds to begin, end and book one call.
        waits_s: until each INVITE was answered, in order.
    """

    speaking_s: float
    call_s: float
    sent: int
    waits_s: list[float]
    memory_mib: float
    files: int

    def calls_a_core(self, calls: int) -> float:
        """Return the number of calls of `LENGTH_S` one core sustains, their beginning and end included."""
        return 1 / (self.speaking_s / calls + self.call_s / LENGTH_S)


async def handed_over(office: Program, calls: int, seconds: float) -> Measured:
    """Set up so many calls, let all speak, end and book them."""
    async with AsyncExitStack() as stack:
        begun = office.cpu_s()
        sessions, ports, waits = await opened(stack, calls)
        await asyncio.sleep(3)  # what is undecided is decided
        before, clock = office.cpu_s(), time.monotonic()
        speaking = asyncio.get_running_loop().run_in_executor(None, send, ports, seconds)
        await asyncio.sleep(seconds / 2)
        memory, files = office.memory_mib(), office.files()
        sent = await speaking
        lasted, after = time.monotonic() - clock, office.cpu_s()
        await asyncio.gather(*(session.end() for session in sessions))
        ended = "SELECT count(*) FROM calls_call WHERE end IS NOT NULL"
        for _ in range(600):
            if office.rows(ended)[0][0] == calls:
                break
            await asyncio.sleep(0.1)
        assert office.rows(ended)[0][0] == calls, "not every call was booked"
        spent = (before - begun + office.cpu_s() - after) / calls
        return Measured((after - before) / lasted, spent, sent, sorted(waits), memory, files)


def main() -> int:
    """Print the capacity of the program; return 1 where it misses the limit or loses a packet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=MUST)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    allow_open_files()
    with program() as office:
        idle = office.memory_mib()
        did = asyncio.run(handed_over(office, given.calls, given.seconds))
        booked = office.rows("SELECT coalesce(sum(units), 0) FROM catalog_segment")[0][0]
        gaps = office.rows("SELECT count(*) FROM catalog_gap WHERE cause <> 'recorder-stopped'")[0][0]
    rate, lost = did.calls_a_core(given.calls), did.sent - booked
    row(f"calls a core, the whole program, {given.calls} at once", f"{rate:.0f}",
        f"{lost} of {did.sent} packets lost, {gaps} gaps; must {MUST}, goal {GOAL}; calls of {LENGTH_S:.0f} s")  # fmt: skip
    row("  while all speak", f"{given.calls / did.speaking_s:.0f}")
    row("  CPU to begin, end and book a call", f"{did.call_s * 1000:.1f} ms")
    middle, worst = did.waits_s[given.calls // 2] * 1000, did.waits_s[-1] * 1000
    row("INVITE answered, median / worst", f"{middle:.0f} / {worst:.0f} ms", f"{AT_ONCE} opened at one time")
    row(
        "memory of the recorder, idle / under these calls",
        f"{idle:.0f} / {did.memory_mib:.0f} MiB",
        f"{did.files} open files",
    )
    bare, missing, heard = measured("uvloop", given.calls, given.seconds)
    row(
        f"calls a core, bare uvloop, {given.calls} at once",
        f"{bare:.0f}",
        f"{missing} of {heard} packets lost",
    )
    return 0 if rate >= MUST and not lost and not gaps else 1


if __name__ == "__main__":
    sys.exit(main())
