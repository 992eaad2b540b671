"""All documents of an office in one language."""

from collections.abc import Iterator, Sequence

from django.utils import translation

from rejent.notices.documents.clause import clause
from rejent.notices.documents.plate import plates
from rejent.notices.documents.records import assessment, register
from rejent.notices.documents.spoken import announcement_passages, spoken
from rejent.notices.documents.staff import authorisation, information, statement
from rejent.notices.documents.truth import PASSAGES, Passage, Truth, purpose_passage, purpose_words
from rejent.notices.documents.views import Document


def documents_of(truths: Sequence[Truth]) -> tuple[Document, ...]:
    """Return every document of the streams of an office, those of a stream beside each other; the truths are of one language."""
    if not truths:
        return ()
    with translation.override(truths[0].language):
        return (*(each for truth in truths for each in _of(truth)), register(truths))


def _of(truth: Truth) -> Iterator[Document]:
    yield from plates(truth)
    yield clause(truth)
    yield from spoken(truth)
    yield information(truth)
    yield statement(truth)
    yield authorisation(truth)
    yield assessment(truth)


def passages_of(truth: Truth) -> dict[str, Passage]:
    """Return what an office may word itself of a stream's documents: the program's passages, and the regulation's own texts."""
    found = {**PASSAGES, **{each.name: each for each in announcement_passages(truth)}}
    for purpose in truth.rules.purposes:
        one = purpose_passage(purpose.id, purpose_words(purpose, truth.language))
        found[one.name] = one
    return found
