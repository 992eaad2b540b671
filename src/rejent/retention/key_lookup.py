"""Which private key belongs to a public half: a day's key, or the one under which a destruction kept its survivors."""

from collections.abc import Collection
from datetime import date

from rejent.retention.models import Destruction
from rejent.vault.keys import HOLD, KeyStore
from rejent.vault.recipients import Identity


def key_id(keys: KeyStore, source_id: str, day: date, recipient: str) -> str:
    """The id of the key, destroyed or not; empty if the key store has never held it."""
    record = keys.day_record(source_id, day)
    if record is not None and record.recipient.text == recipient:
        return record.id
    known = (
        Destruction.objects.filter(survivor_recipient=recipient)
        .values_list("survivor_key", flat=True)
        .first()
    )
    if known:
        return known
    return next((record.id for record in keys.alive() if record.recipient.text == recipient), "")


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
