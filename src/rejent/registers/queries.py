"""Reading the register of acts."""

import json
from array import array
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext

from rejent.kernel.acts import all_acts
from rejent.ledger.commitment import canonical_record, commitment_of
from rejent.ledger.errors import RecordRefusedError
from rejent.ledger.merkle import RightEdge
from rejent.registers.acts import ENTRIES_ACCEPTED, ENTRIES_LOST, ENTRY_LOST
from rejent.registers.errors import NoSuchEntryError
from rejent.registers.guard import entries
from rejent.registers.guard.entries import is_erased
from rejent.registers.keyset import BY_TIME, PEOPLES, Lead, lead_of
from rejent.registers.models import Checkpoint as BookedCheckpoint
from rejent.registers.models import Entry, TreeHead

_PIECE = 900
"""Entries that are read at once; SQLite takes at most 999 values in a query."""


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The ledger as it stands now: how many acts were entered, and the root of the tree, 32 bytes."""

    size: int
    root: bytes


@dataclass(slots=True)
class StoredEntry:
    """The columns of an entry as they were read; a third of the cost of a row, where all are read."""

    index: int
    at: datetime
    act: str
    actor: str
    subject: str
    facts: str | None
    salt: bytes | None
    thing: str | None
    digest: bytes | None
    leaf: bytes
    tag: bytes


@dataclass(frozen=True, slots=True)
class EnteredAct:
    """One act as a reader sees it.

    Attributes:
        at: the instant, UTC.
        actor: identifier of the person; empty for the system.
        facts: the record, or None where it was erased or changed.
        leaf: the commitment in the ledger, 32 bytes.
        changed: what stands in the record's place is not what was entered, and is not shown.
    """

    index: int
    at: datetime
    act: str
    actor: str
    subject: str
    facts: Mapping[str, object] | None
    leaf: bytes
    changed: bool = False
    erased: bool = False
    """The program itself erased its record, so that name and subject are those of the act."""

    def sentence(self) -> str:
        """Return the act in a sentence of the reader's language; an erased one by its name alone."""
        if self.changed:
            template = gettext("The record of entry {index} is not the one that was entered.")
            return template.format(index=self.index)
        known = all_acts().get(self.act)
        return known.describe(self.facts) if known and self.facts is not None else self.act


@dataclass(frozen=True, slots=True)
class ActsPage:
    """A page of acts, newest first; ``before`` and ``after`` lead to the older and the newer ones, None where there are none."""

    acts: list[EnteredAct]
    before: int | None
    after: int | None = None


def tree_head() -> LedgerHead:
    """The ledger's size and root now."""
    held = TreeHead.objects.filter(pk=1).values_list("size", "edge").first()
    edge = RightEdge.unpacked(held[0], bytes(held[1])) if held else RightEdge()
    return LedgerHead(edge.size, edge.root())


def lost(*, after: int = -1, committed_only: bool = False) -> list[range]:
    """Stretches of entries without records, each stated by an entry after this one.

    An entry that cannot be read, or that states what was not lost so, stands for itself: it excuses nothing, and what waits
    for a person goes on waiting.

    Args:
        after: this entry.
        committed_only: those alone that the program itself stated.
    """
    stated = entered([ENTRIES_LOST.name], committed_only=committed_only)
    acts = (act for act in stated if act.index > after)
    return [_stretch(act) for act in acts if act.facts is not None or act.changed]


def _stretch(act: EnteredAct) -> range:
    facts = act.facts or {}
    first, last = facts.get("first"), facts.get("last")
    if isinstance(first, int) and isinstance(last, int) and _lost_before(act.index, range(first, last + 1)):
        return range(first, last + 1)
    return range(act.index, act.index + 1)


def _lost_before(index: int, stretch: range) -> bool:
    """Return whether entries end right before this one, are lost, and were never in a checkpoint that this database signed."""
    between = Entry.objects.filter(pk__gte=stretch.start, pk__lt=index)
    return (
        stretch.stop == index
        and Entry.objects.filter(pk__in=(stretch.start, index - 1), act=ENTRY_LOST.name).exists()
        and not between.exclude(act=ENTRY_LOST.name).exists()
        and not BookedCheckpoint.objects.filter(size__gt=stretch.start, size__lte=index).exists()
    )


def not_accepted(*, committed_only: bool = False) -> list[range]:
    """Stretches of entries that were lost with an older database and that nobody has accepted; see `lost`."""
    acts_of_accepting = Entry.objects.filter(act=ENTRIES_ACCEPTED.name).order_by("-pk")
    ours = (row.pk for row in acts_of_accepting if is_as_entered(row))
    return lost(after=next(ours, -1), committed_only=committed_only)


