"""The whole program takes over what a PBX recorded itself: byte by byte, once, whatever happens in between."""

import json
import os
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from rejent.kernel.clock import SystemClock, civil_date
from tests.calls.exchange import until
from tests.installation import CommandServer, Office, RunningProgram, another_office, running
from tests.unit.streams_calls_imported.pbx_sounds import coded, head, wav

NAME = "Registry office"
OURS, CALLER = "748410010", "103000200"
WARSAW = ZoneInfo("Europe/Warsaw")
CLOCK = SystemClock()


@dataclass
class Pbx:
    """A PBX that records into a folder and writes Asterisk's call records; and the office that takes them over."""

    office: Office
    program: RunningProgram
    command: CommandServer
    monitor: Path
    records: Path
    calls: int = 0

    def call(
        self,
        content: bytes,
        name: str = "",
        *,
        caller: str = CALLER,
        called: str = OURS,
        ago: timedelta = timedelta(minutes=5),
        seconds: int = 2,
    ) -> str:
        """A call that ended: its record, and its file. Gives the file's name."""
        self.calls += 1
        start = CLOCK.now() - ago
        unique = f"{start.timestamp():.0f}.{self.calls}"
        shown = start.astimezone(WARSAW)
        name = name or f"in-{called}-{caller}-{shown:%Y%m%d-%H%M%S}-{unique}.wav"
        self.record(shown, unique, name, called, caller, seconds=seconds)
        self.drop(name, content)
        return name

    def record(
        self,
        shown: datetime,
        unique: str,
        name: str,
        called: str = OURS,
        caller: str = CALLER,
        *,
        seconds: int = 2,
    ) -> None:
        """A row of cdr_csv."""
        told = f"{shown:%Y-%m-%d %H:%M:%S}"
        row = ["", caller, called, "from-trunk", f'"Fictional" <{caller}>', "PJSIP/1", "PJSIP/2", "Dial", "x", told, told, told, str(seconds), str(seconds), "ANSWERED", "DOCUMENTATION", unique, name]  # fmt: skip
        with self.records.open("a") as file:
            file.write(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) + "\n")

    def drop(self, name: str, content: bytes) -> Path:
        """The recording itself."""
        path = self.monitor / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the catalogue."""
        with sqlite3.connect(self.office.directory / "catalog" / "catalog.db") as base:
            return base.execute(query).fetchall()

    def files(self, state: str) -> list[tuple[Any, ...]]:
        """Names and causes of the files of a state."""
        return self.rows(f"SELECT name, cause FROM calls_pbxfile WHERE state = '{state}' ORDER BY id")  # noqa: S608 - of ours

    def imported(self, name: str) -> tuple[Any, ...]:
        """The call of a file, once it is taken over."""
        query = (
            "SELECT call.id, direction, caller, called, object_name, sha256 FROM calls_pbxfile file"  # noqa: S608 - of ours
            " JOIN calls_call call ON call.id = file.call_id JOIN catalog_segment segment ON segment.run = call.id"
            f" WHERE file.name = '{name.replace(chr(39), chr(39) * 2)}'"
        )
        return until(lambda: self.rows(query))[0]

    def pid(self) -> int:
        """The process that imports."""
        lock = self.office.directory / "run" / "process-import.lock"
        return int(until(lambda: lock.read_text() if lock.exists() else "").split()[0])


SAME, ONE_SIDED, PASSED_ON = wav(2, seed=30), wav(2, seed=40, silent_side=1), "passed-on.wav"
KEPT = wav(2, seed=1)
CUT = head(3200, 2) + wav(6, seed=50)[44:]
"""Six seconds of which the head tells a tenth of one; the exchange tells of ten minutes."""
TAKEN = [f"taken-{number}.mp3" for number in range(12)]
ODD = [
    "$(touch pwned);`id`&|<b>.wav",
    "zażółć gęślą.wav",
    "a'b\"c.wav",
    "tab\there.wav",
    "deep/er/" + "x" * 240 + ".wav",
]


@pytest.fixture(scope="module")
def pbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pbx]:
    """The PBX at work; no keeper runs beside, so that the tests say when it does its round."""
    folder = tmp_path_factory.mktemp("pbx")
    office = another_office(folder / "office", regulation="walbrzych-mops")
    monitor, records = folder / "monitor", folder / "cdr" / "Master.csv"
    monitor.mkdir()
    records.parent.mkdir()
    records.touch()
    command = CommandServer(office)
    done = command(
        "source add", "--stream", "calls", "--name", NAME, "--folder", monitor, "--records", records,
        "--format", "asterisk", "--numbers", "+48 74 841",
    )  # fmt: skip
    assert done.status == 0, done
    assert command("keep", "--once").status == 0
    with running(office, "--role", "recorder") as program:
        program.until("process.started", process="import")
        made = Pbx(office, program, command, monitor, records)
        a_day_of(made)
        yield made


def a_day_of(pbx: Pbx) -> None:
    """What the PBX leaves while the program runs: calls as they should be, and everything that goes wrong."""
    pbx.call(KEPT, "kept.wav")
    shown = (CLOCK.now() - timedelta(minutes=4)).astimezone(WARSAW)
    for number, name in enumerate(ODD):
        pbx.drop(name, wav(1, seed=10 + number))
        pbx.record(shown, f"77.{number}", name.rpartition("/")[2].replace("\t", "\ufffd"))
    bytes_alone = os.fsencode(pbx.monitor) + b"/\xff\xfe.wav"
    Path(os.fsdecode(bytes_alone)).write_bytes(wav(1, seed=20))
    pbx.record(shown, "77.9", "\ufffd\ufffd.wav")
    pbx.call(head(0), "empty.wav", ago=timedelta())
    pbx.call(b"<html>" * 100, "page.wav", ago=timedelta())
    (pbx.monitor / "link.wav").symlink_to("/etc/passwd")
    os.mkfifo(pbx.monitor / "pipe.wav")
    pbx.call(SAME, "same.wav")
    pbx.call(SAME, "very same.wav")
    pbx.call(wav(2, seed=31), "outgoing.wav", caller=OURS, called=CALLER)
    pbx.record(shown, "88.1", PASSED_ON)
    pbx.record(shown + timedelta(seconds=1), "88.2", PASSED_ON, "748410011")
    pbx.drop(PASSED_ON, ONE_SIDED)
    pbx.call(CUT, "cut.wav", ago=timedelta(minutes=30), seconds=600)
    pbx.record(CLOCK.now().astimezone(WARSAW), "99.1", "never-came.wav")
    content = coded(3, "mp3", "libmp3lame", sides=2, rate=16_000)
    for number, name in enumerate(TAKEN):
        pbx.call(content + bytes([number]) * 200, name)
    until(lambda: pbx.rows("SELECT 1 FROM calls_call"))
    os.kill(pbx.pid(), signal.SIGKILL)
    pbx.program.until("process.started", process="import")


def test_a_file_is_kept_as_the_pbx_wrote_it(pbx: Pbx) -> None:
    """What the stock program opens is the PBX's own file; its numbers find the call; the file itself stays."""
    _, direction, caller, called, stored, _ = pbx.imported("kept.wav")
    assert (direction, caller, called) == ("incoming", f"+48{CALLER}", f"+48{OURS}")
    day = civil_date(CLOCK.now()).isoformat()
    told = pbx.command("keys disclose", "--source", NAME, "--date", day, "--purpose", "a test")
    key = pbx.monitor.parent / "key"
    key.write_text(told.out)
    sealed = str(pbx.office.directory / "vault" / stored)
    plain = subprocess.run(["age", "-d", "-i", str(key), sealed], check=True, stdout=subprocess.PIPE)
    assert plain.stdout == KEPT == (pbx.monitor / "kept.wav").read_bytes()
    found = pbx.command("calls find", "--caller", CALLER, "--called", OURS[-4:], "--on", day, "--json")
    assert found.json["calls"]


