"""The one truth that every document is made of: the regulation in force, the inventory, the office's own wordings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from string import Formatter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext

from rejent.notices.documents import words
from rejent.notices.documents.views import Area, Document, DocumentKind, Language, Section
from rejent.notices.stream_parts import SAYINGS, Sayings
from rejent.office.regulation.provisions import Purpose, Regulation, StreamRules
from rejent.office.regulation.sections import flagged
from rejent.office.regulation.vocabulary import Ground, LegalBasis, PlacesShown, Right, RoleName

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the documents. ``name`` stands in the ledger; ``wording`` is the program's own, with placeholders in braces."""

    name: str
    title: Words
    wording: Words

    @property
    def placeholders(self) -> frozenset[str]:
        """Return the names that stand in braces in the program's own wording."""
        return frozenset(placeholders_in(str(self.wording)))


def placeholders_in(text: str) -> Iterator[str]:
    """Yield the name of each placeholder of a text; raises ValueError for a brace that belongs to none."""
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            if not name.isidentifier() or form or conversion:
                raise ValueError(name)
            yield name


PASSAGES: dict[str, Passage] = {}
"""Every passage of the program, by name."""


def passage(name: str, title: Words, wording: Words) -> Passage:
    """Return a passage and make it known; raises ValueError for a name that is taken."""
    if name in PASSAGES:
        raise ValueError(f"two passages are named {name}")
    PASSAGES[name] = Passage(name, title, wording)
    return PASSAGES[name]


def purpose_passage(purpose_id: str, text: Words) -> Passage:
    """Return the passage of a purpose: the regulation's own words of it, whose braces are no placeholders."""
    if isinstance(text, str):
        text = text.replace("{", "{{").replace("}", "}}")
    return Passage(f"purpose-{purpose_id}"[:40], gettext("Purpose"), text)


def filled(each: Passage, wordings: Mapping[str, str], **values: str) -> str:
    """Return what is said: the office's own wording where there is one, filled with values."""
    return (wordings.get(each.name) or str(each.wording)).format_map(values)


