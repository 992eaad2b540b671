"""A disk is full for a process that may be drilled as long as a drill says so, and no longer."""

import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from rejent.vault.errors import StorageFullError
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.free_space import FullDiskCalls, is_simulated_full, simulate_full_disk

NAME = "line/2026-11-21/one.age"
_GIVER = """
import sys
from pathlib import Path
from rejent.vault.store.free_space import simulate_full_disk
with simulate_full_disk(Path(sys.argv[1])):
    print("given", flush=True)
    sys.stdin.read()
"""


def test_the_order_lasts_as_long_as_it_is_given(tmp_path: Path) -> None:
    """New objects are refused as on a full disk while the order is given; an object under way goes on; then all is well."""
    order = tmp_path / "order"
    (tmp_path / "vault").mkdir()
    store = DiskStore(tmp_path / "vault", FullDiskCalls(order))
    under_way = store.create("line/2026-11-21/before.age")
    under_way.write(b"first")
    with simulate_full_disk(order):
        assert store.space().free == 0
        with pytest.raises(StorageFullError):
            store.create(NAME)
        under_way.write(b"second")
    assert not order.exists()
    assert store.space().free
    under_way.commit()
    store.create(NAME).abort()


def test_the_order_ends_with_whoever_gave_it(tmp_path: Path) -> None:
    """A drill that is killed leaves no full disk behind, though its file stays."""
    order = tmp_path / "order"
    with subprocess.Popen(
        [sys.executable, "-c", _GIVER, str(order)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as giver:
        assert giver.stdout is not None
        assert giver.stdout.readline() == "given\n"
        assert is_simulated_full(order)
        with pytest.raises(BlockingIOError), simulate_full_disk(order):
            pass
        giver.kill()
        giver.wait()
    assert order.exists()
    assert not is_simulated_full(order)


def test_the_order_is_given_past_whoever_looks(tmp_path: Path) -> None:
    """Who looks holds the file for a moment; that is no other drill."""
    order = tmp_path / "order"
    with order.open("w") as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        away = threading.Timer(0.05, fcntl.flock, (looking, fcntl.LOCK_UN))
        away.start()
        with simulate_full_disk(order):
            assert is_simulated_full(order)
        away.join()


def test_no_order_no_full_disk(tmp_path: Path) -> None:
    """Where no drill was ever held, or its folder cannot be read, the disk is what it is."""
    assert not is_simulated_full(tmp_path / "nowhere" / "order")
