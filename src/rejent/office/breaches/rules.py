"""The clocks of a breach: hours run on UTC through nights, weekends and changes of the clock; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rejent.kernel.clock import civil_date
from rejent.kernel.terms import Length, Unit, end_of_day

TO_AUTHORITY = timedelta(hours=72)
"""From becoming aware, to the supervisory authority (GDPR art. 33(1))."""
WARNING = timedelta(hours=24)
"""From becoming aware, the early warning of a serious incident (directive 2022/2555 art. 23(4)(a))."""
REPORT = timedelta(hours=72)
"""From becoming aware, its report (art. 23(4)(b))."""
FINAL = Length(1, Unit.MONTHS)
"""From that report, the final report (art. 23(4)(d))."""


@dataclass(frozen=True, slots=True)
class BreachView:
    """A breach or incident; ``not_notified`` and ``not_told`` are the reasons why nobody was, empty otherwise."""

    number: str
    personal_data: bool
    incident: bool
    found_at: datetime
    facts: str = field(repr=False)
    effects: str = field(repr=False)
    remedies: str = field(repr=False)
    notified_at: datetime | None
    not_notified: str = field(repr=False)
    told_at: datetime | None
    not_told: str = field(repr=False)
    warned_at: datetime | None
    reported_at: datetime | None
    final_at: datetime | None
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str


@dataclass(frozen=True, slots=True)
class StepClock:
    """A step with its end: its name, until when, when it was taken; ``excused`` where a reason stands why it is not."""

    step: str
    ends_at: datetime
    done_at: datetime | None
    excused: bool = False

    @property
    def open(self) -> bool:
        """Return whether the step is still to be taken."""
        return self.done_at is None and not self.excused

    def late(self, now: datetime) -> bool:
        """Return whether its end passed before it was taken."""
        return not self.excused and (self.done_at or now) > self.ends_at


def clocks(breach: BreachView) -> Iterator[StepClock]:
    """Yield the clocks of a breach in the order of their ends; the final report's runs once the report is given."""
    if breach.incident:
        yield StepClock("warned_at", breach.found_at + WARNING, breach.warned_at)
    if breach.personal_data:
        ends = breach.found_at + TO_AUTHORITY
        yield StepClock("notified_at", ends, breach.notified_at, bool(breach.not_notified))
    if breach.incident:
        yield StepClock("reported_at", breach.found_at + REPORT, breach.reported_at)
        if breach.reported_at is not None:
            ends = end_of_day(FINAL.after(civil_date(breach.reported_at)))
            yield StepClock("final_at", ends, breach.final_at)


def lacking(breach: BreachView) -> list[str]:
    """Return the names of what must stand in the log before a breach is closed (GDPR art. 33(5))."""
    found = [name for name in ("effects", "remedies") if not getattr(breach, name)]
    found += [each.step for each in clocks(breach) if each.open]
    if breach.incident and breach.reported_at is None:
        found.append("final_at")
    if breach.personal_data and breach.told_at is None and not breach.not_told:
        found.append("told_at")
    return found
