"""Day keys made ahead for every source, and the epoch key that wraps them replaced each civil day."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

from django.db import transaction

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.kernel.errors import RejentError
from rejent.retention.rounds.chores import EPOCH, done_on, note_done
from rejent.retention.rounds.round import Keeping
from rejent.retention.terms.applicable_terms import Terms
from rejent.vault.errors import KeyDestroyedError
from rejent.vault.keys.key_store import DAY

AHEAD = timedelta(days=7)
"""Recorders find public halves for so many days to come, so that they go on while no keeper runs."""


def keys_ahead(keeping: Keeping, terms: Terms | None = None) -> int:
    """Make the missing keys from today to a week ahead, private half first; return how many public halves were entered.

    Raises:
        KeyDestroyedError: a key of one of these dates was destroyed before, because the clock went back; all others were made.
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
