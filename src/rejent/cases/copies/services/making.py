"""Make a copy: begun by a row, sealed under a key of its own, numbered once it is whole.

Every step can be repeated. What a killed program left is finished by a keeper (`finish_copies`), or undone where nothing is left to
be copied: its key dies, its objects go, and no number was taken for it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import TextField
from django.db.models.functions import Cast

from rejent.access.errors import AccessRefusedError
from rejent.cases import queries as cases
from rejent.cases.copies import permission, rules
from rejent.cases.copies.acts import COPY_ABANDONED, COPY_BEGUN, COPY_MADE
from rejent.cases.copies.errors import CopyRefusedError
from rejent.cases.copies.models import Copy, CopyPart
from rejent.cases.copies.queries import copy_view, count_chosen, missing_rows, part_view
from rejent.cases.copies.redaction import plan_digest
from rejent.cases.copies.services.sealing import (
    Sealed,
    chosen_row,
    living_segments,
    seal_chosen,
    seal_derived,
    seal_parts,
)
from rejent.cases.copies.stream_parts import COPIES, Chosen
from rejent.cases.copies.views import CopyView, State
from rejent.cases.views import CaseView
from rejent.catalog.services.gaps import locked_source
from rejent.catalog.views import SegmentView
from rejent.kernel.clock import Clock, FrozenClock, civil_date
from rejent.kernel.intervals import Interval
from rejent.kernel.plain_text import is_plain
from rejent.office.views import PersonView
from rejent.registers.books.numbers import written_number
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter, take_number
from rejent.retention.rounds.round import Keeping
from rejent.vault.age import Recipient

log = structlog.get_logger(__name__)

SERIES = "copies"
KEY_KIND = "copy"
FOLDER = "copies"
"""Of the store, with a folder a copy."""
_MARK = "K"
_LOCK = "copies.lock"
MOST_PARTS = 20_000
"""Recordings of one copy: two weeks of a camera."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be copied.

    ``item`` is empty for a time of the source; ``stated`` is the last day of its life where the regulation sets none, or an earlier one.
    """

    case: str
    source_id: str
    interval: Interval
    item: str = ""
    stated: date | None = None


def make_copy(asked: Asked, *, person: PersonView, keeping: Keeping) -> CopyView:
    """Make a copy of what a case's holds keep, and number it.

    Raises NoSuchCaseError, NoSuchSourceError: there is none; AccessRefusedError: it is not this person's to make, or somebody recorded had
    it restricted and the decision states no ground; CopyRefusedError: the case allows no copy of it, nothing of it is left, or the
    regulation wants a last day; LedgerMismatchError: the case's row is not as it was entered; StorageError: the store failed; a keeper
    finishes the copy.
    """
    return finish_copy(begin_copy(asked, person=person, keeping=keeping), keeping)


def finish_copy(copy_id: UUID, keeping: Keeping) -> CopyView:
    """Finish a copy that was begun; errors as `make_copy`."""
    with alone(keeping.keys.folder) as locked:
        if not locked:
            raise AssertionError
        finish_begun(copy_id, keeping)
    return copy_view(Copy.objects.get(pk=copy_id))


def finish_copies(keeping: Keeping, *, wait: bool = False) -> list[str]:
    """Finish every copy that was begun; return a line for each that failed.

    Without ``wait`` nothing is done while somebody else is making copies: what a killed program left is taken up once nobody is.
    """
    failed = list[str]()
    if not Copy.objects.filter(state=State.MAKING).exists():
        return failed
    with alone(keeping.keys.folder, wait=wait) as locked:
        waiting = Copy.objects.filter(state=State.MAKING).annotate(text_key=Cast("pk", TextField()))
        keys = waiting.order_by("begun_at").values_list("text_key", flat=True) if locked else ()
        for key in list(keys):
            try:
                finish_begun(key, keeping)
            except Exception as error:
                log.exception("copies.not-finished", copy=str(key))
                failed.append(f"copy {key}: {error}")
    return failed


def folder_of(copy_id: UUID) -> str:
    """Return the folder of a copy's objects in the store."""
    return f"{FOLDER}/{copy_id.hex}/"


