"""The keys of a source's civil date, as the key store knows them."""

from datetime import date

from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED
from rejent.registers.queries import entered_naming
from rejent.retention.acts import SEGMENT_CUT
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyTextError
from rejent.vault.keys.key_database import KeyRecord
from rejent.vault.keys.key_store import DAY, HOLD, KeyStore


def is_key_of(keys: KeyStore, recipient: str, source_id: str, day: date) -> bool:
    """Return whether a key is one of a source's civil date, by the key store.

    Of a key that it does not know the answer is whether anything was sealed to it, at first or for a hold.
    """
    try:
        record = keys.record_by_recipient(Recipient.parse(recipient))
    except KeyTextError:
        return False
    if record is None:
        acts = (SEGMENT_SEALED, SEGMENT_RESEALED, SEGMENT_CUT)
        return any(entered_naming(act.name, recipient, subject=f"source:{source_id}") for act in acts)
    if record.kind == DAY:
        return (record.source_id, record.day) == (source_id, day)
    return record.label == survivor_label(source_id, day)


def survivor_label(source_id: str, day: date) -> str:
    """Return the key store's label of the keys of survivors of a source's civil date."""
    return f"{source_id} {day.isoformat()}"


def labelled(record: KeyRecord) -> tuple[str, date] | None:
    """Return the source and civil date of whose survivors a key is; nothing where it is another's."""
    source_id, _, day = record.label.rpartition(" ")
    try:
        return (source_id, date.fromisoformat(day)) if record.kind == HOLD and source_id else None
    except ValueError:
        return None


def keys_of_survivors(keys: KeyStore, source_id: str, day: date) -> list[KeyRecord]:
    """Return the living keys that the key store made for what holds keep of a source's civil date."""
    label = survivor_label(source_id, day)
    return [each for each in keys.alive() if each.kind == HOLD and each.label == label]


def living_keys(keys: KeyStore, source_id: str, day: date) -> list[KeyRecord]:
    """Return every living key of a source's civil date, its own and those of survivors, whoever knows of them."""
    own = keys.day_record(source_id, day)
    return [
        *keys_of_survivors(keys, source_id, day),
        *([own] if own is not None and own.destroyed_at is None else []),
    ]
