"""A text is spoken where a program can, and where none can the command says so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rejent.cli.speaking import NoVoiceError, synthesize_speech
from rejent.kernel.clock import SystemClock
from rejent.kernel.errors import InputRefusedError
from rejent.streams.calls.catalog.announcement_wav import plain_wav, seconds_of
from rejent.streams.calls.player.workshop import SoundWorkshop


@pytest.fixture
def workshop() -> Iterator[SoundWorkshop]:
    """A child that decodes."""
    made = SoundWorkshop(SystemClock(), children=1)
    yield made
    made.close()


def test_a_text_becomes_a_sound_of_some_seconds(workshop: SoundWorkshop) -> None:
    """Debian's espeak-ng speaks Polish, and what it says can be an announcement."""
    sound = plain_wav(workshop.made_plain(synthesize_speech("Rozmowa jest nagrywana.", "pl")))
    assert 1 < seconds_of(sound) < 5


def test_without_the_program_the_reader_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback, and the way with a file of one's own is named."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoVoiceError, match=r"apt install espeak-ng.*--file"):
        synthesize_speech("Rozmowa jest nagrywana.", "pl")


def test_an_empty_text_is_said_to_be_one() -> None:
    """The reader is not sent to look for voices."""
    with pytest.raises(InputRefusedError, match="no text"):
        synthesize_speech(" \n", "pl")


@pytest.mark.parametrize("language", ["", "--help", "xx-nosuch", "pl; reboot", "zz"])
def test_a_language_that_is_none_is_refused(language: str) -> None:
    """Nothing of it reaches a shell, and espeak-ng does not fall back on English."""
    with pytest.raises(InputRefusedError):
        synthesize_speech("Rozmowa jest nagrywana.", language)
