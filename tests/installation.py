"""Installations for tests: made by the real ``rejent init``, used through the real command."""

import atexit
import fcntl
import json
import os
import queue
import select
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

from tests.forked import ForkedModule, run_module
from tests.waiting import CEILING_S

HERE = Path(__file__).resolve().parent.parent
TEMPLATES = "TEMPLATE_OFFICES"
"""The variable of the environment that names the folder of offices made once."""
COMMAND = [sys.executable, "-c", "from rejent.ops.command import run; run()"]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)

    def line(self) -> str:
        """The one line of a refusal; anything else fails the test."""
        assert self.status not in {0, 70}, self
        assert self.out == "", self
        lines = self.err.splitlines()
        assert len(lines) == 1, self
        assert lines[0].strip(), self
        assert "Traceback" not in lines[0], self
        return lines[0]


def environment(**changed: str) -> dict[str, str]:
    """The environment of a command, free of what a test run has set for itself."""
    own = {"DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS"}
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith("REJENT_") and key not in own
    }
    return {**kept, "COLUMNS": "100", **changed}


def rejent(*arguments: str | Path, stdin: str = "", env: dict[str, str] | None = None) -> Done:
    """Run the command in a process of its own."""
    return _starter().done(*map(str, arguments), stdin=stdin, env=environment(**(env or {})))


class CommandStarter:
    """Runs any command in a fork of a process that has loaded what every command loads; see `tests.command_server`.

    Several at once run as processes of their own.

    Args:
        first: a module that is loaded before the program.
    """

    def __init__(self, first: str = "") -> None:
        self._process = (
            _server_with(first) if first else ForkedModule("tests.command_server", env=environment())
        )
        self._one = threading.Lock()

    def done(
        self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None, module: str = ""
    ) -> Done:
        """Run a command, or a module, with exactly these arguments."""
        if not self._one.acquire(blocking=False):
            assert not module
            return _alone(*arguments, stdin=stdin, env=env)
        try:
            given = {"arguments": arguments, "stdin": stdin, "env": env, "module": module}
            self._process.stdin.write(json.dumps(given) + "\n")
            self._process.stdin.flush()
            return Done(**json.loads(self._process.stdout.readline()))
        finally:
            self._one.release()

    def stop(self) -> None:
        """Let it end."""
        self._process.communicate()


