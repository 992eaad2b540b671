"""Backups of keys by the terms as they stand: nothing enters one, or comes back from one, that must be dead.

The vault's part (`rejent.vault.keys.key_backup`) knows what is written beside a key; only retention knows the regulation in
force and which keys were destroyed. A key store that was lost has forgotten its tombstones, the database has not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType

from django.db import transaction

from rejent.catalog import services as catalog_services
from rejent.catalog.queries.keys import stored_day_keys_from
from rejent.registers.guard.rows import matching
from rejent.registers.services import enter
from rejent.registers.signing.restoring import require_continuation
from rejent.retention.acts import KEYS_BACKED_UP, KEYS_RESTORED
from rejent.retention.clock import latest_accepted
from rejent.retention.keys.day_keys import keys_ahead, put_right
from rejent.retention.models import Destruction, DestructionStage
from rejent.retention.rounds.round import Keeping
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.age.recipients import Opener, Recipient, Sealer
from rejent.vault.keys import key_backup
from rejent.vault.keys.key_backup import KeyBackup, KeysRestored
from rejent.vault.keys.key_database import KeyRecord
from rejent.vault.keys.key_store import DAY

_NO_OTHERS: Mapping[str, datetime] = MappingProxyType({})


def back_up_keys(
    keeping: Keeping,
    *,
    to: Path,
    dies_at: datetime,
    recipients: Sequence[Sealer],
    actor: str,
    besides: Mapping[str, datetime] = _NO_OTHERS,
) -> KeyBackup:
    """Write the keys that are not destroyed before ``dies_at`` into a new file; entered before it is written.

    What counts is when destruction may begin: once it is entered as done, no copy of the key is in use any more.

    Every copy of it is destroyed by ``dies_at``; ``besides`` says from when on keys of no day, of copies, may be destroyed, by
    their public halves.

    Raises:
        BackupRefusedError: ``dies_at`` is past, or no key lives so long.
        StorageError: the file is there already or cannot be written.
    """
    with keeping.alone():
        _require_continuation(keeping)
        _limit_by_terms(keeping)
        end = partial(_destruction_opens, terms=Terms(keeping.clock), besides=besides)
        taken = key_backup.eligible_keys(keeping.keys, dies_at, keeping.clock, end)
        record = {"keys": len(taken), "until": dies_at.isoformat()}
        with transaction.atomic():
            enter(KEYS_BACKED_UP, actor=actor, subject="keys", record=record, at=keeping.clock.now())
        return key_backup.write_backup(keeping.keys, to, dies_at, recipients, keeping.clock, end=end)


def restore_keys(
    keeping: Keeping,
    *,
    path: Path,
    openers: Sequence[Opener],
    actor: str,
    besides: Mapping[str, datetime] = _NO_OTHERS,
) -> KeysRestored:
    """Bring back from a backup what may still live; entered before it is done. Arguments as of `back_up_keys`.

    Where a private half stays lost, its public half is forgotten from today on, and another key is made.

    Raises:
        BackupRefusedError: it cannot be read, does not open, is no backup of keys, or is past its end.
        OlderDatabaseError: an older database was put back and nobody has accepted it yet.
    """
    backup = key_backup.open_backup(path, openers, keeping.clock)
    with keeping.alone():
        _require_continuation(keeping)
        record = {"keys": len(backup.keys), "made": backup.made_at.isoformat()}
        with transaction.atomic():
            enter(KEYS_RESTORED, actor=actor, subject="keys", record=record, at=keeping.clock.now())
        terms = Terms(keeping.clock)
        dead, now = _destroyed(), latest_accepted(keeping.clock)
        restored = key_backup.restore_backup(
            keeping.keys,
            backup,
            keeping.clock,
            lambda each: each.recipient.text not in dead and _lives(each, terms, now, besides),
        )
        _limit_by_terms(keeping)
        for source_id, day, recipient in stored_day_keys_from(terms.today):
            if keeping.keys.record_by_recipient(Recipient.parse(recipient)) is None:
                catalog_services.forget_day_key(source_id, day, clock=keeping.clock)
        put_right(keeping, terms)
        keys_ahead(keeping)
    return restored


def _require_continuation(keeping: Keeping) -> None:
    """An act entered in an older database would keep anybody from ever accepting that one."""
    if keeping.ledger is not None:
        require_continuation(keeping.ledger)


def _limit_by_terms(keeping: Keeping) -> None:
    """Write beside every day key when it must die by the regulation as it stands, which may have become shorter."""
    terms = Terms(keeping.clock)
    for record in keeping.keys.alive():
        if record.kind == DAY and record.source_id is not None and record.day is not None:
            term = terms.term(record.source_id, record.day)
            ends = term.key_dead_by if term is not None else None
            if ends != record.must_die_by:
                keeping.keys.set_destruction_limit([record.id], ends)


def _destruction_opens(
    record: KeyRecord, *, terms: Terms, besides: Mapping[str, datetime]
) -> datetime | None:
    """From when on a key may be destroyed: that of a day with a maximum a day sooner than it must be."""
    if record.day is None:
        return besides.get(record.recipient.text)
    if record.must_die_by is None or record.source_id is None:
        return None
    term = terms.term(record.source_id, record.day)
    return term.purge_opens if term is not None else None


def _lives(record: KeyRecord, terms: Terms, now: datetime, besides: Mapping[str, datetime]) -> bool:
    if record.day is None:
        opens = besides.get(record.recipient.text)
        return opens is not None and now < opens
    if record.source_id is None:
        return False
    term = terms.term(record.source_id, record.day)
    return term is not None and now < term.key_dead_by


def _destroyed() -> set[str]:
    """Return the public halves of the keys whose end was entered as past recall."""
    return {row.recipient for row in matching(Destruction.objects.exclude(stage=DestructionStage.DECIDED))}
