"""The ledger's folder: growing, reading, pruning, and every way in which writing can fail."""

import os
from contextlib import suppress
from itertools import count, pairwise

import pytest

from rejent.ledger.errors import LedgerForkedError, TileMissingError
from rejent.ledger.log import Log, TileAudit
from rejent.ledger.merkle import (
    RightEdge,
    inclusion_proof,
    leaf_hash,
)


def entries(begin, end):
    """Entries that tell their index."""
    return [number.to_bytes(32, "big") for number in range(begin, end)]


def root(size):
    """The root of the first entries."""
    return RightEdge().appended(map(leaf_hash, entries(0, size))).root()


def files(log):
    """All files of a log by path, with their bytes."""
    return {
        str(file.relative_to(log.folder)): file.read_bytes()
        for file in log.folder.rglob("*")
        if file.is_file()
    }


def wrong(log, size):
    """What an audit of the log finds."""
    return list(TileAudit(log, size).check(entries(0, size)))


@pytest.mark.parametrize("sizes", [(1,), (255, 256, 257), (300, 700), (1, 2, 3, 600), (512,)])
def test_growing_gives_the_root_and_sound_tiles(tmp_path, sizes):
    """However the log grows, each size has its root and an audit finds nothing."""
    log = Log(tmp_path)
    for begin, end in pairwise((0, *sizes)):
        assert log.extend(begin, entries(begin, end)).root() == root(end)
        assert log.edge(end).root() == root(end)
        assert wrong(log, end) == []
        assert list(log.entries(0, end)) == entries(0, end)


def test_tree_of_three_levels(tmp_path):
    """Past 65 536 entries tiles of level 2 appear, and the audit still agrees."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 65000))
    log.extend(65000, entries(65000, 65600))
    assert (tmp_path / "tile/2/000.p/1").stat().st_size == 32
    assert log.edge(65600).root() == root(65600)
    assert wrong(log, 65600) == []


def test_partial_tiles_go_when_the_full_one_stands(tmp_path):
    """A reader who still asks for the partial width gets it from the full tile."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 100))
    log.extend(100, entries(100, 256))
    assert not (tmp_path / "tile/0/000.p").exists()
    assert len(log.tile(0, 0, 100)) == 3200
    assert log.edge(100).root() == root(100)


def test_extending_twice_with_the_same_entries_changes_nothing(tmp_path):
    """After a crash before the checkpoint the same entries are appended again."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 300))
    before = files(log)
    assert log.extend(0, entries(0, 300)).root() == root(300)
    assert files(log) == before


def test_nothing_appended_writes_nothing(tmp_path):
    """Growth by no entry leaves the folder as it is."""
    assert Log(tmp_path).extend(0, []).size == 0
    assert list(tmp_path.iterdir()) == []


def test_other_entries_at_the_same_place_are_a_fork(tmp_path):
    """Tiles are never overwritten with other bytes."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 300))
    before = files(log)
    with pytest.raises(LedgerForkedError):
        log.extend(0, entries(1, 301))
    assert files(log) == before


@pytest.mark.parametrize("damage", ["missing", "short", "ragged"])
def test_damaged_tile_is_noticed(tmp_path, damage):
    """A tile that is gone or cut is not read as if it were whole."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 600))
    tile = tmp_path / "tile/0/001"
    if damage == "missing":
        tile.unlink()
    else:
        tile.write_bytes(tile.read_bytes()[: -32 if damage == "short" else -1])
    with pytest.raises(TileMissingError):
        inclusion_proof(300, 600, log.nodes(600))
    assert [found.facts["tile"] for found in wrong(log, 600)] == ["tile/0/001"]


def test_damaged_bundle_is_noticed(tmp_path):
    """An entry bundle that is cut or holds fewer entries is not read as if it were whole."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 600))
    bundle = tmp_path / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes()[:-34])
    with pytest.raises(TileMissingError):
        list(log.entries(0, 600))
    assert [found.facts["tile"] for found in wrong(log, 600)] == ["tile/entries/001"]


def test_audit_names_each_tile_with_a_changed_bit(tmp_path):
    """Any changed bit in any tile or bundle is found, and the file is named."""
    log = Log(tmp_path)
    log.extend(0, entries(0, 600))
    for name, data in files(log).items():
        file = tmp_path / name
        file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        assert [found.facts["tile"] for found in wrong(log, 600)] == [name.partition(".p/")[0]]
        file.write_bytes(data)
    assert wrong(log, 600) == []


def test_checkpoint_is_published_whole(tmp_path):
    """The newest checkpoint is what was last published; before the first there is none."""
    log = Log(tmp_path / "ledger")
    assert log.checkpoint() is None
    log.publish("one\n")
    log.publish("two\n")
    assert log.checkpoint() == "two\n"


class Failing:
    """Lets system calls through until the chosen one, which fails as a full or broken disk would."""

    def __init__(self, monkeypatch, fatal):
        self.calls = 0
        for name in ("open", "fsync", "replace", "mkdir", "unlink"):
            monkeypatch.setattr(os, name, self.counted(getattr(os, name), fatal))

    def counted(self, call, fatal):
        """The call, failing at its turn."""

        def made(*arguments, **named):
            self.calls += 1
            if self.calls == fatal:
                raise OSError(28, "No space left on device")
            return call(*arguments, **named)

        return made


def test_any_failing_system_call_leaves_a_log_that_can_go_on(tmp_path):
    """Each call fails in turn; the published size stays readable, and the same growth then succeeds."""
    for fatal in count(1):
        log = Log(tmp_path / str(fatal))
        log.extend(0, entries(0, 250))
        log.publish("250\n")
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, fatal)
            with suppress(OSError):
                log.extend(250, entries(250, 520))
                log.publish("520\n")
        assert log.checkpoint() in {"250\n", "520\n"}
        assert wrong(log, int(log.checkpoint())) == []
        assert log.extend(250, entries(250, 520)).root() == root(520)
        assert wrong(log, 520) == []
        if failing.calls < fatal:
            assert fatal > 20
            return
