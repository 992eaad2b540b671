"""How long a regulation has things kept, held against the statute: the ceiling of video, reasons, applications, holds, copies."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

from rejent.kernel.terms import (
    Length,
    RetentionKind,
    RetentionRule,
    Unit,
    deadline_to_act,
    first_day_beyond,
    working_days_after,
)
from rejent.office import law
from rejent.office.demands import Case, Demands
from rejent.office.findings import Problem, Severity
from rejent.office.provisions import StreamRules
from rejent.office.toml_lines import Path
from rejent.office.vocabulary import CopyOrigin, HoldTrigger, StreamName

THREE_MONTHS = Length(3, Unit.MONTHS)
WORK_AFTER_WINDOW = 2
"""Working days that an application filed on its last day must still find the recording alive."""

_WITHOUT_OWN_PERIOD = frozenset({StreamName.MAIL, StreamName.ACTIVITY, StreamName.NETWORK})

PERIODS = Demands()
_demand = PERIODS.enlist


@_demand("retention", "purposes")
def _every_stream_has_a_period(case: Case) -> Iterator[Problem]:
    if case.rules.retention is not None:
        return
    if case.name in _WITHOUT_OWN_PERIOD:
        template = "No retention is set for every purpose: the stream stays off until the office sets it, with a reason."
        yield case.broken(law.STORAGE_LIMIT, template, severity=Severity.FLAG)
    else:
        yield case.broken(law.STORAGE_LIMIT, "The stream has no retention.", "retention")


def _periods(rules: StreamRules) -> Iterator[tuple[Path, RetentionRule]]:
    if rules.stream_retention is not None:
        yield ("retention",), rules.stream_retention
    for index, purpose in enumerate(rules.purposes):
        if purpose.retention is not None:
            yield ("purposes", index, "retention"), purpose.retention


@_demand("retention", "purposes", of=frozenset({StreamName.VIDEO}))
def _video_is_kept_three_months_at_most(case: Case) -> Iterator[Problem]:
    for key, period in _periods(case.rules):
        origin = first_day_beyond(period.length, THREE_MONTHS)
        if origin is not None:
            template = (
                "Recorded on {day}, a picture would be kept through {last_day}; three months end on {limit}."
            )
            yield case.broken(
                law.VIDEO_CEILING,
                template,
                *key,
                "count",
                day=origin,
                last_day=period.length.after(origin),
                limit=THREE_MONTHS.after(origin),
            )


@_demand("retention", "purposes", of=_WITHOUT_OWN_PERIOD)
def _a_period_without_statute_has_a_reason(case: Case) -> Iterator[Problem]:
    for key, period in _periods(case.rules):
        if not period.reason:
            yield case.broken(
                law.STORAGE_LIMIT, "No statute sets this period, so it needs a reason.", *key, "reason"
            )


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


@_demand("extension.triggers", of=frozenset({StreamName.VIDEO}))
def _knowledge_suffices_for_a_hold(case: Case) -> Iterator[Problem]:
    missing = {HoldTrigger.EVIDENCE, HoldTrigger.KNOWLEDGE} - set(case.rules.extension.triggers)
    if missing:
        yield case.broken(
            law.EVIDENCE,
            "The statute also keeps recordings for: {triggers}. Holds on these grounds stay possible.",
            "extension",
            "triggers",
            severity=Severity.FLAG,
            triggers=", ".join(sorted(missing)),
        )


@_demand("copies.lifetime", "copies.lifetime_from", of=frozenset({StreamName.VIDEO}))
def _copies_may_outlive_the_ceiling(case: Case) -> Iterator[Problem]:
    lifetime = case.rules.copies.lifetime
    if lifetime is None:
        return
    from_making = case.rules.copies.lifetime_from is CopyOrigin.MAKING
    if from_making or first_day_beyond(lifetime, THREE_MONTHS) is not None:
        yield case.broken(
            law.VIDEO_CEILING,
            "A copy may outlive three months from the recording: then it needs the stored finding that it may be "
            "evidence, else its life is cut to three months.",
            "copies",
            "lifetime",
            severity=Severity.FLAG,
        )
