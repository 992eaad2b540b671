"""What a drill measured: pure counting."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Placed:
    """How calls fared.

    Attributes:
        calls: how many were placed.
        set_up_ms: milliseconds from INVITE to 200, of each that stood.
        ended: how many ended in order after that.
    """

    calls: int
    set_up_ms: tuple[float, ...]
    ended: int


def read_times(told: str, calls: int) -> Placed:
    """What sipp wrote of its response times (``-trace_rtt``): instant, milliseconds, what was waited for."""
    rows = [line.strip().split(";") for line in told.splitlines()]
    times = [(row[2], float(row[1])) for row in rows if len(row) >= 3 and row[2] in {"invite", "bye"}]
    stood = tuple(sorted(ms for what, ms in times if what == "invite"))
    return Placed(calls, stood, sum(what == "bye" for what, _ in times))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed; 0 where there are none."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-len(ordered) * int(share * 100) // 100) - 1))]


@dataclass(frozen=True, slots=True)
class Handed:
    """How the recorder answered to calls that were handed over to it.

    Attributes:
        recorded: it took them while they were under way.
        late: it answered when the call was over.
        refused: it said that it takes none, so that the caller need not wait.
        unanswered: it said nothing.
        answer_p95_ms: how long an answer took.
    """

    recorded: int = 0
    late: int = 0
    refused: int = 0
    unanswered: int = 0
    answer_p95_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of the drill.

    Attributes:
        name: what was done to the recorder.
        placed: how calls fared meanwhile.
        handed: what the recorder did with them.
        back_s: seconds until the recorder took calls again; 0 where nothing was done to it, None where it never did.
    """

    name: str
    placed: Placed
    handed: Handed
    back_s: float | None = 0.0

    @property
    def row(self) -> dict[str, object]:
        """The facts, as they stand in the ledger."""
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


def in_order(facts: Mapping[str, object]) -> dict[str, object]:
    """The facts of a part as the ledger gives them back, in the order of `Phase.row`."""
    order = list(Phase("", Placed(0, (), 0), Handed()).row)
    return dict(
        sorted(facts.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    )


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether the recorder was in anybody's way.

    Attributes:
        added_ms: how much later than the usual call with a well recorder the slowest with a disturbed one stood.
        bound_ms: what is allowed.
        lost: calls that did not come about, or did not end in order.
        returned: the recorder took calls again after everything that was done to it.
    """

    added_ms: float
    bound_ms: float
    lost: int
    returned: bool

    @property
    def passed(self) -> bool:
        """Nobody was kept from calling, nobody had to wait, and recording went on."""
        return not self.lost and self.added_ms <= self.bound_ms and self.returned


def judged(phases: Sequence[Phase], bound_ms: float) -> Judgement:
    """Judge a drill whose first phase left the recorder alone."""
    usual = median(phases[0].placed.set_up_ms) if phases[0].placed.set_up_ms else 0.0
    slowest = max((ms for phase in phases[1:] for ms in phase.placed.set_up_ms), default=usual)
    lost = sum(2 * each.placed.calls - len(each.placed.set_up_ms) - each.placed.ended for each in phases)
    returned = all(phase.back_s is not None for phase in phases)
    return Judgement(round(max(0.0, slowest - usual), 1), bound_ms, lost, returned)
