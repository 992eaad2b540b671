"""The register of actions as a book: the acts of people and of the program, without those of the machinery."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.registers import queries
from rejent.registers.books.numbered_rows import PAGE, Page, Wanted
from rejent.registers.errors import LedgerMismatchError, NoSuchEntryError
from rejent.registers.models import Entry
from rejent.registers.queries import EnteredAct

_PIECE = 500


@dataclass(frozen=True, slots=True)
class Acts:
    """The acts by their place in the ledger, which has no gap; each is held against its leaf when it is read."""

    sorts: Sequence[str] = ()

    def page(self, wanted: Wanted, *, after: str = "", begin: str = "") -> Page:
        """Return a page, newest first: after an act, or beginning with one."""
        before, start = (read_number(each, most=LARGEST_ID) for each in (after, begin))
        since, until = _bounds(wanted.year)
        found = queries.acts(
            since=since, until=until, machinery=False, before=before, begin=start, limit=PAGE
        )
        return Page(found.acts, [], str(found.acts[-1].index) if found.before is not None else "")

    def pieces(self, wanted: Wanted) -> Iterator[list[EnteredAct]]:
        """Yield every act, newest first. Raises `LedgerMismatchError`: a record is not the one that was entered."""
        before: int | None = None
        since, until = _bounds(wanted.year)
        while True:
            page = queries.acts(since=since, until=until, machinery=False, before=before, limit=_PIECE)
            for act in page.acts:
                if act.changed:
                    raise LedgerMismatchError(
                        "The record of entry {index} is not the one that was entered.",
                        index=act.index,
                        advice="Run rejent fsck, and tell the data protection officer.",
                    )
            yield page.acts
            before = page.before
            if before is None:
                return

    def find(self, words: str, most: int) -> list[EnteredAct]:
        """Return the act with that number; acts are narrowed on their own page."""
        number = read_number(words, most=LARGEST_ID)
        try:
            return [] if number is None else [queries.act(number)][:most]
        except NoSuchEntryError:
            return []

    def count(self, wanted: Wanted) -> int:
        """Return how many acts there are."""
        since, until = _bounds(wanted.year)
        return queries.count_acts(since=since, until=until, machinery=False)

    def years(self) -> list[int]:
        """Return the years in which something was entered, the newest first."""
        ends = [Entry.objects.order_by(order).values_list("at", flat=True).first() for order in ("pk", "-pk")]
        first, last = ends
        if first is None or last is None:
            return []
        return list(range(civil_date(last).year, civil_date(first).year - 1, -1))

    def lacking(self, _year: int) -> bool:
        """Return whether a number is missing: never, for the ledger's places are its numbers."""
        return False


def _bounds(year: int | None) -> tuple[datetime | None, datetime | None]:
    if year is None:
        return None, None
    return local_midnight(date(year, 1, 1)), local_midnight(date(year + 1, 1, 1))
