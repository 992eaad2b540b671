"""Messages that a viewing opened, with an index to search them; in memory alone, and only what the case may read."""

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import NamedTuple
from uuid import UUID

from rejent.catalog.views import SegmentView
from rejent.formats.fragment_index import FragmentPlace
from rejent.streams.mail.messages.addresses import normal_address, shown_address
from rejent.streams.mail.messages.classes import PEOPLE, MessageHead
from rejent.streams.mail.messages.framing import MessageFacts
from rejent.streams.mail.messages.held import HeldInMemory
from rejent.streams.mail.messages.journal_reports import look_through
from rejent.streams.mail.messages.rendering import MessageHeaders, searched_text
from rejent.streams.mail.messages.scope import Scope, folded, plain_letters
from rejent.streams.mail.messages.sealing import OpenedMessage, RoleIdentities


@dataclass(frozen=True, slots=True)
class IndexedText:
    """What is searched of a message, in plain letters."""

    people: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


def in_scope(
    message: OpenedMessage, head: MessageHead, scope: Scope, *, report: bool = False
) -> IndexedText | None:
    """Return what is searched of a message with this head; None where it does not belong to the case.

    A ``report`` that could not be taken apart belongs to whoever is named in it.
    """
    people = head.addresses(*PEOPLE) | set(map(normal_address, (message.sender, *message.recipients)))
    if report:
        people |= look_through(message.content)[1]
    if not scope.covers_people(people):
        return None
    subject = plain_letters(" ".join(head.texts("subject")))
    body = plain_letters(searched_text(message.content))
    if scope.words and not any(scope.covers_text(folded(one)) for one in (subject, body)):
        return None
    names = " ".join([*head.texts(*PEOPLE), *sorted(people | set(map(shown_address, people)))])
    return IndexedText(plain_letters(names), subject, body)


_GATHERED = 64 << 20
"""Bytes of the index that are gathered before they are sorted into it."""
_INDEXED_TOGETHER = 1 << 20
"""Letters of texts that are indexed one behind another: between the openings of messages each word would be looked for outside the processor's cache."""
_MATCH = "SELECT rowid FROM found WHERE found MATCH ?"
_TABLE = "CREATE VIRTUAL TABLE found USING fts5(people, subject, body, content='', columnsize=0, tokenize='unicode61')"


class MessageName(NamedTuple):
    """Name of a message: its instant and its source, for holds and copies leave these as they are, and two journals may share an instant."""

    at: datetime
    source_id: str


@dataclass(frozen=True, slots=True)
class MessagePlace:
    """Place of a message."""

    at: datetime
    end: datetime
    segment: SegmentView = field(repr=False)
    place: FragmentPlace

    @property
    def name(self) -> MessageName:
        """Return what names the message."""
        return MessageName(self.at, self.segment.source_id)


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A message of the case's scope.

    Attributes:
        digest: equal for deliveries of one message.
        partly: it has more than is searched.
        failed: the program failed at reading it; it is listed by its envelope alone, and nothing of it is searched.
        aside: it may be private, and is neither read nor searched until both roles decide.
    """

    place: MessagePlace
    facts: MessageFacts
    headers: MessageHeaders
    digest: bytes = field(repr=False)
    partly: bool = False
    failed: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to become of messages that are set aside: they are read among the others, or shown to nobody any more."""

    messages: frozenset[MessageName]
    private: bool
    name: str = field(default_factory=partial(token_hex, 8))