def test_names_from_callers_harm_nothing(pbx: Pbx) -> None:
    """Signs of the shell, of markup and of no script in a name: the recording is kept, under a name of ours."""
    objects = [pbx.imported(name.replace("\t", "\ufffd"))[4] for name in [*ODD, "\ufffd\ufffd.wav"]]
    assert all(set(name) <= set("0123456789abcdef-/.ge") for name in objects)
    assert not list(pbx.monitor.parent.rglob("pwned"))


def test_what_holds_nothing_is_named(pbx: Pbx) -> None:
    """A head of 44 bytes, no sound at all, a link and a pipe: each is reported with its cause, and left where it is."""
    refused = until(lambda: found if len(found := pbx.files("refused")) >= 4 else [])
    assert sorted(refused) == [
        ("empty.wav", "empty"),
        ("link.wav", "no-file"),
        ("page.wav", "no-sound"),
        ("pipe.wav", "no-file"),
    ]
    assert (pbx.monitor / "page.wav").exists()


def test_the_same_recording_is_entered_once(pbx: Pbx) -> None:
    """A copy under another name is recognised."""
    until(lambda: pbx.files("twice"))
    names = {"same.wav", "very same.wav"}
    (twice,) = pbx.files("twice")
    kept = [name for name, _ in pbx.files("imported") if name in names]
    assert {twice[0], *kept} == names


