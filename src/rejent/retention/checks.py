"""Retention's part of ``fsck``: terms, keys, objects, holds and numbers held against each other."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from rejent.catalog import queries as catalog
from rejent.catalog.views import StoredObject
from rejent.kernel.findings import Finding, run_checks
from rejent.registers import checks as registers
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.queries import entered
from rejent.retention import queries
from rejent.retention.acts import DESTRUCTION_KEY, HOLD_PLACED
from rejent.retention.bound_content import is_as_bound
from rejent.retention.destruction.destroying import SERIES as DESTRUCTIONS
from rejent.retention.destruction.early import SERIES as ERASURES
from rejent.retention.destruction.early import numbers as erasure_numbers
from rejent.retention.destruction.early import outlived, unfinished
from rejent.retention.destruction.proof import digest_of
from rejent.retention.destruction.survivors import day_span, destroyed_under
from rejent.retention.holds.journal import read_journal
from rejent.retention.holds.placing import SERIES as HOLDS
from rejent.retention.holds.standing import standing_holds, standing_over
from rejent.retention.models import Destruction, DestructionStage, Hold, Survivor
from rejent.retention.rounds.round import Keeping
from rejent.retention.stream_parts import TERM_CHECKS
from rejent.vault.age import SealedReader
from rejent.vault.age.random_access import RandomAccess
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import ObjectMissingError, SealedObjectError, StorageError
from rejent.vault.keys.key_store import HOLD

SUBJECT = "retention"
_LET_GO_WITHIN = timedelta(hours=1)
"""Of the end of a hold, within which a keeper destroys what it alone kept."""


def findings(keeping: Keeping, *, deep: bool = True) -> Iterator[Finding]:
    """Yield everything that is not as terms and holds demand.

    Overdue recordings and survivors of ended holds; living segments without a living key; objects left of destroyed days; held
    objects that are gone or changed; unknown keys of survivors; numbers with gaps; what streams check against terms; guarded rows
    that are not as they were entered.

    ``deep`` reads the bytes of everything held and computes its digests anew.
    """
    holds = Hold.objects.values_list("number", flat=True)
    destructions = Destruction.objects.values_list("number", flat=True)
    yield from run_checks(
        SUBJECT,
        {
            "terms": lambda: _overdue(keeping),
            "held-no-more": lambda: _held_no_more(keeping),
            "keys": lambda: _keys_of_living_segments(keeping),
            "leftovers": lambda: _leftovers(keeping),
            "survivors": lambda: _survivors(keeping, deep=deep),
            "lost": _lost,
            "held-destroyed": _held_destroyed,
            "survivor-keys": lambda: _unknown_survivor_keys(keeping),
            **{
                name: partial(check, keeping) for each in TERM_CHECKS.values() for name, check in each.items()
            },
            "ledger": partial(guarded_rows, SUBJECT),
            "numbers-of-holds": lambda: registers.numbering(HOLDS, holds),
            "numbers-of-erasures": lambda: registers.numbering(ERASURES, erasure_numbers()),
            "erasures": lambda: _erasures(keeping),
            "numbers-of-destructions": lambda: registers.numbering(DESTRUCTIONS, destructions),
            "rows": lambda: unreadable_rows(SUBJECT),
        },
    )


def _erasures(keeping: Keeping) -> Iterator[Finding]:
    """Yield each erasure that was granted an hour ago and is not done though no hold keeps it, and what outlived one that is."""
    for number in unfinished(keeping.clock.now() - _LET_GO_WITHIN):
        yield Finding(
            SUBJECT,
            "retention.not-erased",
            "Erasure {number} was granted, and it is not proved that what no hold keeps of it is gone.",
            {"number": number},
        )
    for number, name in outlived():
        yield _found(
            "erased-lives",
            "Erasure {number} is done, and a recording of it counts as kept: {object}.",
            number=number,
            object=name,
        )


def _overdue(keeping: Keeping) -> Iterator[Finding]:
    for item in queries.overdue(keeping.clock):
        yield _found(
            "overdue",
            "Recordings of source {source}, {day}, should have been destroyed: {segments} segments.",
            source=item.source_id,
            day=item.day.isoformat(),
            segments=item.segments,
        )
    for record in keeping.keys.alive(due_before=keeping.clock.now()):
        if record.source_id is not None and record.day is not None:
            term = queries.term(record.source_id, record.day, keeping.clock)
            if term is not None and term.alarm_at <= keeping.clock.now():
                yield _found(
                    "key-overdue",
                    "The key of source {source}, {day}, should be dead.",
                    source=record.source_id,
                    day=record.day.isoformat(),
                )


def _held_no_more(keeping: Keeping) -> Iterator[Finding]:
    """Yield dates of which survivors are left that no hold reaches any more: the keepers end them within a round."""
    ended = Hold.objects.filter(ended_at__gte=keeping.clock.now() - _LET_GO_WITHIN)
    lately, noted = set(ended.values_list("source_id", flat=True)), read_journal(keeping.keys.folder)
    for row in Destruction.objects.exclude(survivor_recipient="").order_by("pk"):
        span = day_span(row)
        standing = [
            *standing_over(row.source_id, span),
            *(each for each in noted if each.source_id == row.source_id and each.reach.overlaps(span)),
        ]
        if row.source_id in lately or standing:
            continue
        if catalog.objects_under(row.source_id, row.day, row.survivor_recipient):
            yield _found(
                "held-no-more",
                "What holds kept of source {source}, {day}, should have been destroyed when the last of them ended.",
                source=row.source_id,
                day=row.day.isoformat(),
            )


def _keys_of_living_segments(keeping: Keeping) -> Iterator[Finding]:
    alive = {record.recipient.text for record in keeping.keys.alive()}
    for living in catalog.living_days():
        if living.recipient in alive:
            continue
        record = keeping.keys.record_by_recipient(Recipient.parse(living.recipient))
        facts = {"source": living.source_id, "day": living.day.isoformat(), "segments": living.segments}
        if record is None:
            yield _found(
                "key-unknown",
                "The key of {segments} segments of source {source}, {day}, is missing.",
                **facts,
            )
        elif not _dying(living.recipient):
            yield _found(
                "key-dead",
                "The key of {segments} segments of source {source}, {day}, is dead, but they count as kept: an older "
                "database was restored.",
                **facts,
            )


def _dying(recipient: str) -> bool:
    stages = [DestructionStage.KEY_DYING, DestructionStage.KEY_DEAD]
    return Destruction.objects.filter(recipient=recipient, stage__in=stages).exists()


def _leftovers(keeping: Keeping) -> Iterator[Finding]:
    """Objects in the folders of destroyed days that no living segment explains, and keys that outlived their end."""
    done = Destruction.objects.filter(stage=DestructionStage.DONE)
    for row in done:
        record = keeping.keys.record_by_recipient(Recipient.parse(row.recipient))
        if record is not None and record.destroyed_at is None:
            yield _found("key-alive", "Destruction {number} is done, but its key lives.", number=row.number)
    for source_id, day in sorted(set(done.values_list("source_id", "day"))):
        living = {each.object_name for each in catalog.stored_objects(source_id, day)}
        for stored in keeping.store.objects(f"{source_id}/{day.isoformat()}/"):
            if stored.name not in living:
                yield _found(
                    "object-left",
                    "An object of a destroyed day is still there: {object}.",
                    object=stored.name,
                )


def _survivors(keeping: Keeping, *, deep: bool) -> Iterator[Finding]:
    """Every survivor that is still kept exists, and its bytes still lead to the digest that was booked.

    Raises `FolderMismatchError`: the store is another, or its disk is not mounted; then nothing is known of them.
    """
    catalog.require_there(keeping.store)
    booked: dict[tuple[str, date], dict[str, StoredObject]] = {}
    for row in Survivor.objects.filter(booked=True, lost=False).select_related("destruction").order_by("pk"):
        place = (row.destruction.source_id, row.destruction.day)
        if place not in booked:
            booked[place] = {str(each.segment_id): each for each in catalog.stored_objects(*place)}
        stored = booked[place].get(str(row.segment))
        if stored is None or stored.recipient != row.destruction.survivor_recipient:
            continue
        yield from _survivor(keeping, row, stored, deep=deep)


def _survivor(keeping: Keeping, row: Survivor, stored: StoredObject, *, deep: bool) -> Iterator[Finding]:
    facts = {"object": stored.object_name}
    try:
        with keeping.store.open(stored.object_name) as sealed:
            if not deep:
                return
            if digest_of(sealed).hex() != stored.sha256:
                yield _found("held-changed", "What a hold keeps has changed: {object}.", **facts)
                return
            before, after = bytes(row.header_before), bytes(row.header_after)
            if before and digest_of(sealed, head=before, instead_of=len(after)).hex() != row.from_sha256:
                yield _found(
                    "held-origin", "{object} does not lead back to the digest it came from.", **facts
                )
            elif before and not _holds_what_is_bound(keeping, stored, sealed):
                yield _found(
                    "held-content", "What {object} holds is not what the act of its sealing binds.", **facts
                )
    except (ObjectMissingError, StorageError):
        yield _found("held-missing", "What a hold keeps is gone: {object}.", **facts)


def _holds_what_is_bound(keeping: Keeping, stored: StoredObject, sealed: RandomAccess) -> bool:
    """Return whether an object, opened, is what its act binds, or none binds it. Raises KeyDestroyedError, KeyUnknownError: its key is not there."""
    try:
        content = SealedReader(sealed, [keeping.keys.identity_by_recipient(stored.recipient)])
        return is_as_bound(catalog.segment(stored.segment_id), content) is not False
    except SealedObjectError:
        return False


def _lost() -> Iterator[Finding]:
    for row in Survivor.objects.filter(lost=True).select_related("destruction"):
        yield _found(
            "held-lost",
            "Destruction {number} could not keep a segment for a hold: its object did not open.",
            number=row.destruction.number,
        )


def _held_destroyed() -> Iterator[Finding]:
    """Yield each hold in force of whose recordings some were destroyed after it was placed, whatever proof the ledger has of that."""
    holds = standing_holds()
    if not holds:
        return
    placed = {
        str(act.facts["number"]): act.index
        for act in entered([HOLD_PLACED.name], committed_only=True)
        if act.facts is not None
    }
    ends = {
        str(act.facts["number"]): act.index
        for act in entered([DESTRUCTION_KEY.name], committed_only=True)
        if act.facts is not None
    }
    for row in Destruction.objects.exclude(stage=DestructionStage.DECIDED).order_by("pk"):
        if (end := ends.get(row.number, row.done_entry)) is None:
            continue
        before = [each for each in holds if each.source_id == row.source_id and placed.get(each.number, end) < end]  # fmt: skip
        span = day_span(row) if before else None
        for hold in before:
            if span is None or not hold.reach.overlaps(span):
                continue
            if lacking := destroyed_under(row, [hold]):
                yield _found(
                    "held-destroyed",
                    "Destruction {number} destroyed {segments} segments of which hold {hold} keeps something, after it was placed.",
                    number=row.number,
                    segments=len(lacking),
                    hold=hold.number,
                )


def _unknown_survivor_keys(keeping: Keeping) -> Iterator[Finding]:
    known = set(Destruction.objects.exclude(survivor_key="").values_list("survivor_key", flat=True))
    for record in keeping.keys.alive():
        if record.kind == HOLD and record.id not in known:
            yield _found(
                "survivor-key-unknown",
                "The key store holds a key of survivors ({label}) that the database does not know: an older database was "
                "restored, and what a hold kept is no longer in it.",
                label=record.label,
            )


def _found(code: str, template: str, **facts: object) -> Finding:
    return Finding(SUBJECT, f"{SUBJECT}.{code}", template, facts)
