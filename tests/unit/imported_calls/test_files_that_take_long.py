"""Files that take long to be measured hold up neither others nor the import itself."""

from datetime import timedelta

import pytest

from rejent.capture.calls.imported import sound
from rejent.capture.calls.imported.sound import measured
from rejent.playback.errors import SoundError
from tests.unit.imported_calls.conftest import Pbx, measure
from tests.unit.imported_calls.pbx_sounds import coded, wav

SECOND = 1_000_000_000


def test_a_file_that_is_too_long_is_not_decoded_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day of silence is a few bytes; whether it is longer than any call is known before that."""
    monkeypatch.setattr(sound, "LONGEST_FILE", timedelta(seconds=3))
    assert 3 * SECOND < measured(coded(20, "flac", "flac", sides=2, rate=8000)).length < 4 * SECOND
    assert abs(measured(coded(2, "flac", "flac", sides=2, rate=8000)).length - 2 * SECOND) < SECOND // 10


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
