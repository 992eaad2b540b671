"""The keys under which destructions kept their survivors, as the key store knows them."""

from collections.abc import Collection
from datetime import date

from rejent.vault.keys import HOLD, KeyStore
from rejent.vault.recipients import Identity, Recipient


def key_id(keys: KeyStore, recipient: str) -> str:
    """The id of the key with a public half, destroyed or not; empty if the key store has never held it."""
    record = keys.record_for(Recipient.parse(recipient))
    return record.id if record is not None else ""


def survivor_label(source_id: str, day: date) -> str:
    """What the key store calls the keys of survivors of a source's civil date."""
    return f"{source_id} {day.isoformat()}"


def living_survivor_identities(
    keys: KeyStore, source_id: str, day: date, but: Collection[str] = ()
) -> list[Identity]:
    """The private halves of every living key of survivors of a source's civil date, except those with the ids ``but``."""
    label = survivor_label(source_id, day)
    wanted = [record.id for record in keys.alive() if record.kind == HOLD and record.label == label]
    return [keys.identity_of(key) for key in wanted if key not in but]
