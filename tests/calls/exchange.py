"""An office whose recorder takes calls of a real SIP implementation, as tests of calls share it."""

import json
import os
import socket
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from rejent.formats.matroska.reader import CallReader
from rejent.kernel.clock import civil_date
from tests.calls.pbx import CLOCK, HOST, Call
from tests.installation import CommandServer, Office, RunningProgram
from tests.waiting import until

OURS, ANOTHERS = "+48748410001", "+48600100200"
NAME = "Switchboard"
TRIES = 400
LOWEST, HIGHEST = 20_000, 32_000
"""Below the ports that Linux gives to outgoing connections."""
_taken = count(1)


def free_ports(wanted: int) -> int:
    """The first of so many ports in a row, for which nobody listens; others that run tests at the same time begin elsewhere."""
    for _ in range(TRIES):
        first = LOWEST + (os.getpid() * 212 + next(_taken) * 102) % (HIGHEST - LOWEST - wanted)
        sockets = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(wanted)]
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

    def changed(self, *how: str) -> None:
        """Change the line, and wait until its recorder knows."""
        assert self.command("source change", "--name", NAME, *how).status == 0
        self.program.until("calls.listening")

    def entered(self, act: str) -> dict[str, Any]:
        """What the ledger holds of the last act of this name."""
        query = f"SELECT facts FROM registers_entry WHERE act = '{act}' ORDER BY \"index\" DESC LIMIT 1"  # noqa: S608 - of ours
        facts: dict[str, Any] = json.loads(until(lambda: self.rows(query))[0][0])
        return facts

    def unfinished(self) -> list[Path]:
        """What lies in the vault and is no object."""
        return [
            path for path in (self.office.directory / "vault").rglob("*") if path.suffix in {".part", ".tail"}
        ]

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
        query = "SELECT direction, caller, called, ended_by, id FROM calls_call WHERE end IS NOT NULL ORDER BY start"
        return until(lambda: found if len(found := self.rows(query)) >= count else [])

    def opened(self, path: str, key: Path) -> CallReader:
        """An object, opened with the stock program."""
        plain = self.folder / "plain.mka"
        subprocess.run(["age", "-d", "-i", str(key), "-o", str(plain), path], check=True)
        return CallReader(plain.read_bytes())


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


def recorder_of(program: RunningProgram) -> int:
    """The recorder of calls that runs now."""
    started = [each for each in program.events if each.get("event") == "process.started"]
    return int([each for each in started if each["process"] == "calls"][-1]["pid"])
