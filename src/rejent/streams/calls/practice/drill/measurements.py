"""Evaluate a drill."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from rejent.kernel.numbers import read_decimal


@dataclass(frozen=True, slots=True)
class Placed:
    """Results of placed calls: milliseconds from INVITE to 200 of each established call, and how many ended regularly."""

    calls: int
    set_up_ms: tuple[float, ...]
    ended: int


def read_times(written: str, calls: int) -> Placed:
    """Parse sipp's response times (``-trace_rtt``): instant, milliseconds, name."""
    rows = [line.strip().split(";") for line in written.splitlines()]
    read = [
        (row[2], read_decimal(row[1], most=1e9))
        for row in rows
        if len(row) >= 3 and row[2] in {"invite", "bye"}
    ]
    times = [(what, ms) for what, ms in read if ms is not None]
    stood = tuple(sorted(ms for what, ms in times if what == "invite"))
    return Placed(calls, stood, sum(what == "bye" for what, _ in times))


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that this share does not exceed; 0 for no values."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * int(share * 100) // 100) - 1))]


@dataclass(frozen=True, slots=True)
class HandOverCounts:
    """Numbers of calls accepted in time, accepted after the call, rejected and unanswered, with the 95th percentile."""

    recorded: int = 0
    late: int = 0
    refused: int = 0
    unanswered: int = 0
    answer_p95_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the drill; ``back_s`` are seconds until the recorder took calls again, None if it never did."""

    name: str
    placed: Placed
    handed: HandOverCounts
    back_s: float | None = 0.0

    @property
    def row(self) -> dict[str, object]:
        """The facts as in the ledger."""
        times = self.placed.set_up_ms
        return {
            "phase": self.name,
            "calls": self.placed.calls,
            "set_up": len(times),
            "ended": self.placed.ended,
            "p50_ms": round(median(times), 1) if times else 0.0,
            "p95_ms": round(percentile(times, 0.95), 1),
            "max_ms": round(max(times, default=0.0), 1),
            **asdict(self.handed),
            "back_s": self.back_s,
        }


def order_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Return a phase's facts from the ledger, in the order of `Phase.row`."""
    order = list(Phase("", Placed(0, (), 0), HandOverCounts()).row)
    return dict(
        sorted(facts.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Effect of the recorder: the slowest set-up under disturbance minus the median without, calls lost, and its return."""

    added_ms: float
    bound_ms: float
    lost: int
    returned: bool

    @property
    def passed(self) -> bool:
        """True if no call was lost or delayed, and recording resumed."""
        return not self.lost and self.added_ms <= self.bound_ms and self.returned


def evaluate(phases: Sequence[Phase], bound_ms: float) -> Evaluation:
    """Judge a drill whose first phase is undisturbed."""
    usual = median(phases[0].placed.set_up_ms) if phases[0].placed.set_up_ms else 0.0
    slowest = max((ms for phase in phases[1:] for ms in phase.placed.set_up_ms), default=usual)
    lost = sum(2 * each.placed.calls - len(each.placed.set_up_ms) - each.placed.ended for each in phases)
    returned = all(phase.back_s is not None for phase in phases)
    return Evaluation(round(max(0.0, slowest - usual), 1), bound_ms, lost, returned)
