"""Responses for the player's scripts: the day's index, pieces of recordings, stills. Nothing outside an open viewing.

Times are seconds elapsed since local midnight, so that a picture's media time is its place on the axis. Every response
is entered as seen before its bytes leave.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse

from rejent.access import services as access
from rejent.access.viewings import volume
from rejent.access.views import ViewingView
from rejent.catalog import queries as catalog
from rejent.catalog.views import SegmentView
from rejent.content.opening import open_for
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import NotFoundError
from rejent.kernel.intervals import Interval
from rejent.office.regulation.vocabulary import StreamName
from rejent.retention import queries as retention
from rejent.streams.cameras.pages.player import timeline_of
from rejent.streams.cameras.player import services as playback
from rejent.web.player.timeline import DayAxis, Timeline
from rejent.web.player.viewing import LONGEST_PIECE_S, gone, opened_viewing, position
from rejent.web.requests.visitor import PersonRequest

STILL_WIDTHS = {"strip": 320, "picture": 640}


def index(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Return the axis, what is drawn on it, and the segments that can be played."""
    opened = _of_pictures(request, viewing_id)
    line = timeline_of(opened)
    living = catalog.segments(opened.source_id, line.axis.start, line.axis.interval.end)
    return JsonResponse(
        {
            **_axis(line),
            "segments": [_segment(one, part, line.axis) for one, part in _playable(opened, living)],
            "expires": opened.expires_at.timestamp() * 1000,
        }
    )


def media(request: PersonRequest, viewing_id: UUID, segment_id: UUID) -> HttpResponse:
    """Return a segment between two positions: an initialisation, then fragments from the key picture before."""
    opened = _of_pictures(request, viewing_id)
    axis = DayAxis(civil_date(opened.start))
    segment = _segment_of(opened, segment_id)
    first = position(request, "from", axis.length_s)
    last = min(position(request, "to", axis.length_s), first + LONGEST_PIECE_S)
    start = max(axis.instant(first), segment.start, opened.start)
    end = min(axis.instant(last), segment.end, opened.end)
    if end <= start:
        raise NotFoundError("The segment has no picture there.")
    part = _first_readable(opened, Interval(start, end))
    volume.require_room(opened, clock=settings.CLOCK)
    h264 = request.GET.get("codec") == "h264"
    opener = open_for(opened)
    piece = playback.clip([segment], part.start, part.end, opener, lead=_wholly_readable, h264=h264)
    begun, ended = min(part.start, piece.earliest), max(part.end, piece.latest)
    access.note_seen(opened.id, begun, ended, "clip", clock=settings.CLOCK)
    response = HttpResponse(piece.initialisation + piece.fragments, content_type="video/mp4")
    response["X-Codec"] = piece.codec
    response["X-Key-Pictures"] = json.dumps([round(axis.elapsed(key), 3) for key in piece.keys])
    return response


def still(request: PersonRequest, viewing_id: UUID) -> HttpResponse:
    """Return one key picture, small, for finding one's way."""
    opened = _of_pictures(request, viewing_id)
    axis = DayAxis(civil_date(opened.start))
    instant = axis.instant(position(request, "t", axis.length_s))
    found = catalog.segments(opened.source_id, instant, instant + timedelta(milliseconds=1))
    if not found or not opened.start <= instant < opened.end:
        raise NotFoundError("There is no picture at this moment.")
    _first_readable(opened, Interval(instant, instant + timedelta(microseconds=1)))
    volume.require_room(opened, clock=settings.CLOCK)
    width = STILL_WIDTHS.get(request.GET.get("size", ""), STILL_WIDTHS["strip"])
    picture, taken = playback.still(found[0], instant, width, open_for(opened))
    access.note_seen(opened.id, taken, taken + timedelta(seconds=1), "still", clock=settings.CLOCK)
    return HttpResponse(picture, content_type="image/jpeg")


def _of_pictures(request: PersonRequest, viewing_id: UUID) -> ViewingView:
    opened = opened_viewing(request, viewing_id)
    if catalog.verified_stream_of(opened.source_id) != StreamName.VIDEO:
        raise NotFoundError("There is no picture in this viewing.")
    return opened


def _axis(line: Timeline) -> dict[str, Any]:
    return {
        "day": line.axis.day.isoformat(),
        "start": line.axis.start.timestamp() * 1000,
        "length": line.axis.length_s,
        "until": line.axis.elapsed(line.until),
        "hours": [mark.label for mark in line.axis.hours()],
        "change": line.axis.clock_change_s,
        "summary": line.summary,
        "spans": [span.drawn for span in line.spans],
    }


def _segment(segment: SegmentView, part: Interval, axis: DayAxis) -> dict[str, Any]:
    length = max((segment.end - segment.start).total_seconds(), 0.001)
    return {
        "id": str(segment.id),
        "start": axis.elapsed(part.start),
        "end": axis.elapsed(part.end),
        "codec": segment.traits.get("codec", ""),
        "rate": round(segment.units / length, 3),
        "offset": segment.traits.get("clock_offset_s"),
        "width": segment.traits.get("width", 0),
        "height": segment.traits.get("height", 0),
    }


def _segment_of(opened: ViewingView, segment_id: UUID) -> SegmentView:
    segment = catalog.segment(segment_id)
    if segment.source_id != opened.source_id or segment.start >= opened.end or segment.end <= opened.start:
        raise NotFoundError("The segment does not belong to this viewing.")
    return segment


def _playable(opened: ViewingView, living: list[SegmentView]) -> list[tuple[SegmentView, Interval]]:
    if not living:
        return []
    readable = _readable(opened, Interval(min(one.start for one in living), max(one.end for one in living)))
    return [
        (one, common)
        for one in living
        for part in readable
        if (common := part.intersection(one.interval)) is not None
    ]


def _readable(opened: ViewingView, wanted: Interval) -> list[Interval]:
    return retention.readable(
        opened.source_id, civil_date(opened.start), wanted.start, wanted.end, settings.CLOCK
    )


def _wholly_readable(segment: SegmentView) -> bool:
    """Return True if all of a segment may be opened, by the term of its own civil date."""
    whole = segment.interval
    day = civil_date(whole.start)
    return retention.readable(segment.source_id, day, whole.start, whole.end, settings.CLOCK) == [whole]


def _first_readable(opened: ViewingView, wanted: Interval) -> Interval:
    """Return the wanted interval up to where it may be opened; past its term a hold opens only what it keeps. NotFoundError: nothing."""
    parts = _readable(opened, wanted)
    if not parts:
        raise gone()
    return parts[0]
