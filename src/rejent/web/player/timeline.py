"""The timeline of a day: spans in elapsed seconds, their words, and one sentence above them.

Merging may swallow recorded time, never a gap: every gap is kept, counted, and drawn at least two pixels wide.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext, ngettext

from rejent.catalog.views import GapView, SegmentView, Short
from rejent.kernel.clock import OFFICE_ZONE, civil_date, day_length, local_midnight
from rejent.kernel.explanations import Explanation, Suspension, explain_retention
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.terms import deadlines
from rejent.office import queries as office
from rejent.retention.queries import HoldView
from rejent.web.words.states import cause_words, is_planned
from rejent.web.words.wording import (
    HARD_SPACE,
    clock_span,
    duration_short,
    end_digits,
    lasting,
    short_words,
    whole_seconds,
)

HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class HourMark:
    """One hour of the axis: where it begins, in elapsed seconds, and how the clock calls it."""

    at_s: int
    label: str


@dataclass(frozen=True, slots=True)
class DayAxis:
    """One civil date of the office as an axis."""

    day: date

    @property
    def start(self) -> datetime:
        """The midnight it begins at, in UTC."""
        return local_midnight(self.day)

    @property
    def length_s(self) -> int:
        """The length of the day: 86,400 seconds, or an hour more or less."""
        return int(day_length(self.day).total_seconds())

    @property
    def interval(self) -> Interval:
        """The whole day."""
        return Interval(self.start, self.start + timedelta(seconds=self.length_s))

    def elapsed(self, instant: datetime) -> float:
        """Seconds since midnight, clipped to the day."""
        return min(max((instant - self.start).total_seconds(), 0.0), float(self.length_s))

    def instant(self, elapsed_s: float) -> datetime:
        """Return the instant so many seconds after midnight, in UTC."""
        return self.start + timedelta(seconds=elapsed_s)

    def hours(self) -> list[HourMark]:
        """Return every hour of the day with its label, in order."""
        marks = []
        for at_s in range(0, self.length_s, HOUR_S):
            local = self.instant(at_s).astimezone(OFFICE_ZONE)
            marks.append(HourMark(at_s, f"{local.hour:02d}{'a' if local.fold else ''}"))
        return marks

    @property
    def clock_change_s(self) -> int | None:
        """The elapsed second at which the clocks change; nothing on ordinary days."""
        if self.length_s == 24 * HOUR_S:
            return None
        labels = self.hours()
        for before, after in pairwise(labels):
            if int(after.label[:2]) != int(before.label[:2]) + 1:  # type: ignore[outside-number]  # labels of ours
                return after.at_s
        return None


JOINED = timedelta(seconds=1)
"""Recordings this close belong together; a shorter hole is no gap but the time between two pictures."""


@dataclass(frozen=True, slots=True)
class Span:
    """One interval of a lane, in elapsed seconds since local midnight.

    ``kind`` is ``recorded``, ``recovered``, ``fault``, ``planned``, ``held``, ``destroyed`` or ``seen``; ``words`` are for
    the pointer and screen readers.
    """

    kind: str
    start_s: float
    end_s: float
    label: str
    words: str
    start: datetime
    end: datetime

    @property
    def length_s(self) -> float:
        """Its length in seconds."""
        return self.end_s - self.start_s

    @property
    def drawn(self) -> dict[str, Any]:
        """Return what a script draws of it."""
        return {
            "kind": self.kind,
            "start": self.start_s,
            "end": self.end_s,
            "label": self.label,
            "words": self.words,
        }

    @property
    def length_words(self) -> str:
        """Its length in words, by the two clock times shown of it."""
        seconds = whole_seconds(self.start, self.end)
        return duration_short(seconds) if seconds else f"<{HARD_SPACE}{duration_short(1)}"

    @property
    def middle_s(self) -> float:
        """The second in its middle."""
        return (self.start_s + self.end_s) / 2

    @property
    def end_words(self) -> str:
        """The clock time it ends at; the end of the day is 24:00:00."""
        return end_digits(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Timeline:
    """One source's day; ``short`` is what is missing of it besides its gaps."""

    axis: DayAxis
    spans: list[Span]
    until: datetime
    short: Short = field(default_factory=Short)

    def of(self, *kinds: str) -> list[Span]:
        """Return the spans of some kinds, in order."""
        return [span for span in self.spans if span.kind in kinds]

    @property
    def course(self) -> list[Span]:
        """Recordings, gaps, what is held and what was destroyed, in order: the list „Przebieg doby”."""
        return sorted(
            self.of("recorded", "recovered", "fault", "planned", "destroyed", "held"),
            key=lambda span: (span.start_s, span.kind == "held"),
        )

    @property
    def summary(self) -> str:
        """One sentence on the day: how much was recorded, how many gaps, what is held."""
        gaps = self.of("fault", "planned")
        recorded = sum(span.length_s for span in self.of("recorded", "recovered"))
        whole = self.axis.elapsed(self.until)
        sentences = [
            gettext("Recorded: %(part)s of %(whole)s.")
            % {"part": duration_short(recorded), "whole": duration_short(whole)}
        ]
        if gaps:
            total = duration_short(sum(span.length_s for span in gaps))
            counted = ngettext("%(n)s gap, %(total)s in all.", "%(n)s gaps, %(total)s in all.", len(gaps))
            sentences.append(counted % {"n": len(gaps), "total": total})
        else:
            sentences.append(gettext("No gaps."))
        sentences += short_words(self.short)
        if held := self.of("held"):
            sentences.append(
                ngettext("Held: %(n)s range.", "Held: %(n)s ranges.", len(held)) % {"n": len(held)}
            )
        return " ".join(sentences)


