"""Unpredictable octets, fetched from the kernel in advance."""

import secrets

DRAWN = 4096
"""Octets fetched at once: enough for thirty answers."""


class EntropyPool:
    """Returns unpredictable octets; single-threaded. Each system call would release the interpreter lock and delay an answer."""

    def __init__(self) -> None:
        self._drawn = b""

    def __call__(self, count: int) -> bytes:
        """Return so many octets, at most `DRAWN`."""
        if len(self._drawn) < count:
            self._drawn = secrets.token_bytes(DRAWN)
        given, self._drawn = self._drawn[:count], self._drawn[count:]
        return given
