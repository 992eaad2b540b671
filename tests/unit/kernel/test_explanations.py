"""A retention limit explains itself in four lines."""

from datetime import UTC, date, datetime

import pytest

from rejent.kernel.explanations import Suspension, explain_retention
from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import RetentionKind, RetentionRule, Unit, deadlines

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def said(explanation):
    """The four lines in plain English."""
    return [" ".join(str(sentence) for sentence in line) for line in explanation.lines]


def test_a_maximum_says_that_it_never_moves():
    """A retention limit names its day, its rule and that a hold suspends it."""
    term = deadlines(
        RetentionRule(30, Unit.DAYS, RetentionKind.MAXIMUM, clause="§ 3 ust. 4"), date(2026, 11, 21)
    )
    assert said(explain_retention(term, NOW)) == [
        "The recording is destroyed on Monday, 21 December 2026. 30 days left.",
        "Recorded: Saturday, 21 November 2026. That day is not counted.",
        "Retention: up to 30 days (§ 3 ust. 4). This limit is not moved to a working day.",
        "A hold suspends destruction.",
    ]


def test_a_fixed_period_says_that_its_last_day_can_still_be_read():
    """A fixed period is readable through the day it names, today included."""
    term = deadlines(RetentionRule(3, Unit.MONTHS, RetentionKind.FIXED), date(2026, 8, 21))
    lines = said(explain_retention(term, NOW))
    assert lines[0] == (
        "The recording can be read through Saturday, 21 November 2026 and is destroyed when that day ends."
        " It ends today."
    )
    assert lines[2].startswith("Retention: 3 months.")


HELD_TERM = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.MAXIMUM), date(2026, 11, 21))
AFTER = datetime(2026, 12, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("now", "left"), [(NOW, "30 days left."), (AFTER, "It ended 1 day ago.")])
def test_what_is_held_is_not_said_to_be_destroyed_on_a_day(now, left):
    """Before and after its term, a recording that is held altogether lives until the hold is ended."""
    held = [Suspension("Z-2026-2", date(2027, 2, 1))]
    assert said(explain_retention(HELD_TERM, now, holds=held, all_held=True))[0] == (
        "Held: Z-2026-2, until the hold is ended (review by Monday, 1 February 2027)."
        f" Destroyed at once after that if the term is over by then. Term: Monday, 21 December 2026. {left}"
    )


def test_what_is_held_in_part_says_which_part():
    """Where a hold keeps a part of the day, the rest keeps its day of destruction and the part has its hold."""
    held = [Suspension("Z-2026-2", date(2027, 2, 1), "18:52:59–18:54:00")]
    assert said(explain_retention(HELD_TERM, NOW, holds=held))[0] == (
        "The recording is destroyed on Monday, 21 December 2026. 30 days left."
        " Held: Z-2026-2, 18:52:59–18:54:00, until the hold is ended (review by Monday, 1 February 2027)."
        " Destroyed at once after that if the term is over by then."
    )
    assert said(explain_retention(HELD_TERM, AFTER, holds=held))[0] == (
        "Held: Z-2026-2, 18:52:59–18:54:00, until the hold is ended (review by Monday, 1 February 2027)."
        " Destroyed at once after that if the term is over by then."
        " Term: Monday, 21 December 2026. It ended 1 day ago."
    )


class Shouting:
    """A language made up for the test."""

    def gettext(self, message):
        """The message in capitals, its places untouched."""
        return message.upper().replace("{DAY}", "{day}")

    def ngettext(self, singular, plural, number):
        """Either form in capitals."""
        return self.gettext(singular if number == 1 else plural)

    def day(self, day):
        """The date as ISO 8601."""
        return day.isoformat()


def test_nested_facts_are_said_in_the_same_language():
    """A sentence inside a sentence, and a date, follow the language of the outer one."""
    outer = Sentence("{day} x", {"day": Sentence("on {day}", {"day": date(2026, 1, 2)})})
    assert outer.render(Shouting()) == "ON 2026-01-02 X"