def timeline(
    axis: DayAxis,
    *,
    segments: Sequence[SegmentView],
    gaps: Iterable[GapView],
    holds: Iterable[HoldView],
    seen: Iterable[Interval],
    now: datetime,
) -> Timeline:
    """Return the spans of a day, clipped to it and to now."""
    until = min(now, axis.interval.end)
    day = Interval(axis.start, max(until, axis.start + timedelta(seconds=1)))
    living = [segment for segment in segments if segment.state != "destroyed"]
    destroyed = [segment.interval for segment in segments if segment.state == "destroyed"]
    gone = _lost(destroyed, [segment.interval for segment in living])
    whole = [segment.interval for segment in living if not segment.recovered]
    mended = [segment.interval for segment in living if segment.recovered]
    spans = [_span(axis, "recorded", part, gettext("recording")) for part in _clipped(whole, day)]
    spans += [
        _span(axis, "recovered", part, gettext("recording cut short, recovered up to its last whole part"))
        for part in _clipped(mended, day)
    ]
    spans += [_span(axis, "destroyed", part, gettext("destroyed")) for part in _clipped(gone, day)]
    for gap in gaps:
        part = Interval(gap.start, gap.end or max(until, gap.start + timedelta(seconds=1))).intersection(day)
        if part is not None:
            kind = "planned" if is_planned(gap.cause) else "fault"
            spans.append(
                _span(axis, kind, part, gettext("gap: %(cause)s") % {"cause": cause_words(gap.cause)})
            )
    for hold in holds:
        part = Interval(hold.start, hold.end).intersection(axis.interval)
        if part is not None:
            words = gettext("held: %(number)s, case %(case)s") % {"number": hold.number, "case": hold.case}
            spans.append(_span(axis, "held", part, words))
    spans += [_span(axis, "seen", part, gettext("presented")) for part in _clipped(seen, axis.interval)]
    short = Short(
        sum(segment.seams for segment in segments),
        sum(segment.seams_ms for segment in segments) / 1000,
        sum(segment.dropped for segment in segments),
        sum(segment.retimed for segment in segments),
    )
    return Timeline(axis, spans, until, short)


def _clipped(parts: Iterable[Interval], day: Interval) -> list[Interval]:
    return [common for part in merged(parts, JOINED) if (common := part.intersection(day)) is not None]


def _lost(destroyed: Iterable[Interval], living: Sequence[Interval]) -> list[Interval]:
    return [
        part
        for whole in merged(destroyed, JOINED)
        for part in uncovered(whole, living)
        if part.length > JOINED
    ]


def _span(axis: DayAxis, kind: str, part: Interval, label: str) -> Span:
    length = lasting(part)
    bare = Span(kind, axis.elapsed(part.start), axis.elapsed(part.end), label, "", part.start, part.end)
    return replace(bare, words=f"{clock_span(part.start, part.end)}, {label}, {length}")


def lifetime(
    stream: str, day: date, living: Sequence[Interval], holds: Sequence[HoldView], now: datetime
) -> Explanation | None:
    """Explain a civil date's term in four lines, with the ``holds`` that keep parts of the ``living`` recordings; none without a term."""
    rules = office.verified_streams(civil_date(now)).get(stream)
    if rules is None or rules.retention is None:
        return None
    whole = merged(living, JOINED)
    covers = [hold.interval for hold in holds]
    loose = [part for each in whole for part in uncovered(each, covers)]
    kept = [(hold, _kept(hold.interval, whole)) for hold in holds]
    suspensions = [
        _suspension(hold.number, hold.review_on, parts, whole=parts == whole) for hold, parts in kept if parts
    ]
    return explain_retention(
        deadlines(rules.retention, day), now, holds=suspensions, all_held=bool(suspensions) and not loose
    )


def _kept(held: Interval, living: Sequence[Interval]) -> list[Interval]:
    return [part for each in living if (part := each.intersection(held)) is not None]


def _suspension(number: str, review_on: date, parts: Sequence[Interval], *, whole: bool) -> Suspension:
    span = "" if whole else clock_span(parts[0].start, parts[-1].end)
    return Suspension(number, review_on, span)
