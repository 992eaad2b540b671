"""How lines are recorded, and what goes with their segments."""

from collections.abc import Iterable
from datetime import date, timedelta

from rejent.catalog.coverage import LONGEST
from rejent.catalog.stream_parts import SourceForm
from rejent.registers.guard.checks import lasting
from rejent.registers.unreadable import unreadable_rows
from rejent.streams.calls.catalog.acts import CALL_WITHDRAWN
from rejent.streams.calls.catalog.call_checks import calls_against_ledger
from rejent.streams.calls.catalog.lines.addresses import LONGEST_FILE, comes_as_files
from rejent.streams.calls.catalog.notices.checks import notices_against_ledger
from rejent.streams.calls.catalog.numbers.refusal_checks import refusals_against_ledger
from rejent.streams.calls.catalog.pbx.checks import (
    files_against_ledger,
    missing_against_ledger,
    removed_against_ledger,
)
from rejent.streams.calls.catalog.pbx.models import WantedKey
from rejent.streams.calls.catalog.pbx.taken_checks import records_waiting, taken_against_ledger, told_at_odds
from rejent.streams.calls.catalog.services.calls import forget_destroyed_calls, let_withdraw


def _longest(address: str) -> timedelta:
    return LONGEST_FILE if comes_as_files(address) else LONGEST


def _wanted_keys() -> Iterable[tuple[str, date]]:
    """Past dates of which a PBX's recordings were found."""
    return list(WantedKey.objects.filter(source__removed_at__isnull=True).values_list("source_id", "day"))


FORM = SourceForm(
    is_continuous=False,
    reach=_longest,
    longest=_longest,
    comes_late=comes_as_files,
    items=True,
    booked=let_withdraw,
    destroyed=forget_destroyed_calls,
    wanted_keys=_wanted_keys,
    withdrawals=(CALL_WITHDRAWN.name,),
)
CHECKS = {
    "calls": lambda _: calls_against_ledger(),
    "call-records": lambda _: missing_against_ledger(),
    "records-taken": lambda _: lasting(taken_against_ledger),
    "records-waiting": records_waiting,
    "records-at-odds": told_at_odds,
    "pbx-files": lambda _: removed_against_ledger(),
    "pbx-files-settled": lambda _: lasting(files_against_ledger),
    "refusals": lambda _: refusals_against_ledger(),
    "announcements": notices_against_ledger,
    "rows-of-calls": lambda _: unreadable_rows("calls"),
}
