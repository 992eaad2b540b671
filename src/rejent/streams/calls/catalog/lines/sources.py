"""Traits of lines as sources."""

from collections.abc import Iterable
from datetime import date, timedelta

from rejent.catalog.coverage import LONGEST
from rejent.catalog.stream_parts import SourceForm
from rejent.registers.damage import unreadable_rows
from rejent.registers.guard.checks import guarded_rows
from rejent.streams.calls.catalog.acts import CALL_WITHDRAWING, CALL_WITHDRAWN
from rejent.streams.calls.catalog.call_checks import numbers_of_calls
from rejent.streams.calls.catalog.lines.addresses import LONGEST_FILE, comes_as_files
from rejent.streams.calls.catalog.lines.causes import LineCause
from rejent.streams.calls.catalog.notices.checks import numbers_of_notices
from rejent.streams.calls.catalog.pbx.checks import records_at_odds, records_unexplained, records_waiting
from rejent.streams.calls.catalog.pbx.models import WantedKey
from rejent.streams.calls.catalog.services.calls import forget_destroyed_calls
from rejent.streams.calls.catalog.services.withdrawals import let_withdraw


def _longest(address: str) -> timedelta:
    return LONGEST_FILE if comes_as_files(address) else LONGEST


def _wanted_keys() -> Iterable[tuple[str, date]]:
    """Past dates of which a PBX's recordings were found."""
    return list(WantedKey.objects.filter(source__removed_at__isnull=True).values_list("source_id", "day"))


def _keeps_gap(address: str, cause: str) -> bool:
    """Return whether a gap is the line's, which took no calls then; of one that tells of a call's missing sound, or of files that came late, recordings take what they cover."""
    return cause != LineCause.NO_RECORDING and not comes_as_files(address)


FORM = SourceForm(
    is_continuous=False,
    reach=_longest,
    longest=_longest,
    comes_late=comes_as_files,
    keeps_gap=_keeps_gap,
    items=True,
    booked=let_withdraw,
    destroyed=forget_destroyed_calls,
    wanted_keys=_wanted_keys,
    withdrawals=(CALL_WITHDRAWING.name, CALL_WITHDRAWN.name),
)
CHECKS = {
    "rows-against-ledger": lambda _: guarded_rows("calls"),
    "numbers-of-calls": lambda _: numbers_of_calls(),
    "numbers-of-notices": numbers_of_notices,
    "records-unexplained": lambda _: records_unexplained(),
    "records-waiting": records_waiting,
    "records-at-odds": records_at_odds,
    "rows-of-calls": lambda _: unreadable_rows("calls"),
}