def begin_copy(asked: Asked, *, person: PersonView, keeping: Keeping, chosen: Sequence[Chosen] = ()) -> UUID:
    """Begin a copy, which a keeper finishes if nobody else does; return its id. Errors as `make_copy`, but for the store's."""
    case, clock = cases.case(asked.case), FrozenClock(keeping.clock)
    refused = permission.making_refusal(person, asked.source_id, clock=clock)
    if refused is not None:
        raise AccessRefusedError(refused)
    _require_allowed(asked, case)
    restricted = permission.restricting(case, asked.source_id, asked.interval, asked.item)
    if restricted is not None:
        raise AccessRefusedError(restricted)
    row = _row(asked, case, person, clock)
    row.chosen = [chosen_row(each) for each in chosen]
    require_end(row, case, clock)
    with transaction.atomic():
        locked_source(asked.source_id)
        row.end = _end_of(asked, case, _require_something(asked, keeping))
        row.save(force_insert=True)
        record: dict[str, object] = {
            "case": row.case_id,
            "source": row.source_id,
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
        }
        if row.item:
            record["item"] = row.item
        if row.chosen:
            record["chosen"] = count_chosen(row)
        subject, actor = f"copy:{row.pk.hex}", row.begun_by
        enter(COPY_BEGUN, actor=actor, subject=subject, record=record, at=row.begun_at, row=row)
    return row.pk


def _require_allowed(asked: Asked, case: CaseView) -> None:
    copyable = permission.copyable(case)
    if not copyable:
        raise CopyRefusedError(
            "Application {case} allows no copy: it is not consented to, nothing is held for it, or the regulation makes no copies for such an application.",
            case=case.number,
            advice="Read the decision on it.",
        )
    if permission.covering(copyable, asked.source_id, asked.item, asked.interval) is None:
        raise CopyRefusedError(
            "What is to be copied lies outside what is held for application {case}.",
            part="start",
            case=case.number,
            advice="Choose a time within the hold, or hold more for the application first.",
        )


def _require_something(asked: Asked, keeping: Keeping) -> list[SegmentView]:
    found = living_segments(asked.source_id, asked.item, asked.interval, keeping)
    if not found:
        raise CopyRefusedError(
            "Nothing of what is to be copied is there: it was not recorded, or destroyed before.",
            part="start",
            advice="The page of the recording says since when and why.",
        )
    if len(found) > MOST_PARTS:
        raise CopyRefusedError(
            "A copy holds {most} recordings at most.", part="end", most=MOST_PARTS, advice="Make several."
        )
    return found


def _end_of(asked: Asked, case: CaseView, found: Sequence[SegmentView]) -> datetime:
    """Return where a copy ends: of an item that ended, with it or with its last recording, for its hold reaches a moment further."""
    ended = COPIES.of(case.application.stream).ended(asked.item)
    if ended is None:
        return asked.interval.end
    return min(asked.interval.end, max(ended, *(each.end for each in found)))


def _row(asked: Asked, case: CaseView, person: PersonView, clock: Clock) -> Copy:
    form = COPIES.of(case.application.stream)
    return Copy(
        id=uuid4(),
        case_id=case.number,
        source_id=asked.source_id,
        item=asked.item,
        start=asked.interval.start,
        end=asked.interval.end,
        version=case.version,
        details=dict(sorted(form.details(asked.item).items())),
        stated=asked.stated,
        begun_at=clock.now(),
        begun_by=str(person.id),
        finding=rules.is_found_evidence(case),
    )


def sign(part: str, given: str, longest: int) -> str:
    """Return a short text as it is kept. Raises CopyRefusedError: it is too long, or holds what cannot be seen."""
    kept = given.strip()
    if len(kept) > longest:
        raise CopyRefusedError("The text is longer than {longest} characters.", part=part, longest=longest)
    if not is_plain(kept):
        raise CopyRefusedError(
            "The text may hold no invisible characters.", part=part, advice="Type it anew."
        )
    return kept


def require_end(row: Copy, case: CaseView, clock: Clock) -> None:
    """See that a copy's life has an end, and one that has not come. Raises CopyRefusedError: it has not."""
    today = civil_date(clock.now())
    end, _ = _life(row, case, civil_date(row.start), today)
    if end is None:
        raise CopyRefusedError(
            "The regulation sets no lifetime of copies: state the last day.",
            part="stated",
            advice="Enter it.",
        )
    if end < today:
        raise CopyRefusedError(
            "The life of such a copy would have ended on {day}.", part="stated", day=end.isoformat()
        )


def _life(row: Copy, case: CaseView, recorded_on: date, made_on: date) -> tuple[date | None, bool]:
    stream = case.application.stream
    return rules.last_day(
        permission.copies_of(stream, row.version),
        recorded_on,
        made_on,
        stated=row.stated,
        ceiling=COPIES.of(stream).ceiling,
        finding=row.finding,
    )


