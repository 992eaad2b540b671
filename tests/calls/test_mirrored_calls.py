"""The whole program records calls that it only sees: real telephones on a real switch, real packets at its mirror port."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.calls.exchange import Exchange, heard, key_of, until
from tests.calls.mirrored_network import Network, mirrored_network
from tests.calls.pbx import CLOCK, LASTING_MS
from tests.installation import CommandServer, another_office, running
from tests.networks import may_make_networks
from tests.waiting import CEILING_S

HANDED_OVER_WITHIN_S = 10.0
"""How late a busy machine may hand a packet to the recorder, and the second of a killed one's."""
pytestmark = [
    pytest.mark.sipp,
    pytest.mark.skipif(not may_make_networks(), reason="needs the right to make networks"),
]

OURS, ANOTHERS = "+48101230001", "+48109876543"
NAME = "Switchboard"
HEADER = 12


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    """Two telephones on a switch."""
    with mirrored_network() as made:
        yield made


@pytest.fixture(scope="module")
def exchange(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """The office at work behind the mirror port."""
    folder = tmp_path_factory.mktemp("mirrored")
    office = another_office(folder / "office", regulation="walbrzych-mops")
    command = CommandServer(office)
    line = ("--mirror", network.mirror, "--numbers", "+48 10 123")
    done = command("source add", "--stream", "calls", "--name", NAME, *line)
    assert done.status == 0, done
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        program.until("calls.watching")
        made = Exchange(office, program, command, 0, folder)
        until(lambda: made.state() == ("recording", ""))
        yield made


def speech(count: int) -> bytes:
    """So many packets of sound, no two of them alike."""
    return b"".join(bytes((number * 7 + place) & 0xFF for place in range(160)) for number in range(count))


@contextmanager
def judging(network: Network, capture: Path) -> Iterator[None]:
    """A stock program writes down what passes the mirror port, until the end of the block."""
    command = ["tshark", "-q", "-i", network.mirror, "-f", "udp", "-w", str(capture)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as judge:
        assert judge.stderr is not None
        while b"Capturing" not in judge.stderr.readline():
            pass
        until(lambda: capture.exists() and capture.stat().st_size)
        try:
            yield
        finally:
            judge.send_signal(signal.SIGINT)
            judge.stderr.read()


def judged(capture: Path, *more: str) -> list[str]:
    """A line for each packet of speech that the stock program saw."""
    command = ["tshark", "-r", str(capture), "-d", "udp.port==1024-65535,rtp", "-Y", "rtp.p_type==8", *more]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()


def test_a_call_on_a_switch_is_kept_bit_by_bit(exchange: Exchange, network: Network, tmp_path: Path) -> None:
    """Both voices lie in one object as the telephones sent them, as many packets as a stock program counts at the same port.

    The INVITE outgrows a frame, so that it comes in fragments.
    """
    said, capture = speech(60), tmp_path / "judge.pcap"
    calling = partial(network.calling, tmp_path, said, (ANOTHERS, OURS), 1600)
    with judging(network, capture), network.answering(tmp_path), calling() as caller:
        assert caller.wait(CEILING_S) == 0
    (entered,) = exchange.ended(1)
    assert entered[:4] == ("incoming", ANOTHERS, OURS, "bye")
    stored = until(exchange.objects)[-1]
    reader = exchange.opened(stored["path"], key_of(exchange))
    voices = [heard(reader, leg) for leg in (0, 1)]
    assert b"".join(each[HEADER:] for each in voices[0]) == said
    assert voices[1] == voices[0][: len(voices[1])]
    assert sum(map(len, voices)) == len(judged(capture))
    assert reader.manifest is not None
    assert [leg["lost"] for leg in reader.manifest["legs"]] == [0, 0]
    assert [message.content.split(b" ")[0] for message in reader.messages()][:1] == [b"INVITE"]


def test_a_call_out_of_scope_leaves_nothing(exchange: Exchange, network: Network, tmp_path: Path) -> None:
    """Where only calls from outside are recorded, one to the outside leaves no object, no row and no file."""
    before = (exchange.objects(), exchange.rows("SELECT count(*) FROM calls_call"))
    with network.answering(tmp_path), network.calling(tmp_path, speech(5), (OURS, ANOTHERS), 300) as calling:
        assert calling.wait(CEILING_S) == 0
    exchange.program.until("call.out-of-scope")
    assert (exchange.objects(), exchange.rows("SELECT count(*) FROM calls_call")) == before
    vault = exchange.office.directory / "vault"
    assert not [path for path in vault.rglob("*") if path.suffix in {".part", ".tail"}]


def test_a_killed_recorder_leaves_a_call_that_is_whole(
    exchange: Exchange, network: Network, tmp_path: Path
) -> None:
    """After `kill -9` in mid-call a keeper makes the object whole: all but its last moment is there, and the call ends there."""
    known, capture = {each["path"] for each in exchange.objects()}, tmp_path / "judge.pcap"
    calling = partial(network.calling, tmp_path, speech(6000), (ANOTHERS, OURS), LASTING_MS)
    with judging(network, capture), network.answering(tmp_path), calling() as caller:
        until(lambda: capture.exists() and capture.stat().st_size > 30_000)
        started = [each for each in exchange.program.events if each.get("event") == "process.started"]
        killed = CLOCK.now().timestamp()
        os.kill(int(started[-1]["pid"]), signal.SIGKILL)
        exchange.program.until("calls.watching")
        caller.kill()
    until(lambda: {each["path"] for each in exchange.objects()} - known)
    assert exchange.command("keep", "--once").status == 0
    reader = exchange.opened(exchange.objects()[-1]["path"], key_of(exchange))
    seen = [float(each) for each in judged(capture, "-T", "fields", "-e", "frame.time_epoch")]
    kept = len(list(reader.packets()))
    assert kept == len([each for each in seen if each <= seen[kept - 1]])
    assert killed - seen[kept] <= HANDED_OVER_WITHIN_S
    ended = until(lambda: [row for row in exchange.ended(1) if row[4] == reader.call])
    assert ended[0][:4] == ("incoming", ANOTHERS, OURS, "recorder-stopped")
    assert exchange.command("fsck").out == "Clean.\n"
