"""What pages ask for, on booked segments; and live pictures converted on their way."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from rejent.catalog import queries, services
from rejent.catalog.views import SegmentView
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.reader import parse_fragment_head
from rejent.formats.mp4.writer import initialisation
from rejent.kernel.clock import ManualClock, SystemClock
from rejent.streams.cameras.player import services as playback
from rejent.streams.cameras.player.errors import ClipRefusedError
from rejent.streams.cameras.player.live import LiveConversion
from rejent.streams.cameras.player.workshop import PictureWorkshop, workshop
from rejent.streams.cameras.recorder.live.wire import LiveKind, LiveMessage
from tests.unit.catalog.conftest import START, finished
from tests.unit.formats.clips import clip as pictures
from tests.unit.formats.clips import judged
from tests.unit.formats.written import fragments_of
from tests.unit.streams_cameras.player.archive import Archive, Segment

SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True, scope="module")
def _children() -> Iterator[None]:
    """Ends the children that the services made."""
    yield
    workshop().close()
    workshop.cache_clear()


def _anything(_segment: SegmentView) -> bool:
    """Every earlier segment may be opened."""
    return True


def _booked(
    archive: Archive, source: str, clock: ManualClock, *segments: tuple[Segment, str]
) -> list[SegmentView]:
    """The segments as the catalogue gives them after booking."""
    given = [
        finished(
            source,
            (segment.start - START).total_seconds(),
            (segment.end - START).total_seconds(),
            id=segment.id,
            object_name=segment.object_name,
            index=segment.index,
            traits={"codec": codec},
            bytes=len(archive.objects[segment.object_name]),
            sha256=sha256(archive.objects[segment.object_name]).hexdigest(),
        )
        for segment, codec in segments
    ]
    services.book_segments(given, clock)
    return queries.segments(source, START, START + 60 * SECOND)


@pytest.mark.parametrize("recipe", ["h264-b", "h265", "jpeg"])
def test_a_clip_of_a_booked_segment_plays_in_either_form(
    recipe: str, source: str, clock: ManualClock, tmp_path: Path
) -> None:
    """Initialisation and fragments make a film; so do the converted ones."""
    archive, made = Archive(), pictures(recipe)
    codec = describe(made.parameters).codec_string
    (segment,) = _booked(archive, source, clock, (archive.book(made, START), codec))
    for h264 in (False, True):
        piece = playback.clip(
            [segment], START + SECOND, START + 3 * SECOND, archive.open, lead=_anything, h264=h264
        )
        verdict = judged(piece.initialisation + piece.fragments, tmp_path)
        assert verdict.complaints == ""
        assert verdict.frames >= 50
        assert START <= piece.keys[0] <= START + (SECOND if recipe == "jpeg" else 0 * SECOND)
        own = {"h264-b": "avc1", "h265": "hvc1", "jpeg": "mp4v"}[recipe]
        assert piece.codec.startswith("avc1" if h264 else own)


def test_what_an_unfinished_group_needs_is_found_in_the_catalogue(
    source: str, clock: ManualClock, tmp_path: Path
) -> None:
    """A segment that continues the one before plays from its beginning."""
    archive, made = Archive(), pictures("h264")
    parts = (archive.book(made, START, 0, 30), archive.book(made, START + 1.2 * SECOND, 30, 50))
    segments = _booked(archive, source, clock, *((part, "avc1.64000C") for part in parts))
    piece = playback.clip(
        segments[1:], START + 1.3 * SECOND, START + 1.5 * SECOND, archive.open, lead=_anything
    )
    verdict = judged(piece.initialisation + piece.fragments, tmp_path)
    assert (verdict.frames, verdict.complaints) == (50, "")
    assert piece.earliest == START


def test_what_may_not_be_opened_is_not_handed_out_for_decoding(source: str, clock: ManualClock) -> None:
    """Where the segment before is past its term, nothing of it goes out with the pictures that depend on it."""
    archive, made = Archive(), pictures("h264")
    midnight = datetime(2026, 11, 21, 23, 0, tzinfo=UTC)
    parts = (archive.book(made, midnight - 1.2 * SECOND, 0, 30), archive.book(made, midnight, 30, 50))
    _booked(archive, source, clock, *((part, "avc1.64000C") for part in parts))
    (before,) = queries.segments(source, midnight - SECOND, midnight)
    (after,) = queries.segments(source, midnight, midnight + SECOND)
    asked: list[SegmentView] = []

    def refused(segment: SegmentView) -> bool:
        asked.append(segment)
        return False

    alone, led = (
        playback.clip([after], midnight + 0.1 * SECOND, midnight + 0.5 * SECOND, archive.open, lead=lead)
        for lead in (refused, _anything)
    )
    assert [segment.id for segment in asked] == [before.id]
    assert alone.earliest == midnight
    assert led.earliest == midnight - 1.2 * SECOND
    assert len(alone.fragments) < len(led.fragments)


def test_a_change_of_form_within_a_clip_is_told(source: str, clock: ManualClock) -> None:
    """Fragments of two forms never stand behind one initialisation."""
    archive = Archive()
    first = archive.book(pictures("h264"), START)
    second = archive.book(pictures("h265"), START + 4 * SECOND)
    segments = _booked(archive, source, clock, (first, "avc1.64000C"), (second, "hvc1.1.6.L60.90"))
    with pytest.raises(ClipRefusedError, match="form"):
        playback.clip(segments, START + 3 * SECOND, START + 5 * SECOND, archive.open, lead=_anything)


def test_a_still_of_a_booked_segment(source: str, clock: ManualClock) -> None:
    """JPEG, in memory, with the instant of its picture."""
    archive = Archive()
    (segment,) = _booked(archive, source, clock, (archive.book(pictures("h265"), START), "hvc1.1.6.L60.90"))
    picture, taken = playback.still(segment, START + SECOND, 640, archive.open)
    assert (picture[:2], taken) == (b"\xff\xd8", START)


def _live(recipe: str) -> list[LiveMessage]:
    """What a recorder publishes of a clip."""
    made, moment = pictures(recipe), datetime(2026, 5, 4, tzinfo=UTC)
    fragments = fragments_of(made.parameters, made.units, target=0.2)
    head = LiveMessage("a", LiveKind.INITIALISATION, initialisation(made.parameters), moment)
    bodies = [
        LiveMessage("a", LiveKind.FRAGMENT, b"".join(part.parts), moment, part.key) for part in fragments
    ]
    return [head, LiveMessage("a", LiveKind.STATE, b"{}", moment), *bodies]


def _taken(messages: list[LiveMessage]) -> list[LiveMessage]:
    async def take() -> list[LiveMessage]:
        workshop = PictureWorkshop(SystemClock(), seconds=30)
        conversion = LiveConversion(workshop)
        sent = [out for message in messages for out in await conversion.take(message)]
        await conversion.close()
        workshop.close()
        return sent

    return asyncio.run(take())


def test_live_h264_passes_as_it_is() -> None:
    """Nothing is converted that browsers can show."""
    messages = _live("h264")
    assert _taken(messages) == messages


def test_live_motion_jpeg_becomes_h264(tmp_path: Path) -> None:
    """What no browser plays is converted from its first picture on, whoever asks."""
    sent = [message for message in _taken(_live("jpeg")) if message.kind is not LiveKind.STATE]
    verdict = judged(b"".join(message.payload for message in sent), tmp_path)
    assert (sent[0].kind, verdict.complaints) == (LiveKind.INITIALISATION, "")
    assert verdict.frames == 99


def test_live_h265_becomes_h264_from_the_first_key_picture_on(tmp_path: Path) -> None:
    """Pictures before a key picture are left out, states pass, rubbish costs pictures up to the next key picture only."""
    head, state, *bodies = _live("h265")
    broken = replace(bodies[3], payload=b"rubbish")
    sent = _taken([head, state, bodies[2], *bodies[:3], broken, *bodies[4:]])
    films = [message for message in sent if message.kind is not LiveKind.STATE]
    assert [message.kind for message in films].count(LiveKind.INITIALISATION) == 2
    assert films[0].kind is LiveKind.INITIALISATION
    keys = [m.key for m in films if m.kind is LiveKind.FRAGMENT]
    assert keys == [parse_fragment_head(m.payload).run.keys[0] for m in films if m.kind is LiveKind.FRAGMENT]
    again = max(number for number, message in enumerate(films) if message.kind is LiveKind.INITIALISATION)
    verdict = judged(b"".join(message.payload for message in films[again:]), tmp_path)
    assert verdict.complaints == ""
    assert verdict.frames == 49
