"""Hours of sound: cut where the coding allows it, taken over and heard without ever lying in memory, and named where they cannot be."""

import json
import os
import random
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from rejent.catalog.models import Segment
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.rtp.account import SECOND
from rejent.formats.source import BytesSource
from rejent.kernel.clock import ManualClock
from rejent.registers.models import Entry
from rejent.streams.calls.catalog.models import Call, PbxFile
from rejent.streams.calls.player import sound as call_sound
from rejent.streams.calls.player.services import contents
from rejent.streams.calls.receiving.imported import excerpts
from rejent.streams.calls.receiving.imported.excerpts import (
    PART_BYTES,
    UncompressedSound,
    measure_in_parts,
    parts,
    read_plain_sound,
)
from rejent.streams.calls.receiving.imported.file_sound import measure_sound
from rejent.streams.calls.receiving.imported.folder import FileChangedError, Folder
from rejent.vault.age import SealedReader
from tests.examples import examples
from tests.unit.streams_calls_imported.conftest import START, Pbx, measure
from tests.unit.streams_calls_imported.pbx_sounds import coded, head, wav
from tests.unit.streams_calls_imported.test_records import CALLER

SMALL = 40_000
"""Bytes of a part in these tests: some of them even of seconds."""


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of seconds come in parts."""
    monkeypatch.setattr(excerpts, "PART_BYTES", SMALL)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("sides", [1, 2])
def test_parts_are_the_whole(sides: int) -> None:
    """Every part is a WAV, begins where the one before ended, and all of them hold every sample once."""
    content = wav(10, sides=sides)
    cut = list(parts(BytesSource(content)))
    assert len(cut) > 3
    assert max(len(part) for _, part in cut) <= SMALL + 44
    assert b"".join(part[44:] for _, part in cut) == content[44:]
    lengths = [measure_sound(part).length for _, part in cut]
    assert [at for at, _ in cut] == [sum(lengths[:number]) for number in range(len(cut))]


@pytest.mark.usefixtures("small_parts")
def test_what_is_measured_in_parts_is_what_the_whole_holds() -> None:
    """Length, sides and who is heard do not depend on where it was cut; a side that is silent stays so."""
    for content in (wav(7.3), wav(7.3, silent_side=1), coded(9, "wav", "pcm_alaw")):
        whole, by_parts = measure_sound(content), measure_in_parts(BytesSource(content), measure)
        assert (whole.codec, whole.rate, whole.sides, whole.length) == (
            by_parts.codec,
            by_parts.rate,
            by_parts.sides,
            by_parts.length,
        )
        assert by_parts.heard == pytest.approx(whole.heard, abs=0.01)


@pytest.mark.usefixtures("small_parts")
def test_only_what_is_wanted_is_read() -> None:
    """A piece of a long file costs no more than itself, and sounds as it does out of the whole."""
    content, start = wav(10), nanoseconds(START)
    wanted = (start + 4 * SECOND, start + 5 * SECOND)
    near = list(parts(BytesSource(content), (3 * SECOND, 6 * SECOND)))
    assert sum(len(part) for _, part in near) < 3.1 * 32_000 + 200
    readable = [(start, start + 10 * SECOND)]
    some = call_sound.piece(
        [part for _, part in near], [start + at for at, _ in near], wanted, 8000, readable
    )
    assert some == call_sound.piece([content], [start], wanted, 8000, readable)


@pytest.mark.parametrize(
    "content",
    [
        coded(4, "ogg", "libopus", rate=48_000),
        coded(4, "wav", "adpcm_ima_wav"),
        b"RIFF" + bytes(SMALL),
        head(0)[:36] + b"LIST" + (1 << 30).to_bytes(4, "little") + bytes(SMALL),
        head(SMALL)[:20] + bytes(16) + head(SMALL)[36:] + bytes(SMALL),
        b"",
    ],
    ids=["opus", "adpcm", "no-head", "chunk-without-end", "empty-form", "nothing"],
)
@pytest.mark.usefixtures("small_parts")
def test_what_cannot_be_cut_comes_whole(content: bytes) -> None:
    """Other codings, and heads that say nothing that can be relied on, are left to libav as they are."""
    assert list(parts(BytesSource(content))) == [(0, content)]


@settings(max_examples=examples(80))
@given(at=st.integers(0, 60), value=st.binary(min_size=1, max_size=8), torn=st.integers(0, 90_000))
def test_no_head_makes_the_cutting_fail(at: int, value: bytes, torn: int) -> None:
    """Whatever stands in the head, parts lie within the file and end."""
    content = bytearray(wav(3)[: 90_000 - torn])
    content[at : at + len(value)] = value
    with pytest.MonkeyPatch.context() as smaller:
        smaller.setattr(excerpts, "PART_BYTES", SMALL)
        cut = list(parts(BytesSource(bytes(content))))
    assert cut
    assert sum(len(part) for _, part in cut) <= len(content) + 100_000


@pytest.mark.usefixtures("small_parts")
def test_a_long_file_is_taken_over_byte_by_byte(pbx: Pbx) -> None:
    """What lies in the store is the file; its page and its pieces are made from parts, each with its own beginning."""
    content = wav(10)
    pbx.drop("long.wav", content)
    pbx.record("long.wav", seconds=10)
    assert pbx.settle() == 1
    (call,), (segment,) = Call.objects.all(), Segment.objects.all()
    assert call.end is not None
    assert call.end - call.start == timedelta(seconds=10)
    with pbx.store.open(segment.object_name) as sealed:
        reader = SealedReader(sealed, [pbx.identity])
        assert reader.read() == content
        shown = list(contents([segment], lambda _: reader))  # type: ignore[list-item]  # a row will do
    assert len(shown) > 3
    levels = [json.loads(call_sound.described(part, at)) for at, part in shown]
    assert [each["start"] for each in levels] == [at for at, _ in shown]
    assert abs(levels[-1]["end"] - nanoseconds(call.end)) <= SECOND // 25


def test_a_file_of_hours_is_read_without_lying_in_memory(tmp_path: Path) -> None:
    """Measuring and digesting four hours of both sides take a few parts of memory, whatever the file's size."""
    path, size = tmp_path / "hours.wav", 4 * 3600 * 32_000
    with path.open("wb") as file:
        file.write(head(size, 2))
        file.truncate(44 + size)
    clock = ManualClock(datetime(2026, 11, 21, 13, tzinfo=UTC))
    folder = Folder(str(tmp_path), clock)
    (seen,) = folder.all(lambda _: True)
    told = json.dumps({"codec": "pcm", "rate": 8000, "sides": 2, "length": 1, "heard": [0.5, 0.5]}).encode()
    tracemalloc.start()
    try:
        with folder.opened(seen) as content:
            found = measure_in_parts(content, lambda _: told)
            assert len(content.digest()) == 64
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.length == 4 * 3600 * SECOND
    assert most < 6 * PART_BYTES


