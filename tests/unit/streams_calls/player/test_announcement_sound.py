"""An announcement is found in a recorded call, by a confined child, or is not there."""

import json
import random
import struct
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from itertools import pairwise

import pytest

from rejent.formats.matroska.manifest import nanoseconds
from rejent.formats.rtp.account import SECOND
from rejent.formats.sound.g711 import decoded
from rejent.kernel.clock import SystemClock
from rejent.streams.calls.announcing.playback import FRAME, encoded
from rejent.streams.calls.catalog.announcement_wav import plain_wav, samples_of
from rejent.streams.calls.player.errors import SoundError
from rejent.streams.calls.player.workshop import SoundWorkshop
from rejent.streams.calls.practice.voice import speech
from rejent.streams.calls.recorder.call_recording import CallRecording
from tests.unit.streams_calls.recording_bench import G711, KeepingSink
from tests.unit.streams_calls.rtp_legs import packet

START = datetime(2026, 11, 21, 11, tzinfo=UTC)
BEGIN = nanoseconds(START)


def voice(seconds: float, seed: int, pitch: float = 130) -> bytes:
    """A speech in A-law, another for each seed."""
    return speech(seconds, pitch, random.Random(seed))  # noqa: S311 - which vowel comes next guards nothing


SPOKEN, CLAUSE = decoded("PCMA", voice(4.0, 1)), decoded("PCMA", voice(3.0, 2))


@pytest.fixture(scope="module")
def workshop() -> Iterator[SoundWorkshop]:
    """Children that decode."""
    made = SoundWorkshop(SystemClock())
    yield made
    made.close()


def call_of(*legs: bytes) -> bytes:
    """One object of a call whose parties say this, in A-law."""
    sink = KeepingSink()
    recording = CallRecording("line", sink, "0c" * 16, [G711 for _ in legs], start=BEGIN)
    for number in range(max(map(len, legs)) // FRAME):
        at = BEGIN + number * SECOND // 50
        for leg, said in enumerate(legs):
            payload = said[FRAME * number : FRAME * (number + 1)].ljust(FRAME, b"\xd5")
            recording.take(leg, packet(number, FRAME * number, ssrc=0xA0 + leg, payload=payload), at)
        recording.tick(at)
    recording.finish(BEGIN + max(map(len, legs)) * SECOND // 8000)
    (kept,) = sink.objects
    return kept.content


def test_announcement_and_clause_are_found_where_they_are(workshop: SoundWorkshop) -> None:
    """Each is told once, with its instant to the millisecond, on whichever leg it is."""
    played = b"\xd5" * 8000 + encoded("PCMA", SPOKEN) + encoded("PCMA", CLAUSE) + voice(2, 3, 180)
    told = json.loads(workshop.find_sounds([call_of(voice(10, 4, 180), played)], [BEGIN], [SPOKEN, CLAUSE]))
    found = {one["sound"]: one for one in told["found"]}
    assert abs(found[0]["at"] - BEGIN - SECOND) < SECOND // 1000
    assert abs(found[1]["at"] - BEGIN - 5 * SECOND) < SECOND // 1000
    assert all(one["completed"] and not one["cut"] and one["score"] > 0.9 for one in found.values())


def test_conversation_without_it_is_not_taken_for_it(workshop: SoundWorkshop) -> None:
    """Another speech of the same voice is not the announcement."""
    told = json.loads(workshop.find_sounds([call_of(voice(10, 5, 180), voice(10, 9))], [BEGIN], [SPOKEN]))
    assert told["found"] == []


def test_announcement_hung_up_on_tells_how_far_it_was_heard(workshop: SoundWorkshop) -> None:
    """Two seconds of four were heard when the call ended."""
    told = json.loads(workshop.find_sounds([call_of(encoded("PCMA", SPOKEN)[:16000])], [BEGIN], [SPOKEN]))
    (one,) = told["found"]
    assert (one["heard_s"], one["completed"]) == (pytest.approx(2.0, abs=0.5), False)


def test_what_is_no_call_is_refused(workshop: SoundWorkshop) -> None:
    """A damaged object is an error that says so, and the child goes on."""
    with pytest.raises(SoundError):
        workshop.find_sounds([b"no call at all"], [BEGIN], [SPOKEN])


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2), (16000, 1)])
def test_uploaded_sound_is_made_plain(workshop: SoundWorkshop, rate: int, channels: int) -> None:
    """A WAV of any rate, mono or stereo, becomes 8000 samples a second of one channel, as long as it was."""
    made = BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        values = [9000 * (1 if place // 20 % 2 else -1) for place in range(rate)]
        file.writeframes(
            struct.pack(f"<{rate * channels}h", *(one for one in values for _ in range(channels)))
        )
    plain = workshop.made_plain(made.getvalue())
    assert len(plain) == pytest.approx(16000, abs=200)
    assert samples_of(plain_wav(plain)) == plain
    assert sum(before != after for before, after in pairwise(plain)) > 100


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"\0" * 5000, b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 40]
)
def test_upload_that_is_no_sound_is_refused(workshop: SoundWorkshop, content: bytes) -> None:
    """What cannot be decoded is an error that says so."""
    with pytest.raises(SoundError):
        workshop.made_plain(content)
