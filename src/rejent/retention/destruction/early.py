"""Erasure before the term, since somebody recorded asked for it (GDPR art. 7(3), 17, 21): what no hold keeps goes, and is proved gone.

The recordings of a day lie under one key; those that are erased are removed singly, their heads written over first. On a disk that
keeps what was written over this becomes certain only when the day's key dies at its ordinary term (``docs/design/0023-rights.md``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog.queries.items import ItemObject
from rejent.catalog.services import segments as segment_services
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.acts import Act
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.kernel.views import view_of
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import matching, require_complete, verified, verified_many
from rejent.registers.queries import entered_on
from rejent.registers.services import enter, take_number
from rejent.retention.acts import (
    ERASURE_ASKED,
    ERASURE_DECIDED,
    ERASURE_DONE,
    ERASURE_DROPPED,
    ERASURE_REMOVED,
)
from rejent.retention.destruction.proof import digest_of_digests
from rejent.retention.holds.placing import cover_of, require_left
from rejent.retention.models import Destruction, Erasure, ErasureState
from rejent.retention.rounds.round import Keeping, Round

SERIES = "erasures"
_MARK = "E"


@dataclass(frozen=True, slots=True)
class ErasureView:
    """An erasure before the term.

    Attributes:
        item: the one item that it is of; empty where it is a time of the source.
        blocks: whether nobody opens it from the application on.
        state: ``asked``, ``decided``, ``dropped`` or ``done``.
        segments, bytes, digest: what was removed so far, and the digest over its digests.
    """

    number: str
    source_id: str
    item: str
    start: datetime
    end: datetime
    case: str
    blocks: bool
    state: str
    asked_at: datetime
    decided_at: datetime | None
    done_at: datetime | None
    segments: int
    bytes: int
    digest: str
    done_entry: int | None


def ask_erasure(
    source_id: str, wanted: Interval, item: str, *, case: str, blocks: bool, clock: Clock, actor: str
) -> ErasureView:
    """Enter that somebody wants a recording erased, in the transaction of their application.

    Raises:
        AlreadyDestroyedError: nothing of it is left; the error says since when and by which destruction.
        HoldRefusedError: the item is another source's or not of this time.
    """
    whole = require_left(source_id, wanted, item, clock.now())
    year = civil_date(clock.now()).year
    row = Erasure(
        number=written_number(_MARK, year, take_number(SERIES, year)),
        source_id=source_id,
        item=item,
        start=whole.start,
        end=whole.end,
        case=case,
        blocks=blocks,
        asked_at=clock.now(),
    )
    row.save(force_insert=True)
    _enter(ERASURE_ASKED, row, clock, actor, {"blocks": blocks})
    return _view(row)


def answer_erasure(number: str, *, granted: bool, clock: Clock, actor: str) -> ErasureView:
    """Enter the decision on an erasure, in the transaction of that on its application; what is granted goes in the keepers' next round.

    Raises `LedgerMismatchError`: its row was planted or altered.
    """
    row = verified(Erasure.objects.select_for_update().get(number=number, state=ErasureState.ASKED))
    row.state = ErasureState.DECIDED if granted else ErasureState.DROPPED
    row.decided_at = clock.now()
    row.save(update_fields=["state", "decided_at"])
    _enter(ERASURE_DECIDED if granted else ERASURE_DROPPED, row, clock, actor, {})
    return _view(row)


def block_erasure(number: str, *, blocks: bool, clock: Clock, actor: str) -> None:
    """Enter anew whether nobody opens what is asked to be erased, in the transaction that corrects its application.

    Raises `LedgerMismatchError`: its row was planted or altered.
    """
    row = verified(Erasure.objects.select_for_update().get(number=number, state=ErasureState.ASKED))
    row.blocks = blocks
    row.save(update_fields=["blocks"])
    _enter(ERASURE_ASKED, row, clock, actor, {"blocks": blocks})


def asked_erasures(case: str) -> list[ErasureView]:
    """Return what an application wants erased and nobody has answered yet. Raises `LedgerMismatchError`: a row was altered."""
    return [each for each in erasures_of(case) if each.state == ErasureState.ASKED]


def erasures_of(case: str) -> list[ErasureView]:
    """Return what an application wants erased, in the order of the numbers. Raises `LedgerMismatchError`: a row was altered."""
    return [_view(row) for row in verified_many(Erasure.objects.filter(case=case).order_by("pk"))]


@dataclass(frozen=True, slots=True)
class Blocked:
    """What nobody opens: an interval of a source, or one item of it, and the number of the erasure by which."""

    number: str
    item: str
    start: datetime
    end: datetime


def blocking(source_id: str, whole: Interval, item: str = "") -> list[Blocked]:
    """Return by which erasures nobody opens a part of an interval, or an item of it.

    The word of the ledger and that of the rows both count: a row taken away or altered opens nothing.
    """
    found = _at_work_of.get(source_id, lambda: _at_work(source_id))
    reaching = (each for each in found if each.start < whole.end and each.end > whole.start)
    return [each for each in reaching if not each.item or each.item == item]


_at_work_of = VerifiedOnce[tuple[Blocked, ...]](Erasure)


def _at_work(source_id: str) -> tuple[Blocked, ...]:
    """Return what erasures close of a source: those granted and not done, and those asked for that block until they are decided.

    An act that the program did not enter may close something, and never opens it. Raises LedgerMismatchError: one is gone, or altered
    and no act says what it closes.
    """
    require_complete(Erasure)
    closed = dict[str, Blocked]()
    subject = f"source:{source_id}"
    committed = {act.index for act in entered_on(subject, _COURSE, committed_only=True)}
    for act in entered_on(subject, _COURSE):
        facts = act.facts or {}
        number = str(facts.get("number", ""))
        if act.act != ERASURE_DECIDED.name and not (act.act == ERASURE_ASKED.name and facts.get("blocks")):
            if act.index in committed:
                closed.pop(number, None)
        elif {"start", "end"} <= facts.keys():
            bounds = (datetime.fromisoformat(str(facts[name])) for name in ("start", "end"))
            closed[number] = Blocked(number, str(facts.get("item", "")), *bounds)
    rows = Erasure.objects.order_by("pk")
    for row in verified_many(row for row in rows if row.number not in closed):
        at_work = row.state == ErasureState.DECIDED or (row.state == ErasureState.ASKED and row.blocks)
        if at_work and row.source_id == source_id:
            closed[row.number] = Blocked(row.number, row.item, row.start, row.end)
    return tuple(closed.values())


_COURSE = (ERASURE_ASKED.name, ERASURE_DECIDED.name, ERASURE_DROPPED.name, ERASURE_DONE.name)


def erase_decided(keeping: Keeping, done: Round) -> None:
    """Remove what was granted and no hold keeps; what the store does not give up is tried again in the next round."""
    for row in matching(Erasure.objects.filter(state=ErasureState.DECIDED).order_by("pk")):
        try:
            done.withdrawn += _erase(keeping, row)
        except RejentError as error:
            done.failed.append(f"{row.number}: {error}")


def _erase(keeping: Keeping, row: Erasure) -> bool:
    """Return whether anything of it was removed.

    That it goes is entered before anything of it is touched: whoever kills a keeper in between leaves nothing that looks lost, and
    the next round goes on.
    """
    whole = Interval(row.start, row.end)
    with transaction.atomic():
        locked_source(row.source_id)
        decided = catalog.withdrawn_digests(row.source_id, erasure=row.number)
        left = catalog.objects_reaching(row.source_id, whole, row.item)
        going = [each for each in left if each.sha256 in decided or not _held(row, each)]
        fresh = [each for each in going if each.sha256 not in decided]
        keeping.require_store()
        segment_services.decide_removal(row.source_id, fresh, row.number, clock=keeping.clock)
    if left and not going:
        return False
    names = [each.name for each in going]
    with transaction.atomic():
        locked_source(row.source_id)
        row = verified(Erasure.objects.get(pk=row.pk))
        keeping.store.remove(names, overwrite_heads=True)
        keeping.require_store()
        removed = segment_services.book_removal(row.source_id, going)
        row.segments += removed.segments
        row.bytes += removed.bytes
        before = [row.digest] if row.digest else []
        row.digest = digest_of_digests([*before, *removed.digests]) if removed.digests else row.digest
        over = _is_over(row, keeping.clock.now())
        if not names and not over:
            return False
        if over:
            row.state, row.done_at = ErasureState.DONE, keeping.clock.now()
        record = {"segments": row.segments, "bytes": row.bytes, "digest": row.digest}
        _enter(ERASURE_DONE if over else ERASURE_REMOVED, row, keeping.clock, "", record)
        row.save()
    return bool(names)


def _ended(row: Erasure, now: datetime) -> bool:
    """Return whether nothing more can be recorded that belongs to it."""
    return row.end + catalog.longest_of(row.source_id) <= now


def _is_over(row: Erasure, now: datetime) -> bool:
    """Return whether nothing of it is left, nothing more can come, and of all of it is known that it is gone."""
    living = catalog.names_reaching(row.source_id, Interval(row.start, row.end), row.item)
    return not living and _ended(row, now) and not _unaccounted(row)


def _unaccounted(row: Erasure) -> list[str]:
    """Return the objects of it of which it is not known what became: nothing is called erased while there is one."""
    ended = Destruction.objects.filter(source=row.source_id, done_entry__isnull=False).order_by("pk")
    keys = {each.recipient for each in matching(ended)}
    return catalog.unaccounted(row.source_id, Interval(row.start, row.end), row.item, keys)


def _held(row: Erasure, one: ItemObject) -> bool:
    return bool(cover_of(row.source_id, one.interval, one.run).within(one.interval))


def _enter(act: Act, row: Erasure, clock: Clock, actor: str, facts: dict[str, object]) -> None:
    record = {
        "number": row.number,
        "source": row.source_id,
        "start": row.start.isoformat(),
        "end": row.end.isoformat(),
        "case": row.case,
        **({"item": row.item} if row.item else {}),
        **facts,
    }
    subject = f"source:{row.source_id}"
    enter(act, actor=actor, subject=subject, record=record, at=clock.now(), row=row)


def _view(row: Erasure) -> ErasureView:
    return view_of(ErasureView, row)


def numbers() -> Iterable[str]:
    """Return the number of every erasure, for `fsck`."""
    return Erasure.objects.values_list("number", flat=True)


def unfinished(before: datetime) -> list[str]:
    """Return the numbers of erasures granted before an instant of which something may be there that no hold keeps."""
    rows = Erasure.objects.filter(state=ErasureState.DECIDED, decided_at__lt=before).order_by("pk")
    return [row.number for row in rows if _goes(row, before)]


def _goes(row: Erasure, before: datetime) -> bool:
    left = catalog.objects_reaching(row.source_id, Interval(row.start, row.end), row.item)
    if any(not _held(row, each) for each in left):
        return True
    return (not left and _ended(row, before)) or bool(_unaccounted(row))


def outlived() -> Iterator[tuple[str, str]]:
    """Yield number and object of each recording that counts as kept though an erasure of it is done."""
    for row in Erasure.objects.filter(state=ErasureState.DONE).order_by("pk"):
        for name in catalog.names_reaching(row.source_id, Interval(row.start, row.end), row.item):
            yield row.number, name
