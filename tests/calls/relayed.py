"""Real telephones whose speech a real relay forks: baresip calls baresip through Kamailio and rtpengine; tshark looks on."""

import os
import select
import socket
import subprocess
import wave
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from rejent.formats.sound.g711 import A_SAMPLES
from rejent.streams.calls.practice.rtpengine import encoded
from rejent.streams.calls.practice.voice import conversation
from tests.waiting import CEILING_S, until

HOST = "127.0.0.1"
CONFIGURATION = Path(str(files("rejent.streams.calls.practice.drill").joinpath("kamailio.cfg")))
SPOKEN_S = 3.0
PORTS = 80
"""So many in a row are taken."""
_TELEPHONE = """
audio_source aufile,{sound}
audio_player aubridge,nil
audio_alert aubridge,nil
ausrc_srate 8000
auplay_srate 8000
sip_listen {host}:{port}
rtp_ports {first}-{last}
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module uuid.so
module account.so
module menu.so
"""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of speech as tshark read it."""

    port: int
    ssrc: int
    sequence: int
    payload: bytes


@dataclass(slots=True)
class Telephones:
    """Two telephones, the proxy between them, and the relay of what they say.

    Args:
        folder: for what the programs read and write.
        first: the first of `PORTS` free ports in a row.
        copies: where the proxy sends a copy of every message.
        called: the number of the one that answers.
    """

    folder: Path
    first: int
    copies: int
    called: str

    @property
    def engine(self) -> tuple[str, int]:
        """Where the relay takes orders."""
        return HOST, self.first + 1

    @contextmanager
    def running(self) -> Iterator["Telephones"]:
        """Everything but the one who calls."""
        answers = self.first + 10
        relay = [
            "rtpengine", "--config-file=none", "--table=-1", f"--interface={HOST}", f"--listen-ng={HOST}:{self.engine[1]}",
            f"--port-min={self.first + 40}", f"--port-max={self.first + PORTS - 1}", "--foreground", "--log-stderr",
            "--log-level=4", f"--pidfile={self.folder / 'relay.pid'}",
        ]  # fmt: skip
        proxy = [
            "kamailio", "-DD", "-E", "-f", str(CONFIGURATION), "-Y", str(self.folder), "-m", "32", "-M", "4",
            "-A", f"PROXY=udp:{HOST}:{self.first}", "-A", f'CALLED="sip:{HOST}:{answers}"',
            "-A", f'COPIES="sip:{HOST}:{self.copies}"', "-A", f'ENGINE="udp:{self.engine[0]}:{self.engine[1]}"',
        ]  # fmt: skip
        with ExitStack() as stack:
            stack.enter_context(running(relay))
            until_answered(self.engine, b"ping " + encoded({"command": "ping"}))
            stack.enter_context(running(proxy))
            until_answered((HOST, self.first), _options(self.first))
            called = self._telephone(
                "called", answers, f"{self.called}@{HOST}:{answers};transport=udp", "answermode=auto"
            )
            until_said(stack.enter_context(running(called)), b"baresip is ready.")
            yield self

    def call(self, caller: str) -> None:
        """One telephone calls the other; both speak until all is said, and hang up."""
        own = self._telephone("caller", self.first + 20, f"{caller}@{HOST}:{self.first};transport=udp")
        with running([*own, "-e", f"/dial sip:{self.called}@{HOST}:{self.first}"]) as talking:
            until_said(talking, b"terminated (duration")

    def _telephone(self, name: str, port: int, account: str, *parameters: str) -> list[str]:
        folder = self.folder / name
        folder.mkdir()
        sound = folder / "sound.wav"
        with wave.open(str(sound), "wb") as spoken:
            spoken.setnchannels(1)
            spoken.setsampwidth(2)
            spoken.setframerate(8000)
            leg = conversation(SPOKEN_S, port)[0]
            spoken.writeframes(b"".join(A_SAMPLES[code].to_bytes(2, "little", signed=True) for code in leg))
        told = _TELEPHONE.format(sound=sound, host=HOST, port=port, first=port + 2, last=port + 9)
        (folder / "config").write_text(told)
        (folder / "accounts").write_text(";".join([f"<sip:{account}>", "regint=0", *parameters]) + "\n")
        return ["stdbuf", "-o0", "baresip", "-4", "-f", str(folder), "-n", HOST]


@contextmanager
def running(command: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A program, until the end of the block."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=CEILING_S)


def until_said(process: "subprocess.Popen[bytes]", words: bytes) -> None:
    """Wait until a program says something."""
    said = b""
    assert process.stdout is not None
    while words not in said:
        assert select.select([process.stdout], [], [], CEILING_S)[0], said[-600:]
        more = os.read(process.stdout.fileno(), 4096)
        assert more, said
        said += more


def until_answered(address: tuple[str, int], question: bytes) -> None:
    """Ask again and again until somebody answers."""
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.5)
        asking.connect(address)

        def answered() -> bytes:
            with suppress(OSError):
                asking.send(question)
                return asking.recv(4096)
            return b""

        until(answered)


@contextmanager
def watched(ports: tuple[int, int], file: Path) -> Iterator[None]:
    """Let tshark write down what goes to these ports of loopback."""
    command = ["tshark", "-i", "lo", "-w", str(file), "-f", f"udp dst portrange {ports[0]}-{ports[1]}", "-l"]
    with running(command) as looking:
        until_said(looking, b"Capturing on")
        until(lambda: file.exists() and file.stat().st_size)
        yield


def packets(file: Path) -> list[Packet]:
    """The packets of speech in what was written down, in the order of arrival."""
    fields = ("udp.dstport", "rtp.ssrc", "rtp.seq", "rtp.payload")
    command = [
        "tshark",
        "-r",
        str(file),
        "--enable-heuristic",
        "rtp_udp",
        "-Y",
        "rtp.payload",
        "-T",
        "fields",
    ]
    for field in fields:
        command += ["-e", field]
    told = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ).stdout
    rows = [line.split("\t") for line in told.splitlines()]
    return [
        Packet(int(row[0]), int(row[1], 16), int(row[2]), bytes.fromhex(row[3].replace(":", "")))
        for row in rows
    ]


def _options(port: int) -> bytes:
    lines = [
        f"OPTIONS sip:{HOST}:{port} SIP/2.0", f"Via: SIP/2.0/UDP {HOST};rport;branch=z9hG4bKtest", "Max-Forwards: 1",
        f"From: <sip:test@{HOST}>;tag=1", f"To: <sip:{HOST}>", "Call-ID: test", "CSeq: 1 OPTIONS", "Content-Length: 0",
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()