class Workspace:
    """Messages of one viewing: lists, an index without their texts, and the keys that open each again.

    The index is a database in memory, without any file; it keeps no text.
    """

    def __init__(
        self,
        identities: RoleIdentities,
        opened: Iterable[tuple[ListedMessage, IndexedText]],
    ) -> None:
        self.identities = identities
        self._lock = threading.Lock()
        self._index = sqlite3.connect(":memory:", check_same_thread=False)
        self._index.execute("PRAGMA temp_store=MEMORY")
        self._index.execute(_TABLE)
        self._index.execute("INSERT INTO found(found, rank) VALUES('hashsize', ?)", [_GATHERED])
        self._messages: list[ListedMessage] = []
        self._aside: dict[MessageName, tuple[ListedMessage, IndexedText]] = {}
        gathered: list[tuple[ListedMessage, IndexedText]] = []
        letters = 0
        for message, text in opened:
            if message.aside:
                self._aside[message.place.name] = message, text
                continue
            gathered.append((message, text))
            letters += len(text.body)
            if letters >= _INDEXED_TOGETHER:
                self._add(gathered)
                gathered, letters = [], 0
        self._add(gathered)
        self._index.commit()
        self._sources = {each.place.segment.source_id for each in (*self._messages, *self.set_aside())}
        self._gone: set[MessageName] = set()
        self.chosen: frozenset[MessageName] = frozenset()
        """Which are to be copied; whoever reads chooses them page by page."""
        self.proposal: Proposal | None = None
        """What whoever reads proposes of messages that are set aside, until both roles decide."""

    def _add(self, found: Sequence[tuple[ListedMessage, IndexedText]]) -> None:
        rows = (
            (number, text.people, text.subject, text.body)
            for number, (_, text) in enumerate(found, len(self._messages) + 1)
        )
        self._index.executemany("INSERT INTO found(rowid, people, subject, body) VALUES (?, ?, ?, ?)", rows)
        self._messages += (message for message, _ in found)

    def messages(self) -> list[ListedMessage]:
        """Return all of them that may be read, by time."""
        return sorted((each for each in self._messages if each.place.name not in self._gone), key=_name_of)

    def set_aside(self) -> list[ListedMessage]:
        """Return those that may be private, by time."""
        return [message for _, (message, _) in sorted(self._aside.items())]

    def keep_sources(self, source_ids: Collection[str]) -> None:
        """List no more what lies in another source."""
        if self._sources.issubset(source_ids):
            return
        for each in (*self._messages, *self.set_aside()):
            if each.place.segment.source_id not in source_ids:
                self.drop(each.place.name)
        self._sources.intersection_update(source_ids)

    def release(self, names: Iterable[MessageName]) -> None:
        """Take messages that were set aside among the others."""
        with self._lock:
            released = [self._aside.pop(name) for name in names if name in self._aside]
            self._add([(replace(message, aside=False), text) for message, text in released])
            self._index.commit()

    def named(self, name: MessageName) -> ListedMessage | None:
        """Return the message of a name."""
        return next((each for each in self.messages() if each.place.name == name), None)

    def deliveries(self, *names: MessageName) -> list[ListedMessage]:
        """Return the messages of names with the other deliveries of the same letters, those that are set aside too, by time."""
        known = [*self.messages(), *self.set_aside()]
        letters = {each.digest for each in known if each.place.name in names} - {b""}
        return sorted(
            (each for each in known if each.place.name in names or each.digest in letters), key=_name_of
        )

    def searched(
        self, words: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[ListedMessage]:
        """Return the messages with each of the words, or beginnings of words, in people, subject or text, by time.

        What is quoted is looked for as a phrase; an address is one.
        """
        phrases = [folded(each) for each in _pieces(words)]
        asked = " AND ".join(f'"{each}"*' for each in phrases if each)
        with self._lock:
            rows = {number for (number,) in self._index.execute(_MATCH, [asked])} if asked else None
        found = (
            each
            for number, each in enumerate(self._messages, start=1)
            if (rows is None or number in rows)
            and each.place.name not in self._gone
            and (since is None or each.place.at >= since)
            and (until is None or each.place.at < until)
        )
        return sorted(found, key=_name_of)

    def drop(self, name: MessageName) -> None:
        """List a message no more."""
        self._gone.add(name)
        self._aside.pop(name, None)

    def close(self) -> None:
        """Give the index and the list up."""
        with self._lock:
            self._index.close()
            self._messages.clear()
            self._aside.clear()
            self.identities = {}


def _name_of(message: ListedMessage) -> MessageName:
    return message.place.name


def _pieces(words: str) -> list[str]:
    pieces = words.split('"')
    return [*pieces[1::2], *(word for piece in pieces[::2] for word in piece.split())]


class Workspaces(HeldInMemory[Workspace]):
    """Workspaces of the viewings that run."""

    def __init__(self, is_over: Callable[[UUID], bool]) -> None:
        super().__init__()
        self._viewing_is_over = is_over

    def _is_over(self, viewing: UUID, held: Workspace) -> bool:  # noqa: ARG002 - it goes with its viewing alone
        return self._viewing_is_over(viewing)

    def _close(self, held: Workspace) -> None:
        held.close()
