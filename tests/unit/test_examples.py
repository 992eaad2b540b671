"""The ordinary run tries the same examples each time."""

import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

Drawn = list[tuple[list[int], str]]


def drawn() -> Drawn:
    """What a property is tried with."""
    seen: Drawn = []

    @given(st.lists(st.integers()), st.text())
    @settings(max_examples=200)
    def tried(numbers: list[int], text: str) -> None:
        seen.append((numbers, text))

    tried()
    return seen


def test_examples_do_not_depend_on_the_code_that_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Constants of a module that another test happened to load are not among them."""
    before = drawn()
    path = tmp_path / "full_of_constants.py"
    path.write_text(
        "\n".join(f"N{number} = {number * 7919}; S{number} = 'word {number}'" for number in range(100))
    )
    found = importlib.util.spec_from_file_location("full_of_constants", path)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    monkeypatch.setitem(sys.modules, "full_of_constants", module)
    found.loader.exec_module(module)
    assert drawn() == before
