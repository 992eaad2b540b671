"""Applications that wait, each as a bar from the day it was received to the last day to decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rejent.cases import queries
from rejent.cases.views import CaseView
from rejent.web.cases.words import kind_title
from rejent.web.pages.plots import DayAxis, Mark

MOST = 8
"""Applications of the plot, those due first; the list has them all."""
LONGEST_PAST = timedelta(days=60)
"""How far back the axis goes at most, so that one old application does not press all others together."""


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The axis, the applications with their kinds in words and marks, and whether there are more."""

    axis: DayAxis
    rows: list[tuple[CaseView, str, list[Mark]]]
    more: bool
    late: bool


def open_cases(today: date) -> OpenCases | None:
    """Return the applications that wait, those due first; None where none does."""
    waiting = queries.waiting(MOST + 1)
    shown = waiting[:MOST]
    if not shown:
        return None
    axis = _axis(shown, today)
    rows = [(one, kind_title(one.application.kind), list(_marks(one, axis, today))) for one in shown]
    return OpenCases(axis, rows, more=len(waiting) > MOST, late=shown[0].decide_by < today)


def _axis(shown: Sequence[CaseView], today: date) -> DayAxis:
    first = min(one.application.received_on for one in shown)
    last = max(one.decide_by for one in shown)
    return DayAxis(max(min(first, today), today - LONGEST_PAST), max(last, today))


def _marks(view: CaseView, axis: DayAxis, today: date) -> Iterator[Mark]:
    yield axis.draw_span("span", view.application.received_on, view.decide_by)
    if view.decide_by < today:
        yield axis.draw_span("late", view.decide_by + timedelta(days=1), today)
    yield axis.draw_day(today)
