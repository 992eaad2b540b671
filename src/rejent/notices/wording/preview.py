"""What a wording would change: the paragraphs of each document as they would read."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rejent.notices.documents.making import documents_of
from rejent.notices.documents.truth import Truth
from rejent.notices.documents.views import Document


def changed(truth: Truth, passage: str, text: str) -> Mapping[str, tuple[str, ...]]:
    """Return the paragraphs that would be new in each document, by its title; an empty text brings the program's own back."""
    others = {name: each for name, each in truth.wordings.items() if name != passage}
    then = replace(truth, wordings={**others, passage: text} if text else others)
    found = {}
    for before, after in zip(documents_of([truth]), documents_of([then]), strict=True):
        known = frozenset(_paragraphs(before))
        fresh = tuple(dict.fromkeys(line for line in _paragraphs(after) if line not in known))
        if fresh:
            found[after.title] = fresh
    return found


def _paragraphs(document: Document) -> Iterator[str]:
    yield document.opening
    for section in document.sections:
        yield from section.text
        yield from section.points
        for _, lines in section.facts:
            yield from lines
