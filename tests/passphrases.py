"""Passphrases that are stretched by scrypt as always, but at a cost of nothing instead of a second; what opens reads the cost from the head.

Programs that tests start keep the real cost for everything that they seal.
"""

import pytest

CHEAP = 2
"""A work factor that costs nothing."""


def stretch_quickly(patched: pytest.MonkeyPatch) -> None:
    """Let passphrases cost nothing from now on: here, and in what is forked."""
    from rejent.vault.age import Passphrase
    from rejent.vault.keys.root_key import PassphraseRoot

    *_, most_work = Passphrase.__init__.__defaults__ or ()
    patched.setattr(Passphrase.__init__, "__defaults__", (CHEAP, most_work))
    patched.setattr(PassphraseRoot.__init__, "__defaults__", (CHEAP,))
