"""A WAV whose head lies about its length is measured, played and copied by what it holds, and the lie is stated."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.formats.rtp.account import SECOND
from rejent.formats.source import BytesSource
from rejent.streams.calls.catalog.models import Call, PbxFile
from rejent.streams.calls.catalog.queries import segments_of
from rejent.streams.calls.receiving.imported import excerpts
from rejent.streams.calls.receiving.imported.excerpts import measure_in_parts
from rejent.streams.calls.receiving.imported.file_sound import measure_sound, read_file_sound
from rejent.streams.calls.receiving.imported.wav_head import (
    LEAST_UNSAID,
    HeadFault,
    mended_wav,
    read_wav_head,
)
from rejent.streams.calls.retention.copying import COPIES
from rejent.vault.age import SealedReader
from tests.unit.streams_calls_imported.conftest import Pbx, measure
from tests.unit.streams_calls_imported.pbx_sounds import coded, wav

MINUTE = wav(60, sides=1)


def saying(content: bytes, stated: int) -> bytes:
    """The file with another length in its head."""
    at = content.index(b"data") + 4
    return content[:at] + struct.pack("<I", stated) + content[at + 4 :]


FAULTS = [
    (16_000, HeadFault.SHORT),
    (1_000_000, HeadFault.LONG),
    (0, HeadFault.NONE),
    (0xFFFFFFFF, HeadFault.NONE),
    (len(MINUTE) - 44, None),
]


@pytest.mark.parametrize("part_bytes", [8 << 20, 40_000])
@pytest.mark.parametrize(("stated", "fault"), FAULTS)
def test_the_bytes_tell_the_length(
    stated: int, fault: HeadFault | None, part_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A head of a second before a minute of sound is a minute, whole or in parts, and so is every other head of it."""
    monkeypatch.setattr(excerpts, "PART_BYTES", part_bytes)
    content = saying(MINUTE, stated)
    told = measure_in_parts(BytesSource(content), measure)
    assert (told.length, told.head_fault) == (60 * SECOND, fault or "")
    assert measure_sound(content).length == 60 * SECOND
    sound = read_file_sound(content, 0, 8000, (50 * SECOND, 51 * SECOND))
    assert sound.legs[0].payloads


@pytest.mark.parametrize("codec", ["pcm_alaw", "pcm_mulaw", "adpcm_ima_wav"])
def test_codings_with_heads_of_their_own_are_told_alike(codec: str) -> None:
    """Whatever else a head says of the samples."""
    whole = coded(20, "wav", codec)
    assert abs(measure_sound(saying(whole, 4_000)).length - measure_sound(whole).length) < SECOND // 10


@pytest.mark.parametrize(
    "behind",
    [
        b"",
        b"x" * (LEAST_UNSAID - 1),
        b"LIST" + struct.pack("<I", 5_000) + bytes(5_000),
        b"LIST" + struct.pack("<I", 3) + b"abc\0" + b"id3 " + struct.pack("<I", 9_000) + b"x" * 9_000,
        bytes(100_000),
        b"LIST"
        + struct.pack("<I", 200_000)
        + b"x" * 200_000
        + b"id3 "
        + struct.pack("<I", 3)
        + b"abc\0"
        + bytes(9_000),
        (b"cue " + struct.pack("<I", 92) + b"x" * 92) * 200,
    ],
)
def test_what_stands_behind_the_sound_is_no_sound(behind: bytes) -> None:
    """Chunks, a maker's mark and noughts that fill a block: such a head is right."""
    head = read_wav_head(BytesSource(MINUTE + behind))
    assert head is not None
    assert (head.fault, head.past) == (None, len(MINUTE))
    assert mended_wav(MINUTE + behind) == MINUTE + behind


def test_sound_behind_silence_is_sound() -> None:
    """Noughts that do not reach the end are no padding: a second of digital silence stands amid many calls."""
    content = MINUTE[:16_044] + bytes(16_000) + MINUTE[32_044:]
    told = read_wav_head(BytesSource(saying(content, 16_000)))
    assert told is not None
    assert (told.fault, told.past) == (HeadFault.SHORT, len(content))


def test_the_walk_over_chunks_is_bounded() -> None:
    """A file of nothing but empty chunks is none with sound."""
    content = b"RIFF" + struct.pack("<I", 0) + b"WAVE" + b"JUNK\0\0\0\0" * 10_000 + MINUTE[12:]
    assert read_wav_head(BytesSource(content)) is None


@pytest.mark.parametrize(("stated", "fault"), FAULTS)
def test_a_long_chunk_before_the_sound_hides_nothing(stated: int, fault: HeadFault | None) -> None:
    """A picture, or the description of a broadcast, of 100 kB."""
    content = (
        MINUTE[:12]
        + b"LIST"
        + struct.pack("<I", 100_001)
        + b"x" * 100_001
        + b"\0"
        + saying(MINUTE, stated)[12:]
    )
    told = read_wav_head(BytesSource(content))
    assert told is not None
    assert (told.fault, told.past - told.first) == (fault, len(MINUTE) - 44)


def test_a_mended_file_says_what_it_holds() -> None:
    """Its samples are untouched, and mending it again changes nothing."""
    for stated, _ in FAULTS[:4]:
        mended = mended_wav(saying(MINUTE, stated))
        assert mended == MINUTE
        assert mended_wav(mended) == mended


@given(st.binary(max_size=200), st.sampled_from([b"", b"RIFF", MINUTE[:44], MINUTE[:36], MINUTE[:20]]))
def test_anything_is_read(content: bytes, before: bytes) -> None:
    """Whatever stands in a head: what is mended is right, and nothing is added."""
    mended = mended_wav(before + content)
    assert len(mended) <= len(before + content)
    assert mended_wav(mended) == mended


def test_the_lie_stands_with_the_call(pbx: Pbx) -> None:
    """Its length is that of the bytes, what is sealed is the file as it was written, and who gets a copy can play all of it."""
    content = saying(wav(60), 32_000)
    pbx.drop("call.wav", content, ago=3)
    pbx.record("call.wav", seconds=60)
    pbx.settle()
    call, file = Call.objects.get(), PbxFile.objects.get()
    assert (file.state, file.cause) == ("imported", "head-short")
    assert call.end is not None
    assert (call.end - call.start).total_seconds() == 60
    (segment,) = segments_of(call.source_id, call.pk, call.start)
    with pbx.store.open(segment.object_name) as sealed:
        kept = SealedReader(sealed, [pbx.identity]).read()
    assert kept == content
    assert COPIES.playable is not None
    assert COPIES.playable.needed(BytesSource(kept))
    assert COPIES.playable.made(BytesSource(kept)) == wav(60)
    assert not COPIES.playable.needed(BytesSource(wav(1)))


def test_two_faults_of_one_file_are_both_stated(pbx: Pbx) -> None:
    """A silent side beside a head that lies."""
    pbx.drop("call.wav", saying(wav(60, silent_side=1), 32_000), ago=3)
    pbx.record("call.wav", seconds=60)
    pbx.settle()
    assert PbxFile.objects.get().cause == "one-sided head-short"
