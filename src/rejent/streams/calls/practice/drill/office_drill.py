"""A drill in an office: its recorder is killed, frozen and given a full store while calls are set up.

The calls use unassigned numbers and a line of their own, which is removed afterwards; their recordings expire as usual.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.conf import settings

from rejent.catalog import queries, services
from rejent.catalog.errors import NoSuchSourceError
from rejent.cli.command_setup import ACTOR
from rejent.kernel.clock import OFFICE_ZONE, Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.process import running_pid
from rejent.office import queries as office
from rejent.office.installation import Installation
from rejent.retention import services as retention
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import DRILLED, StatedLine
from rejent.streams.calls.practice.drill.client import RecordingClient
from rejent.streams.calls.practice.drill.exchange import DrillError, Exchange
from rejent.streams.calls.practice.drill.measurements import Phase
from rejent.streams.calls.recorder.process import CALLS, FULL_ORDER
from rejent.vault.store.free_space import simulate_full_disk

log = structlog.get_logger(__name__)

OURS, ANOTHERS = DRILLED + "0001", "+48108880001"
BACK_WITHIN_S = 60.0
SETTLED_WITHIN_S = 3.0
LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a drill; ``steps`` are of ``well``, ``killed``, ``frozen`` and ``filled``, the first always."""

    calls: int
    lasts_s: float
    over_s: float
    frozen_s: float
    bound_ms: float
    steps: tuple[str, ...]


@dataclass(slots=True)
class Drill:
    """One drill."""

    installation: Installation
    line_id: str
    plan: Plan
    exchange: Exchange
    client: RecordingClient
    clock: Clock
    say: Callable[[str], None]
    _wait: threading.Event = field(default_factory=threading.Event)

    def held(self) -> list[Phase]:
        """Run all phases and return their results; DrillError where calls cannot be set up even without disturbance."""
        self._warm_up()
        phases = []
        for step in self.plan.steps:
            self.say(step)
            phases.append(
                {"killed": self._killed, "frozen": self._frozen, "filled": self._filled}.get(
                    step, self._well
                )()
            )
        return phases

    def _warm_up(self) -> None:
        for _ in range(3):
            if self.exchange.place(self._numbers, 1, 0.2, 0.1).done().ended:
                self.client.handed(SETTLED_WITHIN_S)
                return
        raise DrillError(
            "The calls of the drill do not come about.", advice="Hold it on a machine with less to do."
        )

    @property
    def _numbers(self) -> tuple[str, str]:
        """Return caller and called, so that the regulation has the call recorded."""
        rules = office.verified_streams(civil_date(self.clock.now())).get(CALLS)
        named = {each.value for each in rules.directions} if rules else set()
        if "incoming" in named or not named:
            return ANOTHERS, OURS
        return (OURS, ANOTHERS) if "outgoing" in named else (OURS, DRILLED + "0002")

    def _well(self) -> Phase:
        placed = self.exchange.place(
            self._numbers, self.plan.calls, self.plan.over_s, self.plan.lasts_s
        ).done()
        return Phase("well", placed, self.client.handed(BACK_WITHIN_S))

    def _killed(self) -> Phase:
        calling = self.exchange.place(self._numbers, self.plan.calls, self.plan.over_s, self.plan.lasts_s)
        self._wait.wait(self.plan.over_s / 4)
        before = self._recorder()
        killed = self.clock.monotonic()
        os.kill(before, signal.SIGKILL)
        back = self._until(
            lambda: (
                running_pid(CALLS, self.installation.runtime) not in {None, before} and self.client.well(1.0)
            ),
            killed,
        )
        return Phase("killed", calling.done(), self.client.handed(SETTLED_WITHIN_S), back)

    def _frozen(self) -> Phase:
        begun = self.clock.monotonic()
        with frozen(self._recorder()):
            over_s = max(0.5, self.plan.frozen_s - self.plan.lasts_s)
            placed = self.exchange.place(self._numbers, self.plan.calls, over_s, self.plan.lasts_s).done()
            self._wait.wait(max(0.0, begun + self.plan.frozen_s - self.clock.monotonic()))
        thawed = self.clock.monotonic()
        back = self._until(lambda: self.client.well(1.0), thawed)
        return Phase("frozen", placed, self.client.handed(SETTLED_WITHIN_S), back)

    def _filled(self) -> Phase:
        with simulate_full_disk(self.installation.runtime / FULL_ORDER):
            if self._until(self._is_full, self.clock.monotonic()) is None:
                raise DrillError(
                    "The recorder does not notice that its store is full.", advice="Look at its log."
                )
            calling = self.exchange.place(self._numbers, self.plan.calls, self.plan.over_s, self.plan.lasts_s)
            placed = calling.done()
        room = self.clock.monotonic()
        back = self._until(lambda: self.state() == "" and self.client.well(1.0), room)
        return Phase("filled", placed, self.client.handed(BACK_WITHIN_S), back)

    def _is_full(self) -> bool:
        return self.state() == "storage-full" and self.client.full(1.0)

    def state(self) -> str | None:
        """Cause why the drill's line takes no calls; empty while it does, None before its recorder knows it."""
        view = queries.source(self.line_id)
        return view.cause if view.health is not None else None

    def await_line(self) -> None:
        """Wait until calls of the drill's line are recorded; DrillError where they are not."""
        make_keys()
        if self._until(lambda: self.state() == "" and self.client.well(1.0), self.clock.monotonic()) is None:
            raise DrillError(
                "The recorder does not take calls of the drill.",
                advice="See what it says of its lines: rejent source list DIR",
            )

    def _recorder(self) -> int:
        return recorder_of(self.installation)

    def _until(self, look: Callable[[], bool], since: float) -> float | None:
        while self.clock.monotonic() - since < BACK_WITHIN_S:
            if look():
                return round(self.clock.monotonic() - since, 1)
            self._wait.wait(LOOK_S)
        return None


