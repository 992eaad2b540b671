"""Modules run as programs in forks of one process that has loaded what nearly all of them need: each starts at a third of the cost."""

import multiprocessing
import os
import runpy
import signal
import sys
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

from tests.waiting import CEILING_S

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.preloaded", "tests.tables", "tests.passphrases", __name__])


class ForkedModule:
    """``python -m MODULE ARGUMENT …`` under way, used as `subprocess.Popen` is with text from and to pipes."""

    def __init__(self, module: str, *arguments: object, env: dict[str, str]) -> None:
        given, stdin = os.pipe()
        stdout, said = os.pipe()
        theirs = Connection(given, writable=False), Connection(said, readable=False)
        self._process = _context.Process(target=_be, args=(module, list(map(str, arguments)), env, *theirs))
        self._process.start()
        for end in theirs:
            end.close()
        self.stdin, self.stdout = os.fdopen(stdin, "w"), os.fdopen(stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.send_signal(signal.SIGKILL)
        self.communicate()

    @property
    def returncode(self) -> int | None:
        """How it ended; negative for a signal, nothing while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self._process.is_alive() and self._process.pid is not None:
            os.kill(self._process.pid, number)

    def communicate(self, told: str = "") -> tuple[str, None]:
        """Tell it the last that it hears; return the rest of what it says, once it has ended."""
        if not self.stdin.closed:
            self.stdin.write(told)
            self.stdin.close()
        said = "" if self.stdout.closed else self.stdout.read()
        self.stdout.close()
        self._process.join(CEILING_S)
        return said, None


def run_module(module: str, *arguments: object, env: dict[str, str]) -> str:
    """Run a module as a program to its end; return what it said."""
    with ForkedModule(module, *arguments, env=env) as process:
        said = process.communicate()[0]
    assert process.returncode == 0, (module, process.returncode)
    return said


def _be(module: str, arguments: list[str], env: dict[str, str], given: Connection, said: Connection) -> None:
    """Be the program."""
    import pytest

    from tests import passphrases, preloaded, tables

    os.dup2(given.fileno(), 0)
    os.dup2(said.fileno(), 1)
    given.close()
    said.close()
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    os.environ.clear()
    os.environ.update(env)
    sys.argv[1:] = arguments
    preloaded.begin()
    if module.startswith("tests."):
        tables.copy_tables_from_now_on(pytest.MonkeyPatch())
        passphrases.stretch_quickly(pytest.MonkeyPatch())
        passphrases.hash_quickly(pytest.MonkeyPatch())
    runpy.run_module(module, run_name="__main__", alter_sys=True)
