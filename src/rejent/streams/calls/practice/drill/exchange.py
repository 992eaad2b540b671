"""Errors of drills."""

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rejent.kernel.errors import RejentError
from rejent.streams.calls.practice.drill.measurements import Placed, read_times
from rejent.streams.calls.practice.rtpengine import encoded
from rejent.streams.calls.practice.voice import conversation


class DrillError(RejentError, code="calls.drill"):
    """A drill cannot be run, or did not complete."""


PORTS = (30_000, 31_999)
"""For media: above the recorder's, below Linux's ephemeral ports."""
_ASKED = 100
_PATIENCE_S = 0.1
HOST = "127.0.0.1"
PACKAGES = {"kamailio": "kamailio", "sipp": "sip-tester"}
RELAY = "rtpengine"
RELAY_PACKAGE = "rtpengine-daemon"
_PLACES = "/usr/local/sbin:/usr/sbin:/sbin"
_HERE = files("rejent.streams.calls.practice.drill")
_STARTED_WITHIN_S = 10.0
_SPOKEN_S = 10.0
_ENDED_WITHIN_S = 60.0


def find_programs(*, relay: bool | None = None) -> dict[str, str]:
    """Return the paths of the drill's programs, rtpengine where installed unless required; DrillError names missing packages."""
    path = f"{os.environ.get('PATH', os.defpath)}:{_PLACES}"
    packages = PACKAGES if relay is False else {**PACKAGES, RELAY: RELAY_PACKAGE}
    found = {name: shutil.which(name, path=path) for name in packages}
    if relay is None and found[RELAY] is None:
        del found[RELAY]
    missing = [packages[name] for name, place in found.items() if place is None]
    if missing:
        raise DrillError(
            "Programs of the drill are not installed.",
            advice="Install them: apt install {packages}",
            packages=" ".join(missing),
        )
    return {name: place for name, place in found.items() if place is not None}


def proxy_configuration() -> str:
    """Return the configuration of the drill's Kamailio."""
    return _HERE.joinpath("kamailio.cfg").read_text(encoding="utf-8")


def configuration_digest() -> str:
    """Return its SHA-256 in hexadecimal."""
    return hashlib.sha256(proxy_configuration().encode()).hexdigest()


@dataclass(slots=True)
class Calling:
    """Calls in progress."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    calls: int
    lasts_s: float

    def done(self) -> Placed:
        """Wait until all are over."""
        try:
            self.process.wait(self.lasts_s + _ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait()
        times = [path.read_text() for path in self.folder.glob("*_rtt.csv")]
        return read_times("\n".join(times), self.calls)


@dataclass(slots=True)
class Exchange:
    """A proxy with an answering party."""

    programs: dict[str, str]
    folder: Path
    proxy: int
    speech: Path | None = None
    _placed: int = 0

    def place(self, numbers: tuple[str, str], calls: int, over_s: float, lasts_s: float) -> Calling:
        """Start placing ``calls``, spread over ``over_s`` seconds, of ``lasts_s`` each."""
        self._placed += 1
        folder = self.folder / f"calls-{self._placed}"
        folder.mkdir()
        command = [
            self.programs["sipp"], f"{HOST}:{self.proxy}", "-sf", self._caller(folder),
            "-i", HOST, "-mi", HOST, "-p", str(free_port()),
            "-m", str(calls), "-r", str(calls), "-rp", str(int(over_s * 1000)), "-d", str(int(lasts_s * 1000)),
            "-key", "caller", numbers[0], "-key", "called", numbers[1],
            "-trace_rtt", "-rtt_freq", "1", "-nostdin", "-mp", str(free_port()),
            "-timeout", f"{int(over_s + lasts_s + _ENDED_WITHIN_S)}s",
        ]  # fmt: skip
        return Calling(_started(command, folder), folder, calls, over_s + lasts_s)

    def _caller(self, folder: Path) -> str:
        """Write the caller's scenario; where media is relayed it sends speech, which the called party echoes."""
        scenario = _HERE.joinpath("caller.xml").read_text(encoding="utf-8")
        if self.speech is not None:
            speaks = f'<nop><action><exec rtp_stream="{self.speech},-1,8"/></action></nop>'
            scenario = scenario.replace("<pause/>", f"{speaks}<pause/>").replace(
                "[media_port]", "[rtpstream_audio_port]"
            )
        made = folder / "caller.xml"
        made.write_text(scenario, encoding="utf-8")
        return str(made)


