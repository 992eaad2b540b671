"""Contents of the time component for a call: its recording, both parties' envelopes, and what is missing of either."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext, ngettext

from rejent.access.views import ViewingView
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import OFFICE_ZONE, Clock
from rejent.kernel.intervals import Interval, merged, uncovered
from rejent.kernel.telephone import readable_number
from rejent.retention import queries as retention
from rejent.retention.queries import HoldView
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.views import CallView, Notice
from rejent.streams.calls.pages.announcement_words import ANNOUNCEMENTS
from rejent.streams.calls.player.services import LEVELS_A_SECOND, CallLeg, LegGap
from rejent.web.player.timeline import HOUR_S, Span
from rejent.web.words.wording import duration_short, lasting, time_digits, whole_seconds

MOST_LEVELS = 6000
"""Of an envelope; a longer call has fewer a second."""
FIRST_LANE, LANE, NAMED = 48, 60, 16
"""Pixels above the first party, of each, and of those at its top, above the envelope, for its name."""
DRAWN = 400
JOINED = timedelta(seconds=1)
_DRAWN_CAUSES = ("lost", "dropped", "uncaptured", "unseen", "paused", "stopped")
"""Causes that are drawn and counted; that a sender was silent and said so is no gap in what can be heard."""


@dataclass(frozen=True, slots=True)
class CallAxis:
    """The time of one call, in seconds since the full second in which it begins; what comes after ``over`` is drawn all the same."""

    start: datetime
    end: datetime
    over: datetime | None = None

    @classmethod
    def of(cls, opened: ViewingView, call: CallView | None = None) -> "CallAxis":
        """Return the axis of the call that a viewing opened."""
        return cls(opened.start.replace(microsecond=0), opened.end, call.end if call else None)

    @property
    def length_s(self) -> float:
        """Return its length."""
        return (self.end - self.start).total_seconds()

    def elapsed(self, instant: datetime) -> float:
        """Seconds since its beginning, clipped to it."""
        return min(max((instant - self.start).total_seconds(), 0.0), self.length_s)

    def between(self, first_s: float, last_s: float) -> Interval:
        """Return the interval between two positions; never empty."""
        start = self.start + timedelta(seconds=first_s)
        return Interval(start, max(self.start + timedelta(seconds=last_s), start + timedelta(milliseconds=1)))

    @property
    def offset_s(self) -> int:
        """Return the distance of its beginning from the full hour before it."""
        local = self.start.astimezone(OFFICE_ZONE)
        return local.minute * 60 + local.second

    def hours(self) -> list[str]:
        """Return the clock's name of each hour that it touches."""
        first = self.start - timedelta(seconds=self.offset_s)
        count = int((self.offset_s + self.length_s) // HOUR_S) + 1
        marks = [(first + timedelta(hours=number)).astimezone(OFFICE_ZONE) for number in range(count)]
        return [f"{mark.hour:02d}{'a' if mark.fold else ''}" for mark in marks]


@dataclass(frozen=True, slots=True)
class Lane:
    """One party as it is drawn, ``top`` in pixels of the drawing; ``facts`` is what was counted of it, in a sentence."""

    name: str
    levels: bytes
    rate: float
    facts: str
    top: int

    @property
    def name_top(self) -> int:
        """Return the height of its name in the drawing, in pixels from the top."""
        return self.top + NAMED - 2

    @property
    def voice_top(self) -> int:
        """Return the height of its envelope in the drawing, in pixels from the top."""
        return self.top + NAMED

    @property
    def outline(self) -> str:
        """The envelope as an SVG path in a box of `DRAWN` by 100."""
        count = min(len(self.levels), DRAWN)
        if not count:
            return ""
        step = len(self.levels) / count
        tops = [max(self.levels[int(n * step) : int((n + 1) * step) or 1] or b"\0") for n in range(count)]
        high = [f"{DRAWN * n / count:.1f} {50 - 48 * top / 255:.1f}" for n, top in enumerate(tops)]
        low = [f"{DRAWN * n / count:.1f} {50 + 48 * top / 255:.1f}" for n, top in enumerate(tops)]
        return f"M{' L'.join([*high, *reversed(low)])}Z"


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call as it is drawn and put into words."""

    axis: CallAxis
    lanes: list[Lane]
    spans: list[tuple[Span, int | None]]
    """Each with the number of its lane; of both where there is none."""
    length_s: float
    faults: str = ""

    @property
    def course(self) -> list[Span]:
        """Return what is recorded, what is missing and what is held, in order."""
        drawn = [span for span, _ in self.spans if span.kind != "seen"]
        return sorted(drawn, key=lambda span: (span.start_s, span.kind == "held"))

    @property
    def summary(self) -> str:
        """Return the length of the call, how much of it is missing, and what was wrong with its description."""
        return f"{self._extent} {self.faults}".strip()

    @property
    def _extent(self) -> str:
        gaps = [span for span, _ in self.spans if span.kind in {"fault", "planned"}]
        length = gettext("Length: %(whole)s.") % {"whole": duration_short(self.length_s)}
        if not gaps:
            return f"{length} {gettext('No gaps.')}"
        total = duration_short(sum(span.length_s for span in gaps))
        counted = ngettext("%(n)s gap, %(total)s in all.", "%(n)s gaps, %(total)s in all.", len(gaps))
        return f"{length} {counted % {'n': len(gaps), 'total': total}}"

    def index(self) -> dict[str, Any]:
        """Return what the script draws and plays."""
        return {
            "start": self.axis.start.timestamp() * 1000,
            "length": self.axis.length_s,
            "until": self.axis.length_s,
            "offset": self.axis.offset_s,
            "hours": self.axis.hours(),
            "change": None,
            "spans": [{**span.drawn, "lane": lane} for span, lane in self.spans],
            "lanes": [
                {"name": lane.name, "levels": base64.b64encode(lane.levels).decode(), "rate": lane.rate}
                for lane in self.lanes
            ],
        }


def call_line(
    axis: CallAxis,
    *,
    segments: Sequence[SegmentView],
    legs: Sequence[CallLeg],
    holds: Iterable[HoldView],
    seen: Iterable[Interval],
    readable: Sequence[Interval],
    began: datetime | None = None,
    notices: Iterable[Notice] = (),
    numbers: Mapping[str, str] = MappingProxyType({}),
    faults: str = "",
) -> CallLine:
    """Return the call, as far as it may be opened; ``began`` says when it began, where its recording began later."""
    whole = Interval(axis.start, axis.end)
    recorded = merged((one.interval for one in segments), JOINED)
    spans = [_span(axis, "recorded", part, gettext("recording"), None) for part in _within(recorded, whole)]
    holes = uncovered(Interval(max(segments[0].start, whole.start), whole.end), recorded)
    lost = gettext("gap: not recorded")
    spans += [_span(axis, "fault", hole, lost, None) for hole in holes if hole.length > JOINED]
    names = _names(legs)
    for lane, leg in enumerate(legs):
        spans += [_gap(axis, names[lane], lane, gap) for gap in _gaps(leg)]
    for hold in holds:
        if (kept := Interval(hold.start, hold.end).intersection(whole)) is not None:
            words = gettext("held: %(number)s, case %(case)s") % {"number": hold.number, "case": hold.case}
            spans.append(_span(axis, "held", kept, words, None))
    spans += [_announcement(axis, one) for one in notices if one.heard_s]
    spans += [_span(axis, "seen", part, gettext("played"), None) for part in _within(seen, whole)]
    titles = [
        " ".join(filter(None, (name, _speakers(leg) or numbers.get(leg.party))))
        for name, leg in zip(names, legs, strict=True)
    ]
    lanes = [
        _lane(axis, titles[lane], leg, readable, FIRST_LANE + LANE * lane) for lane, leg in enumerate(legs)
    ]
    return CallLine(axis, lanes, spans, whole_seconds(began or axis.start, axis.over or axis.end), faults)


def _announcement(axis: CallAxis, notice: Notice) -> tuple[Span, int | None]:
    part = Interval(notice.start, notice.start + timedelta(seconds=max(notice.heard_s, 0.1)))
    return _span(axis, "notice", part, str(ANNOUNCEMENTS.get(notice.kind, notice.kind)), None)


def readable_parts(segments: Iterable[SegmentView], wanted: Interval, clock: Clock) -> list[Interval]:
    """Return the parts of an interval of a call that may be opened, by the term of each object's civil date."""
    parts = [
        part
        for one in segments
        if (common := one.interval.intersection(wanted)) is not None
        for part in retention.readable(one.source_id, one.day, common.start, common.end, clock, run=one.run)
    ]
    return merged(parts)


def _within(parts: Iterable[Interval], whole: Interval) -> list[Interval]:
    return [common for part in parts if (common := part.intersection(whole)) is not None]


def _names(legs: Sequence[CallLeg]) -> list[str]:
    if len(legs) == 1 and not legs[0].party:
        return [gettext("Both parties")]
    names = {"caller": gettext("Calling party"), "called": gettext("Called party")}
    return [
        names.get(leg.party) or gettext("Party %(n)s") % {"n": place} for place, leg in enumerate(legs, 1)
    ]


def _speakers(leg: CallLeg) -> str:
    """Return the numbers of the participants that speak on a leg, in turn; empty where none is stated."""
    shown: list[tuple[datetime, str]] = []
    for since, addresses in leg.speakers:
        numbers = ", ".join(filter(None, (readable_number(canonical_number(each)) for each in addresses)))
        if numbers and (not shown or shown[-1][1] != numbers):
            shown.append((since, numbers))
    words = gettext("from %(clock)s on: %(number)s")
    later = [words % {"clock": time_digits(since), "number": numbers} for since, numbers in shown[1:]]
    return ", ".join([*(numbers for _, numbers in shown[:1]), *later])


def _gaps(leg: CallLeg) -> list[LegGap]:
    gaps_shown = []
    for cause in _DRAWN_CAUSES:
        gaps = [gap for gap in leg.gaps if gap.cause == cause]
        for part in merged((gap.interval for gap in gaps), JOINED):
            packets = sum(gap.packets for gap in gaps if gap.interval.intersection(part) is not None)
            gaps_shown.append(LegGap(part, cause, packets))
    return gaps_shown


def _gap(axis: CallAxis, name: str, lane: int, gap: LegGap) -> tuple[Span, int | None]:
    lost = ngettext("lost on the way: %(n)s packet", "lost on the way: %(n)s packets", gap.packets)
    dropped = ngettext(
        "not taken in time by the recorder: %(n)s packet",
        "not taken in time by the recorder: %(n)s packets",
        gap.packets,
    )
    missed = ngettext(
        "missed by the mirror port, not by the call: %(n)s packet",
        "missed by the mirror port, not by the call: %(n)s packets",
        gap.packets,
    )
    unseen = ngettext(
        "not seen at the mirror port: %(n)s packet", "not seen at the mirror port: %(n)s packets", gap.packets
    )
    words = {
        "lost": lost % {"n": gap.packets},
        "dropped": dropped % {"n": gap.packets},
        "uncaptured": missed % {"n": gap.packets},
        "unseen": unseen % {"n": gap.packets},
        "paused": gettext("paused, as the exchange said"),
        "stopped": gettext("nothing was sent, and no word why"),
    }[gap.cause]
    return _span(
        axis, "planned" if gap.cause == "paused" else "fault", gap.interval, f"{name}: {words}", lane
    )


def _span(axis: CallAxis, kind: str, part: Interval, label: str, lane: int | None) -> tuple[Span, int | None]:
    first, last = (min(edge, axis.over) if axis.over else edge for edge in (part.start, part.end))
    length = lasting(Interval(first, last)) if first < last else gettext("less than a second")
    words = f"{time_digits(first)}–{time_digits(last)}, {label}, {length}"
    start, end = axis.elapsed(part.start), axis.elapsed(part.end)
    return Span(kind, start, end, label, words, first, last), lane


def _lane(axis: CallAxis, name: str, leg: CallLeg, readable: Sequence[Interval], top: int) -> Lane:
    """Return the envelope from the call's beginning on; nothing where it may not be opened any more."""
    count = int(axis.length_s * LEVELS_A_SECOND) + 1
    levels = bytearray(count)
    for part in leg.parts:
        at = round((part.start - axis.start).total_seconds() * LEVELS_A_SECOND)
        fitting = part.levels[max(-at, 0) : max(count - at, 0)]
        levels[max(at, 0) : max(at, 0) + len(fitting)] = fitting
    for hidden in uncovered(Interval(axis.start, axis.end), readable):
        first, last = (int(axis.elapsed(edge) * LEVELS_A_SECOND) for edge in (hidden.start, hidden.end))
        levels[first:last] = bytes(last - first)
    step = -(-count // MOST_LEVELS)
    thinned = bytes(max(levels[at : at + step]) for at in range(0, count, step))
    return Lane(name, thinned, LEVELS_A_SECOND / step, _facts(leg), top)


def _facts(leg: CallLeg) -> str:
    facts = [", ".join(name.upper() for name in leg.codecs) or gettext("nothing was heard")]
    lost = ngettext("%(n)s packet lost of %(all)s", "%(n)s packets lost of %(all)s", leg.lost)
    if sent := leg.packets + leg.lost + leg.missed + leg.dropped:
        facts.append(lost % {"n": leg.lost, "all": sent})
    if leg.missed:
        missed = ngettext(
            "%(n)s packet not seen at the mirror port",
            "%(n)s packets not seen at the mirror port",
            leg.missed,
        )
        facts.append(missed % {"n": leg.missed})
    if leg.dropped:
        dropped = ngettext(
            "%(n)s packet not taken in time by the recorder",
            "%(n)s packets not taken in time by the recorder",
            leg.dropped,
        )
        facts.append(dropped % {"n": leg.dropped})
    if leg.undecoded:
        facts.append(gettext("cannot be made audible here: %(names)s") % {"names": ", ".join(leg.undecoded)})
    return "; ".join(facts)
