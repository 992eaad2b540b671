"""The writer, judged by ffprobe and ffmpeg."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.parameters import describe
from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.formats.mp4.writer import FragmentWriter, initialisation
from tests.unit.formats.clips import RECIPES, clip, judged
from tests.unit.formats.written import content_of, fragments_of

FRAME = 3600


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_picture_decodes_and_is_shown_at_its_time(recipe: str, tmp_path: Path) -> None:
    """As many pictures decode as went in, in the right order, at the times that were given."""
    made = clip(recipe)
    verdict = judged(content_of(made.parameters, fragments_of(made.parameters, made.units)), tmp_path)
    earliest = min(unit.time for unit in made.units)
    assert verdict.complaints == ""
    assert verdict.frames == len(made.units)
    assert verdict.times == sorted(unit.time - earliest for unit in made.units)


@pytest.mark.parametrize("recipe", RECIPES)
def test_decoding_times_are_even_and_have_no_hole_between_fragments(recipe: str, tmp_path: Path) -> None:
    """Each sample lasts exactly one picture, across fragments too, whether or not there are B-pictures."""
    made = clip(recipe)
    fragments = fragments_of(made.parameters, made.units)
    verdict = judged(content_of(made.parameters, fragments), tmp_path)
    assert [time for time, _ in verdict.packets] == [number * FRAME for number in range(len(made.units))]
    unread = {0} if recipe == "jpeg" else set()  # ffprobe reads few durations of motion JPEG in fragments
    assert {length for _, length in verdict.packets} - unread == {FRAME}
    assert fragments[0].time == 0
    assert sum(fragment.duration for fragment in fragments) == len(made.units) * FRAME


@pytest.mark.parametrize("size", [(322, 182), (1918, 1078), (130, 98)])
@pytest.mark.parametrize("recipe", ["h264", "h265"])
def test_cropped_sizes_are_declared_as_shown(recipe: str, size: tuple[int, int], tmp_path: Path) -> None:
    """A size that is no multiple of a coding block is read with its cropping."""
    made = clip(recipe, size, 1)
    told = describe(made.parameters)
    verdict = judged(content_of(made.parameters, fragments_of(made.parameters, made.units)), tmp_path)
    assert (told.width, told.height) == size
    assert (verdict.width, verdict.height) == size


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265", "h265-b"])
def test_two_segments_join_without_a_jump(recipe: str, tmp_path: Path) -> None:
    """A segment ends exactly where the next begins, and the next begins at 0 with a key picture."""
    made = clip(recipe)
    border = next(number for number, unit in enumerate(made.units) if unit.key and number)
    first = fragments_of(made.parameters, made.units[:border], following=made.units[border])
    second = fragments_of(made.parameters, made.units[border:])
    assert sum(fragment.duration for fragment in first) == made.units[border].time - made.units[0].time
    assert (second[0].time, second[0].key) == (0, True)
    for number, fragments in enumerate((first, second)):
        verdict = judged(content_of(made.parameters, fragments), tmp_path, f"{number}.mp4")
        assert verdict.frames == sum(fragment.units for fragment in fragments)
        assert verdict.complaints == ""


def test_pictures_go_out_untouched() -> None:
    """The parts of a fragment are the very bytes that came in: parameter sets and SEI included."""
    made = clip("h264")
    parts = [part for fragment in fragments_of(made.parameters, made.units) for part in fragment.parts[1:]]
    assert all(part is unit.data for part, unit in zip(parts, made.units, strict=True))


def test_a_fragment_goes_out_each_second_and_before_a_key_picture() -> None:
    """With a key picture every 0.8 s fragments begin with it; none is longer than the target and a picture."""
    made = clip("h264")
    units = [replace(unit, key=number % 20 == 0) for number, unit in enumerate(made.units)]
    fragments = fragments_of(made.parameters, units)
    assert [fragment.units for fragment in fragments] == [20] * 5
    assert all(fragment.key for fragment in fragments)


def test_a_stream_of_key_pictures_is_not_cut_at_each() -> None:
    """A fragment of key pictures alone still holds a quarter of a second at least."""
    made = clip("h264")
    units = [replace(unit, key=True) for unit in made.units]
    assert fragments_of(made.parameters, units)[0].units == 7


def test_key_pictures_alone_do_not_hold_a_fragment_back_where_pictures_may_be_reordered() -> None:
    """Fragments go out though every picture is a key picture and the stream says that it re-orders."""
    made = clip("h264-b")
    writer = FragmentWriter(made.parameters)
    assert writer.depth
    gone = [writer.add(replace(unit, key=True)) for unit in clip("h264").units]
    assert len([fragment for fragment in gone if fragment is not None]) >= 4


def test_a_silent_stream_can_be_flushed() -> None:
    """Queued pictures are returned at once, and the next picture keeps its time."""
    made = clip("h264")
    writer = FragmentWriter(made.parameters)
    assert [writer.add(unit) for unit in made.units[:5]] == [None] * 5
    flushed = writer.flush()
    assert flushed is not None
    assert (flushed.units, flushed.duration) == (5, 5 * FRAME)
    late = replace(made.units[5], time=made.units[5].time + 900_000, arrival=made.units[5].arrival + 10)
    rest = fragments_of(made.parameters, [late], writer=writer)
    assert rest[0].time == late.time


def _wrong_times(kind: str, number: int) -> int:
    right = number * FRAME
    return {
        "constant": 77,
        "doubled": right - right % (2 * FRAME),
        "backwards": right if number < 50 else right - 10_000_000,
        "forwards": right if number < 50 else right + 9_000_000_000,
        "one wrong": right if number != 50 else right - 2 * FRAME,
        "swinging": right + (-1) ** number * 90_000 * 3600,
        "slow": number,
    }[kind]


@pytest.mark.parametrize(
    "kind", ["constant", "doubled", "backwards", "forwards", "one wrong", "swinging", "slow"]
)
def test_wrong_timestamps_never_break_a_file(kind: str, tmp_path: Path) -> None:
    """Decoding times only grow, every picture decodes, and a jump of the camera's clock adds no time."""
    made = clip("h264")
    units = [replace(unit, time=_wrong_times(kind, number)) for number, unit in enumerate(made.units)]
    fragments = fragments_of(made.parameters, units)
    verdict = judged(content_of(made.parameters, fragments), tmp_path)
    times = [time for time, _ in verdict.packets]
    assert verdict.frames == len(units)
    assert times == sorted(set(times))
    assert all(a.time + a.duration <= b.time for a, b in pairwise(fragments))
    total = fragments[-1].time + fragments[-1].duration
    assert total <= 2 * len(units) * FRAME
    if kind != "slow":
        assert total >= 0.9 * len(units) * FRAME


