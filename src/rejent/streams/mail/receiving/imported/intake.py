"""A mailbox on its way into the history of a journal: each message goes the way of a received one, under the key of its own day.

Until a message is booked its mailbox is the only copy that counts: what a killed import left in the store is removed by the next,
which goes on behind whatever is booked.
"""

import fcntl
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from uuid import uuid4

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.queries.keys import recipient
from rejent.catalog.views import FinishedSegment, RecorderSource, SourceView
from rejent.formats.content_tree import ContentTree
from rejent.formats.record_index import RecordIndex
from rejent.formats.records import LASTS, Record, instant, packet, places_of
from rejent.kernel.clock import civil_date, local_midnight
from rejent.office import queries as office
from rejent.office.errors import NoRegulationError
from rejent.recording.main_loop import own_volume, storage_cause
from rejent.retention.clock import is_ahead, stepped
from rejent.retention.keys.day_keys import keys_ahead
from rejent.retention.rounds.round import Keeping
from rejent.retention.terms.applicable_terms import Terms
from rejent.streams.mail.messages.classes import DELIVERED, MailRules, MessageHead, facts_of
from rejent.streams.mail.messages.framing import MessageFrame
from rejent.streams.mail.messages.parts import kinds_of
from rejent.streams.mail.messages.sealing import KeyRole, MessageSealer, OpenedMessage, RoleRecipients
from rejent.streams.mail.receiving.decisions import Decided, Disposition, decide
from rejent.streams.mail.receiving.imported.mailbox import LONGEST_HEAD, Found, Mailbox
from rejent.streams.mail.receiving.recorder import MOST_BYTES
from rejent.streams.mail.records.errors import ImportRefusedError
from rejent.streams.mail.records.imported_places import known_marks, note_places, want_days
from rejent.streams.mail.records.imports import (
    STREAM,
    TRAIT,
    ImportView,
    begin_import,
    end_import,
    history_for,
    mark_of,
)
from rejent.streams.mail.records.role_keys import role_recipients
from rejent.streams.mail.sources import read_rules
from rejent.vault.age import Recipient, SealWriter
from rejent.vault.errors import KeyDestroyedError
from rejent.vault.store.object_store import ObjectStore

PRIVATE_FOLDERS = frozenset({"prywatne", "private"})
MOST_IN_OBJECT = 64
MOST_BYTES_IN_OBJECT = 16 << 20
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stated:
    """What whoever imports a mailbox says of it.

    Attributes:
        owner: the address whose mailbox it is, a receiver of each message; empty where it has none.
        private_folders: names of folders, in small letters, of which nothing is kept or read but a number; the usual ones if None.
    """

    owner: str = field(default="", repr=False)
    private_folders: frozenset[str] | None = None
    again: bool = False


def import_mailbox(
    journal: SourceView, mailbox: Mailbox, stated: Stated, *, keeping: Keeping, actor: str
) -> ImportView:
    """Import every message of a mailbox into the history of a journal, by the rules of that journal.

    The lists of the journal decide what is kept. Raises ImportRefusedError, StorageError.
    """
    clock = keeping.clock
    rules, roles = _require_ready(journal, keeping)
    found = list(mailbox.found(clock.now()))
    _require_folders(stated, found)
    history = history_for(journal, clock=clock, actor=actor)
    with _alone(keeping, history.id):
        _discard_unbooked(keeping, history.id)
        number = begin_import(
            history.id,
            mailbox.form,
            mailbox.place,
            mailbox.state,
            again=stated.again,
            clock=clock,
            actor=actor,
        )
        intake = _Intake(history.id, number, rules, stated, roles, keeping)
        intake.take(mailbox, found)
        return end_import(number, intake.counted, clock=clock, actor=actor)


def _require_ready(journal: SourceView, keeping: Keeping) -> tuple[MailRules, RoleRecipients]:
    """Return the rules of a journal and the keys of the two roles. Raises ImportRefusedError: nothing may be kept now."""
    clock = keeping.clock
    if stepped(clock) or is_ahead(clock):
        raise ImportRefusedError(
            "The clock is not believed, and terms count by it.",
            advice="It is confirmed on the page Due for destruction.",
        )
    if not _may_keep(civil_date(clock.now())):
        raise ImportRefusedError(
            "The conditions of e-mail are not met, so nothing is kept.",
            advice="The page Regulation says what is missing.",
        )
    roles = role_recipients()
    for role in KeyRole:
        if not roles[role]:
            raise ImportRefusedError(
                "The role {role} has no key.",
                role=role.value,
                advice="Make it: rejent mail key DIR --role {role} --holder POST",
            )
    entered: list[RecorderSource] = catalog.recorder_sources(stream=STREAM)
    own = next((each for each in entered if each.id == journal.id), None)
    if own is None:
        raise ImportRefusedError(
            "{name} is no journal that is switched on.",
            name=journal.name,
            advice="They stand on the page Sources.",
        )
    try:
        return read_rules(own.traits), roles
    except OSError as error:
        raise ImportRefusedError(
            "{file} cannot be used: {why}.",
            file=error.filename,
            why=error.strerror or "",
            advice="Who is exempt is told by it; let the program's user read it.",
        ) from error


