"""The keys under which destructions kept their survivors, as the key store knows them."""

from datetime import date

from rejent.vault.keys import HOLD, KeyStore
from rejent.vault.recipients import Identity


def survivor_label(source_id: str, day: date) -> str:
    """What the key store calls the keys of survivors of a source's civil date."""
    return f"{source_id} {day.isoformat()}"


def living_survivor_identities(keys: KeyStore, source_id: str, day: date) -> list[Identity]:
    """The private halves of every living key of survivors of a source's civil date, whoever knows of them."""
    label = survivor_label(source_id, day)
    return [keys.identity_of(each.id) for each in keys.alive() if each.kind == HOLD and each.label == label]
