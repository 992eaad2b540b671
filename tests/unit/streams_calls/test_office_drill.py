"""What a drill does to a process of the office ends with the drill, however the drill ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.process import after_predecessor, running_pid
from rejent.streams.calls.practice.drill.office_drill import frozen, make_keys
from tests.waiting import until

_FREEZER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "rejent.ops.settings"
django.setup()
from rejent.streams.calls.practice.drill.office_drill import frozen
with frozen(int(sys.argv[1])):
    print("frozen", flush=True)
    sys.stdin.read()
"""


def state(process: "subprocess.Popen[str]", wanted: str) -> bool:
    """Wait until the kernel says this of a process: ``T`` for one that is stopped."""

    def told() -> str:
        return Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]

    return until(lambda: told() == wanted)


def sleeper() -> "subprocess.Popen[str]":
    """A process that waits for the end of its input."""
    return subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def test_only_the_process_that_holds_the_lock_is_drilled(tmp_path: Path) -> None:
    """Its number is told with when it began: a predecessor's, or a number given out anew, is nobody's."""
    assert running_pid("calls", tmp_path) is None
    with after_predecessor("calls", tmp_path), sleeper() as predecessor:
        assert running_pid("calls", tmp_path) == os.getpid()
        lock = tmp_path / "process-calls.lock"
        told = lock.read_text(encoding="ascii")
        for stale in (
            told.replace(str(os.getpid()), str(predecessor.pid), 1),
            f"{predecessor.pid}",
            f"{os.getpid()}\n1\n",
            "",
        ):
            lock.write_text(stale, encoding="ascii")
            assert running_pid("calls", tmp_path) is None
        predecessor.kill()
    assert running_pid("calls", tmp_path) is None


def test_a_frozen_process_goes_on_after_the_block() -> None:
    """It stands still within, and lives afterwards."""
    with sleeper() as process:
        with frozen(process.pid):
            assert state(process, "T")
        assert state(process, "S")
        process.terminate()


def test_a_frozen_process_goes_on_though_the_drill_is_killed() -> None:
    """The guard sees that nobody holds the other end any more."""
    with sleeper() as process:
        with subprocess.Popen(
            [sys.executable, "-c", _FREEZER, str(process.pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as drill:
            assert drill.stdout is not None
            assert drill.stdout.readline() == "frozen\n"
            assert state(process, "T")
            drill.kill()
            drill.wait()
            assert state(process, "S")
        process.terminate()


def test_a_process_that_died_while_it_was_frozen_harms_nobody() -> None:
    """Who kills a frozen process finds the drill going on."""
    with sleeper() as process, frozen(process.pid):
        process.kill()
        assert process.wait() == -9


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputRefusedError("The keys are elsewhere.", advice=""), InputRefusedError.code), (FileNotFoundError(), "FileNotFoundError")],
)  # fmt: skip
def test_a_key_that_cannot_be_made_at_once_is_told_of(settings: object, error: Exception, code: str) -> None:
    """The drill goes on, for the keeper makes it in its next round; one line in the log says why we did not."""

    def elsewhere() -> None:
        raise error

    settings.KEEPING = elsewhere  # type: ignore[attr-defined]  # pytest-django's
    with capture_logs() as lines:
        make_keys()
    assert [(line["event"], line["code"]) for line in lines] == [("drill.no-key-made", code)]
