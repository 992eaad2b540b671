"""The process tree: one supervisor, and under it the web, the keeper, and the recorders that each kind of stream needs.

A child reads its standard input only to notice the supervisor's end: when the pipe closes, it stops. A child that ends
by itself is started again, after a pause that grows while it keeps failing; the others never notice.
"""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType

import structlog
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from rejent.catalog import services
from rejent.kernel.clock import Clock
from rejent.kernel.errors import ConflictError, InputRefusedError
from rejent.kernel.process import is_running
from rejent.office import queries as office
from rejent.office.installation import Installation
from rejent.ops.clock import OFFSET, START, offset_seconds
from rejent.ops.process import STOPPING_S
from rejent.ops.serving.address_check import obstacle
from rejent.ops.serving.gateway_process import issue_certificate
from rejent.recording.office_lock import RECORDER, OfficeLock, hold_in_office
from rejent.recording.own_role import RECORDERS_DATABASE, grant_to_recorders, recorders_environment
from rejent.recording.stream_parts import processes
from rejent.retention.clock import watch_clock
from rejent.retention.rounds.round import boot_id
from rejent.vault.context import PASSPHRASE_FILE, S3_SECRET
from rejent.vault.store.lock import FolderLock

log = structlog.get_logger()

PARTS = ("web", "recorder", "keeper", "gateway")
UNCONFINED = ("web", "keeper")
"""Processes that record nothing."""
LOOK_EVERY_S = 0.5
"""Seconds between two looks at the children."""
COUNT_EVERY_S = 5.0
"""Seconds between two looks at how many recorders the cameras need."""
LONGEST_PAUSE_S = 10.0
STEADY_AFTER_S = 5.0
"""Seconds after which a process has shown that it works: when it ends then, it is started again at once."""


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
    """The supervisor of one installation on this machine; runs ``all`` or one role, and hands its clock to every child."""

    installation: Installation
    clock: Clock
    host: str
    port: int
    role: str
    _children: dict[str, Child] = field(default_factory=dict)
    _count_at: float = 0.0
    _slot: OfficeLock | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Run until SIGTERM or SIGINT; returns the exit status. A keeper's first look at the clock comes before all else.

        Raises FolderInUseError: a part of the installation is running already; ConflictError: the address of the pages is
        taken, or another machine records for this office; InputRefusedError: this machine or user cannot listen there; InstallationChangedError: ``rejent.toml`` was made
        to call a real installation a test one.
        """
        resource.setrlimit(
            resource.RLIMIT_CORE, (0, 0)
        )  # keys and pictures lie in memory; children inherit it
        with self._alone():
            office.require_as_created(self.installation)
            if "gateway" in self._parts:
                issue_certificate(self.clock)
            if {"recorder", "gateway"}.intersection(self._parts):
                services.open_volume(settings.VAULT.store, clock=self.clock)
                grant_to_recorders()
            if "keeper" in self._parts:
                watch_clock(self.clock, boot_id())
            if "web" in self._parts:
                self._require_address("web", self.host, self.port)
            if "gateway" in self._parts and self.installation.gateway is not None:
                self._require_address(
                    "gateway", self.installation.gateway.host, self.installation.gateway.port
                )
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._on_signal)
            try:
                while not self._stop.is_set():
                    self._look_after()
                    self._stop.wait(LOOK_EVERY_S)
            finally:
                self._stop_all()
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop.set()

    @property
    def _parts(self) -> tuple[str, ...]:
        if self.role != "all":
            return (self.role,)
        return PARTS if self.installation.gateway is not None else PARTS[:-1]

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold each part of the installation that runs here, so that none is ever run twice; recorders in the whole office."""
        self.installation.runtime.mkdir(mode=0o700, exist_ok=True)
        with ExitStack() as held:
            for part in self._parts:
                held.enter_context(FolderLock(self.installation.runtime / f"{part}.lock"))
            if "recorder" in self._parts:
                self._slot = held.enter_context(hold_in_office(RECORDER))
            yield

    def _require_address(self, process: str, host: str, port: int) -> None:
        """See that a process can listen there, unless an own one left behind is about to give the address back."""
        found = obstacle(host, port)
        if found is None or is_running(process, self.installation.runtime):
            return
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        if found.errno == errno.EADDRINUSE and process == "web":
            raise ConflictError(
                "Somebody else listens on {address}: name another with --listen.", address=address
            )
        if found.errno == errno.EADDRINUSE:
            raise ConflictError(
                "Somebody else listens on {address}.",
                address=address,
                advice="Name another in section [gateway].",
            )
        if found.errno in {errno.EADDRNOTAVAIL, errno.EACCES}:
            raise InputRefusedError(
                "Nothing can be served on {address}: {why}.", address=address, why=os.strerror(found.errno)
            )

    def _look_after(self) -> None:
        """Start what is missing; while the database does not answer, what runs goes on."""
        now = self.clock.monotonic()
        if now >= self._count_at:
            self._count_at = now + COUNT_EVERY_S
            if self._slot is not None:
                self._slot.keep()
            self._count()
        for child in self._children.values():
            self._attend(child)

    def _count(self) -> None:
        try:
            wanted = self._wanted()
        except DatabaseError:
            log.exception("program.database")
            close_old_connections()
            return
        for child in wanted:
            self._children.setdefault(child.name, child)

    def _wanted(self) -> list[Child]:
        wanted = []
        if "keeper" in self._parts:
            wanted.append(Child("keeper", ("keeper",)))
        if "recorder" in self._parts:
            wanted += [
                Child("-".join([each.name, *arguments]), (each.name, *arguments))
                for each in processes()
                for arguments in each.wanted()
            ]
        if "gateway" in self._parts:
            wanted.append(Child("gateway", ("gateway",)))
        if "web" in self._parts:
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
            return
        child.process = None
        child.failures = 1 if now - child.started > STEADY_AFTER_S else child.failures + 1
        pause = min(0.25 * 2**child.failures, LONGEST_PAUSE_S)
        child.start_at = now + pause
        log.error("process.ended", process=child.name, status=status, again_in_s=pause)

    def _start(self, child: Child, now: float) -> None:
        kept_back = {START, OFFSET, *self._find_withheld(child)}
        environment = {key: value for key, value in os.environ.items() if key not in kept_back}
        if child.arguments[0] not in UNCONFINED:
            environment = recorders_environment(environment)
        environment["REJENT_DIR"] = str(self.installation.directory)
        if self.clock.confirmed:
            environment[OFFSET] = repr(offset_seconds(self.clock))
        child.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rejent.ops.process", *child.arguments],
            stdin=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        child.started = now
        log.info("process.started", process=child.name, pid=child.process.pid)

    def _find_withheld(self, child: Child) -> tuple[str, ...]:
        """Return what of the environment a process has no use for: recorders open no key, and write to a bucket only where there is one."""
        if child.arguments[0] in UNCONFINED:
            return (RECORDERS_DATABASE,)
        return (PASSPHRASE_FILE,) if self.installation.storage else (PASSPHRASE_FILE, S3_SECRET)

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
