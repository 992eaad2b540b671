"""The layout of tiles as the examples of tlog-tiles give it."""

import pytest

from rejent.ledger.errors import TileMissingError
from rejent.ledger.log import pack_bundle, tile_levels, tile_nodes, tile_path, tile_width, unpack_bundle


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        ("entries", 999, 256, "tile/entries/999"),
        ("entries", 1000, 8, "tile/entries/x001/000.p/8"),
        (63, 1, 255, "tile/63/001.p/255"),
    ],
)
def test_path(level, number, width, path):
    """Numbers are written in groups of three digits, all but the last marked with an x."""
    assert tile_path(level, number, width) == path


def test_tree_of_70000_leaves():
    """The specification's example: 273 full tiles and one of 112; one full and one of 17; one of 1."""
    assert list(tile_levels(70000)) == [0, 1, 2]
    assert [tile_width(0, number, 70000) for number in (0, 272, 273, 274)] == [256, 256, 112, 0]
    assert [tile_width(1, number, 70000) for number in (0, 1, 2)] == [256, 17, 0]
    assert [tile_width(2, number, 70000) for number in (0, 1)] == [1, 0]


@pytest.mark.parametrize(("size", "count"), [(0, 0), (1, 1), (255, 1), (256, 2), (65535, 2), (65536, 3)])
def test_levels(size, count):
    """A full tile has its root in a tile above."""
    assert len(tile_levels(size)) == count


def test_bundle_is_read_back():
    """Entries of any length, empty ones too, come back as they went in."""
    entries = [b"", b"a", b"x" * 65535]
    assert unpack_bundle(pack_bundle(entries)) == entries


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01ab"])
def test_bundle_cut_short_is_refused(data):
    """A bundle that ends within an entry is damaged."""
    with pytest.raises(TileMissingError):
        unpack_bundle(data)


def test_short_tile_is_refused():
    """A tile source that gives fewer hashes than asked is noticed."""
    with pytest.raises(TileMissingError):
        tile_nodes(4, lambda *_: bytes(96))(2, 0)
