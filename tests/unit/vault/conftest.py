"""A key store of each kind of root."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rejent.kernel.clock import ManualClock
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot, PassphraseRoot, Root
from tests.unit.vault.key_days import START


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at noon of the first of March."""
    return ManualClock(START)


@pytest.fixture(params=[FileRoot, lambda: PassphraseRoot("correct horse")], ids=["file", "passphrase"])
def new_root(request: pytest.FixtureRequest) -> Callable[[], Root]:
    """Makes the root afresh, as a program does when it starts."""
    made: Callable[[], Root] = request.param
    return made


@pytest.fixture
def store(tmp_path: Path, new_root: Callable[[], Root], clock: ManualClock) -> KeyStore:
    """An empty key store."""
    return KeyStore.create(tmp_path / "keys", new_root(), clock)
