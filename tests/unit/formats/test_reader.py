"""Reading, recovering, cutting and joining files of ours, judged by ffprobe and by the pictures that went in."""

from itertools import accumulate
from pathlib import Path

import pytest

from rejent.formats.errors import ContentError, MovieError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.cutting import Cut, cut, joined
from rejent.formats.mp4.reader import (
    RecoveredSource,
    configuration_of,
    initialisation_of,
    parameters_of,
    recover,
    scan,
)
from rejent.formats.mp4.writer import initialisation
from rejent.formats.source import BytesSource
from tests.unit.formats.clips import RECIPES, clip, judged, sets_of
from tests.unit.formats.written import content_of, fragments_of

FRAME = 3600


def _file(recipe: str) -> tuple[bytes, FragmentIndex]:
    """A file and the index the engine would make while writing it."""
    made = clip(recipe)
    fragments = fragments_of(made.parameters, made.units)
    content = content_of(made.parameters, fragments)
    lengths = [sum(map(len, fragment.parts)) for fragment in fragments]
    offsets = accumulate(lengths, initial=len(initialisation(made.parameters)))
    places = tuple(
        FragmentPlace(part.time, part.duration, part.units, part.key, offset, length)
        for part, offset, length in zip(fragments, offsets, lengths, strict=False)
    )
    return content, FragmentIndex(places)


def _alone(part: Cut) -> bytes:
    return b"".join(joined([(0, part)]))


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_scan_finds_what_was_written(recipe: str) -> None:
    """The index read from a file equals the one made while writing it, and survives its blob."""
    content, index = _file(recipe)
    assert scan(BytesSource(content)) == index
    assert FragmentIndex.decode(index.encode()) == index
    assert index.end == 100 * FRAME


def test_an_index_takes_at_most_eight_bytes_a_fragment() -> None:
    """An hour of fragments of uneven size fits into eight bytes each."""
    places, offset = [], 800
    for number in range(3600):
        length = 400_000 + number * 7919 % 300_000
        duration = 90_000 if number % 2 else 86_400
        places.append(FragmentPlace(offset, duration, 25, number % 2 == 0, offset, length))
        offset += length
    time = 0
    even = []
    for place in places:
        even.append(FragmentPlace(time, place.duration, place.units, place.key, place.offset, place.length))
        time += place.duration
    index = FragmentIndex(tuple(even))
    assert len(index.encode()) <= 8 * len(even)
    assert FragmentIndex.decode(index.encode()) == index


@pytest.mark.parametrize("recipe", ["h264", "h265-b"])
def test_parameter_sets_are_read_back(recipe: str) -> None:
    """The sample entry gives back the sets that went in, in an order decoders take."""
    made = clip(recipe)
    content, _ = _file(recipe)
    head = initialisation_of(BytesSource(content))
    assert parameters_of(head) == made.parameters
    assert sets_of(*configuration_of(head)) == made.parameters.sets


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265-b"])
@pytest.mark.parametrize("share", [0.999, 0.77, 0.5, 0.2501])
def test_a_cut_file_gives_its_whole_pictures(recipe: str, share: float, tmp_path: Path) -> None:
    """Every whole picture of a file cut anywhere decodes, and their number is known before."""
    content, index = _file(recipe)
    length = int(len(content) * share)
    source = BytesSource(content[:length])
    found = recover(source)
    repaired = b"".join(RecoveredSource(source, found).parts())
    verdict = judged(repaired, tmp_path)
    whole_fragments = sum(p.units for p in index.places if p.offset + p.length <= length)
    assert verdict.complaints == ""
    assert verdict.frames == found.pictures >= whole_fragments
    assert found.lost + found.length == length
    assert scan(BytesSource(repaired)) == found.index


def test_a_whole_file_loses_nothing() -> None:
    """Recovering a file that was ended properly changes nothing."""
    content, index = _file("h264-b")
    found = recover(BytesSource(content))
    assert (found.index, found.length, found.lost, found.patch) == (index, len(content), 0, None)