def test_corrections_are_counted() -> None:
    """Only replaced timestamps count."""
    made = clip("h264-b")
    writer = FragmentWriter(made.parameters)
    fragments_of(made.parameters, made.units, writer=writer)
    assert writer.corrections == 0
    jumped = [replace(u, time=u.time + 900_000_000 * (n > 60)) for n, u in enumerate(made.units)]
    writer = FragmentWriter(made.parameters)
    fragments_of(made.parameters, jumped, writer=writer)
    assert writer.corrections >= 1


def test_memory_is_bounded_when_timestamps_stand_still() -> None:
    """A fragment goes out by bytes or pictures even if neither stamps nor arrival move."""
    made = clip("h264")
    writer = FragmentWriter(made.parameters)
    key = made.units[0]
    big = AccessUnit(bytes(1 << 20), 0, False, key.arrival, False)
    writer.add(key)
    gone = [fragment for _ in range(40) if (fragment := writer.add(big)) is not None]
    assert [fragment.units for fragment in gone] == [17, 16]


def test_incomplete_parameter_sets_are_refused() -> None:
    """Without a picture parameter set there is no initialisation."""
    made = clip("h264")
    with pytest.raises(ParameterSetError, match="no picture parameter set"):
        initialisation(ParameterSets(made.parameters.codec, made.parameters.sets[:1]))