_MUNICIPAL = frozenset({Ground.PUBLIC_ORDER, Ground.CITIZEN_SAFETY, Ground.FIRE_AND_FLOOD})
_ALWAYS_GIVEN = (Right.ACCESS, Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION, Right.COMPLAINT)
"""Rights that GDPR art. 13(2)(b) and (d) demands to be named whatever the basis."""
_GIVEN_BY = {
    Right.PORTABILITY: frozenset({LegalBasis.CONSENT, LegalBasis.CONTRACT}),
    Right.OBJECTION: frozenset({LegalBasis.PUBLIC_TASK}),
    Right.WITHDRAWAL: frozenset({LegalBasis.CONSENT}),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a source of the inventory covers."""

    id: int
    building: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """The office's own text of its regulation: the act that adopted it, its day, the digest of its file, the version it was compared with."""

    decree: str
    day: date
    sha256: str
    version: int


@dataclass(frozen=True, slots=True)
class Office:
    """What is true of the whole office on a day.

    ``adopted`` is its own text of the regulation, where it entered one; ``clause_addresses`` has where the full clause of a stream stands for everybody; none of those that are not published.
    """

    regulation: Regulation
    version: int
    in_force_from: date
    clause_addresses: Mapping[str, str] = field(default_factory=dict)
    adopted: Adopted | None = None


@dataclass(frozen=True, slots=True)
class Truth:
    """What is true of one stream on a day, in one language; Django must speak that language while it is asked.

    ``places`` are those that sources of the stream cover; ``unrecorded_route``: a way to reach the office without being recorded is
    entered.
    """

    office: Office
    stream: str
    language: Language
    places: Sequence[Place] = ()
    sources: int = 0
    wordings: Mapping[str, str] = field(default_factory=dict)
    unrecorded_route: bool = False

    @property
    def rules(self) -> StreamRules:
        """Return what the regulation says of the stream."""
        return self.office.regulation.streams[self.stream]

    @property
    def sayings(self) -> Sayings:
        """Return the kind's own words."""
        return SAYINGS.of(self.stream)

    @property
    def purposes(self) -> list[Purpose]:
        """Return the purposes that may be chosen: those outside the statute only with a position on them (R-OPEN-8)."""
        return [
            each for each in self.rules.purposes if not flagged(self.office.regulation, self.stream, each)
        ]

    @property
    def bases(self) -> frozenset[LegalBasis]:
        """Return the legal bases of the purposes, as far as each is known."""
        found = (basis_of(self.rules, each) for each in self.purposes)
        return frozenset(each for each in found if each is not None)

    @property
    def rights(self) -> tuple[Right, ...]:
        """Return the rights of those recorded: what the law gives by the basis, and never less than the regulation names."""
        lawful = {right for right, bases in _GIVEN_BY.items() if bases & self.bases} | {*_ALWAYS_GIVEN}
        return tuple(right for right in Right if right in lawful or right in self.rules.notices.rights)

    def say(self, each: Passage, **values: str) -> str:
        """Return a passage as it reads."""
        return filled(self.worded(each), self.wordings, **values)

    def worded(self, each: Passage) -> Passage:
        """Return a passage in the kind's own words, where it has some."""
        return replace(each, wording=self.sayings.wordings.get(each.name, each.wording))

    def titled(self, key: str, title: str) -> str:
        """Return the title of a section, in the kind's own words where it has some."""
        return str(self.sayings.titles.get(key, title))

    def name_of(self, purpose: Purpose) -> str:
        """Return a purpose in the language of the document, as far as that is known."""
        return self.say(purpose_passage(purpose.id, purpose_words(purpose, self.language)))

    def areas(self) -> tuple[Area, ...]:
        """Return the monitored areas: places by name only where the regulation lists them, else by their kind (A12, X6)."""
        by_name = self.rules.places.shown is PlacesShown.LISTED
        found: dict[tuple[str, str], list[int]] = {}
        for each in self.places:
            name = each.name if by_name else str(words.PLACE_KINDS.get(each.kind, each.kind))
            found.setdefault((each.building, name), []).append(each.id)
        return tuple(Area(*key, places=tuple(sorted({*ids}))) for key, ids in sorted(found.items()))

    def document(self, kind: DocumentKind, title: str, sections: Iterable[Section], **more: Any) -> Document:
        """Return a document of the stream; ``{monitoring}`` in its title is what the stream is called."""
        return Document(
            kind=kind,
            stream=self.stream,
            language=self.language,
            office=self.office.regulation.name,
            title=title.format(monitoring=self.sayings.name),
            version=self.office.version,
            in_force_from=self.office.in_force_from,
            sections=tuple(sections),
            **more,
        )

    def processors(self) -> tuple[str, ...]:
        """Return the companies that may have access by the regulation."""
        access = self.rules.access
        roles = [
            role
            for role in (RoleName.GUARD, RoleName.CONTRACTOR)
            if role in {*access.live, *access.recordings}
        ]
        if access.contractor != "never" and RoleName.CONTRACTOR not in roles:
            roles.append(RoleName.CONTRACTOR)
        return tuple(str(words.PROCESSORS[role]) for role in roles)

    def remarks(self) -> Iterator[str]:
        """Yield where the documents say other than the regulation, and why."""
        for each in self.rules.purposes:
            if each not in self.purposes:
                yield gettext(
                    "The purpose “{purpose}” is left out: it is not on the statute's list, and the data protection officer has stated no position."
                ).format(purpose=each.text)
        if self.rules.special_categories:
            yield gettext(
                "Sensitive data may be recorded; the regulation has no key for the condition of GDPR art. 9(2), so no document names one."
            )
        for right in self.rights:
            named = words.RIGHTS_IN_SHORT[right]
            if right not in self.rules.notices.rights:
                template = gettext("The right “{right}” is named though the regulation does not name it: the law gives it here.")  # fmt: skip
                yield template.format(right=named)
            elif right in _GIVEN_BY and not _GIVEN_BY[right] & self.bases:
                template = gettext("The right “{right}” is named since the regulation names it; by this legal basis the law does not give it.")  # fmt: skip
                yield template.format(right=named)


def purpose_words(purpose: Purpose, language: Language) -> str:
    """Return a purpose without an office's own wording: the regulation's in Polish, the statute's in English where it has one."""
    if language == "pl" or purpose.ground not in words.GROUNDS:
        return purpose.text
    return str(words.GROUNDS[purpose.ground])


def is_untranslated(truth: Truth, purpose: Purpose) -> bool:
    """Return whether a purpose stands in the regulation's language in a document of another."""
    lacks = truth.language != "pl" and purpose.ground not in words.GROUNDS
    return lacks and purpose_passage(purpose.id, "").name not in truth.wordings


def basis_of(rules: StreamRules, purpose: Purpose) -> LegalBasis | None:
    """Return the one legal basis of a purpose (X25): as the regulation states, the stream's only one, or the one of its statute."""
    if purpose.basis is not None:
        return purpose.basis
    if len(rules.legal_basis) == 1:
        return rules.legal_basis[0]
    if purpose.ground is None or purpose.ground is Ground.OUTSIDE_STATUTE:
        return None
    basis = LegalBasis.PUBLIC_TASK if purpose.ground in _MUNICIPAL else LegalBasis.LEGAL_OBLIGATION
    return basis if basis in rules.legal_basis else None
