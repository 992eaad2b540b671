"""``kill -9`` of the keeper's process wherever it happens to be: what is held stays, what is due goes, each is proven once."""

import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from contextlib import closing, suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.kernel.clock import SystemClock, civil_date
from tests.installation import COMMAND, HERE, Office, another_office, environment, recorded, running

NOW = SystemClock().now().replace(microsecond=0)
START = NOW - timedelta(minutes=6)
LATER = NOW + timedelta(days=33)
KILLS, MOST_ROUNDS = 8, 40
KILLING_S = 30.0
"""Seconds after which two kills are enough."""
CAMERAS = ("Hol", "Parking")
HELD = b"ZNAK1@%02d"


@pytest.fixture
def due(tmp_path: Path) -> tuple[Office, set[str]]:
    """Two cameras whose five minutes each are past their term, one of them held for twenty seconds; the folders due."""
    office = another_office(tmp_path / "office")
    names = []
    for camera in CAMERAS:
        source = office.add_camera(camera, f"rtsp://192.0.2.7/{camera.lower()}", START)
        names += recorded(office, source, START, 5)
    placed = office.run(
        "hold add", "--source", "Hol", "--from", (START + timedelta(seconds=80)).isoformat(),
        "--to", (START + timedelta(seconds=100)).isoformat(), "--case", "OR.1431.1.2026",
        "--basis", "art. 22² § 4 Kodeksu pracy", "--review", (civil_date(NOW) + timedelta(days=200)).isoformat(),
    )  # fmt: skip
    assert placed.status == 0, placed
    return office, {name.rpartition("/")[0] for name in names}


def killed_rounds(office: Office, moments: random.Random) -> int:
    """Start single rounds and kill each at some moment between its start and its end; how many did not end before.

    Where the machine is busy and then is not, a round ends before it is killed; the next ones are killed sooner.
    """
    count, begun = 0, time.monotonic()
    env = environment(REJENT_CLOCK=LATER.isoformat())
    started = time.monotonic()
    assert office.at(LATER, "status").status == 0
    longest = 1.3 * (time.monotonic() - started)
    for _ in range(MOST_ROUNDS):
        if count >= KILLS or (count >= 2 and time.monotonic() - begun > KILLING_S):
            break
        with subprocess.Popen(
            [*COMMAND, "keep", office.directory, "--once"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, cwd=HERE,
        ) as process:  # fmt: skip
            with suppress(subprocess.TimeoutExpired):
                process.wait(longest * moments.uniform(0.4, 1.0))
            process.send_signal(signal.SIGKILL)
            hit = process.wait() == -signal.SIGKILL
        count, longest = count + hit, longest if hit else longest * 0.7
    return count


def killed_keepers(office: Office, moments: random.Random) -> None:
    """Kill the keeper under the running program a few times; the program starts it again."""
    with running(office, "--role", "keeper", REJENT_CLOCK=LATER.isoformat()) as program:
        for _ in range(3):
            keeper = program.until("process.started", process="keeper")["pid"]
            threading.Event().wait(moments.uniform(0.3, 2.5))
            os.kill(keeper, signal.SIGKILL)
        program.until("process.started", process="keeper")
        assert program.stop() == 0


def acts(office: Office, name: str) -> int:
    """How often an act stands in the ledger."""
    with closing(sqlite3.connect(office.directory / "catalog" / "catalog.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM registers_entry WHERE act = ?", (name,)).fetchone()
    return int(count)


def held_content(office: Office, day: date, folder: Path) -> bytes:
    """Everything in the vault that the key of what is held opens."""
    key = office.at(
        LATER, "keys disclose", "--source", "Hol", "--date", day.isoformat(), "--purpose", "sprawa"
    )
    (folder / "key").write_text(key.out, encoding="ascii")
    return b"".join(
        subprocess.run(["age", "-d", "-i", folder / "key", path], capture_output=True, check=True).stdout
        for path in sorted((office.directory / "vault").rglob("*.age"))
    )


def test_a_keeper_killed_anywhere_is_finished_by_the_next(
    due: tuple[Office, set[str]], tmp_path: Path
) -> None:
    """After many kills one undisturbed round leaves exactly what is held, everything due destroyed and proven, fsck clean."""
    office, folders = due
    moments = random.Random(7)  # noqa: S311 - moments, no secret
    assert killed_rounds(office, moments) >= 2
    killed_keepers(office, moments)
    assert office.at(LATER, "keep", "--once", "--json").json["failed"] == []
    assert office.at(LATER, "fsck").out == "Clean.\n"
    assert office.at(LATER, "retention due", "--json").json == []
    assert acts(office, "destruction.done") >= len(folders)
    assert acts(office, "destruction.done") == acts(office, "destruction.decided")
    content = held_content(office, civil_date(START + timedelta(minutes=1)), tmp_path)
    assert all(HELD % second in content for second in range(20, 40))
    assert not [number for number in (0, 2, 3, 4) if b"ZNAK%d@" % number in content]
    for file in office.directory.rglob("*.part"):
        raise AssertionError(file)
    assert datetime.fromisoformat(office.at(LATER, "hold list", "--json").json[0]["start"]) > START
