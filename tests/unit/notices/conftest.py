"""Offices by their regulations alone, and one with rows."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.utils import translation

from rejent.notices.documents.truth import Office, Place, Truth
from rejent.notices.documents.views import Document, Language
from rejent.notices.stream_parts import SAYINGS
from rejent.notices.wording import documents_of
from rejent.office.regulation.loading import example, load
from tests.unit.retention.office import RecordingOffice

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLACES = (
    Place(1, "Ratusz", "hol przy kasie", "hall"),
    Place(2, "Ratusz", "sala 100", "service-point"),
    Place(3, "Dworzec", "wejście od ulicy", "entrance"),
)


def truth_of(
    text: str,
    stream: str,
    language: Language = "pl",
    *,
    places: Iterable[Place] = PLACES,
    wordings: dict[str, str] | None = None,
) -> Truth:
    """Return what is true by a regulation's text and some places."""
    regulation = load(text)
    address = {stream: f"https://urzad.example/public/clause-{stream}.html"}
    return Truth(
        office=Office(regulation, 1, date(2026, 2, 1), address),
        stream=stream,
        language=language,
        places=tuple(places) if SAYINGS.of(stream).plate else (),
        sources=3,
        wordings=wordings or {},
        unrecorded_route=True,
    )


def documents(text: str, stream: str, language: Language = "pl", **known: object) -> dict[str, Document]:
    """Return the documents of a regulation's stream by their names."""
    made = documents_of([truth_of(text, stream, language, **known)])  # type: ignore[arg-type]
    return {each.name: each for each in made}


def of_example(name: str, language: Language = "pl") -> dict[str, Document]:
    """Return the documents of one of the five offices."""
    text = example(name)
    stream = next(each for each in load(text).streams if each in SAYINGS)
    return documents(text, stream, language)


def words_in(document: Document) -> str:
    """Return everything that a document says, in its order."""
    said = [document.title, document.opening]
    for section in document.sections:
        said += [section.title, *section.text, *section.points]
        said += [word for label, lines in section.facts for word in (label, *lines)]
    return " ".join([*said, document.closing, *document.signatures])


@pytest.fixture
def pleszew(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office with cameras."""
    return RecordingOffice.open(tmp_path, START, "pleszew")


@pytest.fixture(autouse=True)
def _english() -> object:
    """The reader's language is no document's."""
    with translation.override("en"):
        yield
