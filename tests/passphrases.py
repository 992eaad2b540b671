"""Passphrases and passwords that are stretched as always, but at a cost of nothing; what opens reads the cost from the head.

Programs that tests start keep the real cost for everything that they seal and every password that they set.
"""

import pytest

CHEAP = 2
"""A work factor that costs nothing."""


def stretch_quickly(patched: pytest.MonkeyPatch) -> None:
    """Let passphrases cost nothing instead of a second: here, and in what is forked."""
    from rejent.vault.age import Passphrase
    from rejent.vault.keys.root_key import PassphraseRoot

    *_, most_work = Passphrase.__init__.__defaults__ or ()
    patched.setattr(Passphrase.__init__, "__defaults__", (CHEAP, most_work))
    patched.setattr(PassphraseRoot.__init__, "__defaults__", (CHEAP,))


def hash_quickly(patched: pytest.MonkeyPatch) -> None:
    """Hash with Argon2 as always, but in 64 KiB instead of 100 MiB: here, and in what is forked.

    A program reads from a hash what it takes to verify it.
    """
    from rejent.web.signing_in.passwords import UnhurriedHasher

    for name, value in (("memory_cost", 64), ("time_cost", 1), ("parallelism", 1)):
        patched.setattr(UnhurriedHasher, name, value)
