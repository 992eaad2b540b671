"""A call that was opened becomes files that every program plays, or one line says why not."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.installation import rejent
from tests.spoken_call import LOST, recorded

START = datetime(2026, 11, 21, 11, tzinfo=UTC)
SECONDS = 12
HEAD = 58
"""Bytes before the samples of a WAV of A-law."""
A_PACKET = 160


@pytest.fixture
def opened(tmp_path: Path) -> Path:
    """A call of two parties, as `age -d` gives it."""
    (kept,) = recorded("0c" * 16, START, SECONDS)
    file = tmp_path / "call.mka"
    file.write_bytes(kept.content)
    return file


def probed(file: Path) -> dict[str, Any]:
    """What another program says of the sound in a file."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(file)]
    told: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    (stream,) = told["streams"]
    return stream


def test_a_call_becomes_a_file_a_leg_and_one_of_both(opened: Path, tmp_path: Path) -> None:
    """Legs keep their A-law with silence where packets were lost, all files are as long as the call, and the owner alone may enter."""
    to = tmp_path / "wavs"
    done = rejent("calls", "wav", opened, "--to", to, "--json")
    assert done.status == 0, done
    told = {row["file"]: (row["coding"], row["samples"], row["not decodable"]) for row in done.json}
    assert told == {
        "both.wav": ("PCMA", "decoded", ""),
        "leg-1.wav": ("PCMA", "as received", ""),
        "leg-2.wav": ("PCMA", "as received", ""),
    }
    found = {file.name: probed(file) for file in to.iterdir()}
    assert {name: (each["codec_name"], each["channels"]) for name, each in found.items()} == {
        "both.wav": ("pcm_s16le", 2),
        "leg-1.wav": ("pcm_alaw", 1),
        "leg-2.wav": ("pcm_alaw", 1),
    }
    (length,) = {float(each["duration"]) for each in found.values()}
    assert SECONDS <= length < SECONDS + 0.02
    samples = (to / "leg-1.wav").read_bytes()[HEAD:]
    assert samples[LOST.start * A_PACKET : LOST.stop * A_PACKET] == b"\xd5" * len(LOST) * A_PACKET
    assert to.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("kind", ["sealed", "empty", "twice", "two calls", "not there"])
def test_what_is_no_call_that_was_opened_is_refused(opened: Path, tmp_path: Path, kind: str) -> None:
    """A sealed object, one given twice, and objects of two calls give one line, and no folder."""
    other = tmp_path / "other.mka"
    if kind == "two calls":
        other.write_bytes(recorded("0d" * 16, START, SECONDS)[0].content)
    elif kind != "not there":
        other.write_bytes(
            {"sealed": b"age-encryption.org/v1\n", "empty": b"", "twice": opened.read_bytes()}[kind]
        )
    done = rejent("calls", "wav", opened, other, "--to", tmp_path / "wavs")
    assert done.status != 0
    assert done.line()
    assert not (tmp_path / "wavs").exists()


def test_files_that_are_there_stay(opened: Path, tmp_path: Path) -> None:
    """A folder that is there already is refused before anything is made."""
    done = rejent("calls", "wav", opened, "--to", tmp_path)
    assert done.status == 1
    assert "already" in done.line()
    assert list(tmp_path.iterdir()) == [opened]
