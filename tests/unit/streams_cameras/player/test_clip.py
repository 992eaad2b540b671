"""Clips out of sealed segments, judged by ffprobe."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from rejent.formats.errors import ContentError, MovieError
from rejent.formats.mp4.reader import scan
from rejent.formats.source import BytesSource
from rejent.kernel.terms import end_of_day
from rejent.streams.cameras.player.clip import Clip, clip, elapsed, instant_at
from rejent.streams.cameras.player.errors import ClipRefusedError, NothingToShowError
from tests.unit.formats.clips import clip as pictures
from tests.unit.formats.clips import judged
from tests.unit.formats.written import heads
from tests.unit.streams_cameras.player.archive import Archive

DAY = date(2026, 5, 4)
TEN = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
"""10:00 in Warsaw."""
TEN_S = 36_000.0


def _times(made: Clip) -> list[float]:
    """Presentation times of all pictures of a clip of one part, in seconds of the day."""
    source = BytesSource(made.body())
    return sorted(
        time / 90_000 for _, head in heads(source, scan(source)) for time in head.presentation_times()
    )


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265", "h265-b"])
def test_media_time_is_what_elapsed_since_midnight(recipe: str, tmp_path: Path) -> None:
    """A clip over two segments decodes whole, without a jump, at the seconds of its day."""
    archive, made = Archive(), pictures(recipe)
    segments = [archive.book(made, TEN, 0, 50), archive.book(made, TEN + timedelta(seconds=2), 50)]
    found = clip(segments, DAY, TEN_S + 1, TEN_S + 3.5, archive.open)
    times = _times(found)
    assert len(found.parts) == 1
    assert found.parts[0].start == TEN_S
    assert times == pytest.approx([TEN_S + number / 25 for number in range(len(times))])
    assert times[-1] >= TEN_S + 3.48
    verdict = judged(found.body(), tmp_path)
    assert (verdict.frames, verdict.complaints) == (len(times), "")
    assert len(found.body()) == found.length


def test_only_the_chunks_that_are_needed_are_opened() -> None:
    """A second out of a large segment costs the chunks it lies in and the end of the object, not the object."""
    made = pictures("h264")
    big = replace(made, units=tuple(replace(unit, data=unit.data + bytes(40_000)) for unit in made.units))
    archive = Archive()
    segment = archive.book(big, TEN)
    found = clip([segment], DAY, TEN_S + 2.5, TEN_S + 2.6, archive.open)
    assert archive.reads < found.length + 6 * 65_536
    assert archive.reads < len(archive.objects[segment.object_name]) / 2


def test_a_pause_between_segments_stays_a_pause() -> None:
    """What was not recorded is missing from the clip, and what follows stands at its own time."""
    archive, made = Archive(), pictures("h264")
    segments = [archive.book(made, TEN, 0, 50), archive.book(made, TEN + timedelta(seconds=10), 50)]
    times = _times(clip(segments, DAY, TEN_S, TEN_S + 12, archive.open))
    assert times[49:51] == pytest.approx([TEN_S + 49 / 25, TEN_S + 10])


def test_a_change_of_form_gives_a_further_part() -> None:
    """Another size or codec comes behind an initialisation of its own."""
    archive = Archive()
    segments = [
        archive.book(pictures("h264"), TEN),
        archive.book(pictures("h265"), TEN + timedelta(seconds=4)),
    ]
    found = clip(segments, DAY, TEN_S + 3, TEN_S + 5, archive.open)
    assert [part.codec.split(".")[0] for part in found.parts] == ["avc1", "hvc1"]
    assert [part.start for part in found.parts] == [TEN_S + 2, TEN_S + 4]


def test_a_camera_with_a_wrong_clock_is_stretched_onto_real_time(tmp_path: Path) -> None:
    """A camera that claims 25 pictures and sends 21 leaves no holes: its pictures last longer."""
    archive, made = Archive(), pictures("h264")
    segment = archive.book(made, TEN, stretch=25 / 21)
    found = clip([segment], DAY, TEN_S, TEN_S + 4.7, archive.open)
    assert _times(found)[-1] == pytest.approx(TEN_S + 99 / 21, abs=0.001)
    steps = [b - a for (a, _), (b, _) in pairwise(judged(found.body(), tmp_path).packets)]
    assert steps == pytest.approx([90_000 / 21] * 99, abs=2)


def test_a_segment_that_continues_another_brings_what_its_pictures_need(tmp_path: Path) -> None:
    """Asked for its beginning, the clip begins with the key picture in the segment before."""
    archive, made = Archive(), pictures("h264")
    segments = [archive.book(made, TEN, 0, 30), archive.book(made, TEN + timedelta(seconds=1.2), 30, 50)]
    found = clip(segments, DAY, TEN_S + 1.4, TEN_S + 1.6, archive.open)
    assert found.parts[0].start == TEN_S
    verdict = judged(found.body(), tmp_path)
    assert (verdict.frames, verdict.complaints) == (50, "")


def test_what_the_first_pictures_of_a_day_need_comes_from_the_day_before(tmp_path: Path) -> None:
    """Pictures from before midnight take a tick each; those of the day keep their times."""
    midnight = datetime(2026, 5, 3, 22, 0, tzinfo=UTC)
    archive, made = Archive(), pictures("h264")
    segments = [
        archive.book(made, midnight - timedelta(seconds=1.2), 0, 30),
        archive.book(made, midnight, 30, 50),
    ]
    found = clip(segments, DAY, 0.1, 0.5, archive.open)
    times = _times(found)
    assert all(time < 0.001 for time in times[:30])
    assert times[30:] == pytest.approx([number / 25 for number in range(20)], abs=0.001)
    verdict = judged(found.body(), tmp_path)
    assert (verdict.frames, verdict.complaints) == (50, "")


@pytest.mark.parametrize("share", [0.4, 0.9])
def test_a_segment_cut_short_plays_up_to_where_it_was_cut(share: float, tmp_path: Path) -> None:
    """Without an index one is made from what is there."""
    made = pictures("h264")
    big = replace(made, units=tuple(replace(unit, data=unit.data + _filler()) for unit in made.units))
    archive = Archive()
    segment = archive.cut_short(archive.book(big, TEN), share)
    found = clip([segment], DAY, TEN_S, TEN_S + 4, archive.open)
    verdict = judged(found.body(), tmp_path)
    assert 0.8 * share * 100 <= verdict.frames <= share * 100
    assert verdict.complaints == ""


def _filler() -> bytes:
    """A NAL unit of filler data (H.264 §7.3.2.7)."""
    return (20_002).to_bytes(4, "big") + b"\x0c" + b"\xff" * 20_000 + b"\x80"


def test_a_damaged_index_is_told() -> None:
    """Nothing wrong is played silently."""
    archive = Archive()
    segment = replace(archive.book(pictures("h264"), TEN), index=b"\x01\xff\xff")
    with pytest.raises(ContentError, match="index"):
        clip([segment], DAY, TEN_S, TEN_S + 1, archive.open)


def test_an_index_of_another_object_is_told() -> None:
    """An index that fits another segment never changes bytes at random."""
    archive = Archive()
    one, other = archive.book(pictures("h264"), TEN), archive.book(pictures("h265"), TEN)
    with pytest.raises(MovieError, match="index"):
        clip([replace(one, index=other.index)], DAY, TEN_S, TEN_S + 1, archive.open)


def test_nothing_recorded_is_told() -> None:
    """A clip from a gap is an error with its own name, not an empty film."""
    archive = Archive()
    with pytest.raises(NothingToShowError):
        clip([archive.book(pictures("h264"), TEN)], DAY, TEN_S + 5, TEN_S + 9, archive.open)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 5), (0, 121), (float("nan"), 5)])
def test_impossible_intervals_are_refused(start: float, end: float) -> None:
    """Empty, turned round and endless ones."""
    with pytest.raises(ClipRefusedError):
        clip([], DAY, start, end, Archive().open)


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23), (date(2026, 5, 4), 24)]
)
def test_days_have_their_own_length_on_the_axis(day: date, hours: int) -> None:
    """The repeated and the missing hour are plain elapsed time."""
    assert elapsed(end_of_day(day), day) == hours * 3600
    assert elapsed(instant_at(3 * 3600 + 0.25, day), day) == 3 * 3600 + 0.25
