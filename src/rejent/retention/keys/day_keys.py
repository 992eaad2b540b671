"""Day keys made ahead for every source, the daily epoch key, and keys of survivors: whose they are, and which keep nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.catalog.acts import SEGMENT_RESEALED, SEGMENT_SEALED
from rejent.kernel.clock import local_midnight
from rejent.kernel.errors import RejentError
from rejent.kernel.intervals import Interval
from rejent.kernel.terms import end_of_day
from rejent.registers.queries import entered_naming
from rejent.retention.acts import SEGMENT_CUT
from rejent.retention.holds.standing import standing_over
from rejent.retention.models import Destruction, DestructionStage
from rejent.retention.rounds.round import EPOCH, Keeping, done_on, note_done
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.age import read_header
from rejent.vault.age.recipients import Recipient
from rejent.vault.errors import KeyDestroyedError, KeyTextError, ObjectMissingError, SealedObjectError
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


AHEAD = timedelta(days=7)
"""Recorders find public halves for so many days to come, so that they go on while no keeper runs."""


def keys_ahead(keeping: Keeping, terms: Terms | None = None) -> int:
    """Make the missing keys from today to a week ahead, private half first; return how many public halves were entered.

    Raises `KeyDestroyedError`: a key of one of these dates was destroyed before, because the clock went back; all others were made.
    """
    terms = terms or Terms(keeping.clock)
    days = [terms.today + timedelta(days=number) for number in range(AHEAD.days + 1)]
    missing: defaultdict[str, list[date]] = defaultdict(list)
    for source_id, day in catalog.missing_day_keys(days):
        missing[source_id].append(day)
    refused: KeyDestroyedError | None = None
    for source_id, wanted in missing.items():
        ends = {day: term.key_dead_by for day in wanted if (term := terms.term(source_id, day)) is not None}
        try:
            _make(keeping, source_id, wanted, ends)
        except KeyDestroyedError as error:
            refused = error
            for day in wanted:
                with suppress(KeyDestroyedError):
                    _make(keeping, source_id, [day], ends)
    if refused is not None:
        raise refused
    return sum(len(wanted) for wanted in missing.values())


@contextmanager
def keys_with_source(keeping: Callable[[], Keeping]) -> Iterator[None]:
    """Make the keys of the sources that are added within it, in one transaction: no recorder waits for a keeper's round.

    Where the key store is not to be had, a later round makes them.
    """
    with transaction.atomic():
        yield
        with suppress(RejentError):
            keys_ahead(keeping())


def _make(keeping: Keeping, source_id: str, wanted: list[date], ends: Mapping[date, datetime]) -> None:
    made = keeping.keys.make_keys(source_id, wanted, ends)
    recipients = {day: recipient.text for day, recipient in made.items()}
    catalog_services.store_day_keys(source_id, recipients, clock=keeping.clock)


def put_right(keeping: Keeping, terms: Terms) -> list[tuple[str, date]]:
    """Let every public half that may still seal something be the key store's; the sources and dates of which the database said another.

    Recorders and imports seal to what stands there: to a stranger's key, if somebody wrote it, or to one that nobody has any
    more, if the folder of keys was put back from an older copy. One that the key store does not know is forgotten, so that
    another is made when its time comes; so is one of a coming date that was destroyed, by a clock that was ahead, for a gap is
    better than what nobody can open.
    """
    first = min(terms.first_day_kept(terms.now), terms.today)
    ours, wrong = keeping.keys.day_recipients(first), []
    alive = {(each.source_id, each.day) for each in keeping.keys.alive() if each.kind == DAY}
    entered = {(source_id, day) for source_id, day, _ in catalog.day_keys_from(first)}
    for source_id, day, recipient in catalog.stored_day_keys_from(first):
        own, living = ours.get((source_id, day)), (source_id, day) in alive
        counts = own == recipient and (source_id, day) in entered
        if counts and (living or day < terms.today):
            continue
        if own is not None and living:
            catalog_services.replace_day_key(source_id, day, own, clock=keeping.clock)
        else:
            catalog_services.forget_day_key(source_id, day, clock=keeping.clock)
        if not counts:
            wrong.append((source_id, day))
    return wrong


def rotate_epoch_daily(keeping: Keeping, today: date) -> bool:
    """Replace the epoch key if that has not been done today."""
    if done_on(EPOCH, today):
        return False
    keeping.keys.rotate_epoch()
    note_done(EPOCH, keeping.clock)
    return True


def idle_keys(keeping: Keeping) -> Iterator[tuple[str, date, KeyRecord]]:
    """Yield the living keys of survivors to which nothing is sealed, and which no hold may need; none while the store is not there.

    What opens under such a key keeps it, whether or not the database knows of it: a hold that is forgotten still holds.
    """
    try:
        keeping.require_store()
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
