"""Files as PBXs write them are told from others by their content, measured and heard side by side."""

import struct
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.content.errors import UndecodableError
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.sound import resampling
from rejent.formats.sound.legs import CallSound
from rejent.formats.sound.resampling import HIGHEST_RATE, LOWEST_RATE
from rejent.formats.source import BytesSource
from rejent.kernel.clock import SystemClock
from rejent.kernel.intervals import Interval
from rejent.streams.calls.player import services as calls
from rejent.streams.calls.player.errors import SoundError, UndecodableSoundError
from rejent.streams.calls.player.jobs import plain
from rejent.streams.calls.player.services import legs_of, rate_of, sound_piece
from rejent.streams.calls.player.workshop import SoundWorkshop
from rejent.streams.calls.receiving.imported.file_sound import (
    NoSoundError,
    container_of,
    is_incomplete_wav,
    measure_sound,
    read_file_sound,
)
from tests.examples import examples
from tests.unit.streams_calls.player.test_services import heard
from tests.unit.streams_calls_imported.pbx_sounds import coded, head, wav

SECOND = 1_000_000_000
START = datetime(2026, 11, 21, 11, tzinfo=UTC)
FORMS = [
    ("wav", "pcm_s16le", 2, 8000, "pcm"),
    ("wav", "pcm_alaw", 2, 8000, "pcma"),
    ("wav", "pcm_mulaw", 1, 8000, "pcmu"),
    ("mp3", "libmp3lame", 2, 16_000, "mp3-wide"),
    ("mp3", "libmp3lame", 1, 8000, "mp3"),
    ("ogg", "libopus", 2, 48_000, "opus-wide"),
    ("flac", "flac", 2, 8000, "flac"),
]


@pytest.mark.parametrize(("container", "codec", "sides", "rate", "named"), FORMS)
def test_every_form_that_pbxs_write_is_measured(
    container: str, codec: str, sides: int, rate: int, named: str
) -> None:
    """Its coding, its sides and its length, by what was decoded; somebody is heard on each side."""
    told = measure_sound(coded(2, container, codec, sides=sides, rate=rate))
    assert (told.codec, told.sides) == (named, sides)
    assert abs(told.length - 2 * SECOND) < SECOND // 10
    assert min(told.heard) > 0.9


@pytest.mark.parametrize("read", [measure_sound, plain, lambda sound: read_file_sound(sound, 0, 8000)])
@pytest.mark.parametrize(
    ("rate", "sides"), [(1, 1), (LOWEST_RATE - 1, 1), (HIGHEST_RATE + 1, 2), (570_433_616, 1), (8000, 9)]
)
def test_a_rate_or_channels_of_no_telephone_cost_nothing(
    read: Callable[[bytes], object], rate: int, sides: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a file says of its sound is bounded before it is resampled, wherever a file is read: libav's filter grows with it."""
    sound = head(1000 * sides, sides)
    sound = sound[:24] + rate.to_bytes(4, "little") + sound[28:] + bytes(1000 * sides)
    monkeypatch.setattr(resampling.AudioResampler, "resample", None)
    try:
        heard = read(sound)
    except (NoSoundError, UndecodableError):
        return
    assert isinstance(heard, CallSound)
    assert not any(leg.payloads for leg in heard.legs)


@pytest.mark.parametrize("rate", [LOWEST_RATE, HIGHEST_RATE])
def test_the_bounds_of_a_rate_are_taken(rate: int) -> None:
    """A second of sound at the lowest and at the highest rate is a second."""
    sound = head(2 * rate)
    told = measure_sound(
        sound[:24] + rate.to_bytes(4, "little") + sound[28:] + wav(rate / 8000, sides=1)[44:]
    )
    assert abs(told.length - SECOND) < SECOND // 50


def test_gsm_is_measured_with_a_head_and_without() -> None:
    """Asterisk writes GSM as bare frames of 33 bytes, or as WAV with two frames in 65 bytes."""
    bare, framed = (b"\xd2" + bytes(range(32))) * 100, bytes(range(65)) * 50
    form = struct.pack("<HHIIHHHH", 0x31, 1, 8000, 1625, 65, 0, 2, 320)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(framed)) + framed
    for content in (bare, b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks):
        told = measure_sound(content)
        assert (told.codec, told.sides, told.length) == ("gsm", 1, 2 * SECOND)