def finish_begun(key: UUID | str, keeping: Keeping, chosen: Sequence[Chosen] = ()) -> None:
    """Seal what was begun, from its beginning, and number it; or undo it where nothing is left of it."""
    row = verified(Copy.objects.get(pk=key))
    if row.state != State.MAKING:
        return
    copy_id = row.pk
    keeping.require_store()
    sealing = keeping.living_keys(KEY_KIND).get(copy_id.hex) or keeping.keys.new_key(KEY_KIND, copy_id.hex)[0]
    clear_folder(keeping, copy_id)
    recipient, folder = keeping.keys.record(sealing).recipient, folder_of(copy_id)
    if row.chosen:
        sealed = seal_chosen(row, chosen, keeping, recipient, folder)
    else:
        sealed = (seal_derived if row.origin_id else seal_parts)(row, keeping, recipient, folder)
    if not sealed.parts:
        clear_folder(keeping, copy_id)
        keeping.keys.destroy([sealing])
        _abandon(row, keeping.clock)
        return
    _number(row, sealed, keeping, sealing)


def _number(row: Copy, sealed: Sealed, keeping: Keeping, key: str) -> None:
    case, now = cases.case(row.case_id), keeping.clock.now()
    recipient: Recipient = keeping.keys.record(key).recipient
    recorded_on = civil_date(max(sealed.parts[0].start, row.start))
    due_on, capped = _life(row, case, recorded_on, civil_date(now))
    if due_on is None:
        raise AssertionError(row.pk)
    keeping.keys.set_destruction_limit([key], None)
    with transaction.atomic():
        year = civil_date(now).year
        row.number = written_number(_MARK, year, take_number(SERIES, year))
        row.state, row.made_at, row.recipient = State.KEPT, now, recipient.text
        row.recorded_on, row.due_on, row.capped = recorded_on, due_on, capped
        row.missing = missing_rows(sealed.missing)
        parts = CopyPart.objects.bulk_create(sealed.parts)
        row.state_parts(parts=[part.bound() for part in sealed.parts], writings=[])
        row.digest = rules.content_digest(part_view(row, part) for part in parts)
        record = {
            "number": row.number,
            "case": row.case_id,
            "source": row.source_id,
            "start": row.start.isoformat(),
            "end": row.end.isoformat(),
            "parts": len(parts),
            "bytes": sum(part.bytes for part in parts),
            "digest": row.digest,
            "missing": len(row.missing),
            "recipient": row.recipient,
            "due_on": due_on.isoformat(),
            "finding": row.finding,
            **_lineage(row),
        }
        if sealed.as_sealed is not None:
            record["as_sealed"] = sealed.as_sealed
        subject = f"copy:{row.pk.hex}"
        enter(COPY_MADE, actor=row.begun_by, subject=subject, record=record, at=now, row=row)
        row.save()


def _lineage(row: Copy) -> dict[str, object]:
    """Return what proves from which copy one was derived, and by which plan."""
    if row.origin is None:
        return {}
    origin = verified(row.origin)
    return {"origin": origin.number, "origin_digest": origin.digest, "plan": plan_digest(row.plan or {})}


def _abandon(row: Copy, clock: Clock) -> None:
    now = clock.now()
    with transaction.atomic():
        row.state = State.ABANDONED
        record = {"case": row.case_id, "source": row.source_id}
        subject = f"copy:{row.pk.hex}"
        enter(COPY_ABANDONED, actor=row.begun_by, subject=subject, record=record, at=now, row=row)
        row.save()


def clear_folder(keeping: Keeping, copy_id: UUID) -> None:
    """Remove every object of a copy, finished or not."""
    keeping.clear(folder_of(copy_id))


@contextmanager
def alone(keys: Path, *, wait: bool = True) -> Iterator[bool]:
    """Keep everybody else from copying; gives whether that is so. Ends even with ``kill -9``."""
    number = os.open(keys / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(number)


def copy_chosen(
    asked: Asked,
    chosen: Sequence[Chosen],
    *,
    person: PersonView,
    keeping: Keeping,
    noted: Callable[[UUID], None],
) -> CopyView:
    """Make a copy of contents that an open viewing chose, at once: a keeper cannot open them, and abandons what a killed program left.

    ``asked`` reaches from the first of them to the end of the last; ``noted`` enters what was chosen, in the transaction in which the copy
    of this id begins.

    Raises: as `make_copy`.
    """
    with alone(keeping.keys.folder):
        with transaction.atomic():
            begun = begin_copy(asked, person=person, keeping=keeping, chosen=chosen)
            noted(begun)
        finish_begun(begun, keeping, chosen)
    return copy_view(Copy.objects.get(pk=begun))
