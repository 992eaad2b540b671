"""What a document says, apart from its look: the same values become a PDF, a page, and a digest."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Literal

Language = Literal["pl", "en"]
LANGUAGES: tuple[Language, ...] = ("pl", "en")
Fact = tuple[str, tuple[str, ...]]
"""A label and the lines beside it; an empty line is one to be filled in by hand."""


class DocumentKind(StrEnum):
    """A document that tells people of monitoring, or accounts for it."""

    PLATE = "plate"
    CLAUSE = "clause"
    ANNOUNCEMENT = "announcement"
    """What callers hear, and the clause that they may listen to."""
    OUTGOING = "outgoing"
    """What is read before an outgoing call."""
    STAFF_INFORMATION = "staff-information"
    STATEMENT = "statement"
    AUTHORISATION = "authorisation"
    REGISTER = "processing-register"
    ASSESSMENT = "impact-assessment"
    REGULATION = "regulation"
    """What the regulation provides for a stream, as people read it."""


@dataclass(frozen=True, slots=True)
class Area:
    """A monitored area as people are told of it.

    ``name`` is that of a place where the regulation lists places, otherwise of a kind, such as “corridors”; ``places`` are the inventory's
    that it stands for.
    """

    building: str
    name: str
    places: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that the program does not know and somebody must add.

    ``key``: what it is, of `rejent.notices.documents.asks`; ``about``: the purpose or the question that it concerns, in words; ``of``: the
    same as the regulation or the passages name it.
    """

    key: str
    about: str = ""
    of: str = ""


class State(StrEnum):
    """Whether a document says what the law demands."""

    PRESENT = "present"
    NOT_APPLICABLE = "not-applicable"
    OPEN = "open"
    """A question that people answer on the document itself."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the law demands of a document.

    ``provision`` as Polish lawyers cite it; ``why`` it need not be said, or what is missing; ``asks``: what must be added.
    """

    provision: str
    demand: str
    state: State
    why: str = ""
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a document.

    ``key``: its name, the same in both languages; ``facts``: labels with their lines after that; ``asks``: what somebody must add by hand,
    as the program does not know it; ``fulfils``: provisions that it fulfils, unless something is asked.
    """

    key: str
    title: str = ""
    text: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    asks: tuple[Ask, ...] = ()
    fulfils: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document of one stream, or of the whole office where ``stream`` is empty, in one language.

    ``building``: of a plate: whose entrance it is for; empty elsewhere; ``version`` and ``in_force_from``: of the regulation that it
    follows; no part of `digest`; ``address``: where the full clause stands for everybody; what the code of a plate holds; ``pictogram``:
    what is drawn on it; empty for nothing; ``remarks``: for whoever answers for the document, never printed: where it differs from the
    regulation, and why.
    """

    kind: DocumentKind
    stream: str
    language: Language
    building: str = ""
    office: str
    title: str
    version: int
    in_force_from: date
    opening: str = ""
    sections: tuple[Section, ...]
    closing: str = ""
    signatures: tuple[str, ...] = ()
    areas: tuple[Area, ...] = ()
    address: str = ""
    pictogram: str = ""
    items: tuple[Item, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return its name among the documents of an office in one language."""
        return ".".join(part for part in (self.kind.value, self.stream, self.building) if part)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what it says; the same as long as a reader would find no difference."""
        fields = asdict(self)
        for each in ("version", "in_force_from", "items", "remarks"):
            del fields[each]
        return sha256(json.dumps(fields, ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @property
    def missing(self) -> tuple[Item, ...]:
        """Return what the law demands and the document does not say."""
        return tuple(item for item in self.items if item.state is State.MISSING)

    @property
    def asks(self) -> tuple[Ask, ...]:
        """Return everything that somebody must add by hand."""
        return tuple(ask for section in self.sections for ask in section.asks)

    def section(self, key: str) -> Section | None:
        """Return the section of a name, or None."""
        return next((each for each in self.sections if each.key == key), None)

    def without(self, key: str) -> "Document":
        """Return it without a section."""
        return replace(self, sections=tuple(each for each in self.sections if each.key != key))
