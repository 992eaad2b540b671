"""Octets nobody can guess, asked of the kernel ahead."""

import secrets

DRAWN = 4096
"""Octets that are drawn at once: enough for thirty answers."""


class Chance:
    """Gives that many octets nobody can guess, in one thread.

    Whoever asks the kernel lets go of the interpreter, and an answer would wait until other threads give it back.
    """

    def __init__(self) -> None:
        self._drawn = b""

    def __call__(self, count: int) -> bytes:
        """So many octets, never given before; at most `DRAWN`."""
        if len(self._drawn) < count:
            self._drawn = secrets.token_bytes(DRAWN)
        given, self._drawn = self._drawn[:count], self._drawn[count:]
        return given
