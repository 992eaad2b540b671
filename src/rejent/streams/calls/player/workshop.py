"""Recorded sound made audible, described and searched in child processes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings

from rejent.content.workshop import Refusals, Workshop
from rejent.streams.calls.player.errors import SoundError, UndecodableSoundError

_SOUND, _JOBS = "rejent.streams.calls.player.sound", "rejent.streams.calls.player.jobs"
_INAUDIBLE = "The recorded sound cannot be made audible now."
_ADVICE = "The recording itself is untouched; try again, or another moment of the call."


@dataclass(frozen=True, slots=True)
class CallWav:
    """A call, or one leg of it, as a WAV; ``as_received``: its samples are the payload as it came, rather than decoded."""

    legs: int
    codecs: tuple[str, ...]
    as_received: bool
    silent: tuple[str, ...]
    content: bytes


def _inaudible() -> SoundError:
    return SoundError(_INAUDIBLE, advice=_ADVICE)


class SoundWorkshop(Workshop):
    """Child processes that decode calls and files of exchanges.

    Every method raises `UndecodableSoundError` for what holds nothing of the kind, and `SoundError` where it was not made,
    in time or at all, which may be no fault of what was given.
    """

    refusals = Refusals(
        busy=_inaudible,
        late=_inaudible,
        undecodable=lambda: UndecodableSoundError(_INAUDIBLE, advice=_ADVICE),
    )

    def sound_piece(
        self,
        objects: Sequence[bytes],
        starts: Sequence[int],
        wanted: tuple[int, int],
        rate: int,
        readable: Sequence[tuple[int, int]],
    ) -> bytes:
        """Return a piece of a call between two instants, as `rejent.streams.calls.player.sound.piece` makes it."""
        return self.run(
            f"{_SOUND}:piece", objects, starts=starts, wanted=wanted, rate=rate, readable=readable
        )

    def described(self, content: bytes, start: int) -> bytes:
        """Return what an object of a call holds, as `rejent.streams.calls.player.sound.described` gives it."""
        return self.run(f"{_SOUND}:described", content, start=start)

    def measured(self, content: bytes) -> bytes:
        """Return what a file of a PBX holds, as `rejent.streams.calls.player.sound.measured_file` gives it."""
        return self.run(f"{_SOUND}:measured_file", content)

    def as_wav(self, objects: Sequence[bytes], leg: int | None = None) -> CallWav:
        """Return what was opened of a call as `rejent.streams.calls.player.jobs.as_wav` makes it."""
        line, _, content = self.run(f"{_JOBS}:as_wav", objects, leg=leg).partition(b"\n")
        head = json.loads(line)
        return CallWav(
            head["legs"], tuple(head["codecs"]), head["as_received"], tuple(head["silent"]), content
        )

    def cut_wav(self, content: bytes, begun: int, shown: tuple[int, int]) -> bytes:
        """Return what is shown of an object of a call as `rejent.streams.calls.player.jobs.cut_wav` makes it."""
        return self.run(f"{_JOBS}:cut_wav", content, begun=begun, shown=shown)

    def redacted(self, content: bytes, **options: Any) -> bytes:
        """Return a call with parts of its sound hidden, as `rejent.streams.calls.player.jobs.redacted` makes it."""
        return self.run(f"{_JOBS}:redacted", content, **options)

    def made_plain(self, content: bytes) -> bytes:
        """Return a sound file as `rejent.streams.calls.player.jobs.plain` makes it."""
        return self.run(f"{_JOBS}:plain", content)

    def find_sounds(self, objects: Sequence[bytes], starts: Sequence[int], sounds: Sequence[bytes]) -> bytes:
        """Return where sounds are in a call, as `rejent.streams.calls.player.jobs.find_sounds` gives it."""
        return self.run(f"{_JOBS}:find_sounds", [*objects, *sounds], starts=starts)


@cache
def workshop() -> SoundWorkshop:
    """Return the child processes of this web process, made when first needed."""
    return SoundWorkshop(settings.CLOCK)


@cache
def derived_workshop() -> SoundWorkshop:
    """Return a further child process, for whole recordings of copies: nobody who listens waits for it."""
    return SoundWorkshop(settings.CLOCK, children=1, seconds=300.0)
