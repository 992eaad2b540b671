"""Tests that took long begin first, by a table that a run notes, and servers are started by few processes."""

from pathlib import Path

from tests.durations import note_seconds, read_noted_seconds
from tests.forks import SERVERS, shares

LONG, OTHER = "tests/unit/test_run_order.py", "tests/conftest.py"


def test_long_files_are_noted_and_stay_until_they_ran_again(tmp_path: Path) -> None:
    """Short ones are not, nor what is there no longer."""
    noted = tmp_path / "seconds.txt"
    assert read_noted_seconds(noted) == {}
    note_seconds({LONG: 12.4, OTHER: 90.6, "tests/gone.py": 50.0, "tests/short.py": 1.0}, noted)
    assert list(read_noted_seconds(noted).items()) == [(OTHER, 91), ("tests/gone.py", 50), (LONG, 12)]
    note_seconds({LONG: 2.0}, noted)
    assert read_noted_seconds(noted) == {OTHER: 91}


def test_what_is_noted_is_there() -> None:
    """The table names files of the tree."""
    assert [path for path in read_noted_seconds() if not Path(path).exists()] == []


def test_the_longest_share_begins_first() -> None:
    """Files of a folder that starts servers are one share, or few of like length; all others are shares of their own."""
    browser = [f"tests/browser/test_{name}.py" for name in "abcd"]
    identity = ["tests/identity/test_a.py", "tests/identity/test_b.py"]
    noted = {browser[0]: 30, browser[1]: 20, browser[2]: 5, browser[3]: 5, LONG: 31, identity[1]: 7}
    assert shares([*browser, *identity, OTHER, LONG], noted) == [
        [LONG],
        [browser[0]],
        [browser[1], browser[2], browser[3]],
        [identity[1], identity[0]],
        [OTHER],
    ]
    assert all(list(Path(folder).glob("test_*.py")) for folder in SERVERS)
