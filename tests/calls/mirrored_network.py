"""Two telephones in network namespaces of their own, on a switch that shows everything at a mirror port: real packets, real SIP."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import CEILING_S

CALLER, CALLED = "10.99.0.1", "10.99.0.2"
SCENARIOS = Path(__file__).parent / "sipp"


@dataclass(frozen=True)
class Network:
    """The namespaces, and the interface at which copies arrive."""

    caller: str
    called: str
    mirror: str

    def start(self, namespace: str, folder: Path, *command: str) -> "subprocess.Popen[bytes]":
        """Run a program at one telephone; what it says lies in the folder."""
        with (folder / f"{namespace}.out").open("wb") as out:
            return subprocess.Popen(
                ["ip", "netns", "exec", namespace, *command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    @contextmanager
    def answering(self, folder: Path) -> Iterator[None]:
        """The called telephone: takes calls and sends back what it hears, until the end of the block."""
        command = ("sipp", "-sn", "uas", "-i", CALLED, "-mi", CALLED, "-rtp_echo", "-nostdin")
        with self.start(self.called, folder, *command) as answering:
            try:
                yield
            finally:
                answering.kill()

    def calling(
        self, folder: Path, speech: bytes, numbers: tuple[str, str], lasts: int
    ) -> "subprocess.Popen[bytes]":
        """The calling telephone: says its piece, then hangs up after so many milliseconds in all."""
        (folder / "speech.al").write_bytes(speech)
        return self.start(
            self.caller, folder, "sipp", CALLED, "-i", CALLER, "-mi", CALLER, "-sf", str(SCENARIOS / "mirror_caller.xml"),
            "-m", "1", "-d", str(lasts), "-key", "caller", numbers[0], "-key", "called", numbers[1], "-nostdin", "-timeout", f"{CEILING_S + lasts / 1000:.0f}s",
        )  # fmt: skip


@contextmanager
def mirrored_network() -> Iterator[Network]:
    """A network until the end of the block. The switch knows no address, so that every frame goes out at every port."""
    number = os.getpid() % 100_000
    switch, caller, called = (f"rj{part}{number}" for part in ("s", "a", "b"))
    mirror = f"rjm{number}"
    try:
        for namespace in (switch, caller, called):
            _ip("netns", "add", namespace)
            _ip("-n", namespace, "link", "set", "lo", "up")
        _ip("-n", switch, "link", "add", "br0", "type", "bridge", "ageing_time", "0", "mcast_snooping", "0")
        _ip("-n", switch, "link", "set", "br0", "up")
        for namespace, address in ((caller, CALLER), (called, CALLED)):
            _ip(
                "-n",
                namespace,
                "link",
                "add",
                "eth0",
                "type",
                "veth",
                "peer",
                "name",
                namespace,
                "netns",
                switch,
            )
            _ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
            _ip("-n", namespace, "link", "set", "eth0", "up")
        _ip("link", "add", mirror, "type", "veth", "peer", "name", mirror, "netns", switch)
        _ip("link", "set", mirror, "up")
        for port in (caller, called, mirror):
            _ip("-n", switch, "link", "set", port, "master", "br0", "up")
        yield Network(caller, called, mirror)
    finally:
        for namespace in (switch, caller, called):
            subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
