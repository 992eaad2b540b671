"""Past days of which recordings may still come: what is late goes under its own day's key, and shares its term."""

from collections.abc import Collection
from datetime import date, timedelta
from itertools import product

from rejent.kernel.clock import Clock, civil_date
from rejent.retention.clock import latest_accepted
from rejent.retention.terms.applicable_terms import Terms

DAYS_BACK = 31
"""As long a device may be away, and keep what it has to tell."""
BEFORE_TERM = timedelta(hours=1)
"""Before destruction may begin nothing more is sealed under a day's key: what was taken then is an object by that time."""


def late_days(source_ids: Collection[str], clock: Clock) -> set[tuple[str, date]]:
    """Return these sources' past civil days whose term is not over. Raises LedgerMismatchError: the regulation is not as it was entered."""
    terms, now = Terms(clock), latest_accepted(clock)
    today = civil_date(now)
    days = [today - timedelta(days=back) for back in range(1, DAYS_BACK + 1)]
    found = {place: terms.term(*place) for place in product(source_ids, days)}
    return {
        place for place, term in found.items() if term is not None and now + BEFORE_TERM < term.purge_opens
    }
