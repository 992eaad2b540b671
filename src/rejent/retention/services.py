"""Change retention: holds, rounds of the keepers, disclosed keys."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import structlog
from django.db import transaction

from rejent.catalog import services as catalog_services
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.registers.signing import checkpoints
from rejent.registers.signing.restoring import require_continuation
from rejent.retention import queries
from rejent.retention.acts import KEY_DISCLOSED
from rejent.retention.clock import ClockState, confirm_clock, latest_accepted, stepped, watch_clock
from rejent.retention.destruction.destroying import destroy
from rejent.retention.destruction.due import endings
from rejent.retention.destruction.early import answer_erasure, ask_erasure, block_erasure, erase_decided
from rejent.retention.errors import HoldRefusedError, NoKeyError
from rejent.retention.holds.deciding import confirm_hold, lift_hold, prolong_hold
from rejent.retention.holds.placing import HoldView, end_hold, place_hold, review_hold, sign_at_once
from rejent.retention.holds.standing import under_journal
from rejent.retention.keys.day_keys import (
    keys_ahead,
    keys_of_survivors,
    keys_with_source,
    put_right,
    rotate_epoch_daily,
)
from rejent.retention.models import Destruction
from rejent.retention.rounds.alarms import update_alarms
from rejent.retention.rounds.mending import mend
from rejent.retention.rounds.round import (
    CHECKPOINT,
    KEY_SCAN,
    STORAGE_LISTING,
    Keeping,
    Round,
    done_on,
    last_done,
    note_done,
)
from rejent.retention.stream_parts import When, chores
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.errors import KeyDestroyedError, KeyUnknownError
from rejent.vault.keys.key_store import KeyStore

__all__ = [
    "ClockState",
    "HoldView",
    "Keeping",
    "Round",
    "answer_erasure",
    "ask_erasure",
    "block_erasure",
    "confirm_clock",
    "confirm_hold",
    "disclose_key",
    "end_hold",
    "keep_once",
    "keys_ahead",
    "keys_with_source",
    "lift_hold",
    "place_hold",
    "prolong_hold",
    "review_hold",
    "sign_at_once",
]

log = structlog.get_logger(__name__)

CHECKPOINT_EVERY = timedelta(minutes=1)
LISTING_EVERY = timedelta(hours=6)
"""A server lists a thousand objects a request."""
_ANOTHERS = "the database named a key that is not the key store's; see what was sealed to it: rejent fsck"
_EDITED = "the source is not as it was entered, and nothing of it ends; see what differs: rejent fsck"
_FORGOTTEN = "the database does not tell any more what it keeps; that is kept all the same"


def keep_once(keeping: Keeping) -> Round:
    """Do one round of every keeper; what one of them cannot do is named in the round and does not stop the others."""
    done = Round()
    with keeping.alone():
        state = watch_clock(keeping.clock, keeping.boot)
        done.clock = state.verdict.value
        terms = Terms(keeping.clock)
        parts: list[tuple[str, Callable[[], object]]] = [
            ("mending", lambda: mend(keeping, done)),
            *((each.name, partial(each.run, keeping, done)) for each in chores(When.MENDED)),
            *(
                (each.name, partial(_under_holds, keeping, done, partial(each.run, keeping, done)))
                for each in chores(When.UNDER_HOLDS)
            ),
            ("erasures", lambda: _under_holds(keeping, done, lambda: erase_decided(keeping, done))),
            (
                "destruction",
                lambda: _under_holds(keeping, done, lambda: _destroy(keeping, terms, state, done)),
            ),
            ("day keys", lambda: _make_keys(keeping, terms, done)),
            ("epoch", lambda: rotate_epoch_daily(keeping, terms.today)),
            ("gaps", lambda: _sweep(keeping, done)),
            ("storage", lambda: _read_storage(keeping)),
            ("alarms", lambda: _alarms(keeping, state, done)),
            ("checkpoint", lambda: _checkpoint(keeping)),
        ]
        for name, part in parts:
            try:
                part()
            except RejentError as error:
                done.failed.append(f"{name}: {error}")
            except Exception:
                log.exception("keeper.part-failed", part=name)
                done.failed.append(f"{name}: failed, see the log")
    return done


def disclose_key(keys: KeyStore, *, source_id: str, day: date, purpose: str, clock: Clock, actor: str) -> str:
    """Return the age identity that opens a source's civil date, or what holds kept of it; entered before it is given.

    Raises:
        HoldRefusedError: no purpose is given.
        NoKeyError: there is no living key, or the term has ended.
    """
    purpose = purpose.strip()
    if not purpose:
        raise HoldRefusedError("A key is disclosed for a purpose.", advice="Give the purpose.")
    now = clock.now()
    recipient = _disclosable(keys, source_id, day, clock)
    with transaction.atomic():
        record = {"source": source_id, "day": day.isoformat(), "purpose": purpose, "recipient": recipient}
        enter(KEY_DISCLOSED, actor=actor, subject=f"source:{source_id}", record=record, at=now)
    try:
        return keys.identity_by_recipient(recipient).text
    except (KeyDestroyedError, KeyUnknownError) as error:
        raise _no_key(day) from error


def _disclosable(keys: KeyStore, source_id: str, day: date, clock: Clock) -> str:
    record = keys.day_record(source_id, day)
    term = queries.term(source_id, day, clock)
    runs = term is None or latest_accepted(clock) < term.key_dead_by
    if record is not None and record.destroyed_at is None and runs:
        return record.recipient.text
    rows = Destruction.objects.filter(source=source_id, day=day).exclude(survivor_key="").order_by("-pk")
    known = next((row.survivor_key for row in matching(rows)), None)
    ours = (each for each in keys_of_survivors(keys, source_id, day) if each.id == known)
    if (kept := next(ours, None)) is None:
        raise _no_key(day)
    return kept.recipient.text


def _no_key(day: date) -> NoKeyError:
    return NoKeyError(
        "There is no key for {day} that may be disclosed: none was made, or the term has ended.",
        day=day.isoformat(),
    )


def _make_keys(keeping: Keeping, terms: Terms, done: Round) -> None:
    for source_id, day in put_right(keeping, terms):
        done.failed.append(f"day keys: source {source_id}, {day}: {_ANOTHERS}")
    done.keys_made = keys_ahead(keeping, terms)


def _under_holds(keeping: Keeping, done: Round, part: Callable[[], object]) -> None:
    """Do what may destroy, while every hold that was ever noted stands, too."""
    with under_journal(keeping.keys.folder) as forgotten:
        lines = {f"hold {each.number}: {_FORGOTTEN}" for each in forgotten}
        done.failed += sorted(lines - set(done.failed))
        part()


def _destroy(keeping: Keeping, terms: Terms, state: ClockState, done: Round) -> None:
    if state.blocks:
        return
    if keeping.ledger is not None:
        require_continuation(keeping.ledger)
    done.failed += [f"{source_id}: {_EDITED}" for source_id in terms.unverified()]
    destroy(keeping, endings(keeping, terms, thorough=False), done)
    if not done_on(KEY_SCAN, terms.today):
        failed = len(done.failed)
        destroy(keeping, endings(keeping, terms, thorough=True), done)
        if len(done.failed) == failed:
            note_done(KEY_SCAN, keeping.clock)


def _sweep(keeping: Keeping, done: Round) -> None:
    """Look for gaps; by a clock that was put ahead, time to come would count as accounted for."""
    if stepped(keeping.clock, keeping.boot):
        return
    done.gaps = catalog_services.sweep_gaps(keeping.clock)


def _read_storage(keeping: Keeping) -> None:
    """Read how full the disk is; a server is asked for all its objects to say so, a few times a day."""
    space = keeping.store.disk()
    if space is None:
        last, now = last_done(STORAGE_LISTING), keeping.clock.now()
        if last is not None and timedelta() <= now - last < LISTING_EVERY:
            return
        space = keeping.store.space()
        note_done(STORAGE_LISTING, keeping.clock)
    catalog_services.read_storage(space, keeping.clock)


def _alarms(keeping: Keeping, state: ClockState, done: Round) -> None:
    done.overdue = len(queries.overdue(keeping.clock))
    done.alarms = update_alarms(keeping.clock, state, done.overdue)


def _checkpoint(keeping: Keeping) -> None:
    if keeping.ledger is None:
        return
    last = last_done(CHECKPOINT)
    now = keeping.clock.now()
    if last is None or not timedelta() <= now - last < CHECKPOINT_EVERY:
        checkpoints.checkpoint(keeping.ledger, clock=keeping.clock)
        checkpoints.stamp(keeping.ledger)
        note_done(CHECKPOINT, keeping.clock)
