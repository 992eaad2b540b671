"""The statute's rules of each stream: a kind of stream declares its own; those that nothing records are here."""

from collections.abc import Iterator
from dataclasses import replace

from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands, periods
from rejent.office.regulation.findings import Problem
from rejent.office.regulation.provisions import Purpose, Regulation
from rejent.office.regulation.vocabulary import MONITORED_WORK, UNRECORDED, Ground
from rejent.office.stream_parts import SECTIONS, Section

OTHER_GROUNDS = frozenset({Ground.WORKING_TIME, Ground.PROPER_USE})

_OTHER, _WORK = Demands(), Demands()
_demand = _OTHER.enlist


@_demand("sound")
def _no_microphone_is_ever_on(case: Case) -> Iterator[Problem]:
    if case.rules.sound:
        template = "Sound is recorded in calls only; no microphone is ever switched on."
        yield case.broken(law.FORBIDDEN_SPYING, template, "sound")


@_demand("retention", "purposes")
def _a_period_without_statute_has_a_reason(case: Case) -> Iterator[Problem]:
    for key, period in periods(case.rules):
        if not period.reason:
            yield case.broken(
                law.STORAGE_LIMIT, "No statute sets this period, so it needs a reason.", *key, "reason"
            )


@_WORK.enlist("events")
def _monitored_events_are_listed(case: Case) -> Iterator[Problem]:
    if not case.rules.events:
        yield case.broken(law.REGULATION_FIRST, "State which events are recorded.", "events")


OTHER_MONITORING = Section(
    demands=(_OTHER,),
    purposes=law.PURPOSES_OF_MAIL,
    grounds=lambda _: OTHER_GROUNDS,
    period_may_wait=True,
)
"""Rules of every other form of monitoring (Labour Code art. 22³)."""
_WORK_SECTION = replace(OTHER_MONITORING, demands=(_OTHER, _WORK), own_keys=frozenset({"events"}))


def section_of(stream: str) -> Section:
    """Return the statute's rules of a stream; raise `UnknownStreamError`."""
    if stream in UNRECORDED and stream not in SECTIONS:
        return _WORK_SECTION if stream in MONITORED_WORK else OTHER_MONITORING
    return SECTIONS.of(stream)


def flagged(regulation: Regulation, stream: str, purpose: Purpose) -> bool:
    """Return whether a purpose may not be chosen until the data protection officer states a position (R-OPEN-8)."""
    listed = section_of(stream).grounds(regulation)
    outside = purpose.ground is Ground.OUTSIDE_STATUTE if listed is None else purpose.ground not in listed
    return outside and not purpose.position
