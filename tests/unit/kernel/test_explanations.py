"""A deadline explains itself in four lines."""

from datetime import UTC, date, datetime

import pytest

from rejent.kernel.explanations import DeadlinePurpose, Suspension, explain_deadline, explain_retention
from rejent.kernel.sentences import Sentence
from rejent.kernel.terms import Length, RetentionKind, RetentionRule, Unit, deadline_to_act, deadlines

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def said(explanation):
    """The four lines in plain English."""
    return [" ".join(str(sentence) for sentence in line) for line in explanation.lines]


def test_a_deadline_that_moved_says_over_what():
    """The clerk reads the day, the event, the free days between, and the grounds."""
    deadline = deadline_to_act(date(2026, 11, 7), Length(14, Unit.DAYS))
    explanation = explain_deadline(
        deadline, DeadlinePurpose.FILE_APPLICATION, NOW, clause="§ 6 ust. 4", posting_date_counts=True
    )
    assert said(explanation) == [
        "Last day to file the application: Monday, 23 November 2026, until the end of the day. 2 days left.",
        "Event: Saturday, 7 November 2026. That day is not counted.",
        (
            "Term: 14 days; its last day is Saturday, 21 November 2026. Saturday, 21 November 2026 is free: Saturday."
            " Sunday, 22 November 2026 is free: Sunday. So the term moves to Monday, 23 November 2026."
        ),
        (
            "Grounds: § 6 ust. 4; counting: Code of Administrative Procedure art. 57."
            " The day of posting at a post office counts."
        ),
    ]
    assert explanation.holidays == "PL-2025-02-01"


def test_a_deadline_that_did_not_move_says_so():
    """A term that ends on a working day stays there, and one that is over says how long."""
    deadline = deadline_to_act(date(2026, 11, 6), Length(14, Unit.DAYS))
    lines = said(explain_deadline(deadline, DeadlinePurpose.DECIDE, NOW))
    assert lines[0].endswith("It ended 1 day ago.")
    assert lines[2].endswith("It is a working day, so the term does not move.")
    assert lines[3] == "Counting: Code of Administrative Procedure art. 57."


def test_a_maximum_says_that_it_never_moves():
    """A retention limit names its day, its rule and that a hold suspends it."""
    term = deadlines(
        RetentionRule(30, Unit.DAYS, RetentionKind.MAXIMUM, clause="§ 3 ust. 4"), date(2026, 11, 21)
    )
    assert said(explain_retention(term, NOW)) == [
        "The recording exists through Sunday, 20 December 2026, until midnight. 29 days left.",
        "Recorded: Saturday, 21 November 2026. That day is not counted.",
        "Retention: up to 30 days (§ 3 ust. 4). This limit is not moved to a working day.",
        "A hold suspends destruction.",
    ]


def test_a_fixed_period_says_that_its_last_day_can_still_be_read():
    """A fixed period is readable through the day it names, today included."""
    term = deadlines(RetentionRule(3, Unit.MONTHS, RetentionKind.FIXED), date(2026, 8, 21))
    lines = said(explain_retention(term, NOW))
    assert lines[0] == (
        "The recording exists through Saturday, 21 November 2026, until midnight. 14 hours left."
    )
    assert lines[2].startswith("Retention: 3 months.")


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 11, 21, 21, 0, tzinfo=UTC), "1 day left."),
        (datetime(2026, 11, 22, 21, 0, tzinfo=UTC), "2 hours left."),
        (datetime(2026, 11, 22, 22, 30, tzinfo=UTC), "30 minutes left."),
        (datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC), "1 minute left."),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), "The term is over."),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "It ended 1 day ago."),
    ],
)
def test_two_hours_before_midnight_are_not_a_day(now, left):
    """What must be gone on Monday can be used through Sunday, and on Sunday evening the hours are told."""
    term = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.MAXIMUM), date(2026, 10, 24))
    assert said(explain_retention(term, now))[0] == (
        f"The recording exists through Sunday, 22 November 2026, until midnight. {left}"
    )


HELD_TERM = deadlines(RetentionRule(30, Unit.DAYS, RetentionKind.MAXIMUM), date(2026, 11, 21))
AFTER = datetime(2026, 12, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(("now", "left"), [(NOW, "29 days left."), (AFTER, "It ended 1 day ago.")])
def test_what_is_held_is_not_said_to_be_destroyed_on_a_day(now, left):
    """Before and after its term, a recording that is held altogether lives until the hold is ended."""
    held = [Suspension("Z-2026-2", date(2027, 2, 1))]
    assert said(explain_retention(HELD_TERM, now, holds=held, all_held=True))[0] == (
        "Held: Z-2026-2, until the hold is ended (review by Monday, 1 February 2027)."
        f" Destroyed at once after that if the term is over by then. Term: through Sunday, 20 December 2026, until midnight. {left}"
    )


def test_what_is_held_in_part_says_which_part():
    """Where a hold keeps a part of the day, the rest keeps its day of destruction and the part has its hold."""
    held = [Suspension("Z-2026-2", date(2027, 2, 1), "18:52:59–18:54:00")]
    assert said(explain_retention(HELD_TERM, NOW, holds=held))[0] == (
        "The recording exists through Sunday, 20 December 2026, until midnight. 29 days left."
        " Held: Z-2026-2, 18:52:59–18:54:00, until the hold is ended (review by Monday, 1 February 2027)."
        " Destroyed at once after that if the term is over by then."
    )
    assert said(explain_retention(HELD_TERM, AFTER, holds=held))[0] == (
        "Held: Z-2026-2, 18:52:59–18:54:00, until the hold is ended (review by Monday, 1 February 2027)."
        " Destroyed at once after that if the term is over by then."
        " Term: through Sunday, 20 December 2026, until midnight. It ended 1 day ago."
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
