"""Acts of the register as sentences people read: names for identifiers, office time for instants."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, pgettext

from rejent.access.supervision.weeks import Week
from rejent.catalog import queries as catalog
from rejent.devices import queries as devices
from rejent.devices.views import MACHINE
from rejent.kernel.acts import all_acts
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.office import queries as office
from rejent.office.setting_up.founding import ACTOR as SETTING_UP
from rejent.registers import queries as registers
from rejent.registers.acts import MACHINERY
from rejent.registers.errors import NoSuchEntryError
from rejent.registers.queries import EnteredAct
from rejent.web.cases.copies.identifiers import DOCUMENTS
from rejent.web.words import wording
from rejent.web.words.identifiers import fact_name, in_words
from rejent.web.words.states import cause_words
from rejent.web.words.stream_parts import WORDS, with_streams

PEOPLES_OWN = (
    "authorisation.",
    "case.",
    "commission.",
    "copy.",
    "viewing.",
    "protocol.",
    "live.",
    "hold.",
    "destruction.done",
    "key.",
    "keys.",
    "source.",
    "person.",
    "people.",
    "device.",
    "mail-server.",
    "paper-copy.",
    "regulation.",
    "clock.",
    "alarm.",
    "gate.",
    "absence.",
    "fault.",
    "breach.",
    "agreement.",
    "statement.",
    "plate.",
    "publication.",
)
"""Beginnings of the names of acts on the start page: people's acts, and destruction."""


def peoples_own() -> tuple[str, ...]:
    """Return the names of the acts that the start page shows."""
    begun = PEOPLES_OWN + tuple(each for _, words in WORDS.items() for each in words.peoples_own)
    return tuple(sorted(name for name in all_acts() if name.startswith(begun) and name not in MACHINERY))


@dataclass(frozen=True, slots=True)
class ActView:
    """An act for display, with the actor's name; ``linked`` if the reader may open the entry's page, ``until`` when what it began ended."""

    index: int
    at: datetime
    act: str
    who: str
    sentence: str
    erased: bool
    linked: bool
    until: datetime | None = None


class Names:
    """Names of people and sources by identifier, read once a page, when they are first asked for."""

    @cached_property
    def _people(self) -> Mapping[str, str]:
        return {str(person.id): person.name for person in office.people(left=True)}

    @cached_property
    def _purposes(self) -> Mapping[str, str]:
        prescribed = office.streams_if_entered(civil_date(settings.CLOCK.now())).values()
        return {purpose.id: purpose.text for rules in prescribed for purpose in rules.purposes}

    @cached_property
    def _sources(self) -> Mapping[str, str]:
        return {source.id: source.name for source in catalog.sources(removed=True)}

    @cached_property
    def _devices(self) -> Mapping[str, str]:
        return {str(device.id): device.name for device in devices.devices()}

    def person(self, identifier: str) -> str:
        """Return the person's name; for the empty text, that the program acted."""
        if identifier in {"", "system"}:
            return gettext("the program")
        if identifier == "cli":
            return gettext("the command line")
        if identifier == SETTING_UP:
            return gettext("set-up in the browser")
        return self._people.get(identifier, identifier)

    def knows_person(self, identifier: str) -> bool:
        """Return whether an identifier is a person's."""
        return identifier in self._people

    def knows_source(self, identifier: str) -> bool:
        """Return whether an identifier is a source's."""
        return identifier in self._sources

    def purpose(self, identifier: str) -> str:
        """Return the purpose in the regulation's words."""
        return self._purposes.get(identifier, identifier)

    def source_name(self, identifier: str) -> str:
        """Return the source's name, else its identifier."""
        return self._sources.get(identifier, identifier)

    def source(self, identifier: str) -> str:
        """Return the source's name in quotation marks."""
        return wording.quoted(self._sources[identifier]) if identifier in self._sources else identifier

    def sources(self, identifiers: Iterable[str]) -> str:
        """Return the names of sources in quotation marks, with commas."""
        return ", ".join(map(self.source, identifiers))

    def station(self, identifier: str) -> str:
        """Return the station's name in quotation marks, with its number."""
        if identifier == MACHINE:
            return pgettext("station", "the server")
        name = self._devices.get(identifier)
        return f"{identifier} {wording.quoted(name)}" if name else identifier


def act_views(entries: Iterable[EnteredAct], *, links: bool, names: Names | None = None) -> list[ActView]:
    """Return the acts as sentences in the reader's language."""
    known, book = all_acts(), names or Names()
    result = []
    for entry in entries:
        act = known.get(entry.act)
        if entry.changed:
            sentence = entry.sentence()
        elif entry.facts is None:
            sentence = gettext("The record of this entry was erased; its place in the ledger stays.")
        else:
            sentence = act.describe(ReadableFacts(entry.facts, book)) if act else entry.act
        result.append(
            ActView(
                entry.index,
                entry.at,
                entry.act,
                _who(entry, book),
                sentence,
                entry.facts is None and not entry.changed,
                links,
            )
        )
    return result


def _who(entry: EnteredAct, book: Names) -> str:
    name = book.person(entry.actor)
    if entry.facts is None or not entry.facts.get("in_place_of"):
        return name
    return gettext("%(name)s, in the head's place") % {"name": name}


