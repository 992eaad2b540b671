"""A call with parts of its sound hidden: silent to the sample where the plan says so, the same elsewhere, another voice where it is altered."""

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rejent.cases.copies.redaction import SOUND, axis_length, kept_plan, read_plan
from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.sound.legs import read_sound
from rejent.formats.sound.wav import PCM_HEADER, stereo_wav
from rejent.kernel.intervals import Interval
from rejent.streams.calls.player.jobs import altered, redacted
from tests.packages import NOON
from tests.spoken_call import recorded

SHOWN = Interval(NOON, NOON + timedelta(seconds=8))
RATE = 8000


def samples_of(content: bytes) -> npt.NDArray[np.int16]:
    """Both sides of a WAV file."""
    length = int.from_bytes(content[PCM_HEADER - 4 : PCM_HEADER], "little")
    return np.frombuffer(content[PCM_HEADER : PCM_HEADER + length], "<i2").reshape(-1, 2)


def span(effect: str, party: int, start: int, end: int) -> dict[str, Any]:
    """A time of the plan."""
    return {"effect": effect, "party": party, "reason": "person", "start": start, "end": end}


def made(content: bytes, *spans: dict[str, Any]) -> bytes:
    """The call, redacted."""
    length = axis_length(SHOWN)
    plan = read_plan({"fill": "solid", "regions": [], "spans": list(spans)}, length, SOUND)
    shown = [nanoseconds(SHOWN.start), nanoseconds(SHOWN.end)]
    return redacted(
        content,
        plan=kept_plan(plan),
        length=length,
        begins=shown[0],
        begun=shown[0],
        shown=shown,
        remark="derived from K-1",
    )


def test_one_party_is_silent_for_a_time_and_all_else_is_as_it_was(tmp_path: Path) -> None:
    """To the sample at both ends; silence is stronger than altering; the file says what it is, and no number or event of the call is in it."""
    (call,) = recorded("call-1", NOON, 8)
    before = samples_of(stereo_wav(read_sound([call.reader])).content)[: 8 * RATE]
    content = made(call.content, span("silent", 2, 2000, 4000), span("altered", 0, 3000, 5000))
    after = samples_of(content)
    assert after.shape == before.shape
    sounding = np.abs(before[2 * RATE : 4 * RATE, 1]).max()
    assert sounding > 100
    assert (after[2 * RATE : 4 * RATE, 1] == 0).all()
    assert (after[: 2 * RATE] == before[: 2 * RATE]).all()
    assert (after[2 * RATE : 3 * RATE, 0] == before[2 * RATE : 3 * RATE, 0]).all()
    assert (after[5 * RATE :] == before[5 * RATE :]).all()
    assert (after[4 * RATE : 5 * RATE, 0] != before[4 * RATE : 5 * RATE, 0]).mean() > 0.5
    path = tmp_path / "derived.wav"
    path.write_bytes(content)
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", path], capture_output=True, check=True
    )
    assert json.loads(told.stdout)["format"]["tags"] == {"comment": "derived from K-1"}
    assert call.content[:4] not in content


def test_an_altered_voice_is_lower_and_as_long() -> None:
    """Not twice alike, so that no fixed shift undoes it."""
    time = np.arange(2 * RATE) / RATE
    tone = (8000 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)
    first, second = altered(tone, RATE), altered(tone, RATE)
    assert len(first) == len(tone)
    assert (first != second).any()
    strongest = np.fft.rfftfreq(len(first), 1 / RATE)[np.abs(np.fft.rfft(first)).argmax()]
    assert 0.65 * 440 < strongest < 0.85 * 440
    assert len(altered(tone[:0], RATE)) == 0
    assert len(altered(tone[:7], RATE)) == 7