def test_a_file_that_becomes_another_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    """Neither one that is cut short nor one whose content changes under the same length gives what was never there."""
    path = tmp_path / "a.wav"
    path.write_bytes(wav(2))
    folder = Folder(str(tmp_path), ManualClock(START))
    (seen,) = folder.all(lambda _: True)
    with folder.opened(seen) as content:
        digest = content.digest()
        changed = bytearray(wav(2))
        changed[100] ^= 1
        path.write_bytes(changed)
        os.utime(path, ns=(seen.changed, seen.changed))
        with pytest.raises(FileChangedError):
            list(content.pieces(digest))
        os.truncate(path, 1000)
        with pytest.raises(FileChangedError):
            content.digest()
    assert folder.digest(seen) == ""


def test_what_is_too_large_is_named_and_left(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that cannot be cut and is larger than memory should hold stays where it is, is reported, and is taken once it is smaller."""
    monkeypatch.setattr("rejent.streams.calls.receiving.imported.folder_import.LARGEST", 1000)
    content = coded(4, "ogg", "libopus", rate=48_000)
    path = pbx.drop("large.ogg", content)
    pbx.record("large.ogg", seconds=4)
    assert pbx.settle() == 0
    (file,) = PbxFile.objects.all()
    assert (file.state, file.cause, file.name, file.bytes) == (
        "refused",
        "too-large",
        "large.ogg",
        len(content),
    )
    assert path.read_bytes() == content
    pbx.drop("large.ogg", coded(0.1, "ogg", "libopus", rate=48_000)[:900])
    monkeypatch.undo()
    assert pbx.settle() + pbx.look(1) <= 1
    assert PbxFile.objects.filter(state="refused", cause="too-large").count() == 1


def test_longer_than_six_hours_is_named_and_left(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound of the catalogue holds for a file whose head and size say so, however it is cut."""
    monkeypatch.setattr(
        "rejent.streams.calls.receiving.imported.folder_import.LONGEST_FILE", timedelta(seconds=5)
    )
    path = pbx.drop("long.wav", wav(6))
    pbx.record("long.wav", seconds=6)
    assert pbx.settle() == 0
    assert PbxFile.objects.get().cause == "too-long"
    assert path.exists()


def test_names_of_files_stand_in_no_log_and_no_act(make: Callable[..., Pbx]) -> None:
    """Exchanges write telephone numbers into them; what is taken over, refused, left out, met twice or removed tells none."""
    pbx = make(remove="booked")
    whole, chance = wav(2), random.Random(1)  # noqa: S311 - guards nothing
    with structlog.testing.capture_logs() as logs:
        for name, content in {
            f"taken-{CALLER}.wav": whole,
            f"twice-{CALLER}.wav": whole,
            f"empty-{CALLER}.wav": whole[:44],
            f"noise-{CALLER}.wav": chance.randbytes(5000),
        }.items():
            pbx.drop(name, content)
            pbx.record(name)
        (pbx.folder / f"link-{CALLER}.wav").symlink_to("/etc/passwd")
        pbx.settle()
        for _ in range(4):
            pbx.look(11 * 60)
    assert {"imported", "refused", "twice"} <= set(PbxFile.objects.values_list("state", flat=True))
    assert any(each["event"] == "import.refused" for each in logs)
    told = json.dumps([*logs, *Entry.objects.values("subject", "facts")], default=str)
    assert CALLER not in told
    assert ".wav" not in told


def test_instants_outside_the_sound_are_its_edges() -> None:
    """Whoever asks for more than there is gets what there is."""
    sound = UncompressedSound(b"", 44, 44 + 32_000, 4, 8000)
    assert [sound.at(instant) for instant in (-SECOND, 0, SECOND // 2, 9 * SECOND)] == [
        44,
        44,
        16_044,
        32_044,
    ]
    assert read_plain_sound(BytesSource(wav(1))) is None
