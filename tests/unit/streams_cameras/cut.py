"""Cutting pictures into segments, as the tests of it use it."""

import itertools
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from rejent.recording.contract import GeneralCause, State

NOON = datetime(2026, 11, 21, 11, 0, zlib.crc32(b"hall") % 60, 500_000, tzinfo=UTC)
"""Half a second after the camera's own boundary of minutes, which differs from camera to camera."""


def finished(stream):
    """Every segment after the recorder was stopped in order."""
    stream.segmenter.interrupted(GeneralCause.RECORDER_STOPPED, State.STOPPED)
    return stream.notebook.segments


def lengths(segments):
    """Seconds of each segment."""
    return [(segment.ending.end - segment.ending.start).total_seconds() for segment in segments]


def assert_joined(segments):
    """Each segment begins where the last one ended."""
    for earlier, later in itertools.pairwise(segments):
        assert abs((later.ending.start - earlier.ending.end).total_seconds()) < 0.041


def assert_within(segments, start, end):
    """No segment begins more than five seconds before `start`, lasts two minutes, or ends as much after `end`."""
    slack = timedelta(seconds=5.1)
    assert min(segment.ending.start for segment in segments) >= start - slack
    assert max(segment.ending.end for segment in segments) <= end + slack
    assert max(lengths(segments)) <= 120


def entered(stream):
    """Causes of the gaps that were not withdrawn, each with its seconds; None for the open one."""
    return [
        (gap.cause, gap.end and pytest.approx((gap.end - gap.start).total_seconds(), abs=0.05))
        for gap in stream.notebook.gaps["hall"]
        if gap.end is None or gap.end > gap.start
    ]


def assert_in_order(segments, start, end):
    """No segment begins before `start` or before the end of the one before it, and none ends after `end`."""
    assert segments[0].ending.start >= start
    for earlier, later in itertools.pairwise(segments):
        assert later.ending.start >= earlier.ending.end
    assert segments[-1].ending.end <= end + timedelta(milliseconds=1)