def _require_folders(stated: Stated, found: list[Found]) -> None:
    """Raises ImportRefusedError: a folder that was stated to be private holds nothing, as one whose name is misspelt."""
    for name in sorted(stated.private_folders or ()):
        if not any(each.lies_in({name}) for each in found):
            raise ImportRefusedError(
                "No message lies in a folder {name}; nothing was imported.",
                name=name,
                advice="Write --private-folder as the mailbox spells it, or leave it out.",
            )


def _may_keep(day: date) -> bool:
    """Return whether messages of a day may be kept: whether their monitoring was allowed to begin by then."""
    try:
        return office.gates(STREAM, day).open
    except NoRegulationError:
        return False


@contextmanager
def _alone(keeping: Keeping, source_id: str) -> Iterator[None]:
    """Keep others from importing into a history. Raises ImportRefusedError: somebody does; ends even with ``kill -9``."""
    name = keeping.keys.folder / f"import-{source_id}.lock"
    number = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ImportRefusedError(
            "Another mailbox is being imported into this history.", advice="Wait until that is done."
        ) from None
    finally:
        os.close(number)


def _discard_unbooked(keeping: Keeping, source_id: str) -> None:
    """Remove what a killed import left: its messages are still in their mailbox."""
    store = keeping.store
    with keeping.alone():
        keeping.require_store()
        for left in store.unfinished():
            if left.name.partition("/")[0] == source_id:
                store.discard(left.name, left.kind)
        for folder, stored in _by_day(store, source_id).items():
            day = date.fromisoformat(folder)
            span = local_midnight(day), local_midnight(day + _DAY)
            booked = {each.object_name for each in catalog.segments(source_id, *span, destroyed=True)}
            store.remove(sorted(stored - booked), overwrite_heads=True)


def _by_day(store: ObjectStore, source_id: str) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for each in store.objects(f"{source_id}/"):
        found[each.name.split("/")[1]].add(each.name)
    return found


@dataclass(slots=True)
class _Waiting:
    """Messages of one civil day that become one object."""

    records: list[Record] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    size: int = 0