def _server_with(first: str) -> Any:
    return subprocess.Popen(
        [sys.executable, "-c", f"import {first}, tests.command_server; tests.command_server.main()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(), cwd=HERE,
    )  # fmt: skip


def _alone(*arguments: str, stdin: str, env: dict[str, str] | None) -> Done:
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin, capture_output=True, text=True, env=env, cwd=HERE, check=False, timeout=CEILING_S,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


@cache
def _starter() -> CommandStarter:
    starter = CommandStarter()
    Finalize(None, starter.stop, exitpriority=0)
    return starter


@dataclass(frozen=True, slots=True)
class Office:
    """An installation on disk."""

    directory: Path

    def at(self, instant: datetime, command: str, *arguments: str | Path) -> Done:
        """Run a command on it whose clock starts at an instant."""
        return rejent(*command.split(), self.directory, *arguments, env={"REJENT_CLOCK": instant.isoformat()})

    def run(self, command: str, *arguments: str | Path, **env: str) -> Done:
        """Run a command on it; `command` is everything before the folder."""
        return rejent(*command.split(), self.directory, *arguments, env=env)

    def json(self, command: str, *arguments: str | Path) -> Any:
        """What a command that must succeed prints, as JSON."""
        done = self.run(command, *arguments, "--json")
        assert done.status == 0, done
        return done.json

    def add_person(self, username: str, role: str, password: str) -> None:
        """Add somebody whose account is settled: their own password, confirmed to be theirs."""
        run_module("tests.people", self.directory, username, role, password, env=environment())

    def add_camera(self, name: str, url: str, added: datetime | None = None, **changed: str) -> str:
        """Add a camera, now or at the instant that is given; its identifier."""
        given = {"building": "Ratusz", "place": f"miejsce {name}", "kind": "hall"} | changed
        options = [part for key, value in given.items() for part in (f"--{key}", value)]
        clock = {"REJENT_CLOCK": added.isoformat()} if added else {}
        done = self.run("source add", "--stream", "video", "--name", name, "--url", url, *options, **clock)
        assert done.status == 0, done
        return done.out.strip()


def recorded(
    office: Office, source_id: str, start: datetime, minutes: int, marker: str = "ZNAK"
) -> list[str]:
    """Let a source have recorded so many minutes from an instant on, without a camera; the objects' names."""
    clock = environment(REJENT_CLOCK=start.isoformat())
    return run_module(
        "tests.recorded", office.directory, source_id, start.isoformat(), minutes, marker, env=clock
    ).split()


class CommandServer:
    """Runs commands on one office."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def __call__(self, command: str, *arguments: str | Path, stdin: str = "") -> Done:
        """Run a command on the office."""
        return self.bare(*command.split(), self.office.directory, *arguments, stdin=stdin)

    def bare(self, *arguments: str | Path, stdin: str = "") -> Done:
        """Run a command with exactly these arguments."""
        return rejent(*arguments, stdin=stdin)


class RunningProgram:
    """``rejent run`` under way: its log is read for events, all the time, so that the program never waits for its reader."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._told: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._told.put(line)
        self._told.put(None)

    def _lines(self) -> Iterator[dict[str, Any]]:
        while (line := self._told.get()) is not None:
            self.events.append(
                json.loads(line) if line.startswith("{") else {"event": "said", "line": line.strip()}
            )
            yield self.events[-1]
        self._told.put(None)

    def until(self, event: str, **facts: object) -> dict[str, Any]:
        """Wait for the next log line of an event with these facts."""
        for told in self._lines():
            if told["event"] == event and all(told.get(key) == value for key, value in facts.items()):
                return dict(told)
        raise AssertionError(f"the program ended before {event}: {self.events}")

    def stop(self) -> int:
        """Ask it to stop and wait until it has; its exit status."""
        self.process.terminate()
        for _ in self._lines():
            pass
        self._reader.join()
        return self.process.wait(CEILING_S)


@contextmanager
def running(office: Office, *options: str, **env: str) -> Iterator[RunningProgram]:
    """Run the program on an office until the end of the block."""
    with subprocess.Popen(
        [*COMMAND, "run", str(office.directory), *options],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment(**env), cwd=HERE,
    ) as process:  # fmt: skip
        program = RunningProgram(process)
        try:
            yield program
        finally:
            program.stop()


def ended(pid: int, seconds: float = CEILING_S) -> bool:
    """Wait until a process that is not ours has ended; False if it goes on."""
    try:
        number = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([number], [], [], seconds)[0])
    finally:
        os.close(number)


def new_office(
    directory: Path,
    *,
    regulation: str = "pleszew",
    test: bool = True,
    at: datetime | None = None,
    **options: str,
) -> Office:
    """Make an installation by the real command, now or at the instant that is given."""
    more = [part for key, value in options.items() for part in (f"--{key}", value)]
    clock = {"REJENT_CLOCK": at.isoformat()} if at else {}
    done = rejent(
        "init", directory, "--regulation", regulation, *(["--test"] if test else []), *more, env=clock
    )
    assert done.status == 0, done
    return Office(directory)


def another_office(directory: Path, *, regulation: str = "pleszew", test: bool = True) -> Office:
    """A copy of an office that `new_office` has made once: for tests of anything but the making."""
    name = f"{regulation}-{'test' if test else 'real'}"
    made = made_once(name, lambda making: new_office(making, regulation=regulation, test=test))
    shutil.copytree(made, directory)
    return Office(directory)


def made_once(name: str, make: Callable[[Path], object]) -> Path:
    """Return what the first process of a run that asks for it makes at the place that it is given; the others wait for that."""
    made = templates() / name
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder = Path(tempfile.mkdtemp(dir=templates()))
            make(folder / name)
            (folder / name).rename(made)
    return made


def templates() -> Path:
    """Return the folder that every process of a run takes its offices from; whoever asks first removes it at its end."""
    if TEMPLATES not in os.environ:
        os.environ[TEMPLATES] = tempfile.mkdtemp(prefix="rejent-offices-")
        atexit.register(shutil.rmtree, os.environ[TEMPLATES], ignore_errors=True)
    return Path(os.environ[TEMPLATES])