def facts_in_words(entry: EnteredAct) -> list[tuple[str, object]]:
    """Return the facts of an entry under names people use, with values as sentences word them."""
    facts = ReadableFacts(entry.facts or {}, Names())
    return [(fact_name(name), "–" if value is None else value) for name, value in sorted(facts.items())]


class ReadableFacts(Mapping[str, object]):
    """The facts of a record in the reader's words, each when it is read: names for identifiers, office time for instants."""

    def __init__(self, facts: Mapping[str, object], names: Names) -> None:
        self._facts, self._names = facts, names

    def __getitem__(self, name: str) -> object:
        return _several(name, self._facts[name], self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def _several(name: str, value: object, names: Names) -> object:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name in _NAMED_LISTS and isinstance(value, list):
        return _NAMED_LISTS[name](names, value) or "–"
    if isinstance(value, list) and (in_a_line := _lists().get(name)):
        return in_a_line(value) or "–"
    if name in {"numbers", "authenticators", "holds", "confirmed", "lifted", "copies"} and isinstance(
        value, list
    ):
        return ", ".join(map(str, value)) or "–"
    return _fact(name, value, names)


def _spans(parts: Sequence[Sequence[str]]) -> str:
    return ", ".join(wording.span_digits(*map(datetime.fromisoformat, part)) for part in parts)


def _seen(names: Names, parts: Sequence[Sequence[str]]) -> str:
    """Return what was handed out; of a viewing of several sources each part names its own."""
    of_source: dict[str, list[Sequence[str]]] = {}
    for start, end, *source in parts:
        of_source.setdefault("".join(source), []).append((start, end))
    return "; ".join(
        f"{names.source(source)}: {_spans(own)}" if source else _spans(own)
        for source, own in of_source.items()
    )


def _people(names: Names, people: Sequence[Any]) -> str:
    return ", ".join(names.person(str(one)) for one in people)


_NAMED_LISTS: Mapping[str, Callable[[Names, Sequence[Any]], str]] = {
    "people": _people,
    "members": _people,
    "sources": Names.sources,
    "seen": _seen,
}
_LISTS: Mapping[str, Callable[[Sequence[Any]], str]] = {
    "causes": lambda causes: ", ".join(cause_words(str(cause)) for cause in causes),
    "presented": _spans,
    "documents": lambda papers: ", ".join(str(DOCUMENTS.get(paper, paper)) for paper in papers),
}


@cache
def _lists() -> Mapping[str, Callable[[Sequence[Any]], str]]:
    return with_streams(_LISTS, lambda words: words.lists)


_CAUSE = re.compile("[a-z]+(-[a-z]+)*")
_DURATIONS = frozenset({"seen_s", "watched_s", "length_s", "off_by_s"})


def _fact(name: str, value: object, names: Names) -> object:
    text = str(value)
    if name in {"person", "actor", "second", "issuer", "in_place_of", "confirmed_by"} and value is not None:
        return names.person(text)
    if name in _DURATIONS and isinstance(value, int | float):
        return wording.duration_words(float(value))
    if name in _NAMED and value is not None:
        return _NAMED[name](names, text)
    if (words := in_words(name, text)) is not None:
        return words
    if name == "bytes" and isinstance(value, int):
        return wording.size_words(value)
    return shown_time(text) if isinstance(value, str) else value


_NAMED: Mapping[str, Callable[[Names, str], str]] = {
    "source": Names.source,
    "device": Names.station,
    "station": Names.station,
    "purpose": Names.purpose,
    "cause": lambda _, cause: cause_words(cause),
    "week": lambda _, week: _week(week),
    "package": lambda _, index: _taken(index),
    "description": lambda _, description: outage_words(description),
    "done": lambda _, done: outage_end_words(done),
}


def outage_words(description: str) -> str:
    """Return what a fault says is wrong; of an outage that entered itself, its cause and its time, in words."""
    cause, _, start = description.partition(": ")
    moment = shown_time(start)
    if moment == start or not _CAUSE.fullmatch(cause):
        return description
    return gettext("%(cause)s: no recording since %(moment)s") % {
        "cause": cause_words(cause),
        "moment": moment,
    }


def outage_end_words(done: str) -> str:
    """Return what was done about a fault; of an outage that closed itself, since when it is recorded again."""
    moment = shown_time(done)
    return done if moment == done else gettext("recorded again since %(moment)s") % {"moment": moment}


def _taken(index: str) -> str:
    """Return when a package was taken, by the number of the entry about it; that number where there is no such entry."""
    number = read_number(index, most=LARGEST_ID)
    try:
        at = None if number is None else registers.act(number).at
    except NoSuchEntryError:
        at = None
    return pgettext("package", "of %(moment)s") % {"moment": wording.moment_digits(at)} if at else index


def _week(text: str) -> str:
    try:
        week = Week.read(text)
    except InputRefusedError:
        return text
    return wording.week_digits(week.first, week.last)


def shown_time(text: str) -> str:
    """Return a date or an instant as the office writes it; what is neither as it stands."""
    if len(text) == len("2026-11-21") and text[4] == text[7] == "-":
        try:
            return wording.day_digits(date.fromisoformat(text))
        except ValueError:
            return text
    if len(text) > len("2026-11-21T") and text[4:5] == "-" and text[10:11] == "T":
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            return text
        return wording.moment_digits(instant) if instant.tzinfo else text
    return text
