"""Checking a regulation's periods against the statute."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from rejent.kernel.terms import (
    Length,
    RetentionKind,
    RetentionRule,
    deadline_to_act,
    working_days_after,
)
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands
from rejent.office.regulation.findings import Problem, Severity
from rejent.office.regulation.sections import section_of

WORK_AFTER_WINDOW = 2
"""Working days for which the recording must still exist after an application filed on its last day."""

PERIODS = Demands()
_demand = PERIODS.enlist


@_demand("retention", "purposes")
def _every_stream_has_a_period(case: Case) -> Iterator[Problem]:
    if case.rules.retention is not None:
        return
    if section_of(case.name).period_may_wait:
        template = "No retention is set for every purpose: the stream stays off until the office sets it, with a reason."
        yield case.broken(law.STORAGE_LIMIT, template, severity=Severity.FLAG)
    else:
        yield case.broken(law.STORAGE_LIMIT, "The stream has no retention.", "retention")


@_demand("retention", "purposes", "preservation.window", "preservation.posting_date_counts")
def _recordings_outlive_the_time_for_applications(case: Case) -> Iterator[Problem]:
    window = case.rules.preservation.window
    period = case.rules.retention
    if window is None or period is None:
        return
    origin = _event_lost_to_its_applicant(period, window)
    if origin is not None:
        yield case.broken(
            law.APPLICATION_WINDOW,
            "Who saw an event on {day} may apply through {deadline}; the recording may be gone on {last_day}.",
            "preservation",
            "window",
            day=origin,
            deadline=deadline_to_act(origin, window).last_day,
            last_day=period.length.after(origin),
        )


@lru_cache(maxsize=64)
def _event_lost_to_its_applicant(period: RetentionRule, window: Length) -> date | None:
    for offset in range(_YEARS_LOOKED_AT * 365):
        origin = _FIRST_DAY_LOOKED_AT + timedelta(days=offset)
        needed = working_days_after(deadline_to_act(origin, window).last_day, WORK_AFTER_WINDOW)
        last_day = period.length.after(origin)
        last_sure_day = last_day if period.kind is RetentionKind.FIXED else last_day - timedelta(days=1)
        if needed > last_sure_day:
            return origin
    return None


_FIRST_DAY_LOOKED_AT = date(2026, 1, 1)
_YEARS_LOOKED_AT = 6
