"""Password hashing, a few at a time: each takes 100 MiB and every core, which strangers must not take from recording."""

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2
"""Computations at a time."""
_FREE = threading.BoundedSemaphore(AT_ONCE)


class UnhurriedHasher(Argon2PasswordHasher):
    """Argon2 as Django sets it, a few at a time in each process."""

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of a new password, or of one typed for an account that is not there."""
        with _FREE:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether it is the password that was hashed."""
        with _FREE:
            return super().verify(password, encoded)
