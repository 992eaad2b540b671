"""Files that take long to be measured hold up neither others nor the import itself."""

import json
import os
from datetime import timedelta

import pytest
import structlog

from rejent.streams.calls.catalog.models import PbxFile
from rejent.streams.calls.player.errors import SoundError
from rejent.streams.calls.receiving.imported import excerpts
from rejent.streams.calls.receiving.imported import file_sound as sound
from rejent.streams.calls.receiving.imported import folder_import as importing
from rejent.streams.calls.receiving.imported.excerpts import measure_in_parts
from rejent.streams.calls.receiving.imported.file_sound import measure_sound
from tests.unit.streams_calls_imported.conftest import Pbx, measure
from tests.unit.streams_calls_imported.pbx_sounds import coded, head, wav

SECOND = 1_000_000_000


def test_a_file_that_is_too_long_is_not_decoded_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of silence is a few bytes; whether it is longer than any call is known before that."""
    monkeypatch.setattr(sound, "LONGEST_FILE", timedelta(seconds=3))
    assert 3 * SECOND < measure_sound(coded(20, "flac", "flac", sides=2, rate=8000)).length < 4 * SECOND
    assert abs(measure_sound(coded(2, "flac", "flac", sides=2, rate=8000)).length - 2 * SECOND) < SECOND // 10


class Sparse:
    """A WAV whose head stands for so many bytes of silence, which nobody has written."""

    def __init__(self, length: int) -> None:
        self._head = head(0)[:4] + bytes(4) + head(0)[8:40] + b"\xff" * 4
        self.size = len(self._head) + length

    def read(self, offset: int, length: int) -> bytes:
        """So many bytes."""
        return self._head[offset : offset + length].ljust(min(length, self.size - offset), b"\0")


def part_lengths(size: int) -> tuple[int, list[int]]:
    """How long a file says it is, and how long the parts are that are measured."""
    lengths: list[int] = []

    def measure_part(content: bytes) -> bytes:
        lengths.append((len(content) - 44) * SECOND // 16_000)
        return json.dumps(
            {"codec": "pcm", "rate": 8000, "sides": 1, "length": lengths[-1], "heard": [0.5]}
        ).encode()

    return measure_in_parts(Sparse(size), measure_part).length, lengths


def test_a_file_that_stands_for_years_is_measured_like_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its head tells that it is too long, so that one part of it is decoded; of a long call parts all along it are."""
    monkeypatch.setattr(excerpts, "PART_BYTES", 160_000)
    for size, parts in (
        (16_000 * 3600 * 24 * 365, 1),
        (16_000 * 3600 * 5, excerpts.MAX_MEASURED_PARTS),
        (1_600_000, 10),
    ):
        length, measured_parts = part_lengths(size)
        assert length == size * SECOND // 16_000
        assert measured_parts == [10 * SECOND] * parts


def test_files_that_could_not_be_measured_in_time_come_last(pbx: Pbx) -> None:
    """However old they are: each of them holds up the others for as long as measuring may take."""
    slow, quick = wav(3, seed=1), wav(2, seed=2)
    tried: list[str] = []

    def measured_late(content: bytes) -> bytes:
        tried.append("slow" if content == slow else "quick")
        if content == slow:
            pbx.clock.advance(timedelta(seconds=120))
            raise SoundError("It was not measured in time.")
        return measure(content)

    pbx.folders.measure = measured_late
    pbx.record("slow.wav")
    pbx.drop("slow.wav", slow, ago=600)
    pbx.settle()
    pbx.record("quick.wav")
    pbx.drop("quick.wav", quick)
    pbx.look()
    assert pbx.look(30) == 1
    assert tried == ["slow", "quick", "slow"]


def test_a_file_that_is_touched_again_and_again_fills_neither_memory_nor_catalogue(
    pbx: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it is another file; of so many a day it is kept that they were refused, and it is told that there are more."""
    monkeypatch.setattr(importing, "MOST_REJECTED", 5)
    os.mkfifo(pbx.folder / "pipe.wav")
    good = pbx.drop("good.wav", wav(2))
    pbx.record("good.wav")
    with structlog.testing.capture_logs() as told:
        for number in range(8):
            os.utime(pbx.folder / "pipe.wav", ns=(0, number * SECOND))
            pbx.settle()
    assert PbxFile.objects.filter(state="refused").count() == 5
    assert [one["event"] for one in told].count("import.refused") == 5
    assert [one["event"] for one in told].count("import.too-many-refused") == 1
    assert len(pbx.folders._settled) == 2
    good.rename(pbx.folder.parent / "away.wav")
    pbx.settle()
    (pbx.folder.parent / "away.wav").rename(good)
    monkeypatch.setattr(
        pbx.folders, "measure", lambda _: pytest.fail("what was taken over is measured again")
    )
    pbx.settle()
    assert PbxFile.objects.get(state="imported").name == "good.wav"
    pbx.clock.advance(timedelta(days=1))
    os.utime(pbx.folder / "pipe.wav", ns=(0, 99 * SECOND))
    pbx.settle()
    assert PbxFile.objects.filter(state="refused").count() == 6
