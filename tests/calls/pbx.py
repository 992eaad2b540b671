"""A PBX that hands calls over: Debian's sipp for the signalling, and speech from sockets of its own."""

import socket
import subprocess
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rejent.kernel.clock import SystemClock
from tests.unit.streams_calls.rtp_legs import packet
from tests.waiting import CEILING_S, until

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).parent / "sipp"
CLOCK = SystemClock()
PACE_S = 0.01
LASTING_MS = 900_000
"""Of a call that goes on until it is given up."""


@dataclass
class Leg:
    """One party's speech: every packet is remembered as it was sent, with the moment."""

    ssrc: int
    sent: list[tuple[bytes, datetime]] = field(default_factory=list)
    pressed: int | None = None
    """The digit whose key is pressed in the next packet (RFC 4733 §2.3)."""

    def say(self, to: tuple[str, int], out: socket.socket) -> None:
        """Send the next packet."""
        number = len(self.sent)
        payload = bytes((self.ssrc + number + place) & 0xFF for place in range(160))
        datagram = packet(number, 160 * number, ssrc=self.ssrc, payload=payload)
        if self.pressed is not None:
            event = bytes((self.pressed, 10, 0, 160))
            datagram = packet(number, 160 * number, ssrc=self.ssrc, payload=event, kind=101)
            self.pressed = None
        out.sendto(datagram, to)
        self.sent.append((datagram, CLOCK.now()))


class Call:
    """One call that sipp hands over; two parties speak from when it is answered until they are told to be silent.

    Args:
        port: where the recorder listens.
        folder: of this call alone, for what sipp writes.
        parties: the numbers of the two, the caller's first.
        lasts: milliseconds until it ends by BYE.
        transport: as sipp names it: ``u1``, ``t1``.
    """

    def __init__(
        self, port: int, folder: Path, parties: tuple[str, str], lasts: int = 800, transport: str = "t1"
    ) -> None:
        folder.mkdir()
        self.legs = (Leg(0x1000), Leg(0x2000))
        self._answer = folder / "ports"
        command = [
            "sipp", f"{HOST}:{port}", "-i", HOST, "-sf", str(SCENARIOS / "call.xml"), "-t", transport, "-m", "1",
            "-d", str(lasts), "-key", "caller", parties[0], "-key", "called", parties[1], "-nostdin", "-timeout", f"{CEILING_S + lasts / 1000:.0f}s",
        ]  # fmt: skip
        with (folder / "out").open("wb") as out:
            self.process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
        self._silent = threading.Event()
        self._speaking = threading.Thread(target=self._speak, daemon=True)

    def answered(self) -> "Call":
        """Wait for the answer, and let both begin to speak."""
        self._ports = [int(part) for part in self._answered().split()]
        assert len(self._ports) == len(self.legs), f"refused with {self._ports}"
        self._speaking.start()
        return self

    def refused(self, status: int) -> bool:
        """Whether it was refused with this status, and nothing else came."""
        return self.process.wait(CEILING_S) == 0 and self._answered().strip() == str(status)

    def carried_out(self) -> int:
        """Let both speak to its end if it is answered; its status."""
        told = self._answered().strip()
        if " " not in told:
            assert self.refused(int(told))
            return int(told)
        assert self.answered().ended()
        return 200

    def told(self) -> str:
        """What it was told, once it is over."""
        self.process.wait(CEILING_S)
        return self._answered().strip()

    def hush(self) -> None:
        """Both are silent from now on."""
        self._silent.set()
        self._speaking.join()

    def ended(self) -> bool:
        """Wait for its end; whether all went as it should."""
        done = self.process.wait(CEILING_S) == 0
        self.hush()
        return done

    def abandon(self) -> None:
        """The PBX forgets the call."""
        self.hush()
        self.process.kill()
        self.process.wait()

    def await_packets(self, count: int) -> None:
        """Wait until both have sent so many more."""
        wanted = len(self.legs[1].sent) + count
        wait = threading.Event()
        while len(self.legs[1].sent) < wanted:
            wait.wait(PACE_S)

    def _answered(self) -> str:
        """What it was told; a process of sipp's own writes it, which may go on for a moment when sipp is gone."""
        until(self._answer.exists)
        return until(lambda: told if (told := self._answer.read_text()).endswith("\n") else "")

    def _speak(self) -> None:
        with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
            while not self._silent.wait(PACE_S):
                for leg, out, port in zip(self.legs, (one, two), self._ports, strict=True):
                    leg.say((HOST, port), out)
