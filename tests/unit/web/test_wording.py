"""Days, times, lengths and sizes as they are said in both languages."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from rejent.kernel.sentences import Sentence
from rejent.web.words import wording

FIRST_RUN = datetime(2026, 10, 25, 0, 25, 11, tzinfo=UTC)
SECOND_RUN = datetime(2026, 10, 25, 1, 25, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "said"), [("pl", "sobota, 21 listopada 2026 r."), ("en", "Saturday, 21 November 2026")]
)
def test_a_date_is_said_with_its_weekday(language: str, said: str) -> None:
    """Polish takes the genitive and a small letter, English a capital one."""
    with translation.override(language):
        assert wording.day_words(date(2026, 11, 21)) == said


def test_the_repeated_hour_is_told_apart() -> None:
    """The second run carries its letter."""
    with translation.override("pl"):
        assert wording.time_digits(FIRST_RUN) == "02:25:11"
        assert wording.time_digits(SECOND_RUN) == "02a:25:11"


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (datetime(2026, 11, 21, 13, 44, 10, tzinfo=UTC), "21.11.2026 14:30:00–14:44:10"),
        (datetime(2026, 11, 21, 23, 5, tzinfo=UTC), "21.11.2026 14:30:00–22.11.2026 00:05:00"),
    ],
)
def test_a_span_names_a_day_once(end: datetime, said: str) -> None:
    """The date is said a second time only where the office's day has changed."""
    assert wording.span_digits(datetime(2026, 11, 21, 13, 30, tzinfo=UTC), end) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 sekund"),
        (1, "1 sekunda"),
        (850, "14 minut 10 sekund"),
        (4320, "1 godzina 12 minut"),
        (90000, "1 dzień 1 godzina"),
        (22, "22 sekundy"),
        (-65, "−1 minuta 5 sekund"),
    ],
)
def test_a_length_takes_its_plural_form(seconds: float, said: str) -> None:
    """The two largest units, each in its form for 1, 2, 5 and 22."""
    with translation.override("pl"):
        assert wording.duration_words(seconds) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [(9, "jeszcze 9 dni"), (1, "jeszcze 1 dzień"), (0, "dziś do końca dnia"), (-2, "po terminie od 2 dni")],
)
def test_what_is_left_of_a_term_is_said(days: int, said: str) -> None:
    """Days left, the last day, and days overdue."""
    with translation.override("pl"):
        assert wording.days_left(days) == said


def test_sizes_and_numbers_are_grouped() -> None:
    """Decimal units with the language's own sign, thousands with a hard space."""
    with translation.override("pl"):
        assert wording.size_words(1_400_000_000) == "1,4\u00a0GB"
    with translation.override("en"):
        assert wording.size_words(1_400_000_000) == "1.4\u00a0GB"
    assert wording.number(48213) == "48\u00a0213"


def test_offsets_carry_their_sign() -> None:
    """A clock ahead, behind, right, or not measured."""
    with translation.override("pl"):
        assert wording.offset_words(2) == "+2\u00a0s"
        assert wording.offset_words(-65) == "−1\u00a0min 5\u00a0s"
        assert wording.offset_words(0.2) == "0\u00a0s"
        assert wording.offset_words(None) == "nie zmierzono"


def test_a_polish_date_at_the_end_brings_its_own_full_stop() -> None:
    """A sentence that ends with „2026 r.” does not end with two stops."""
    with translation.override("pl"):
        assert wording.sentence_words(Sentence("Recorded: {day}.", {"day": date(2026, 11, 21)})).endswith(
            "2026 r."
        )


@pytest.mark.parametrize(("language", "told"), [("pl", "„Hol”"), ("en", "“Hol”")])
def test_names_stand_in_the_quotation_marks_of_the_language(language: str, told: str) -> None:
    """A source's name in a sentence is quoted as the reader's language does it."""
    with translation.override(language):
        assert wording.quoted("Hol") == told


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((20, 23, 0), (21, 23, 0), "21.11.2026"),
        ((20, 23, 0), (22, 23, 0), "21.11.2026–22.11.2026"),
        ((20, 23, 0), (21, 22, 0), "21.11.2026 00:00:00–23:00:00"),
        ((21, 13, 30), (21, 13, 44), "21.11.2026 14:30:00–14:44:00"),
    ],
)
def test_whole_days_are_said_without_hours(
    start: tuple[int, int, int], end: tuple[int, int, int], said: str
) -> None:
    """From midnight to midnight of the office only the dates are said."""
    first, last = (datetime(2026, 11, *each, tzinfo=UTC) for each in (start, end))
    assert wording.period_digits(first, last) == said
