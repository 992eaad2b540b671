"""Day keys made ahead for every source, and the epoch key that wraps them replaced each civil day."""

from collections import defaultdict
from datetime import date, timedelta

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.retention.chores import EPOCH, done_on, note_done
from rejent.retention.governing import Terms
from rejent.retention.keeping import Keeping
from rejent.vault.keys import DAY

AHEAD = timedelta(days=7)
"""Recorders find public halves for so many days to come, so that they go on while no keeper runs."""


def keys_ahead(keeping: Keeping, terms: Terms | None = None) -> int:
    """Make the missing keys from today to a week ahead, private half first; how many public halves were entered.

    Raises:
        KeyDestroyedError: a key of one of these dates was destroyed before, because the clock went back.
    """
    terms = terms or Terms(keeping.clock)
    days = [terms.today + timedelta(days=number) for number in range(AHEAD.days + 1)]
    missing: defaultdict[str, list[date]] = defaultdict(list)
    for source_id, day in catalog.missing_day_keys(days):
        missing[source_id].append(day)
    for source_id, wanted in missing.items():
        ends = {day: term.key_dead_by for day in wanted if (term := terms.term(source_id, day)) is not None}
        made = keeping.keys.make_keys(source_id, wanted, ends)
        catalog_services.store_day_keys(source_id, {day: recipient.text for day, recipient in made.items()})
    return sum(len(wanted) for wanted in missing.values())


def put_right(keeping: Keeping, terms: Terms) -> list[tuple[str, date]]:
    """Let every public half from today on be the key store's; the sources and dates of which the database said another.

    Recorders and imports seal to what stands there: to a stranger's key, if somebody wrote it.
    """
    stated = catalog.day_keys_from(terms.today)
    ours = {
        (each.source_id, each.day): each.recipient.text for each in keeping.keys.alive() if each.kind == DAY
    }
    wrong = [
        (source_id, day)
        for source_id, day, recipient in stated
        if ours.get((source_id, day), recipient) != recipient
    ]
    for source_id, day in wrong:
        catalog_services.replace_day_key(source_id, day, ours[source_id, day])
    return wrong


def rotate_epoch_daily(keeping: Keeping, today: date) -> bool:
    """Replace the epoch key if that has not been done today."""
    if done_on(EPOCH, today):
        return False
    keeping.keys.rotate_epoch()
    note_done(EPOCH, keeping.clock)
    return True
