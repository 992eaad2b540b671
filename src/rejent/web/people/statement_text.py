"""The statement that the regulation is known as a page and as a paper, with what the person is told before (Labour Code art. 22² § 7-8, 22³ § 3).

What is told and stated comes from the documents that the office hands out (`rejent.notices.documents.staff`), with its own wordings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from rejent.notices.documents.staff import information, statement
from rejent.notices.documents.truth import Truth
from rejent.notices.documents.views import Language, Section
from rejent.notices.queries import truths, truths_on
from rejent.office import queries
from rejent.office.views import RegulationView
from rejent.web.words.wording import day_digits


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a person is told of one stream: headings, and the lines below each."""

    stream: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class StatementText:
    """The statement about one version of the regulation in the reader's language; ``regulation`` is the SHA-256 of its text."""

    office: str
    about: tuple[str, ...]
    streams: tuple[StreamFacts, ...]
    declares: tuple[str, ...]
    regulation: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of everything that is shown, in hexadecimal."""
        lines = [self.office, *self.about, *self.declares, self.regulation]
        for each in self.streams:
            lines += [each.stream, *(line for label, beside in each.facts for line in (label, *beside))]
        return sha256("\n".join(lines).encode()).hexdigest()


def statement_text(version: RegulationView) -> StatementText:
    """Return the text of a statement about the version in force, as it reads today. Errors as of `truths`."""
    return _text(version, truths(reader_language(), clock=settings.CLOCK))


def statement_text_on(version: RegulationView, day: date) -> StatementText:
    """Return the text of a statement that was given on a day; the places monitored then are left out. Errors as of `truths_on`."""
    return _text(version, truths_on(version.version, reader_language(), day))


def _text(version: RegulationView, truths_of_day: Sequence[Truth]) -> StatementText:
    numbered = gettext("version %(version)s, in force from %(day)s") % {
        "version": version.version,
        "day": day_digits(version.in_force_from),
    }
    regulation = queries.verified_version(version.version)
    return StatementText(
        office=regulation.name,
        about=(regulation.title, numbered),
        streams=tuple(StreamFacts(str(each.sayings.name), tuple(facts_of(each))) for each in truths_of_day),
        declares=tuple(map(_declared, truths_of_day)) or (gettext("I state that I know this regulation."),),
        regulation=version.sha256,
    )


def facts_of(truth: Truth, *keys: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what staff are told of a stream, heading by heading; with ``keys`` only these sections."""
    for section in information(truth).sections:
        if (lines := tuple(_lines(section))) and (not keys or section.key in keys):
            yield section.title, lines


def reader_language() -> Language:
    """Return the language of documents that is nearest to the reader's."""
    return "en" if (translation.get_language() or "pl").startswith("en") else "pl"


def _lines(section: Section) -> Iterator[str]:
    yield from section.text
    yield from (f"– {each}" for each in section.points)
    yield from (f"{label}: {', '.join(lines)}" for label, lines in section.facts)


def _declared(truth: Truth) -> str:
    """Return what the person declares: the sentences of the annex's form, if there is one, and that the rules are known."""
    stated = statement(truth)
    parts = [part for key in ("form", "known") if (part := stated.section(key)) is not None]
    lines = [
        line
        for each in parts
        for line in (*each.text, *(["; ".join(each.points) + "."] if each.points else []))
    ]
    return " ".join(lines)
