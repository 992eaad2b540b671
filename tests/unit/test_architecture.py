"""The page of the architecture names files that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = (ROOT / "src" / "rejent", ROOT)
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:[\w<>-]+/)*[\w<>-]+(?:/|\.py))(?::[^`]*)?`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_a_named_file_is_there(name: str) -> None:
    """Every file and folder stands below the sources or the root; of one in each kind's folder, in that of a kind."""
    kinds = ("cameras", "calls") if "<kind>" in name else ("",)
    named = [place / name.replace("<kind>", kind) for place in PLACES for kind in kinds]
    bare = "/" not in name and list((ROOT / "src").rglob(name))
    assert bare or any(path.exists() for path in named)


def test_the_page_names_files() -> None:
    """Names are found on the page at all."""
    assert len(NAMED) > 60
