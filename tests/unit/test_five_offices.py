"""The walk through the five offices names buttons, pages and people as the pages do."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "rejent"
HEADINGS = {"Gone after the term, with proof."}
"""What is bold there and no word of a page."""


def _words_of_pages() -> str:
    """Every Polish text of the program, and what its demo offices call people and sources, in small letters."""
    texts = []
    for path in PACKAGE.rglob("*.po"):
        with path.open("rb") as opened:
            for message in read_po(opened):
                texts += message.string if isinstance(message.string, tuple | list) else [message.string]
    for kind in ("*.py", "*.js"):
        texts += [path.read_text(encoding="utf-8") for path in PACKAGE.rglob(kind)]
    return "\n".join(map(str, texts)).lower()


@pytest.mark.parametrize("marks", [r"\*\*([^*]+)\*\*", r"„([^”]+)”"])
def test_what_is_to_be_pressed_and_read_stands_on_the_pages(marks: str) -> None:
    """A button or a line that was reworded is found here before somebody looks for it in vain."""
    named = set(re.findall(marks, (ROOT / "docs" / "five-offices.md").read_text(encoding="utf-8")))
    assert len(named) > 10
    words = _words_of_pages()
    assert sorted(one for one in named - HEADINGS if one.lower() not in words) == []
