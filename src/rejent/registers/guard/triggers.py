"""Checks that the database's append-only triggers are in place."""

from collections.abc import Iterable, Iterator

from django.db import connection

from rejent.kernel.findings import Finding

GUARDS = (
    "registers_entry_erased_only",
    "registers_entry_kept",
    "registers_treehead_grows",
    "registers_treehead_kept",
    "registers_checkpoint_stamped_only",
    "registers_checkpoint_kept",
    "registers_series_first",
    "registers_series_next",
    "registers_series_kept",
    "registers_closedyear_fixed",
    "registers_closedyear_kept",
)
_AT_WORK = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def missing_guards() -> Iterator[Finding]:
    """Yield each trigger that keeps entries, checkpoints, numbers or closed years and was dropped or switched off."""
    for name in missing_triggers(GUARDS):
        yield Finding(
            "registers",
            "registers.guard-missing",
            "The database no longer guards its ledger by {guard}: somebody dropped it or switched it off.",
            {"guard": name},
        )


def missing_triggers(names: Iterable[str]) -> list[str]:
    """Return those of these triggers that the database does not have at work."""
    with connection.cursor() as cursor:
        cursor.execute(_AT_WORK[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    return [name for name in names if name not in found]
