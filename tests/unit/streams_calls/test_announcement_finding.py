"""An announcement is found whatever the telephones did to it, and nowhere else."""

import random

import numpy as np
import pytest

from rejent.formats.sound.g711 import decoded
from rejent.streams.calls.announcing.detection import RATE, find, samples
from rejent.streams.calls.announcing.playback import encoded
from rejent.streams.calls.practice.voice import speech

CHANCE = np.random.default_rng(7)


def voice(seconds, seed, pitch=130.0):
    """Somebody's speech, as telephones carry it."""
    said = decoded("PCMA", speech(seconds, pitch, random.Random(seed)))  # noqa: S311 - which vowel comes next guards nothing
    return np.frombuffer(said, "<i2").astype(np.float64)


SOUND = voice(6.0, 1)
OTHER = voice(12.0, 2, 170.0)
CALL = np.concatenate([np.zeros(2 * RATE), SOUND, OTHER])


def found(heard, sound=SOUND):
    """What is found in what was heard."""
    both = [samples(np.clip(each, -32768, 32767).astype("<i2").tobytes()) for each in (heard, sound)]
    return find(*both)


def lost(heard, share):
    """With so many packets lost, and silence in their place."""
    left = heard.copy()
    for at in range(0, len(left), 160):
        if CHANCE.random() < share:
            left[at : at + 160] = 0
    return left


def resampled(heard, rate):
    """By a clock that runs by so much faster."""
    places = np.arange(0, len(heard) - 1, rate)
    return np.interp(places, np.arange(len(heard)), heard)


def mu_law(heard):
    """As mu-law carries it."""
    return np.frombuffer(decoded("PCMU", encoded("PCMU", heard.astype("<i2").tobytes())), "<i2")


WORN = {
    "as it was": CALL,
    "quiet": CALL / 12,
    "too loud": CALL * 3,
    "mu-law": mu_law(CALL),
    "a tenth of its packets lost": lost(CALL, 0.1),
    "another clock": resampled(CALL, 1.0002),
    "another rate on the way": resampled(resampled(CALL, 8000 / 11025), 11025 / 8000),
    "noise": CALL + CHANCE.normal(0, SOUND.std() / 4, len(CALL)),
    "somebody talks over it": CALL
    + 0.7 * np.concatenate([voice(8.0, 5, 200.0), np.zeros(len(CALL) - 8 * RATE)]),
    "a packet dropped in its midst": np.delete(CALL, np.s_[4 * RATE : 4 * RATE + 160]),
}


@pytest.mark.parametrize("how", WORN)
def test_it_is_found_whatever_was_done_to_it(how):
    """Its beginning to some ten milliseconds, and that it was heard to its end."""
    there = found(WORN[how])
    assert there is not None
    assert there.start_s == pytest.approx(2.0, abs=0.03)
    assert there.completed
    assert not there.cut
    assert there.heard_s == pytest.approx(6.0)


@pytest.mark.parametrize("seed", range(3, 9))
def test_other_speech_of_the_same_voice_is_not_taken_for_it(seed):
    """Half a minute of the same pitch, other words."""
    assert found(voice(30.0, seed)) is None


@pytest.mark.parametrize("heard", [np.zeros(0), np.zeros(1), np.zeros(20 * RATE), np.full(9000, 32767.0), CHANCE.normal(0, 8000, 9 * RATE)])  # fmt: skip
def test_nothing_is_found_in_silence_noise_or_nothing(heard):
    """And nothing breaks."""
    assert found(heard) is None


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(5 * RATE), SOUND[:2000]])
def test_a_sound_without_speech_is_never_found(sound):
    """Silence, or a fraction of a second, would be everywhere."""
    assert found(CALL, sound) is None


def test_hanging_up_tells_how_far_it_was_heard():
    """The call ends after 2.3 seconds of it."""
    there = found(CALL[: int(4.3 * RATE)])
    assert there is not None
    assert there.heard_s == pytest.approx(2.3, abs=0.5)
    assert not there.completed


def test_somebody_cut_in_before_its_end_is_not_its_end():
    """Another speech begins after three seconds, and the call goes on."""
    there = found(np.concatenate([CALL[: 5 * RATE], OTHER]))
    assert there is not None
    assert there.heard_s == pytest.approx(3.0, abs=0.5)
    assert not there.completed


def test_a_recording_that_begins_too_late_is_told():
    """Its beginning is missing; its end was heard."""
    there = found(CALL[4 * RATE :])
    assert there is not None
    assert (there.cut, there.completed) == (True, True)
    assert there.start_s == pytest.approx(-2.0, abs=0.05)


def test_of_two_places_the_surer_counts():
    """Played twice, the second time disturbed."""
    noisy = SOUND + CHANCE.normal(0, SOUND.std() / 2, len(SOUND))
    there = found(np.concatenate([noisy, OTHER[:RATE], SOUND]))
    assert there is not None
    assert there.start_s == pytest.approx(7.0, abs=0.03)
