"""The text of a person's statement that they know the regulation, with what they are told before (Labour Code art. 22² § 7-8, 22³ § 3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.utils.translation import gettext

from rejent.office import queries
from rejent.office.regulation.provisions import Regulation, StreamRules
from rejent.office.views import RegulationView
from rejent.web.words.identifiers import in_words
from rejent.web.words.wording import day_digits, length_words


@dataclass(frozen=True, slots=True)
class Told:
    """What a person is told of one stream: a label, and the lines beside it."""

    stream: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class StatementText:
    """The statement about one version of the regulation in the reader's language.

    Attributes:
        about: which regulation, and from when it is in force.
        told: the purposes, scope and manner of each stream that the regulation prescribes.
        declares: what the person states.
        regulation: SHA-256 of the regulation's own text.
    """

    office: str
    about: tuple[str, ...]
    told: tuple[Told, ...]
    declares: str
    regulation: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of everything that is shown, in hexadecimal."""
        lines = [self.office, *self.about, self.declares, self.regulation]
        for each in self.told:
            lines += [each.stream, *(line for label, beside in each.facts for line in (label, *beside))]
        return sha256("\n".join(lines).encode()).hexdigest()


def statement_text(version: RegulationView) -> StatementText:
    """Return the text of a statement about a version of the regulation."""
    regulation = queries.regulation_of(version.version)
    numbered = gettext("version %(version)s, in force from %(day)s") % {
        "version": version.version,
        "day": day_digits(version.in_force_from),
    }
    return StatementText(
        office=regulation.name,
        about=(regulation.title, numbered),
        told=tuple(
            Told(in_words("stream", stream) or stream, tuple(facts_of(rules, regulation)))
            for stream, rules in regulation.streams.items()
        ),
        declares=gettext(
            "I state that I know this regulation and was told the purposes, the scope and the manner of the monitoring."
        ),
        regulation=version.sha256,
    )


def facts_of(rules: StreamRules, regulation: Regulation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield purposes, place in the regulation, term and controller of a stream, as labels with lines."""
    yield gettext("Purposes"), tuple(purpose.text for purpose in rules.purposes)
    if rules.clause:
        yield gettext("In the regulation"), (rules.clause,)
    if rules.retention is not None:
        length = rules.retention.length
        yield gettext("Kept for"), (length_words(length.count, length.unit.value),)
    yield gettext("Controller"), (regulation.controller,)
