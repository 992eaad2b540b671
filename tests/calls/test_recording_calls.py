"""The whole program records calls that a real SIP implementation hands over: bit by bit, or not at all."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from rejent.capture.calls.recording.reader import CallReader
from rejent.kernel.clock import civil_date
from tests.calls.pbx import CLOCK, HOST, Call
from tests.installation import CommandServer, Office, RunningProgram, command_server, new_office, running

pytestmark = pytest.mark.sipp

OURS, ANOTHERS = "+48748410001", "+48600100200"
NAME = "Switchboard"
LOOKS = 200
"""How often it is looked for what must come, a twentieth of a second or more apart."""
Found = TypeVar("Found")


def free_ports(count: int) -> int:
    """The first of so many ports in a row, for which nobody listens."""
    for first in range(21_000, 60_000, count):
        sockets = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(count)]
        try:
            for number, each in enumerate(sockets):
                each.bind((HOST, first + number))
        except OSError:
            continue
        else:
            return first
        finally:
            for each in sockets:
                each.close()
    raise AssertionError("no ports are free")


def until(look: Callable[[], Found]) -> Found:
    """What is seen once there is something to see."""
    wait = threading.Event()
    for _ in range(LOOKS):
        if found := look():
            return found
        wait.wait(0.05)
    raise AssertionError("what was waited for never came")


@dataclass
class Exchange:
    """An office that records calls from outside, its running recorder and its PBX."""

    office: Office
    program: RunningProgram
    command: CommandServer
    port: int
    folder: Path
    calls: int = 0

    def call(self, caller: str, called: str, lasts: int = 800, transport: str = "t1") -> Call:
        """The PBX hands a call over."""
        self.calls += 1
        return Call(self.port, self.folder / f"call-{self.calls}", (caller, called), lasts, transport)

    def json(self, command: str, *arguments: str) -> Any:
        """What a command that must succeed prints."""
        done = self.command(command, *arguments, "--json")
        assert done.status == 0, done
        return done.json

    def objects(self) -> list[dict[str, Any]]:
        """What lies in the vault of the line."""
        day = CLOCK.now()
        told = [(day + timedelta(days=step)).isoformat() for step in (-1, 1)]
        found: list[dict[str, Any]] = self.json(
            "objects", "--source", NAME, "--from", told[0], "--to", told[1]
        )
        return found

    def state(self) -> tuple[Any, ...]:
        """How the line fares, as its recorder said last."""
        said = self.rows("SELECT state, cause FROM catalog_sourcehealth")
        return said[0] if said else ("", "")

    def gaps(self) -> list[str]:
        """The causes of the line's gaps."""
        return [gap["cause"] for gap in self.json("gaps", "--source", NAME)]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the catalogue."""
        with sqlite3.connect(self.office.directory / "catalog" / "catalog.db") as base:
            return base.execute(query).fetchall()

    def ended(self, count: int) -> list[tuple[Any, ...]]:
        """The calls, once so many have ended."""
        query = "SELECT direction, caller, called, ended_by, id FROM catalog_call WHERE end IS NOT NULL ORDER BY start"
        return until(lambda: found if len(found := self.rows(query)) >= count else [])

    def opened(self, path: str, key: Path) -> CallReader:
        """An object, opened with the stock program."""
        plain = self.folder / "plain.mka"
        subprocess.run(["age", "-d", "-i", str(key), "-o", str(plain), path], check=True)
        return CallReader(plain.read_bytes())


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """The exchange at work; no keeper runs beside, so that the tests say when it does its round."""
    folder = tmp_path_factory.mktemp("exchange")
    office = new_office(folder / "office", regulation="walbrzych-mops")
    first = free_ports(42)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 2}, {first + 41}]\n")
    with command_server(office) as command:
        siprec = f"{HOST}:{first}"
        done = command(
            "source add", "--stream", "calls", "--name", NAME, "--siprec", siprec, "--numbers", "+48 74 841"
        )
        assert done.status == 0, done
        assert command("keep", "--once").status == 0
        with running(office, "--role", "recorder") as program:
            program.until("calls.listening")
            made = Exchange(office, program, command, first, folder)
            until(lambda: made.state() == ("recording", ""))
            yield made


def heard(reader: CallReader, leg: int) -> list[bytes]:
    """The datagrams of a leg, as they came."""
    return [each.datagram for each in reader.packets() if each.leg == leg]


def key_of(exchange: Exchange) -> Path:
    """The key of today's calls, disclosed."""
    day = civil_date(CLOCK.now()).isoformat()
    told = exchange.command("keys disclose", "--source", NAME, "--date", day, "--purpose", "a test")
    assert told.status == 0, told
    file = exchange.folder / "key"
    file.write_text(told.out)
    return file