@dataclass(slots=True)
class _Intake:
    """One import: what it found, and what became of each."""

    source_id: str
    number: int
    rules: MailRules
    stated: Stated
    roles: RoleRecipients
    keeping: Keeping
    counted: Counter[str] = field(default_factory=Counter)
    _used: set[datetime] = field(default_factory=set)
    """Instants of the day at which messages stand already: its instant names a message."""

    def take(self, mailbox: Mailbox, found: list[Found]) -> None:
        """Keep what may be kept, day by day."""
        self.counted["found"] = len(found)
        self.counted["doubtful"] = len(mailbox.doubtful)
        by_day = self._by_day(found)
        for day, key in self._keys(by_day).items():
            self._used = set(self._standing(day))
            self._take_day(day, key, mailbox, sorted(by_day[day], key=lambda each: (each.stated, each.mark)))

    def _by_day(self, found: list[Found]) -> dict[date, list[Found]]:
        """Return the messages that are still to be looked at, by civil day."""
        known = known_marks(self.source_id, [mark_of(self.source_id, each.mark) for each in found])
        by_day: defaultdict[date, list[Found]] = defaultdict(list)
        refusal = cache(self._refusal)
        private = PRIVATE_FOLDERS if self.stated.private_folders is None else self.stated.private_folders
        for each in found:
            why = "undated" if each.stated is None else ""
            if each.lies_in(private):
                why = Disposition.PRIVATE.value
            elif mark_of(self.source_id, each.mark) in known:
                why = "known"
            elif each.stated is not None:
                why = refusal(civil_date(each.stated))
            if why:
                self.counted[why] += 1
            elif each.stated is not None:
                by_day[civil_date(each.stated)].append(each)
        return dict(sorted(by_day.items()))

    def _refusal(self, day: date) -> str:
        """Return why nothing of a day is kept; nothing where it may be."""
        terms = Terms(self.keeping.clock)
        term = terms.term(self.source_id, day)
        if term is None or not _may_keep(day):
            return "too_early"
        return "past_term" if terms.now >= term.purge_opens else ""

    def _keys(self, by_day: dict[date, list[Found]]) -> dict[date, Recipient]:
        """Return the key of each day, made where there was none; a day whose key was destroyed before its term has none."""
        want_days(self.source_id, [day for day in by_day if recipient(self.source_id, day) is None])
        destroyed = False
        try:
            keys_ahead(self.keeping)
        except KeyDestroyedError:
            destroyed = True
        found = {}
        for day, messages in by_day.items():
            key = recipient(self.source_id, day)
            if key is not None:
                found[day] = Recipient.parse(key)
            elif destroyed:
                self.counted["past_term"] += len(messages)
            else:
                raise ImportRefusedError(
                    "There is no key of {day}.", day=day.isoformat(), advice="See that the keeper runs."
                )
        return found

    def _standing(self, day: date) -> Iterator[datetime]:
        for segment in catalog.segments(self.source_id, local_midnight(day), local_midnight(day + _DAY)):
            for place in RecordIndex.decode(segment.index).places:
                yield instant(segment.start, place.time)

    def _take_day(self, day: date, key: Recipient, mailbox: Mailbox, found: list[Found]) -> None:
        sealer, waiting = MessageSealer(self.roles), _Waiting()
        for each in found:
            frame = self._frame(each, mailbox, sealer)
            if frame is None:
                continue
            record = frame.record()
            if waiting.records and (
                len(waiting.records) == MOST_IN_OBJECT or waiting.size + record.size > MOST_BYTES_IN_OBJECT
            ):
                self._book(day, key, waiting)
                waiting = _Waiting()
            waiting.records.append(replace(record, at=self._place(day, record.at)))
            waiting.marks.append(mark_of(self.source_id, each.mark))
            waiting.size += record.size
        if waiting.records:
            self._book(day, key, waiting)

    def _frame(self, found: Found, mailbox: Mailbox, sealer: MessageSealer) -> MessageFrame | None:
        """Read a message, decide and seal it; None where nothing of it is kept but a count."""
        content = mailbox.content(found) if found.size <= MOST_BYTES else None
        if not content or len(content) > MOST_BYTES:
            self.counted["not_taken"] += 1
            return None
        decided = self._decided(found, content)
        if decided.disposition is not Disposition.KEPT:
            self.counted[decided.disposition.value] += 1
            return None
        self.counted["shorter"] += len(content) < found.whole
        message = decided.message
        facts = facts_of(
            message.content, decided.head, message.sender, self.keeping.clock.now(), self.rules,
            attachments=kinds_of(message.content), doubts=decided.doubts,
        )  # fmt: skip
        return MessageFrame(replace(facts, stated=found.stated), sealer.seal(message))

    def _decided(self, found: Found, content: bytes) -> Decided:
        """Decide of a message; where others may lie within it, none of them is kept of which the rules keep nothing."""
        decided = self._decided_by_head(found.sender, content)
        for begin, end in pairwise((*found.doubtful, len(content))):
            _, _, within = content[begin : min(end, begin + LONGEST_HEAD)].partition(b"\n")
            if decided.disposition is Disposition.KEPT:
                other = self._decided_by_head("", within)
                decided = decided if other.disposition is Disposition.KEPT else other
        return decided

    def _decided_by_head(self, stated_sender: str, content: bytes) -> Decided:
        head = MessageHead(content)
        sender = stated_sender or next(iter(sorted(head.addresses("return-path"))), "")
        owner = {self.stated.owner} if self.stated.owner else set()
        receivers = tuple(sorted(owner | head.addresses(*DELIVERED)))
        return decide(OpenedMessage(sender, receivers, content), self.rules)

    def _place(self, day: date, stated: datetime) -> datetime:
        """Return an instant of the day at which nothing stands yet: the one that was stated, or one as near as can be."""
        at, end = stated, local_midnight(day + _DAY)
        while at in self._used and (later := instant(at, LASTS)) < end:
            at = later
        while at in self._used:
            at = instant(at, -LASTS)
        self._used.add(at)
        return at

    def _book(self, day: date, key: Recipient, waiting: _Waiting) -> None:
        """Make an object durable, and book it together with where its messages lay."""
        if cause := storage_cause(self.keeping.store, own_volume()):
            raise ImportRefusedError(
                "The store takes no messages now ({cause}).",
                cause=cause.value,
                advice="Begin the import again: it goes on from there.",
            )
        records = sorted(waiting.records, key=lambda each: each.at)
        start = records[0].at
        packets = [(b"".join(packet([each], start).parts), [each]) for each in records]
        segment_id = uuid4()
        name = f"{self.source_id}/{day.isoformat()}/{start.strftime('%H%M%S%f')}-{segment_id.hex}.age"
        with self.keeping.store.create(name) as writer:
            seal = SealWriter(writer.write, [key])
            tree = ContentTree(seal.content_secret)
            for content, _ in packets:
                seal.write_all(tree.fragment((content,)))
            seal.finish()
            writer.commit()
        segment = FinishedSegment(
            id=segment_id,
            source_id=self.source_id,
            day=day,
            start=start,
            end=instant(records[-1].at, LASTS),
            run=segment_id.hex,
            object_name=name,
            bytes=seal.size,
            sha256=seal.sha256.hex(),
            head=seal.head_sha256.hex(),
            recipient=key.text,
            units=len(records),
            index=RecordIndex(places_of(packets, start)).encode(),
            content=tree.whole(),
            traits={TRAIT: self.number},
        )
        with transaction.atomic():
            catalog_services.book_segments([segment], self.keeping.clock)
            note_places(self.source_id, day, waiting.marks)
        self.counted["kept"] += len(records)
