"""Announcements of a simulated PBX, on the called party's leg before anybody speaks."""

import math
from dataclasses import dataclass, field
from pathlib import Path

from rejent.formats.sound.g711 import A_SILENCE
from rejent.streams.calls.announcing.playback import encoded
from rejent.streams.calls.catalog.notices.wav import RATE, samples_of

_STAR_HZ = (941, 1209)
"""DTMF frequencies of the star (ITU-T Q.23)."""
_KEY_S, _BEFORE_S, _AFTER_S = 0.12, 0.3, 0.4


@dataclass(frozen=True, slots=True)
class Announcement:
    """The sounds of a simulated PBX in A-law: before every call, and after the star."""

    incoming: bytes = field(repr=False)
    clause: bytes = field(repr=False, default=b"")

    @classmethod
    def of(cls, incoming: Path, clause: Path | None) -> "Announcement":
        """Read the sounds from two files."""
        made = (
            encoded("PCMA", samples_of(path.read_bytes())) if path else b"" for path in (incoming, clause)
        )
        return cls(*made)

    def before(self, legs: tuple[bytes, bytes], *, star: bool) -> tuple[bytes, bytes]:
        """Return the legs with the announcement, and with the clause if the caller presses the star."""
        played = _silent(_BEFORE_S) + self.incoming
        pressed = _silent(len(played) / RATE)
        if star and self.clause:
            played += _silent(_KEY_S + _AFTER_S) + self.clause
            pressed += _star() + _silent(_AFTER_S + len(self.clause) / RATE)
        return pressed + _silent(_AFTER_S) + legs[0], played + _silent(_AFTER_S) + legs[1]


def _silent(seconds: float) -> bytes:
    return bytes([A_SILENCE]) * round(seconds * RATE)


def _star() -> bytes:
    waves = (
        sum(6000 * math.sin(math.tau * hertz * place / RATE) for hertz in _STAR_HZ)
        for place in range(round(_KEY_S * RATE))
    )
    return encoded("PCMA", b"".join(round(wave).to_bytes(2, "little", signed=True) for wave in waves))
