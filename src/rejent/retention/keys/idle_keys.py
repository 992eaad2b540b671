"""Find keys of survivors that keep nothing: their objects were withdrawn, or a keeper was killed before it had sealed anything to them."""

from collections.abc import Iterator
from datetime import date

from rejent.catalog import queries as catalog
from rejent.kernel.clock import local_midnight
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.kernel.terms import end_of_day
from rejent.retention.holds.standing import standing_over
from rejent.retention.keys.lookup import labelled
from rejent.retention.models import Destruction, DestructionStage
from rejent.retention.rounds.round import Keeping
from rejent.vault.age import read_header
from rejent.vault.errors import ObjectMissingError, SealedObjectError
from rejent.vault.keys.key_database import KeyRecord


def idle_keys(keeping: Keeping) -> Iterator[tuple[str, date, KeyRecord]]:
    """Yield the living keys of survivors to which nothing is sealed, and which no hold may need; none while the store is not there.

    What opens under such a key keeps it, whether or not the database knows of it: a hold that is forgotten still holds.
    """
    try:
        keeping.demand_store()
    except RejentError:
        return
    for record in keeping.keys.alive():
        place = labelled(record)
        if place is not None and not _is_needed(*place) and not _keeps(keeping, *place, record):
            yield *place, record


def _is_needed(source_id: str, day: date) -> bool:
    """Return whether a destruction of the date is about to seal something to it, or a hold reaches the date."""
    about_to = Destruction.objects.filter(source=source_id, day=day, stage=DestructionStage.DECIDED)
    whole = Interval(local_midnight(day), end_of_day(day))
    return about_to.exists() or bool(standing_over(source_id, whole))


def _keeps(keeping: Keeping, source_id: str, day: date, record: KeyRecord) -> bool:
    """Return whether anything of the date is sealed to it, by the database or in the store."""
    if catalog.objects_under(source_id, day, record.recipient.text):
        return True
    identity = keeping.keys.identity_by_id(record.id)
    for stored in keeping.store.objects(f"{source_id}/{day.isoformat()}/"):
        try:
            with keeping.store.open(stored.name) as sealed:
                _, header = read_header(sealed)
        except ObjectMissingError:
            continue
        except SealedObjectError:
            return True
        if identity.unwrap(header.stanzas):
            return True
    return False