def recorder_of(installation: Installation) -> int:
    """Return the process that records calls here; DrillError where there is none."""
    found = running_pid(CALLS, installation.runtime)
    if found is None:
        raise DrillError(
            "No recorder of calls runs here.",
            advice="Start it first: rejent run DIR, in another terminal or as a service.",
        )
    return found


@contextmanager
def frozen(process: int) -> Iterator[None]:
    """Freeze a process until the end of the block; a guard process thaws it even if this one dies."""
    guard = subprocess.Popen(
        ["/bin/sh", "-c", 'read -r over; kill -CONT "$1"', "sh", str(process)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        os.kill(process, signal.SIGSTOP)
        yield
    finally:
        with suppress(OSError):
            guard.communicate(b"\n")


@contextmanager
def line_of_its_own(host: str, port: int, clock: Clock) -> Iterator[str]:
    """Add a line for the drill's calls at an address in use, without those of aborted drills; remove it after the block."""
    _strike_off(clock)
    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    when = clock.now().astimezone(OFFICE_ZONE)
    try:
        stated = StatedLine(siprec=shown, numbers=(DRILLED,), callers=(host,))
        yield call_services.add_line(
            name=f"Drill {when:%Y-%m-%d %H:%M:%S}", stated=stated, clock=clock, actor=ACTOR, drill=True
        )
    finally:
        _strike_off(clock)


def _strike_off(clock: Clock) -> None:
    for line in call_queries.drill_lines():
        with suppress(NoSuchSourceError):
            services.remove_source(line, clock=clock, actor=ACTOR)


def make_keys() -> None:
    """Make the key of the drill's line at once; where keys are elsewhere, the keeper there does so in its next round."""
    try:
        keeping = settings.KEEPING()
        with keeping.alone():
            retention.keys_ahead(keeping)
    except (RejentError, OSError) as error:
        code = error.code if isinstance(error, RejentError) else type(error).__name__
        log.warning("drill.no-key-made", code=code)


def causes_of(line_id: str, since: datetime, clock: Clock) -> list[str]:
    """Return the causes of the line's gaps, in order."""
    return [gap.cause for gap in queries.gaps(line_id, since, clock.now())]
