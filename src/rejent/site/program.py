"""The process tree: one supervisor, and under it the web, the keeper and as many recorders as the cameras need.

A child reads its standard input only to notice the supervisor's end: when the pipe closes, it stops. A child that ends
by itself is started again, after a pause that grows while it keeps failing; the others never notice.
"""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

import structlog
from django.conf import settings

from rejent.catalog import queries, services
from rejent.kernel.clock import Clock
from rejent.kernel.errors import ConflictError
from rejent.office.installation import Installation
from rejent.site.clock import OFFSET, START, offset_seconds
from rejent.site.recorders import CAMERAS_PER_RECORDER

log = structlog.get_logger()

LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0
STOPPING_S = 20.0


@dataclass(slots=True)
class Child:
    """One process of the tree, whether it runs at the moment or waits to be started again."""

    name: str
    arguments: tuple[str, ...]
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    failures: int = 0
    start_at: float = 0.0


@dataclass(slots=True)
class Program:
    """The supervisor of one installation on this machine.

    Attributes:
        installation: what to run.
        clock: the program's clock, handed to every child.
        host: where pages are served.
        port: likewise.
        role: ``all``, or the one part to run.
    """

    installation: Installation
    clock: Clock
    host: str
    port: int
    role: str
    _children: dict[str, Child] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit status.

        Raises:
            ConflictError: this part of the installation is running already.
        """
        lock = self._lock()
        if self.role in {"all", "recorder"}:
            services.open_volume(settings.VAULT.store, clock=self.clock)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        try:
            while not self._stop.is_set():
                for child in self._wanted():
                    self._children.setdefault(child.name, child)
                for child in self._children.values():
                    self._attend(child)
                self._stop.wait(0.5)
        finally:
            self._stop_all()
            lock.close()
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    def _lock(self) -> IO[str]:
        self.installation.runtime.mkdir(mode=0o700, exist_ok=True)
        lock = (self.installation.runtime / f"{self.role}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise ConflictError(
                "{directory} is running already (role {role}).",
                directory=self.installation.directory,
                role=self.role,
                advice="Stop the other program first.",
            ) from None
        return lock

    def _wanted(self) -> list[Child]:
        wanted = []
        if self.role in {"all", "keeper"}:
            wanted.append(Child("keeper", ("keeper",)))
        if self.role in {"all", "recorder"}:
            slots = queries.recorder_slots(CAMERAS_PER_RECORDER)
            wanted += [Child(f"recorder-{slot}", ("recorder", str(slot))) for slot in range(slots)]
        if self.role in {"all", "web"}:
            wanted.append(Child("web", ("web", self.host, str(self.port))))
        return wanted

    def _attend(self, child: Child) -> None:
        now = self.clock.monotonic()
        if child.process is None:
            if now >= child.start_at:
                self._start(child, now)
            return
        status = child.process.poll()
        if status is None:
            if child.failures and now - child.started > STEADY_AFTER_S:
                child.failures = 0
            return
        child.process = None
        child.failures += 1
        pause = min(0.5 * 2 ** (child.failures - 1), LONGEST_PAUSE_S)
        child.start_at = now + pause
        log.error("process.ended", process=child.name, status=status, again_in_s=pause)

    def _start(self, child: Child, now: float) -> None:
        environment = {key: value for key, value in os.environ.items() if key not in {START, OFFSET}}
        environment["REJENT_DIR"] = str(self.installation.directory)
        if self.clock.confirmed:
            environment[OFFSET] = repr(offset_seconds(self.clock))
        child.process = subprocess.Popen(
            [sys.executable, "-m", "rejent.site.process", *child.arguments],
            stdin=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        child.started = now
        log.info("process.started", process=child.name, pid=child.process.pid)

    def _stop_all(self) -> None:
        running = [child.process for child in self._children.values() if child.process is not None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOPPING_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin is not None:
                process.stdin.close()
