"""Days that people type about an opening of messages, and among those opened, are the days they mean."""

from datetime import UTC, date, datetime

import pytest
from django.conf import LazySettings

from rejent.kernel.clock import ManualClock
from rejent.streams.mail.pages.openings import OpeningForm
from rejent.streams.mail.pages.viewing import SearchForm

TODAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(settings: LazySettings) -> None:
    settings.CLOCK = ManualClock(TODAY)


@pytest.mark.parametrize(
    ("name", "typed", "expected"),
    [
        ("first", "23.11", date(2026, 11, 23)),
        ("last", "wczoraj", date(2026, 11, 23)),
        ("first", "30.12", date(2025, 12, 30)),
        ("expires_on", "3.12", date(2026, 12, 3)),
        ("expires_on", "2.1", date(2027, 1, 2)),
        ("expires_on", "jutro", date(2026, 11, 25)),
        ("expires_on", "w czwartek", date(2026, 11, 26)),
    ],
)
def test_an_opening_is_of_days_that_were_and_is_read_until_one_that_comes(
    name: str, typed: str, expected: date
) -> None:
    """Without a year the days of the messages are the last such days, and the last day of reading is the next one."""
    form = OpeningForm({name: typed})
    form.is_valid()
    assert form.cleaned_data[name] == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("23.11", date(2026, 11, 23)), ("wczoraj", date(2026, 11, 23)), ("w środę", date(2026, 11, 18))],
)
def test_messages_are_searched_by_days_that_were(typed: str, expected: date) -> None:
    """Both ends of the search among opened messages are the last such days."""
    form = SearchForm({"since": typed, "until": typed})
    assert form.is_valid(), form.errors
    assert (form.cleaned_data["since"], form.cleaned_data["until"]) == (expected, expected)
