"""Every link between documents leads to a file and a heading that are there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"```.*?```", re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(document: Path) -> set[str]:
    """What the headings of a document are called in a link."""
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def links() -> Iterator[tuple[str, str]]:
    """Every link within the tree, and whose it is."""
    for document in DOCUMENTS:
        for link in LINK.findall(FENCED.sub("", document.read_text(encoding="utf-8"))):
            if "://" not in link:
                yield str(document.relative_to(ROOT)), link


def test_links_are_found() -> None:
    """The search itself finds what it is for, with and without a heading."""
    found = set(links())
    assert len(found) > 100
    assert any("#" in link for _, link in found)


@pytest.mark.parametrize("document", [str(each.relative_to(ROOT)) for each in DOCUMENTS])
def test_a_link_leads_somewhere(document: str) -> None:
    """A file that was renamed or a heading that was changed fails."""
    lost = []
    for _, link in (each for each in links() if each[0] == document):
        path, _, anchor = link.partition("#")
        target = ((ROOT / document).parent / path).resolve() if path else ROOT / document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    assert not lost


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs" / "en").glob("*.md")))
def test_a_page_is_there_in_both_languages(name: str) -> None:
    """Whoever reads Polish finds the same pages."""
    assert (ROOT / "docs" / "pl" / name).exists()
