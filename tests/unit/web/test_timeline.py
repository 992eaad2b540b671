"""The timeline of a day: nothing merged away that matters."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.utils import translation

from rejent.catalog.views import GapView, SegmentView
from rejent.kernel.intervals import Interval
from rejent.web.player.timeline import DayAxis, timeline

AXIS = DayAxis(date(2026, 11, 21))


@dataclass(frozen=True)
class Kept:
    """A hold, as far as the timeline asks."""

    number: str
    case: str
    start: datetime
    end: datetime


def _at(seconds: float) -> datetime:
    return AXIS.start + timedelta(seconds=seconds)


def test_five_hundred_gaps_of_a_second_are_all_there() -> None:
    """Gaps are never joined: each has its own span, with its cause in words."""
    gaps = [GapView("s", _at(100 * number), _at(100 * number + 1), "stalled") for number in range(500)]
    with translation.override("pl"):
        line = timeline(AXIS, segments=[], gaps=gaps, holds=[], seen=[], now=_at(86400))
    assert len(line.of("fault")) == 500
    assert all("brak sygnału z kamery" in span.words for span in line.of("fault"))


def test_a_planned_gap_is_no_fault_and_an_open_one_runs_to_now() -> None:
    """What a person switched off is drawn in another colour; a gap without an end ends at the present."""
    gaps = [GapView("s", _at(10), _at(20), "switched-off"), GapView("s", _at(30), None, "unreachable")]
    line = timeline(AXIS, segments=[], gaps=gaps, holds=[], seen=[], now=_at(90))
    assert [(span.start_s, span.end_s) for span in line.of("planned")] == [(10, 20)]
    assert [(span.start_s, span.end_s) for span in line.of("fault")] == [(30, 90)]


def test_what_is_too_short_for_gaps_stands_in_the_sentence() -> None:
    """Short gaps are counted and summed over the day, and so are pictures that came and could not be kept, or were kept at another time."""
    parts = [
        _segment(0, 60, seams=1, seams_ms=400),
        _segment(60, 120, seams=2, seams_ms=811, dropped=29, retimed=2),
    ]
    with translation.override("pl"):
        line = timeline(AXIS, segments=parts, gaps=[], holds=[], seen=[], now=_at(120))
    assert line.summary.endswith(
        "Bez przerw. Krótkie przerwy, niewymienione osobno: 3, łącznie 1,2\u00a0s. "
        "Obrazy, które nadeszły, a których nie dało się zachować: 29. "
        "Obrazy z niemożliwym znacznikiem czasu, umieszczone między sąsiednimi albo według chwili nadejścia: 2."
    )


def test_spans_are_clipped_to_the_day_and_the_day_ends_at_24() -> None:
    """A gap over midnight is shown up to 24:00:00, a hold from the day before from 0."""
    gap = GapView("s", _at(86000), _at(90000), "stalled")
    hold = Kept("Z-1", "X", _at(-500), _at(500))
    line = timeline(
        AXIS, segments=[], gaps=[gap], holds=[hold], seen=[Interval(_at(1), _at(2))], now=_at(100000)
    )
    assert line.of("fault")[0].end_words == "24:00:00"
    assert (line.of("held")[0].start_s, line.of("held")[0].end_s) == (0, 500)
    assert line.of("seen")[0].length_s == 1


def test_the_course_tells_what_is_held_and_leaves_out_of_what_was_destroyed_what_survived() -> None:
    """After a destruction no two rows on recordings overlap, and the held stretch has its row with its number."""
    destroyed = _segment(0, 300, "destroyed")
    survivor = _segment(60, 120, "held")
    line = timeline(
        AXIS,
        segments=[destroyed, survivor],
        gaps=[],
        holds=[Kept("Z-2026-2", "X", _at(60), _at(120))],
        seen=[],
        now=_at(86400),
    )
    assert [(span.kind, span.start_s, span.end_s) for span in line.course] == [
        ("destroyed", 0, 60),
        ("recorded", 60, 120),
        ("held", 60, 120),
        ("destroyed", 120, 300),
    ]
    assert "Z-2026-2" in line.course[2].label


def _segment(start_s: float, end_s: float, state: str = "sealed", **counted: int) -> SegmentView:
    return SegmentView(
        id=uuid4(),
        source_id="s",
        day=AXIS.day,
        start=_at(start_s),
        end=_at(end_s),
        run="run-1",
        object_name="s/1.age",
        bytes=1,
        sha256="00",
        recipient="age1day",
        units=1,
        index=b"",
        recovered=False,
        tail=False,
        state=state,
        entry=1,
        traits={"codec": "avc1.640028", "width": 1920, "height": 1080},
        **counted,
    )


def test_the_sentence_above_the_axis_counts() -> None:
    """How much was recorded, how many gaps and how long, in the reader's plural forms."""
    gaps = [GapView("s", _at(60 * number), _at(60 * number + 30), "stalled") for number in range(5)]
    with translation.override("pl"):
        line = timeline(AXIS, segments=[], gaps=gaps, holds=[], seen=[], now=_at(86400))
        assert "5 przerw, " in line.summary
    with translation.override("en"):
        assert "5 gaps, " in line.summary