@contextmanager
def exchange(programs: dict[str, str], copies_to: int, orders: int | None = None) -> Iterator[Exchange]:
    """Run an exchange; DrillError where it does not start. ``orders`` is rtpengine's ng port, if it relays media."""
    with tempfile.TemporaryDirectory(prefix="rejent-drill-") as made, ExitStack() as running:
        folder = Path(made)
        proxy, called = free_port(), free_port()

        def start(name: str, command: Sequence[str]) -> None:
            own = folder / name
            own.mkdir()
            running.enter_context(_ending(_started(command, own)))

        speech = None
        if orders is not None:
            start("relay", relay_command(programs[RELAY], HOST, orders, folder))
            await_relay(HOST, orders)
            speech = folder / "speech.al"
            speech.write_bytes(conversation(_SPOKEN_S, 1)[0])
        start("proxy", _proxy(programs["kamailio"], folder, (proxy, called, copies_to), orders))
        start("called", _called(programs["sipp"], called))
        _await_proxy(proxy)
        yield Exchange(programs, folder, proxy, speech)


def free_port() -> int:
    """Return a free UDP port of loopback."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _proxy(program: str, folder: Path, ports: tuple[int, int, int], orders: int | None) -> list[str]:
    proxy, called, copies_to = ports
    engine = [] if orders is None else ["-A", f'ENGINE="udp:{HOST}:{orders}"']
    configuration = folder / "kamailio.cfg"
    configuration.write_text(proxy_configuration(), encoding="utf-8")
    return [
        program, "-DD", "-E", "-f", str(configuration), "-Y", str(folder), "-m", "32", "-M", "4",
        "-A", f"PROXY=udp:{HOST}:{proxy}", "-A", f'CALLED="sip:{HOST}:{called}"', "-A", f'COPIES="sip:{HOST}:{copies_to}"',
        *engine,
    ]  # fmt: skip


def _called(program: str, port: int) -> list[str]:
    return [
        program,
        "-sf",
        str(_HERE / "called.xml"),
        "-i",
        HOST,
        "-mi",
        HOST,
        "-p",
        str(port),
        "-mp",
        str(free_port()),
        "-rtp_echo",
        "-nostdin",
    ]


def _started(command: Sequence[str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "out").open("wb") as out:
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


@contextmanager
def _ending(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_STARTED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_proxy(port: int) -> None:
    question = (
        f"OPTIONS sip:{HOST}:{port} SIP/2.0\r\nVia: SIP/2.0/UDP {HOST};rport;branch=z9hG4bKdrill\r\n"
        f"Max-Forwards: 1\r\nFrom: <sip:drill@{HOST}>;tag=1\r\nTo: <sip:{HOST}>\r\nCall-ID: drill\r\n"
        "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.connect((HOST, port))
        asking.settimeout(0.1)
        for _ in range(int(_STARTED_WITHIN_S / 0.1)):
            try:
                asking.send(question.encode())
                asking.recv(4096)
            except TimeoutError:
                continue
            except ConnectionRefusedError:
                _pause(asking)
                continue
            return
    raise DrillError("The drill's Kamailio does not start.", advice="See whether kamailio starts by itself.")


def _pause(asking: socket.socket) -> None:
    try:
        asking.recv(4096)
    except OSError:
        return


def relay_command(program: str, host: str, orders: int, folder: Path) -> list[str]:
    """Return the command that starts rtpengine at a loopback address, with ``orders`` as the port of its ng protocol."""
    return [
        program, "--config-file=none", "--table=-1", f"--interface={host}", f"--listen-ng={host}:{orders}",
        f"--port-min={PORTS[0]}", f"--port-max={PORTS[1]}", "--foreground", "--log-stderr", "--log-level=4",
        f"--pidfile={folder / 'pid'}",
    ]  # fmt: skip


def await_relay(host: str, orders: int) -> None:
    """Wait until it responds, as a proxy disables a silent rtpengine for minutes; DrillError where it does not."""
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(_PATIENCE_S)
        for _ in range(_ASKED):
            asking.sendto(b"drill " + encoded({"command": "ping"}), (host, orders))
            try:
                asking.recv(4096)
            except TimeoutError:
                continue
            return
    raise DrillError("The drill's rtpengine does not start.", advice="Hold the drill with --no-relay.")
