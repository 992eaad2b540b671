"""Devices send notes over the gateway: late, from clocks that differ, killed and frozen; nothing is lost, and nothing twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.installation import HERE, RunningProgram, environment
from tests.ports import free_port
from tests.streams.notes.device import Device
from tests.streams.steps import NOON

REGULATION = Path(__file__).parent / "notes" / "regulation.toml"
NOW = NOON + timedelta(days=7)
ENV = environment(DJANGO_SETTINGS_MODULE="tests.streams.notes_settings", PYTHONPATH=str(HERE))
PROGRAM = [sys.executable, "-c", "import tests.streams.registered; from rejent.ops.command import run; run()"]


def run(*arguments: object, at: datetime = NOW) -> str:
    """Run a command of the program with notes, or a module, that must succeed."""
    given = [str(each) for each in arguments]
    command = [sys.executable, "-m", *given] if given[0].startswith("tests.") else [*PROGRAM, *given]
    done = subprocess.run(
        command, env={**ENV, "REJENT_CLOCK": at.isoformat()}, cwd=HERE, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == 0, done
    return done.stdout.strip()


class House:
    """An office with a gateway, and its devices."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.office, self.port = folder, folder / "office", free_port()
        run("init", self.office, "--regulation", REGULATION, "--test", at=NOON - timedelta(hours=1))
        with (self.office / "rejent.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[gateway]\nlisten = "127.0.0.1:{self.port}"\nnames = ["127.0.0.1"]\n')
        self.sources = {name: self._add(name) for name in ("A", "B", "C")}
        run("keep", self.office, "--once", at=NOON)
        self.program = RunningProgram(
            subprocess.Popen(
                [*PROGRAM, "run", str(self.office), "--listen", f"127.0.0.1:{free_port()}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                env={**ENV, "REJENT_CLOCK": NOW.isoformat()}, cwd=HERE,
            )
        )  # fmt: skip
        self.program.until("gateway.listening")

    def _add(self, name: str) -> str:
        given = ("--stream", "notes", "--name", name, "--notebook", f"https://notatki.example/{name}")
        return run("source", "add", self.office, *given, at=NOON)

    def enrol(self, name: str) -> Device:
        """Put a device on the list, and let it use its code."""
        code = run("device", "enrol", self.office, "--kind", "agent", "--name", name)
        device = Device(self.folder / name)
        device.enrol(f"127.0.0.1:{self.port}", code)
        return device

    def send(self, device: Device) -> "subprocess.Popen[str]":
        """Start a device that sends."""
        step = [str(device.folder), "send", self.sources[device.folder.name]]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.streams.notes.device", *step],
            stdout=subprocess.PIPE, text=True, env=ENV, cwd=HERE,
        )  # fmt: skip

    def gateway(self) -> int:
        """The number of the gateway's process."""
        return int((self.office / "run" / "process-gateway.lock").read_text().split()[0])

    def kept(self) -> Any:
        """What the office keeps, and what it says of its devices."""
        return json.loads(run("tests.streams.device_steps", self.office, *self.sources.values()))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An office whose program runs a week after its notebooks were opened."""
    made = House(tmp_path_factory.mktemp("devices"))
    yield made
    assert made.program.stop() == 0
    assert made.program.process.stderr is not None
    made.program.process.stderr.close()


def written(device: Device) -> list[str]:
    """What a device has in its spool."""
    said = [json.loads(line) for (line,) in device.rows.execute("SELECT line FROM note ORDER BY id")]
    return [f"{one['at']} {one['text']}" for one in said]


def finished(process: "subprocess.Popen[str]") -> int:
    """Wait for a device's end; its exit status."""
    process.communicate()
    return process.returncode


def test_a_week_late_from_two_clocks_killed_and_frozen_nothing_is_lost_or_doubled(house: House) -> None:
    """Each note that a device wrote is kept once, whoever was killed or stood still between sealing and receipt."""
    first, second = house.enrol("A"), house.enrol("B")
    first.write(0, 40, NOON + timedelta(minutes=1), 1700.0)
    first.write(40, 40, NOON - timedelta(minutes=20) + timedelta(days=2), 31.0)
    second.write(0, 60, NOON + timedelta(days=1), 977.0)
    wanted = {"A": written(first), "B": written(second)}
    alone, other = house.send(first), house.send(second)
    assert alone.stdout is not None
    for _ in range(2):
        alone.stdout.readline()
    alone.kill()
    finished(alone)
    os.kill(house.gateway(), signal.SIGKILL)
    house.program.until("gateway.listening")
    alone = house.send(first)
    assert alone.stdout is not None
    alone.stdout.readline()
    frozen = house.gateway()
    os.kill(frozen, signal.SIGSTOP)
    alone.send_signal(signal.SIGSTOP)
    os.kill(frozen, signal.SIGCONT)
    alone.send_signal(signal.SIGCONT)
    alone.stdout.readline()
    os.kill(house.gateway(), signal.SIGKILL)
    house.program.until("gateway.listening")
    assert [finished(alone), finished(other)] == [0, 0]
    run("keep", house.office, "--once")
    kept = house.kept()
    assert {name: sorted(kept["kept"][house.sources[name]]) for name in wanted} == {
        name: sorted(lines) for name, lines in wanted.items()
    }
    assert [told for told in kept["facts"] if told[0] in wanted] == []
    assert run("fsck", house.office) == "Clean."


def test_a_copy_of_a_device_is_noticed_and_refused_once_it_is_struck_off(house: House) -> None:
    """Both go on from where the office is, so that nothing of them stops; whoever is struck off is refused with the next request."""
    device = house.enrol("C")
    device.write(0, 3, NOON + timedelta(hours=1), 60.0)
    assert finished(house.send(device)) == 0
    device.rows.execute("VACUUM")
    copied = house.folder / "copy" / "C"
    shutil.copytree(device.folder, copied)
    copy = Device(copied)
    device.write(3, 1, NOON + timedelta(hours=2), 60.0)
    copy.write(3, 1, NOON + timedelta(hours=3), 60.0)
    assert finished(house.send(device)) == 0
    assert finished(house.send(copy)) == 0
    assert [told for told in house.kept()["facts"] if told[0] == "C"] == [["C", "fork", 2, 2]]
    assert device.ask("POST", "/v1/report")[0] == 200
    run("device", "revoke", house.office, "C", "--reason", "skopiowany")
    for each in (device, copy):
        assert each.ask("POST", "/v1/report") == (403, {"why": "revoked"})