@pytest.mark.parametrize("form", [FORMS[0], FORMS[1], FORMS[3], FORMS[5]])
def test_a_part_of_a_file_stands_where_the_whole_has_it(form: tuple[str, str, int, int, str]) -> None:
    """What is decoded from the middle on begins at the same instants as what is decoded from the beginning."""
    content = coded(6, *form[:2], sides=form[2], rate=form[3])
    whole = read_file_sound(content, 0, 8000)
    part = read_file_sound(content, 0, 8000, (4 * SECOND, 5 * SECOND))
    late = {one.at // 20_000_000 for one in part.legs[0].payloads}
    assert set(range(200, 250)) <= late
    assert abs(whole.end - 6 * SECOND) < SECOND // 10
    assert len(whole.legs) == form[2]


def test_a_silent_side_is_told() -> None:
    """A call of which one party alone was recorded shows as a side on which nobody is heard."""
    assert measure_sound(wav(1, silent_side=1)).heard == (1.0, 0.0)


@pytest.mark.parametrize(
    "content", [b"", head(0), head(0)[:20], b"RIFF" * 40, b"<html>no sound</html>", bytes(1000)]
)
def test_what_holds_no_sound_is_refused(content: bytes) -> None:
    """A head of 44 bytes without a sample, a torn head and what is no sound at all."""
    with pytest.raises(NoSoundError):
        measure_sound(content)


def test_a_torn_file_is_heard_as_far_as_it_reaches() -> None:
    """What a killed PBX left of a WAV has the length of its samples, whatever its head says."""
    torn = wav(2)[: 44 + 4 * 8000]
    assert is_incomplete_wav(torn, len(torn))
    assert measure_sound(torn).length == SECOND
    assert not is_incomplete_wav(wav(1), len(wav(1)))


def test_a_head_that_does_not_say_how_long_it_is_waits() -> None:
    """Asterisk writes the lengths when the call ends; until then they are none."""
    unfinished = bytearray(wav(1))
    unfinished[4:8] = bytes(4)
    assert is_incomplete_wav(bytes(unfinished), len(unfinished))


@settings(max_examples=examples(60))
@given(
    form=st.sampled_from([wav(0.2), wav(0.2, sides=1)]),
    at=st.integers(0, 120),
    put=st.binary(max_size=12),
)
def test_no_bytes_break_the_measuring(form: bytes, at: int, put: bytes) -> None:
    """Whatever stands in a file, it is measured or refused by the one error."""
    content = form[:at] + put + form[at + len(put) :]
    try:
        assert measure_sound(content).length > 0
    except NoSoundError:
        assert container_of(content) in {"", "wav", "mp3", "ogg", "flac", "gsm"}


def test_a_pbx_file_is_listened_to_like_any_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sides with their envelopes, and a piece of exactly its length, decoded in a confined child."""
    workshop = SoundWorkshop(SystemClock())
    monkeypatch.setattr(calls, "workshop", lambda: workshop)
    segment: Any = SimpleNamespace(start=START, run="call", traits={"codec": "pcm"})
    content = wav(3)
    try:
        legs = legs_of([segment], lambda _: BytesSource(content))
        begin = nanoseconds(START)
        wanted = Interval(*(START.replace(second=second) for second in (1, 3)))
        sound = sound_piece(
            [segment], wanted, [wanted], lambda _: BytesSource(content), rate=rate_of([segment])
        )
    finally:
        workshop.close()
    assert [(leg.codecs, leg.undecoded, leg.gaps) for leg in legs] == [(("pcm",), (), ())] * 2
    assert min(legs[0].parts[0].levels[1:70]) > 100
    left, right, rate = heard(sound)
    assert (len(left), rate) == (16_000, 8000)
    assert max(left) > 5000 < max(right)
    assert left != right
    assert nanoseconds(legs[0].parts[0].start) == begin


def test_a_child_that_dies_says_nothing_of_the_file() -> None:
    """What cannot be decoded is told apart from what was not measured."""
    working, dying = (
        SoundWorkshop(SystemClock()),
        SoundWorkshop(SystemClock(), command=[sys.executable, "-c", ""]),
    )
    with closing(working), pytest.raises(UndecodableSoundError):
        working.measured(b"<html>" * 50)
    with closing(dying), pytest.raises(SoundError) as died:
        dying.measured(wav(1))
    assert not isinstance(died.value, UndecodableSoundError)


def test_a_coding_that_nobody_knows_is_no_sound() -> None:
    """A WAV says by a number how it is coded; of one that libav does not know nothing can be decoded."""
    content = wav(0.2)
    for coding in (0x7FFF, 0x0203):
        with pytest.raises(NoSoundError):
            measure_sound(content[:20] + coding.to_bytes(2, "little") + content[22:])
