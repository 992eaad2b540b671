"""Parsed parameter sets compared with the encoder's settings and with libav's reading."""

from dataclasses import replace
from fractions import Fraction

import av
import pytest

from rejent.formats.errors import ParameterSetError
from rejent.formats.mp4.parameters import describe, in_band, updated_parameters
from rejent.formats.mp4.picture import Codec, ParameterSets
from rejent.formats.mp4.reader import configuration_of
from rejent.formats.mp4.writer import initialisation
from tests.unit.formats.clips import RECIPES, clip


@pytest.mark.parametrize("recipe", RECIPES)
def test_size_reordering_and_rate_are_what_was_asked_for(recipe: str) -> None:
    """Size, claimed rate and re-ordering of real streams are read; a JPEG claims no rate."""
    told = describe(clip(recipe).parameters)
    rate = None if recipe == "jpeg" else Fraction(25)
    assert (told.width, told.height, told.rate, told.aspect) == (320, 180, rate, (1, 1))
    assert told.reorder == (2 if recipe.endswith(("-b", "-open")) else 0)


@pytest.mark.parametrize("recipe", ["h264", "h264-b", "h265", "h265-b"])
def test_libav_opens_the_configuration_record(recipe: str) -> None:
    """A decoder configured with our record alone decodes the first key picture."""
    made = clip(recipe)
    codec, record = configuration_of(initialisation(made.parameters))
    decoder = av.CodecContext.create("h264" if codec is Codec.H264 else "hevc", "r")
    decoder.extradata = record
    frames = [*decoder.decode(av.Packet(made.units[0].data)), *decoder.decode(None)]
    assert [(frame.width, frame.height) for frame in frames] == [made.size]


@pytest.mark.parametrize(
    ("sps", "expected"),
    [
        ("67640028acd940780227e5c05a808080a0000003002000000651e30632c0", "avc1.640028"),
        ("6742c01fd900f0089a", "avc1.42C01F"),
    ],
)
def test_h264_codec_strings_follow_rfc_6381(sps: str, expected: str) -> None:
    """Profile, constraints and level as six hexadecimal digits."""
    sets = (bytes.fromhex(sps), bytes.fromhex("68ebe3cb22c0"))
    assert describe(ParameterSets(Codec.H264, sets)).codec_string == expected


def test_h265_codec_strings_follow_iso_14496_15() -> None:
    """Profile, mirrored compatibility flags, tier, level and the constraint bytes that are not 0."""
    assert describe(clip("h265", (1280, 720), 0.2).parameters).codec_string == "hvc1.1.6.L93.90"


def test_parameter_sets_in_the_stream_are_found() -> None:
    """Sets repeated before a key picture are found there and are no change."""
    made = clip("h264")
    assert set(in_band(made.parameters.codec, made.units[0].data)) == set(made.parameters.sets)
    assert in_band(made.parameters.codec, made.units[1].data) == ()
    assert updated_parameters(made.parameters, made.units[0].data) is None


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_change_of_parameter_sets_is_noticed(codec: str) -> None:
    """Sets of another size in a key picture replace those of their kind and number."""
    before, after = clip(codec), clip(codec, (640, 360), 1)
    found = updated_parameters(before.parameters, after.units[0].data)
    assert found is not None
    assert (describe(found).width, describe(found).height) == (640, 360)
    assert len(found.sets) == len(before.parameters.sets)


def test_broken_usability_information_counts_as_absent() -> None:
    """Cameras that cut their sequence parameter set short in annex E are still recorded."""
    made = clip("h264-b").parameters
    short = replace(made, sets=(made.sets[0][:-6], made.sets[1]))
    told = describe(short)
    assert (told.width, told.height, told.reorder) == (320, 180, None)


@pytest.mark.parametrize("length", [0, 1, 3, 6, 5000])
def test_a_set_of_impossible_length_is_refused(length: int) -> None:
    """Too short and too long alike."""
    made = clip("h264").parameters
    nal = (made.sets[0] * 500)[:length] or b"\x67"
    with pytest.raises(ParameterSetError):
        describe(replace(made, sets=(nal, made.sets[1])))


@pytest.mark.parametrize("lengths", [(70_000,), (4_000,) * 60])
def test_parameter_sets_too_large_for_an_initialisation_are_refused(lengths: tuple[int, ...]) -> None:
    """One longer than a file can hold, or many that a reader would refuse, describe no stream."""
    made = clip("h264").parameters
    more = tuple(b"\x68" + b"\xce" * length for length in lengths)
    with pytest.raises(ParameterSetError):
        describe(replace(made, sets=(*made.sets, *more)))