def test_a_call_is_kept_bit_by_bit(exchange: Exchange) -> None:
    """Every packet of both parties lies in one object that stock programs open, under numbers in one spelling."""
    known = len(exchange.objects())
    call = exchange.call("sip:600-100-200@pbx.example.org", "tel:+48748410001").answered()
    assert call.ended()
    (entered,) = [row for row in exchange.ended(1) if row[3] == "bye"]
    assert entered[:3] == ("incoming", ANOTHERS, OURS)
    until(lambda: len(exchange.objects()) > known)
    stored = exchange.objects()[-1]
    reader = exchange.opened(stored["path"], key_of(exchange))
    assert reader.call == entered[4]
    assert [heard(reader, leg) for leg in (0, 1)] == [[each for each, _ in leg.sent] for leg in call.legs]
    assert [message.content.split()[0] for message in reader.messages()] == [b"INVITE", b"BYE"]
    probe = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(exchange.folder / "plain.mka")]
    streams = json.loads(subprocess.run(probe, check=True, stdout=subprocess.PIPE).stdout)["streams"]
    assert [each["codec_name"] for each in streams[:2]] == ["pcm_alaw"] * 2
    (line,) = exchange.json("status")["sources"]
    assert (line["name"], line["state"], line["cause"]) == (NAME, "recording", "")


def test_a_call_out_of_scope_leaves_nothing(exchange: Exchange) -> None:
    """Where only calls from outside are recorded, one to the outside and one within the office are declined."""
    before = (exchange.objects(), exchange.rows("SELECT count(*) FROM catalog_call"))
    assert exchange.call(OURS, ANOTHERS).refused(603)
    assert exchange.call(OURS, "+48748410002").refused(603)
    assert (exchange.objects(), exchange.rows("SELECT count(*) FROM catalog_call")) == before
    vault = exchange.office.directory / "vault"
    assert not [path for path in vault.rglob("*") if path.suffix in {".part", ".tail"}]


def test_a_killed_recorder_loses_less_than_a_second(exchange: Exchange) -> None:
    """After `kill -9` in mid-call a keeper makes the object whole; call and gap end and begin where it does."""
    known = {each["path"] for each in exchange.objects()}
    call = exchange.call(ANOTHERS, OURS, lasts=20_000, transport="u1").answered()
    call.await_packets(150)
    pid = _process(exchange.program)
    killed = CLOCK.now()
    os.kill(pid, signal.SIGKILL)
    exchange.program.until("calls.listening")
    call.abandon()
    until(lambda: {each["path"] for each in exchange.objects()} - known)
    assert exchange.command("keep", "--once").status == 0
    stored = exchange.objects()[-1]
    reader = exchange.opened(stored["path"], key_of(exchange))
    for number, leg in enumerate(call.legs):
        kept = heard(reader, number)
        assert kept == [each for each, _ in leg.sent[: len(kept)]]
        assert killed - leg.sent[len(kept)][1] <= timedelta(seconds=1)
    ended = until(lambda: [row for row in exchange.ended(1) if row[4] == reader.call])
    assert ended[0][:4] == ("incoming", ANOTHERS, OURS, "recorder-stopped")
    gap = exchange.json("gaps", "--source", NAME)[-1]
    assert (gap["cause"], gap["start"]) == ("recorder-stopped", stored["end"])
    assert exchange.command("fsck").out == "Clean.\n"


def test_a_store_that_is_gone_refuses_new_calls_and_resumes(exchange: Exchange) -> None:
    """While the store is gone new calls are told 503 and when to come back; the call under way goes on once it is there again.

    What it had before is booked when the recorder starts next.
    """
    known = len(exchange.objects())
    vault = exchange.office.directory / "vault"
    gone = vault.with_name("gone")
    call = exchange.call(ANOTHERS, OURS, lasts=20_000).answered()
    call.await_packets(120)
    vault.rename(gone)
    until(lambda: exchange.state() == ("stopped", "storage-failed"))
    assert exchange.call(ANOTHERS, OURS).refused(503)
    call.await_packets(100)
    gone.rename(vault)
    until(lambda: exchange.state() == ("recording", ""))
    assert call.ended()
    until(lambda: len(exchange.objects()) == known + 1)
    assert exchange.gaps()[-1] == "storage-failed"
    os.kill(_process(exchange.program), signal.SIGKILL)
    exchange.program.until("calls.listening")
    until(lambda: len(exchange.objects()) == known + 2)
    assert exchange.command("keep", "--once").status == 0
    assert exchange.command("fsck").out == "Clean.\n"


def _process(program: RunningProgram) -> int:
    """The recorder of calls that runs now."""
    started = [each for each in program.events if each.get("event") == "process.started"]
    return int([each for each in started if each["process"] == "calls"][-1]["pid"])
