"""Figures of recorded calls for the command."""

from collections.abc import Mapping
from datetime import timedelta

from rejent.catalog.views import SegmentView
from rejent.cli.stream_parts import StreamFigures
from rejent.kernel.clock import Clock
from rejent.streams.calls.catalog import queries

WEEK = timedelta(days=7)


def _status(clock: Clock) -> Mapping[str, object]:
    since = clock.now() - WEEK
    return {
        "unannounced": queries.unannounced(since, clock.now()),
        "misdescribed": queries.misdescribed(since),
    }


def _lines(figures: Mapping[str, object]) -> list[str]:
    return [
        f"calls of 7 days without an announcement that is known: {figures['unannounced']}",
        f"calls of 7 days whose description by the exchange could not be read: {figures['misdescribed']}",
    ]


def _of_object(segment: SegmentView) -> dict[str, object]:
    return {"call": segment.run, "object": queries.object_number(segment)}


FIGURES = StreamFigures(status=_status, lines=_lines, of_object=_of_object)
