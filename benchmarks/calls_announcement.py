"""Finding an announcement in recorded calls: time a minute of a call takes, and distance of hits from other sound.

``python -m benchmarks.calls_announcement [--minutes 30]`` plays an announcement of 12 seconds before conversations,
distorts them as telephones do, and searches them; then conversations without it, of the same voice. Speech is that of
the simulated PBX: vowels of one pitch, which are more alike than people's. Where espeak-ng and ffmpeg are installed,
its speech follows, through other codecs.
"""

import argparse
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from rejent.cli.speaking import PROGRAM, synthesize_speech
from rejent.formats.sound.g711 import decoded
from rejent.streams.calls.announcing import detection as finding
from rejent.streams.calls.announcing.playback import encoded
from rejent.streams.calls.practice.voice import speech

MUST_S = 0.5
"""Largest seconds for a minute of one leg."""
CALL_S = 60.0
Sound = npt.NDArray[np.float64]
ANNOUNCED = (
    "Dzień dobry, tu Urząd Miejski. Informujemy, że rozmowy przychodzące są nagrywane. Aby usłyszeć klauzulę informacyjną, "
    "należy nacisnąć gwiazdkę. Kto nie chce być nagrywany, może nacisnąć dziewięć."
)
TALKED = (
    "Halo, dzwonię w sprawie wniosku o wydanie zaświadczenia. Wniosek jest u nas od wtorku, zaświadczenie będzie gotowe jutro. "
    "Czy mogę odebrać je osobiście? Tak, w pokoju numer siedem, od ósmej do piętnastej. Czy potrzebna jest opłata? Nie, opłaty nie ma. "
)
OTHER = (
    "Good morning, I am calling about something else, and I go on talking while the announcement is being played to me. "
    * 3
)
WORN: dict[str, Sequence[str]] = {
    "Opus at 24 kbit/s": ("-c:a", "libopus", "-b:a", "24k", "-f", "ogg"),
    "G.723.1": ("-c:a", "g723_1", "-b:a", "6300", "-f", "g723_1"),
    "GSM": ("-c:a", "libgsm", "-f", "gsm"),
}


