"""Properties of MP4 files for any pictures, any timestamps and any damage."""

from itertools import accumulate, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.formats.errors import MovieError, ParameterSetError
from rejent.formats.fragment_index import FragmentIndex, FragmentPlace
from rejent.formats.mp4.boxes import Run, fragment_head
from rejent.formats.mp4.cutting import cut, joined
from rejent.formats.mp4.parameters import describe, updated_parameters
from rejent.formats.mp4.picture import AccessUnit, Codec, ParameterSets
from rejent.formats.mp4.reader import RecoveredSource, parse_fragment_head, recover, scan
from rejent.formats.mp4.writer import FragmentWriter, initialisation
from rejent.formats.source import BytesSource
from tests.examples import examples
from tests.unit.formats.written import heads

H264 = ParameterSets(
    Codec.H264,
    (
        bytes.fromhex("6764000cacd941419f9f011000000300100000030320f1429960"),
        bytes.fromhex("68ebe3cb22c0"),
    ),
)
"""320×180, two pictures may be re-ordered."""
H265 = ParameterSets(
    Codec.H265,
    (
        bytes.fromhex("40010c01ffff01600000030090000003000003003cba0240"),
        bytes.fromhex("42010101600000030090000003000003003ca00a080c1f3e5ba4a4c2f0168080000003008000000c84"),
        bytes.fromhex("4401c073c189"),
    ),
)
"""320×180, nothing is re-ordered."""


@st.composite
def streams(draw: st.DrawFn) -> list[AccessUnit]:
    """Pictures with any sizes, wild timestamps, uneven arrival and key pictures anywhere."""
    steps = st.one_of(
        st.just(3600),
        st.integers(-7200, 20_000),
        st.integers(-(1 << 40), 1 << 40),
        st.just(0),
    )
    times = accumulate(draw(st.lists(steps, min_size=1, max_size=120)))
    arrival = 0.0
    units = []
    for number, time in enumerate(times):
        arrival += draw(st.sampled_from((0.0, 0.04, 0.1, 5.0)))
        key = number == 0 or draw(st.integers(0, 9)) == 0
        data = bytes([number & 0xFF]) * draw(st.integers(1, 60))
        units.append(AccessUnit(data, time, key, arrival, False))
    return units


def _written(units: list[AccessUnit]) -> tuple[bytes, FragmentIndex]:
    writer = FragmentWriter(H264, target=0.5)
    fragments = [part for unit in units if (part := writer.add(unit)) is not None]
    last = writer.finish()
    fragments += [last] if last is not None else []
    head = initialisation(H264)
    lengths = [sum(map(len, part.parts)) for part in fragments]
    offsets = accumulate(lengths, initial=len(head))
    places = tuple(
        FragmentPlace(part.time, part.duration, part.units, part.key, offset, length)
        for part, offset, length in zip(fragments, offsets, lengths, strict=False)
    )
    return head + b"".join(b"".join(part.parts) for part in fragments), FragmentIndex(places)


@given(streams())
@settings(max_examples=examples(150))
def test_any_timestamps_give_a_file_with_growing_decoding_times(units: list[AccessUnit]) -> None:
    """All pictures are in it, untouched and in order; decoding times grow strictly from 0, fragments never overlap."""
    content, index = _written(units)
    source = BytesSource(content)
    assert scan(source) == index
    assert FragmentIndex.decode(index.encode()) == index
    times, bodies = [], b""
    for place, head in heads(source, index):
        times += head.decode_times()[:-1]
        bodies += source.read(place.offset + head.length, head.body)
    assert bodies == b"".join(unit.data for unit in units)
    assert times[0] == 0
    assert all(a < b for a, b in pairwise(times))
    assert all(a.time + a.duration <= b.time for a, b in pairwise(index.places))


@given(streams(), st.data())
@settings(max_examples=examples(100))
def test_a_file_cut_anywhere_is_recovered(units: list[AccessUnit], data: st.DataObject) -> None:
    """A recovered file holds the first of the pictures that were written."""
    content, _ = _written(units)
    length = data.draw(st.integers(len(initialisation(H264)), len(content)))
    source = BytesSource(content[:length])
    found = recover(source)
    repaired = b"".join(RecoveredSource(source, found).parts())
    again = BytesSource(repaired)
    assert scan(again) == found.index
    bodies = b"".join(
        again.read(place.offset + head.length, head.body) for place, head in heads(again, found.index)
    )
    assert bodies == b"".join(unit.data for unit in units[: found.pictures])


@given(streams(), st.data())
@settings(max_examples=examples(100))
def test_a_part_is_a_file_with_the_pictures_of_its_interval(
    units: list[AccessUnit], data: st.DataObject
) -> None:
    """A part holds every picture shown in the interval, begins at 0, and is a file that can be cut again."""
    content, index = _written(units)
    source = BytesSource(content)
    start = data.draw(st.integers(0, index.end - 1))
    end = data.draw(st.integers(start + 1, index.end + 1))
    shown = [time for _, head in heads(source, index) for time in head.presentation_times()]
    try:
        part = cut(source, index, start, end)
    except MovieError:
        assert not any(time < end for time in shown)
        return
    copy = BytesSource(b"".join(joined([(0, part)])))
    kept = [time + part.origin for _, head in heads(copy, scan(copy)) for time in head.presentation_times()]
    assert {time for time in shown if start <= time < end} <= set(kept)
    assert scan(copy).places[0].time == 0


@given(st.binary(max_size=300))
@settings(max_examples=examples(300))
def test_hostile_heads_are_refused_or_read_within_bounds(content: bytes) -> None:
    """Rubbish is an error; what is accepted says as many bytes as its samples have."""
    good = fragment_head(1, 0, Run([1, 1], [5, 6], [True, False], []))
    for hostile in (content, good[:68] + content, content[:40] + good[40:]):
        try:
            head = parse_fragment_head(hostile)
        except MovieError:
            continue
        assert head.body == sum(head.run.sizes)


@given(st.sampled_from((H264, H265)), st.data())
@settings(max_examples=examples(400))
def test_hostile_parameter_sets_are_refused_or_described(
    parameters: ParameterSets, data: st.DataObject
) -> None:
    """A set with any bytes changed, cut or added gives a description with a possible size, or one clear error."""
    sets = list(parameters.sets)
    place = data.draw(st.integers(0, len(sets) - 1))
    position = data.draw(st.integers(0, len(sets[place]) - 1))
    sets[place] = sets[place][:position] + data.draw(st.binary(max_size=40)) + sets[place][position + 3 :]
    try:
        told = describe(ParameterSets(parameters.codec, tuple(sets)))
    except ParameterSetError:
        return
    assert 0 < told.width <= 16384
    assert 0 < told.height <= 16384
    assert told.codec_string.startswith(("avc1.", "hvc1."))


@given(st.sampled_from((H264, H265)), st.binary(max_size=200))
@settings(max_examples=examples(300))
def test_hostile_pictures_do_not_change_parameters_silently(
    parameters: ParameterSets, content: bytes
) -> None:
    """Looking for parameter sets in any bytes ends with sets, nothing, or one clear error."""
    try:
        found = updated_parameters(parameters, content)
    except ParameterSetError:
        return
    assert found is None or found.sets != parameters.sets