def test_what_is_out_of_scope_is_left_alone(pbx: Pbx) -> None:
    """A call to the outside is counted where only calls from outside are recorded, without a word about it; its file stays."""
    until(lambda: pbx.files("left-out"))
    assert pbx.files("left-out") == [("", "")]
    told = pbx.rows("SELECT caller, called, raw, file FROM calls_callrecord WHERE state = 'left-out'")
    assert told == [("", "", "", "")]
    assert (pbx.monitor / "outgoing.wav").exists()


def test_a_silent_side_and_a_passed_on_call_are_told(pbx: Pbx) -> None:
    """Of a call with one voice that is said; both records of a call that was passed on tell of its one recording."""
    call = pbx.imported(PASSED_ON)[0]
    assert (PASSED_ON, "one-sided") in pbx.files("imported")
    linked = pbx.rows(f"SELECT count(*) FROM calls_callrecord_calls WHERE call_id = '{call}'")  # noqa: S608 - of ours
    assert linked == [(2,)]
    found = pbx.command("calls find", "--caller", CALLER, "--called", "748410011", "--json").json["calls"]
    assert [each["id"] for each in found] == [call]
    assert [(turn["side"], turn["number"]) for turn in found[0]["passed_on"]] == [("called", "+48748410011")]


def test_a_kill_loses_and_doubles_nothing(pbx: Pbx) -> None:
    """Killed while it took files over, the process has each of them once in the end."""
    for name in TAKEN:
        pbx.imported(name)
    counts = pbx.rows("SELECT count(*), count(DISTINCT call_id) FROM calls_pbxfile WHERE state = 'imported'")
    (calls,) = pbx.rows("SELECT count(*) FROM calls_call")
    assert counts == [(*calls, *calls)]
    vault = pbx.office.directory / "vault"
    assert not [path for path in vault.rglob("*") if path.suffix in {".part", ".tail"}]
    assert pbx.command("fsck").out == "Clean.\n"


def test_completeness_names_what_is_missing(pbx: Pbx) -> None:
    """An hour later each record without a recording is missing, entered once; what its file lacked is the cause."""
    later = CLOCK.now() + timedelta(hours=2)
    for _ in range(2):
        assert pbx.office.at(later, "keep", "--once").status == 0
    missing = pbx.rows("SELECT file, cause FROM calls_callrecord WHERE state = 'missing' ORDER BY file")
    assert missing == [("empty.wav", "empty"), ("never-came.wav", "no-recording"), ("page.wav", "no-sound")]
    facts = pbx.rows("SELECT facts FROM registers_entry WHERE act = 'call.missing'")
    assert sorted(json.loads(each)["cause"] for (each,) in facts) == ["empty", "no-recording", "no-sound"]
    assert pbx.command("gaps", "--source", NAME, "--json").json[-1]["cause"] in {
        "empty",
        "no-recording",
        "no-sound",
    }
    assert not any(number in each for (each,) in facts for number in (CALLER, OURS))
    assert ("missing-calls",) in pbx.rows("SELECT kind FROM retention_alarm WHERE ended_at IS NULL")
    report = pbx.command("calls import-report", "--json").json
    told = {(each["what"], each["cause"]) for each in report["differences"]}
    assert {("missing", "no-recording"), ("file refused", "no-file"), ("file imported", "one-sided")} <= told
    assert {("file imported", "head-short"), ("length", "shorter")} <= told
    lengths = [each["told"] for each in report["differences"] if each["what"] == "length"]
    assert [each.partition(":")[0] for each in lengths] == ["recorded 6 s, told 600 s"]
    assert report["counts"]["files left-out"] == 1