def is_as_entered(row: Entry) -> bool:
    """Return whether name, subject and instant of an entry are those of the act: its record is there, or the program erased it."""
    return is_tagged(row) and (is_erased(row) if row.facts is None else gives_leaf(row))


def acts(
    *,
    names: Collection[str] = (),
    actor: str | None = None,
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    machinery: bool = True,
    size: int | None = None,
    before: int | None = None,
    after: int | None = None,
    begin: int | None = None,
    limit: int = 50,
) -> ActsPage:
    """Acts, newest first, a page at a time.

    Empty ``names`` are all of them; an empty ``actor`` is the system, None is anyone. ``machinery`` adds acts of the
    machinery (`registers.machinery`), ``size`` keeps to what the ledger held when it had so many entries. The page begins
    with entry ``begin``, or with the next older one that is wanted, or adjoins another by its ``before`` or ``after``.

    Raises `NoSuchEntryError`: ``before``, ``after`` or ``begin`` names no entry.
    """
    lead = lead_of(names, actor, subject)
    rows = lead.led(_chosen(names, actor, subject, since, until, machinery=machinery, size=size, lead=lead))
    if after is not None:
        return _newer(rows, lead, entry_row(after), limit)
    edge = begin if before is None else before
    if edge is not None:
        row = entry_row(edge)
        rows = lead.bounded(rows, "<=" if before is None else "<", row.at, row.index)
    found = [act_of(row) for row in rows.order_by(*lead.order())[: limit + 1]]
    newer = found[0].index if found and edge is not None else None
    return ActsPage(found[:limit], found[limit - 1].index if len(found) > limit else None, newer)


def _newer(rows: QuerySet[Entry], lead: Lead, last: Entry, limit: int) -> ActsPage:
    """The page that ends right before an entry that was shown already."""
    later = lead.bounded(rows, ">", last.at, last.index).order_by(*lead.order(newest_first=False))
    found = [act_of(row) for row in later[: limit + 1]]
    page = found[:limit][::-1]
    return ActsPage(page, page[-1].index if page else None, page[0].index if len(found) > limit else None)


def count_acts(
    *,
    names: Collection[str] = (),
    actor: str | None = None,
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    machinery: bool = True,
    size: int | None = None,
) -> int:
    """Return the number of acts on all pages of `acts`."""
    return _chosen(names, actor, subject, since, until, machinery=machinery, size=size).count()


def _chosen(
    names: Collection[str],
    actor: str | None,
    subject: str,
    since: datetime | None,
    until: datetime | None,
    *,
    machinery: bool,
    size: int | None,
    lead: Lead = BY_TIME,
) -> QuerySet[Entry]:
    """The wanted rows, but for the column that leads."""
    rows = Entry.objects.all() if machinery else Entry.objects.filter(PEOPLES)
    if names and lead.column != "act":
        rows = rows.filter(act__in=names)
    if actor is not None and lead.column != "actor":
        rows = rows.filter(actor=actor)
    if subject and lead.column != "subject":
        rows = rows.filter(subject=subject)
    if since is not None:
        rows = lead.bounded(rows, ">=", since)
    if until is not None:
        rows = lead.bounded(rows, "<", until)
    if size is not None:
        rows = rows.filter(index__lt=size)
    return rows


def act(index: int) -> EnteredAct:
    """One act. Raises `NoSuchEntryError` if there is none at this index."""
    return act_of(entry_row(index))


def entered(names: Collection[str], *, committed_only: bool = False) -> Iterator[EnteredAct]:
    """Every act of these names in the order of the ledger, read in pieces; those entered meanwhile are left out.

    Records are taken as they stand, as far as they can be read: `checks.findings` holds them against their commitments.

    ``committed_only`` leaves out acts whose record is not the one that the ledger commits to; erased ones stay.
    """
    rows = Entry.objects.filter(act__in=names).order_by("pk")
    indexes = array("q", rows.values_list("pk", flat=True).iterator())
    for start in range(0, len(indexes), _PIECE):
        rows = Entry.objects.filter(pk__in=indexes[start : start + _PIECE].tolist()).order_by("pk")
        for row in rows:
            if not committed_only or is_committed(row):
                yield _entered(row, _read(row.facts))


