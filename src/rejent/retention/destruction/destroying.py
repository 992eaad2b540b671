"""Destroy what a term ends: decided, point of no return, key dead, objects gone, done.

A stage is a row and, where something becomes final, an act; both are there before the effect. Each effect can be repeated, so
that a killed keeper goes on where it stopped. See ``docs/design/0008-destruction.md``. Rows say which key dies and how far its
destruction has come; they count only as entered (`destroy`), and the key store decides of which date a key is.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.acts import SEGMENT_RESEALED
from rejent.catalog.queries.keys import SealedObject
from rejent.catalog.services.gaps import locked_source
from rejent.kernel.clock import civil_date
from rejent.kernel.errors import RejentError
from rejent.registers.books.numbers import written_number
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.rows import matching
from rejent.registers.services import PendingEntry, enter, enter_many, take_number
from rejent.registers.stretches import Stretch
from rejent.retention.acts import (
    DESTRUCTION_DECIDED,
    DESTRUCTION_DONE,
    DESTRUCTION_KEY,
    SEGMENT_CUT,
    UNKNOWN_SURVIVOR,
)
from rejent.retention.destruction.due import DueKey, due_term
from rejent.retention.destruction.proof import Sealings, digest_of_digests
from rejent.retention.destruction.survivors import is_reached, is_saved, save_survivors
from rejent.retention.holds.placing import sources_held
from rejent.retention.keys.day_keys import is_key_of, survivor_label
from rejent.retention.models import Destruction, DestructionStage, Survivor
from rejent.retention.rounds.round import Keeping, Round, forget, missing
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.age import read_header
from rejent.vault.errors import ObjectMissingError, SealedObjectError
from rejent.vault.keys.key_store import HOLD

SERIES = "destructions"
_NOT_OURS = "its rows name a key of another date"
_REMOVERS = 16
_BATCH = 200
"""Keys that die together: one transaction, one rotation of the epoch key."""


def destroy(keeping: Keeping, endings: Sequence[DueKey], done: Round) -> None:
    """Decide every ending and carry out every destruction that is not done; what fails is named in the round.

    A key that a row says to be of a date whose term is over is decided on only if the key store says so, too.
    Raises `LedgerMismatchError`: the regulation, by which something is due, is not the one that was entered.
    """
    under_way = Destruction.objects.exclude(stage=DestructionStage.DONE).order_by("pk")
    if not endings and not under_way.exists():
        return
    terms = Terms(keeping.clock)
    ours = [each for each in endings if is_key_of(keeping.keys, each.recipient, each.source_id, each.day)]
    foreign = {f"{each.source_id} {each.day}: {_NOT_OURS}" for each in endings if each not in ours}
    done.failed += sorted(foreign - set(done.failed))
    for start in range(0, len(ours), _BATCH):
        decide(keeping, ours[start : start + _BATCH])
    rows = list(under_way)
    entered, unfinished = {row.pk: row for row in matching(rows)}, list[Destruction]()
    for row in rows:
        with _named_failure(done, row):
            unfinished.append(_verified(keeping, terms, entered.get(row.pk)))
    for start in range(0, len(unfinished), _BATCH):
        _carry_out(keeping, unfinished[start : start + _BATCH], done)


def _verified(keeping: Keeping, terms: Terms, row: Destruction | None) -> Destruction:
    """Return a destruction that may go on: as it was entered, of a key of its date, whose term is over when it is decided.

    Raises `LedgerMismatchError`: it is not.
    """
    if (
        row is None
        or (
            row.stage == DestructionStage.DECIDED
            and due_term(terms, row.source_id, row.day, terms.now) is None
        )
        or not is_key_of(keeping.keys, row.recipient, row.source_id, row.day)
    ):
        raise LedgerMismatchError(
            "The destruction is not what key store and ledger say.", advice="Run rejent fsck."
        )
    return row


def decide(keeping: Keeping, endings: Sequence[DueKey]) -> None:
    """Enter that these keys end; one that was decided before is left alone."""
    now = keeping.clock.now()
    year = civil_date(now).year
    keys = keeping.keys.ids_by_recipient([each.recipient for each in endings])
    with transaction.atomic():
        known = set(
            Destruction.objects.filter(recipient__in=[each.recipient for each in endings]).values_list(
                "recipient", flat=True
            )
        )
        rows = [
            Destruction(
                number=written_number("N", year, take_number(SERIES, year)),
                source_id=each.source_id,
                day=each.day,
                recipient=each.recipient,
                key=keys.get(each.recipient, ""),
                rule=each.rule,
                stage=DestructionStage.DECIDED,
                due_at=each.term.purge_opens,
                decided_at=now,
            )
            for each in endings
            if each.recipient not in known
        ]
        enter_many(
            [
                PendingEntry(DESTRUCTION_DECIDED, "", f"source:{row.source_id}", _decision(row), now, row)
                for row in rows
            ]
        )
        Destruction.objects.bulk_create(rows)


def _carry_out(keeping: Keeping, rows: Sequence[Destruction], done: Round) -> None:
    """Bring destructions from whatever stage to their end."""
    held = sources_held()
    decided = [row for row in rows if row.stage == DestructionStage.DECIDED]
    reached = [row for row in decided if row.source_id in held and is_reached(row)]
    sealings = Sealings.of(reached)
    for row in reached:
        with _named_failure(done, row):
            save_survivors(keeping, row, sealings)
    _pass_point_of_no_return(keeping, decided, sealings, done)
    _destroy_keys(keeping, [row for row in rows if row.stage == DestructionStage.KEY_DYING])
    try:
        _remove_and_conclude(keeping, [row for row in rows if row.stage == DestructionStage.KEY_DEAD], done)
    except RejentError as error:
        line = f"objects: {error}"
        done.failed += [] if line in done.failed else [line]


@contextmanager
def _named_failure(done: Round, row: Destruction) -> Iterator[None]:
    """Name in the round what one destruction could not do, so that the others go on."""
    try:
        yield
    except RejentError as error:
        line = f"{row.number}: {error}"
        done.failed += [] if line in done.failed else [line]


def _pass_point_of_no_return(
    keeping: Keeping, rows: Sequence[Destruction], sealings: Sealings, done: Round
) -> None:
    """Let keys die whose survivors are all safe; a hold placed before this transaction wins, one after it comes too late."""
    if not rows:
        return
    now = keeping.clock.now()
    with transaction.atomic():
        for source_id in sorted({row.source_id for row in rows}):
            locked_source(source_id)
        held = sources_held()
        ready = list[Destruction]()
        for row in rows:
            with _named_failure(done, row):
                if row.source_id not in held or is_saved(keeping, row, sealings):
                    ready.append(row)
        for row in ready:
            row.stage = DestructionStage.KEY_DYING
            kept = Survivor.objects.filter(destruction=row, booked=True).order_by("pk")
            row.state_parts(kept=[each.bound() for each in kept])
        enter_many(
            [
                PendingEntry(DESTRUCTION_KEY, "", f"source:{row.source_id}", _named_key(row), now, row)
                for row in ready
            ]
        )
        Destruction.objects.filter(pk__in=[row.pk for row in ready]).update(stage=DestructionStage.KEY_DYING)


def _destroy_keys(keeping: Keeping, rows: Sequence[Destruction]) -> None:
    """Destroy private halves, all in one rotation of the epoch key."""
    if not rows:
        return
    keeping.keys.destroy(keeping.keys.ids_by_recipient([row.recipient for row in rows]).values())
    now = keeping.clock.now()
    dead = Destruction.objects.filter(pk__in=[row.pk for row in rows])
    dead.filter(key_dead_at__isnull=True).update(key_dead_at=now)
    dead.update(stage=DestructionStage.KEY_DEAD)
    for row in rows:
        row.stage, row.key_dead_at = DestructionStage.KEY_DEAD, row.key_dead_at or now


def _remove_and_conclude(keeping: Keeping, rows: Sequence[Destruction], done: Round) -> None:
    """Remove every key's objects, several folders at a time, for disks answer slowly; then strip rows and enter the proof.

    Raises:
        FolderMismatchError: the disk is not mounted, or is another; nothing is said to be removed.
        StorageError: the store does not answer.
    """
    if not rows:
        return
    keeping.require_store()
    living, removed = _Living(keeping), list[tuple[Destruction, list[SealedObject]]]()
    with ThreadPoolExecutor(_REMOVERS) as pool:
        removals = []
        for row in rows:
            objects = catalog.objects_under(row.source_id, row.day, row.recipient)
            names = _doomed(keeping, row, [each.name for each in objects], living)
            removals.append((row, objects, pool.submit(keeping.store.remove, names)))
        for row, objects, removal in removals:
            with _named_failure(done, row):
                removal.result()
                removed.append((row, objects))
    keeping.require_store()
    for row, objects in removed:
        with _named_failure(done, row):
            _conclude(keeping, row, digest_of_digests(each.sha256 for each in objects), done)


def _doomed(keeping: Keeping, row: Destruction, objects: list[str], living: "_Living") -> list[str]:
    """Return the names to remove: a key's objects, and what was begun for survivors and never booked.

    Names are the database's word, which alone removes nothing of another date, and nothing whose key lives.
    """
    begun = Survivor.objects.filter(destruction=row, booked=False, header_before=b"").values_list(
        "object_name", flat=True
    )
    wanted = [*objects, *begun]
    folder = f"{row.source_id}/{row.day.isoformat()}/"
    strange = {name for name in wanted if not name.startswith(folder)} | living.among(row, wanted)
    if strange:
        with transaction.atomic():
            record = {**_named(row), "objects": len(strange)}
            enter(
                UNKNOWN_SURVIVOR,
                actor="",
                subject=f"source:{row.source_id}",
                record=record,
                at=keeping.clock.now(),
            )
    return [name for name in wanted if name not in strange]


def _conclude(keeping: Keeping, row: Destruction, digest: str, done: Round) -> None:
    """Strip the rows of the segments and enter the proof; nothing where it was entered and nothing came since."""
    now = keeping.clock.now()
    with transaction.atomic():
        locked = (
            Destruction.objects.select_for_update().filter(pk=row.pk, stage=DestructionStage.KEY_DEAD).first()
        )
        if locked is None:
            return
        destroyed = catalog_services.mark_destroyed(row.source_id, row.day, row.recipient)
        if row.done_entry is not None and not destroyed.segments:
            Destruction.objects.filter(pk=row.pk).update(stage=DestructionStage.DONE)
            return
        row.digest = digest
        row.segments += destroyed.segments
        row.bytes += destroyed.bytes
        row.survivors = Survivor.objects.filter(destruction=row, booked=True, lost=False).count()
        row.stage, row.done_at = DestructionStage.DONE, now
        record = {
            **_named_key(row),
            "rule": row.rule,
            "segments": destroyed.segments,
            "bytes": destroyed.bytes,
            "digest": row.digest,
            "survivors": row.survivors,
            "decided_by": row.decided_entry,
        }
        subject = f"source:{row.source_id}"
        enter(DESTRUCTION_DONE, actor="", subject=subject, record=record, at=now, row=row)
        row.save()
        forget(missing(row.number))
    done.destroyed_days += 1
    done.destroyed_segments += destroyed.segments
    done.destroyed_bytes += destroyed.bytes
    done.survivors += row.survivors


def _named(row: Destruction) -> dict[str, object]:
    return {"number": row.number, "source": row.source_id, "day": row.day.isoformat()}


def _named_key(row: Destruction) -> dict[str, object]:
    return {**_named(row), "key": row.key, "recipient": row.recipient}


def _decision(row: Destruction) -> dict[str, object]:
    return {**_named(row), "rule": row.rule, "due": row.due_at.isoformat()}


class _Living:
    """Objects sealed under living keys: they stay, whatever the database says of them.

    It says otherwise where an older database was restored after a hold had been carried out: a hold that is forgotten still
    holds. `rejent fsck` names it.
    """

    def __init__(self, keeping: Keeping) -> None:
        self._keys, self._store = keeping.keys, keeping.store
        self._held = [each for each in keeping.keys.alive() if each.kind == HOLD]
        self._known = set(Destruction.objects.exclude(survivor_key="").values_list("survivor_key", flat=True))

    def among(self, row: Destruction, names: Sequence[str]) -> set[str]:
        """Return those of the objects that open under such a key of the destruction's own source and date.

        One that was sealed to a key we know, and never booked so, was begun for a hold that has ended since: it goes.
        """
        label, own = survivor_label(row.source_id, row.day), self._keys.day_record(row.source_id, row.day)
        alive = [each for each in self._held if each.label == label]
        alive += [own] if own is not None and own.destroyed_at is None else []
        keys = [(each, self._keys.identity_by_id(each.id)) for each in alive]
        found, kept = set[str](), _Kept(row)
        for name in names if keys else ():
            try:
                with self._store.open(name) as sealed:
                    _, header = read_header(sealed)
                opening = [key for key, identity in keys if identity.unwrap(header.stanzas)]
            except (SealedObjectError, ObjectMissingError):
                continue
            if any(key.id not in self._known or kept.has(name, key.recipient.text) for key in opening):
                found.add(name)
        return found


class _Kept:
    """Objects that a destruction kept for holds, by all that was entered since it was decided; read by places, once one is asked for."""

    def __init__(self, row: Destruction) -> None:
        self._stretch = Stretch(
            row.decided_entry,
            names={SEGMENT_RESEALED.name, SEGMENT_CUT.name},
            subjects={f"source:{row.source_id}"},
            wanted=lambda _: True,
        )

    def has(self, name: str, recipient: str) -> bool:
        """Return whether the ledger says that an object was kept under this key, or cannot be read."""
        self._stretch.read_on()
        facts = (act.facts or {} for act in self._stretch.acts.values())
        return bool(self._stretch.unreadable) or any(
            (each.get("object"), each.get("recipient")) == (name, recipient) for each in facts
        )
