"""Plots: what is known is drawn to measure, what is not known is marked and called so, and a table says the same."""

import re
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse

from rejent.access import queries as access
from rejent.access import services as viewing
from rejent.catalog import queries as catalog
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office.views import PersonView
from rejent.web.cases.open_cases import open_cases
from rejent.web.pages.plots import HEIGHT, WIDTH, Column, DayAxis, draw_columns
from rejent.web.pages.source_days import source_days
from rejent.web.supervision.viewings_by_week import WEEKS, viewings_by_week
from rejent.web.words.acts import Names
from tests.unit.web.conftest import NOON, Browser, text_of
from tests.unit.web.test_call_pages import line
from tests.unit.web.test_case_pages import ENTER, GIVEN
from tests.unit.web.test_week_pages import Seen, seen

__all__ = ["line", "seen"]

Span = tuple[datetime, datetime]


def test_columns_stand_beside_each_other_and_nothing_that_is_there_vanishes() -> None:
    """A whole column is as high as the field, none is left empty, an unknown one is marked, a tiny part is still seen."""
    marks = draw_columns([Column(1.0), Column(0.0), Column(0.0001, 0.5), Column(None)])
    assert [one.kind for one in marks] == ["lower", "upper", "lower", "unknown"]
    assert (marks[0].y, marks[0].height) == (0, HEIGHT)
    assert [one.x // (WIDTH / 4) for one in marks] == [0, 2, 2, 3]
    assert marks[1].height == HEIGHT / 2
    assert marks[2].height == 2


def test_a_bar_ends_with_its_last_day_and_is_cut_off_at_the_axis() -> None:
    """Days are whole, both ends count, and what lies before the axis does not lengthen it."""
    axis = DayAxis(date(2026, 11, 1), date(2026, 11, 10))
    bar = axis.draw_span("span", date(2026, 10, 1), date(2026, 11, 5))
    assert (bar.x, bar.width) == (0, WIDTH / 2)
    assert axis.draw_day(date(2026, 11, 1)).x == WIDTH / 20


def test_a_source_tells_its_kept_days_and_of_which_nothing_is_known(
    browser: Browser, source: str, recording: Span, clock: ManualClock
) -> None:
    """Thirty days: before the camera was added there are no data, which is not nothing recorded; the table says the same."""
    del recording
    found = catalog.source(source, clock=clock)
    days = source_days(found, clock)
    assert days is not None
    assert (days.last - days.first).days == 29
    assert days.rows[0][0] == civil_date(clock.now())
    known = [one for _, one in days.rows if one]
    assert [one.summary.recorded_s for one in known if one.summary] == [120.0]
    assert sum(one.kind == "unknown" for one in days.marks) == 29
    page = text_of(browser("head").get(reverse("source", args=[source])))
    assert page.count("brak danych</td>") == 29
    assert re.search(r'data-title="Nagrano">2\s?min', page)


def test_a_line_that_rested_has_nothing_recorded_rather_than_no_data(line: str, clock: ManualClock) -> None:
    """A line without a call on a day was there; the days before it was added are not known."""
    clock.advance(timedelta(days=3))
    days = source_days(catalog.source(line, clock=clock), clock)
    assert days is not None
    assert [bool(one) for _, one in days.rows[:6]] == [True] * 4 + [False] * 2
    assert len([one for one in days.marks if one.kind == "unknown"]) == len(days.rows) - 4


def test_viewings_are_counted_by_week_and_purpose(
    browser: Browser, people: dict[str, PersonView], source: str, seen: Seen, clock: ManualClock
) -> None:
    """Weeks before the register began have no data, later ones without a viewing have none; narrowed rows have no plot."""
    purposes = list(access.purposes("video", clock=clock))
    viewing.open_viewing(
        person=people["viewer"], source_id=source, start=NOON - timedelta(hours=1), end=NOON,
        purpose=purposes[1], case="OR.1", session="s", clock=clock, acknowledged=True,
    )  # fmt: skip
    seen()
    seen()
    clock.advance(timedelta(weeks=2))
    found = viewings_by_week(settings.CLOCK.now(), Names())
    assert found is not None
    assert (len(found.weeks), found.highest) == (WEEKS, 2)
    assert [one.count for one in found.purposes] == [2, 1]
    assert found.purposes[0].counts[:3] == [0, 0, 2]
    assert found.purposes[0].counts[-1] is None
    client = browser("iod")
    page = text_of(client.get(reverse("viewings")))
    assert "Odtworzenia w tygodniu według celu" in page
    assert 'data-title="' + found.purposes[0].purpose + '">brak danych' in page
    assert "Odtworzenia w tygodniu" not in text_of(client.get(reverse("viewings"), {"week": "2026-W47"}))


def test_open_applications_show_their_time_and_what_is_late(
    browser: Browser, source: str, clock: ManualClock
) -> None:
    """A bar from the day of receipt to the last day to decide; past it the overdue days are marked and said."""
    assert open_cases(civil_date(NOON)) is None
    browser("clerk").post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    found = open_cases(civil_date(NOON))
    assert found is not None
    assert not found.late
    (view, _, marks) = found.rows[0]
    assert [one.kind for one in marks] == ["span", "today"]
    assert (marks[0].x, round(marks[0].x + marks[0].width)) == (0, WIDTH)
    clock.advance(timedelta(days=(view.decide_by - civil_date(NOON)).days + 3))
    page = text_of(browser("clerk").get(reverse("cases")))
    assert "Czekają na decyzję" in page
    assert 'class="late"' in page
    assert "po terminie od 3 dni" in page
    assert "Czekają na decyzję" not in text_of(browser("clerk").get(reverse("cases"), {"state": "granted"}))