def main() -> int:
    """Measure; return 1 if a search is too slow, misses an announcement or finds one that is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=30, help="of conversation without the announcement")
    given = parser.parse_args()
    chance = np.random.default_rng(1)
    announcement = voice(12.0, 1)
    call = np.concatenate([np.zeros(2 * finding.RATE), announcement, voice(CALL_S - 14, 2)])
    failed = False
    for name, worn in wearing(call, announcement, chance):
        hit, seconds = searched(worn, announcement)
        failed |= hit is None or not hit.completed or seconds > MUST_S
        print(f"{name:28} {f'{hit.score:.2f}' if hit else 'missed':>6}  {seconds * 1000:6.0f} ms a minute")
    times, wrong = [], 0
    for number in range(given.minutes):
        hit, seconds = searched(voice(CALL_S, 100 + number), announcement)
        times.append(seconds)
        wrong += hit is not None
    print(
        f"without it: {given.minutes} minutes, {wrong} taken for it, median {1000 * float(np.median(times)):.0f} ms a minute"
    )
    if shutil.which(PROGRAM) and shutil.which("ffmpeg"):
        wrong += of_espeak()
    return 1 if failed or wrong else 0


def of_espeak() -> int:
    """Measure speech of espeak-ng through other codecs; return the misses and false hits."""
    announcement, talk = (plain(synthesize_speech(text, "pl")) for text in (ANNOUNCED, 4 * TALKED))
    call = np.concatenate([np.zeros(2 * finding.RATE), announcement, talk[: 40 * finding.RATE]])
    other = np.resize(plain(synthesize_speech(OTHER, "en-gb")), len(call))
    other *= 2 * announcement.std() / other.std()
    heard = {name: through(call, coding) for name, coding in WORN.items()}
    heard["another speaker twice as loud"] = np.clip(call + other, -32768, 32767)
    wrong = 0
    for name, worn in heard.items():
        hit, _ = searched(worn, announcement)
        wrong += hit is None
        print(f"{'espeak-ng, ' + name:42} {f'{hit.score:.2f}' if hit else 'missed':>6}")
    hit, _ = searched(talk, announcement)
    print(
        f"espeak-ng, {len(talk) / finding.RATE:.0f} s of its talk without it: {'taken for it' if hit else 'nothing taken for it'}"
    )
    return wrong + (hit is not None)


def plain(content: bytes, *form: str) -> Sound:
    """Decode a file with ffmpeg."""
    made = ffmpeg(content, *form, "-i", "-", "-ar", str(finding.RATE), "-ac", "1", "-f", "s16le", "-")
    return np.frombuffer(made, "<i2").astype(np.float64)


def through(heard: Sound, coding: Sequence[str]) -> Sound:
    """Return a sound encoded and decoded by a codec."""
    raw = ("-f", "s16le", "-ar", str(finding.RATE), "-ac", "1", "-i", "-")
    return plain(ffmpeg(heard.astype("<i2").tobytes(), *raw, *coding, "-"), "-f", coding[-1])


def ffmpeg(content: bytes, *arguments: str) -> bytes:
    """Convert a sound with ffmpeg."""
    command = ["ffmpeg", "-loglevel", "error", *arguments]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout


def wearing(call: Sound, announcement: Sound, chance: np.random.Generator) -> Iterator[tuple[str, Sound]]:
    """Yield the call after each kind of distortion."""
    loud, rest = announcement.std(), len(call)
    talk = np.concatenate([voice(20.0, 50, 190.0), np.zeros(rest)])[:rest]
    ways: dict[str, Callable[[], Sound]] = {
        "as it was": lambda: call,
        "20 dB quieter": lambda: call / 10,
        "10 dB too loud, clipped": lambda: call * 3.2,
        "mu-law after A-law": lambda: coded(call),
        "5 % of packets lost": lambda: lost(call, 0.05, chance),
        "20 % of packets lost": lambda: lost(call, 0.2, chance),
        "clock 200 ppm off": lambda: np.interp(np.arange(0, rest - 1, 1.0002), np.arange(rest), call),
        "noise 12 dB below": lambda: call + chance.normal(0, loud / 4, rest),
        "talk over it, 6 dB below": lambda: call + talk / 2,
        "talk over it, as loud": lambda: call + talk,
    }
    for name, way in ways.items():
        yield name, way()


def searched(heard: Sound, announcement: Sound) -> tuple[finding.Found | None, float]:
    """Return the hit, and the seconds that a minute takes."""
    both = [np.clip(one, -32768, 32767).astype("<i2").tobytes() for one in (heard, announcement)]
    began = time.perf_counter()
    hit = finding.find(*map(finding.samples, both))
    return hit, (time.perf_counter() - began) * 60 * finding.RATE / len(heard)


def voice(seconds: float, seed: int, pitch: float = 130.0) -> Sound:
    """Return speech with a telephone's bandwidth."""
    said = speech(seconds, pitch, random.Random(seed))  # noqa: S311 - which vowel comes next guards nothing
    return np.frombuffer(decoded("PCMA", said), "<i2").astype(np.float64)


def coded(heard: Sound) -> Sound:
    """Return the sound after mu-law."""
    made = encoded("PCMU", heard.astype("<i2").tobytes())
    return np.frombuffer(decoded("PCMU", made), "<i2").astype(np.float64)


def lost(heard: Sound, share: float, chance: np.random.Generator) -> Sound:
    """Return the sound with packets lost, and silence in their place."""
    left = heard.copy()
    for at in range(0, len(left), 160):
        if chance.random() < share:
            left[at : at + 160] = 0
    return left


if __name__ == "__main__":
    sys.exit(main())
