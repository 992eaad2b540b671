"""Ordinary MP4 films of what was recorded, judged by ffprobe."""

from pathlib import Path

import pytest

from rejent.capture.video.mp4.cutting import Cut, cut
from rejent.capture.video.mp4.errors import MovieError
from rejent.capture.video.mp4.plain import plain_film
from rejent.capture.video.mp4.reader import BytesSource, scan
from tests.unit.capture_mp4.clips import RECIPES, clip, judged
from tests.unit.capture_mp4.written import content_of, fragments_of

FRAME = 3600


def _cut(recipe: str, start: int, end: int) -> Cut:
    made = clip(recipe)
    source = BytesSource(content_of(made.parameters, fragments_of(made.parameters, made.units)))
    return cut(source, scan(source), start * FRAME, end * FRAME)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_film_shows_every_picture_at_its_time(recipe: str, tmp_path: Path) -> None:
    """As many pictures as the part has, evenly, decoding whole, of exactly its length."""
    part = _cut(recipe, 0, 100)
    verdict = judged(b"".join(plain_film([(0, part)])), tmp_path)
    assert verdict.complaints == ""
    assert verdict.times == [number * FRAME for number in range(100)]
    assert {step for _, step in verdict.packets} == {FRAME}


def test_the_table_stands_before_the_pictures() -> None:
    """Playing can begin before the film has come whole, and there are no fragments."""
    film = b"".join(plain_film([(0, _cut("h264-b", 0, 100))]))
    assert 0 < film.index(b"moov") < film.index(b"mdat")
    assert b"moof" not in film


def test_during_a_pause_the_picture_before_it_stands_still(tmp_path: Path) -> None:
    """Two parts ten seconds apart keep their times."""
    parts = [(0, _cut("h264", 0, 50)), (300 * FRAME, _cut("h264", 50, 100))]
    verdict = judged(b"".join(plain_film(parts)), tmp_path)
    assert verdict.times == [number * FRAME for number in (*range(50), *range(300, 350))]
    assert verdict.complaints == ""


def test_films_do_not_mix_forms_or_overlap() -> None:
    """Both are told before a byte is written."""
    with pytest.raises(MovieError, match="different forms"):
        next(plain_film([(0, _cut("h264", 0, 50)), (50 * FRAME, _cut("h264-b", 0, 50))]))
    with pytest.raises(MovieError, match="overlap"):
        next(plain_film([(0, _cut("h264", 0, 50)), (49 * FRAME, _cut("h264", 50, 100))]))