@pytest.mark.parametrize("tail", [b"\x00" * 5000, b"\xff" * 7, b"moofmoofmoof"])
def test_what_a_power_cut_leaves_behind_is_not_taken(tail: bytes) -> None:
    """Zeros or rubbish after the last fragment are counted as lost."""
    content, index = _file("h264")
    found = recover(BytesSource(content + tail))
    assert (found.index, found.lost) == (index, len(tail))


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265", "h265-b"])
def test_a_part_begins_with_its_key_picture_and_ends_before_its_end(recipe: str, tmp_path: Path) -> None:
    """From the key picture at or before the start to the last picture shown before the end, all decode."""
    made = clip(recipe)
    content, index = _file(recipe)
    start, end = 70 * FRAME + 5, 90 * FRAME
    part = cut(BytesSource(content), index, start, end)
    verdict = judged(_alone(part), tmp_path)
    key = max(unit.time for unit in made.units if unit.key and unit.time <= start)
    asked = sum(1 for unit in made.units if key <= unit.time < end)
    assert part.key
    assert part.origin == key
    assert asked <= part.pictures <= asked + 2
    assert verdict.frames == part.pictures
    assert verdict.complaints == ""
    assert verdict.times[: asked - 1] == [number * FRAME for number in range(asked - 1)]


def test_cutting_everything_changes_no_picture(tmp_path: Path) -> None:
    """A part that covers the whole file holds the same samples at the same times."""
    content, index = _file("h264-b")
    copy = _alone(cut(BytesSource(content), index, 0, index.end))
    before, after = judged(content, tmp_path, "a.mp4"), judged(copy, tmp_path, "b.mp4")
    assert (before.frames, before.times, before.packets) == (after.frames, after.times, after.packets)


def test_parts_are_joined_with_the_pause_between_them(tmp_path: Path) -> None:
    """Two parts stand at the ticks they were given, in one file."""
    content, index = _file("h264")
    source = BytesSource(content)
    first, second = cut(source, index, 0, 25 * FRAME), cut(source, index, 50 * FRAME, 75 * FRAME)
    verdict = judged(b"".join(joined([(0, first), (100 * FRAME, second)])), tmp_path)
    shown = [*range(25), *range(100, 125)]
    assert verdict.times == [number * FRAME for number in shown]
    assert verdict.complaints == ""


def test_pictures_of_different_forms_are_not_joined() -> None:
    """A change of parameter sets needs a file of its own."""
    parts = []
    for recipe in ("h264", "h264-baseline"):
        content, index = _file(recipe)
        parts.append((len(parts) * 100 * FRAME, cut(BytesSource(content), index, 0, index.end)))
    with pytest.raises(MovieError, match="different forms"):
        list(joined(parts))


@pytest.mark.parametrize(("start", "end"), [(2, 1), (5, 5), (100 * FRAME, 101 * FRAME), (-9, 0)])
def test_a_part_without_pictures_is_refused(start: int, end: int) -> None:
    """Nothing is shown after the end, before the beginning or in an empty interval, and that is said."""
    content, index = _file("h264")
    with pytest.raises(MovieError, match="no picture"):
        cut(BytesSource(content), index, start, end)


def test_locating_begins_with_a_key_picture() -> None:
    """The fragments for an interval include those back to the key picture."""
    _, index = _file("h264")
    needed = index.locate(95 * FRAME, 99 * FRAME)
    assert [place.time // FRAME for place in needed] == [50, 75]
    assert needed[0].key


@pytest.mark.parametrize(
    "blob", [b"", b"\x02", b"\x01", b"\x01\xff\xff\xff", b"\x01" + b"\xff" * 40, b"\x01\x05\x01\x01"]
)
def test_a_damaged_index_is_refused(blob: bytes) -> None:
    """A blob that is none is an error, never a wrong index."""
    with pytest.raises(ContentError, match="damaged"):
        FragmentIndex.decode(blob)