def entered_about(
    names: Collection[str], kind: str, altered: Collection[str] = ()
) -> dict[str, list[EnteredAct]]:
    """Return the office's acts of these names by the guarded row of a kind that each is about, in the order of the ledger.

    Those whose places were noted are read by them, so that neither another name nor an index that lies hides one. Without the
    program's tag an entry is left out, unless its thing was noted at its place, or is one of ``altered``: then it counts as one
    whose record was changed.
    """
    places = settings.NEWEST_PLACES
    noted = {} if places is None else places.entries_of_kind(kind)
    rows = {row.pk: row for row in Entry.objects.filter(act__in=names, thing__isnull=False)}
    left, about = [place for place in noted if place not in rows], list(altered)
    for start in range(0, len(left), _PIECE):
        rows |= Entry.objects.in_bulk(left[start : start + _PIECE])
    for start in range(0, len(about), _PIECE):
        rows |= {row.pk: row for row in Entry.objects.filter(thing__in=about[start : start + _PIECE])}
    size, found = tree_head().size, dict[str, list[EnteredAct]]()
    for place, row in sorted(rows.items()):
        if is_tagged(row):
            if row.act in names and row.thing:
                found.setdefault(row.thing, []).append(act_of(row))
        elif row.thing and (noted.get(place) == row.thing or (row.thing in altered and place < size)):
            found.setdefault(row.thing, []).append(act_of(row))
    return found


def entered_on(subject: str, names: Collection[str], *, committed_only: bool = False) -> list[EnteredAct]:
    """Every act of these names on one subject in the order of the ledger, whatever the clock said when each was entered."""
    rows = Entry.objects.filter(subject=subject, act__in=names)
    return [
        act_of(row)
        for row in sorted(rows, key=lambda row: row.index)
        if not committed_only or is_committed(row)
    ]


def entered_naming(
    name: str, word: str, *, subject: str = "", since: datetime | None = None, after: int | None = None
) -> list[EnteredAct]:
    """The acts of a name whose records hold a word, as the ledger commits to them; on one subject, since an instant, after an entry."""
    rows = Entry.objects.filter(**({"subject": subject} if subject else {"act": name}), facts__contains=word)
    rows = rows if since is None else rows.filter(at__gte=since)
    rows = rows if after is None else rows.filter(pk__gt=after)
    return [act_of(row) for row in rows.order_by("pk") if row.act == name and is_committed(row)]


def committed_facts(index: int, name: str) -> Mapping[str, object]:
    """The facts of one act as the ledger commits to them; none where it is another act, was erased or was changed."""
    row = Entry.objects.filter(pk=index, act=name).first()
    return (_read(row.facts) or {}) if row is not None and is_committed(row) else {}


def is_committed(row: Entry | StoredEntry) -> bool:
    """Return whether the program entered what stands there: an erased record contradicts nothing, but its tag must be right."""
    return gives_leaf(row) and is_tagged(row)


def gives_leaf(row: Entry | StoredEntry) -> bool:
    """Return whether the ledger commits to the record that stands there; an erased one contradicts nothing."""
    if row.facts is None or row.salt is None:
        return row.facts is None
    try:
        return commitment_of(bytes(row.salt), committed_record(row)) == bytes(row.leaf)
    except (RecordRefusedError, TypeError):
        return False


def is_tagged(row: Entry | StoredEntry) -> bool:
    """Return whether an entry bears the tag of a process of the program that may enter its act."""
    head = row.index, row.leaf, row.thing, row.digest, row.act, row.subject
    return entries.is_tagged(head, row.tag)


def committed_record(row: Entry | StoredEntry) -> str:
    """The canonical record that an entry's leaf commits to."""
    return canonical_record(
        act=row.act,
        actor=row.actor,
        subject=row.subject,
        at=row.at,
        facts=row.facts or "null",
        thing=row.thing,
        digest=None if row.digest is None else bytes(row.digest),
    )


def entry_row(index: int) -> Entry:
    """Return the row of an entry; NoSuchEntryError where there is none."""
    row = Entry.objects.filter(pk=index).first()
    if row is None:
        raise NoSuchEntryError(
            "There is no entry {index}.",
            advice="Entries are numbered from 0; the checkpoint tells how many there are.",
            index=index,
        )
    return row


def act_of(row: Entry | StoredEntry) -> EnteredAct:
    """Return the act as it may be shown to people: only a record that is the one entered."""
    return _entered(row, _read(row.facts) if is_committed(row) else None)


def _entered(row: Entry | StoredEntry, facts: Mapping[str, object] | None) -> EnteredAct:
    changed = facts is None and row.facts is not None
    erased = row.facts is None and is_erased(row)
    return EnteredAct(
        row.index, row.at, row.act, row.actor, row.subject, facts, bytes(row.leaf), changed, erased
    )


def _read(facts: str | None) -> Mapping[str, object] | None:
    """The facts of a record; nothing where they were erased, or somebody put there what is no record."""
    try:
        found = None if facts is None else json.loads(facts)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
