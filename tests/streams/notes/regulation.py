"""Notes by the statute: another form of monitoring, whose period needs a reason."""

from collections.abc import Iterator

from rejent.notices.stream_parts import Sayings
from rejent.office.regulation import law
from rejent.office.regulation.demands import Case, Demands, periods
from rejent.office.regulation.findings import Problem
from rejent.office.regulation.vocabulary import Ground
from rejent.office.stream_parts import Section

_DEMANDS = Demands()


@_DEMANDS.enlist("retention", "purposes")
def _a_period_has_a_reason(case: Case) -> Iterator[Problem]:
    for key, period in periods(case.rules):
        if not period.reason:
            template = "No statute sets this period, so it needs a reason."
            yield case.broken(law.STORAGE_LIMIT, template, *key, "reason")


SECTION = Section(
    demands=(_DEMANDS,),
    purposes=law.PURPOSES_OF_MAIL,
    grounds=lambda _: frozenset({Ground.WORKING_TIME, Ground.PROPER_USE}),
)

SAYINGS = Sayings(
    name="notes of work",
    recorded="What is written down of work, with its time.",
    data=("text", "time"),
    people=("staff",),
    provision="Whoever works here writes notes.",
)
