"""The rows of a register in the order of their numbers: a page or a year of them at a time, each held against the ledger.

A page is found by the key of the row before it, never by counting rows, so that the last page of a hundred thousand costs what the
first one does. Only rows that are handed out are verified, all of a page with one question.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import Any, Generic, Protocol, TypeVar

from django.db.models import Q, QuerySet

from rejent.kernel.acts import Act
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.numbers import LARGEST_ID, read_number
from rejent.registers.guard.checks import missing_rows
from rejent.registers.guard.model import GuardedModel
from rejent.registers.guard.rows import found_by_database, matching, verified_many
from rejent.registers.models import Series

PAGE = 100
"""Rows of a page on screen."""
_PIECE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks of a register.

    Attributes:
        year: only rows of this year; None for all.
        words: only rows that name all of this.
        sort: a column that orders the rows; empty for the numbers.
        newest_first: the order goes downwards.
    """

    year: int | None = None
    words: str = ""
    sort: str = ""
    newest_first: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a register.

    Attributes:
        doubted: numbers of rows on this page that are not as they were entered; nothing else of them is shown.
        more: the number of the last row, where others follow.
    """

    rows: list[Any]
    doubted: list[str]
    more: str


class BookRows(Protocol):
    """The rows of a register; views are the subject's own."""

    @property
    def sorts(self) -> Sequence[str]:
        """Columns by which the rows may be ordered besides their numbers."""

    def page(self, wanted: Wanted, *, after: str = "", begin: str = "") -> Page:
        """Return a page: after a row, or beginning with one."""

    def pieces(self, wanted: Wanted) -> Iterator[list[Any]]:
        """Yield every row in order, some at a time. Raises `LedgerMismatchError`: one is not as it was entered."""

    def find(self, words: str, most: int) -> list[Any]:
        """Return rows that name words, the one of that number first."""

    def count(self, wanted: Wanted) -> int:
        """Return how many rows there are."""

    def years(self) -> list[int]:
        """Return the years of which there are rows, the newest first."""

    def lacking(self, year: int) -> bool:
        """Return whether a number of the year is missing, or a row that the ledger names."""


_Row = TypeVar("_Row", bound=GuardedModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedRows(Generic[_Row]):
    """The rows of one model as a register.

    Attributes:
        rows: those of the register, with what their views need.
        views: what they are as views.
        at: the column with the instant that says of which year a row is.
        order: a column that grows with the numbers.
        named: the column that names a row.
        begun: the acts that a row begins with.
        series: the book the numbers are taken from; empty where rows have none.
        search: narrows rows by words.
        sorts: columns that may order the rows; none of them is ever empty.
    """

    rows: Callable[[], QuerySet[_Row]]
    views: Callable[[Sequence[_Row]], list[Any]]
    at: str
    begun: Collection[Act]
    order: str = "pk"
    named: str = "number"
    series: str = ""
    search: Callable[[QuerySet[_Row], str], QuerySet[_Row]] = lambda rows, _words: rows
    sorts: Sequence[str] = ()

    def page(self, wanted: Wanted, *, after: str = "", begin: str = "") -> Page:
        """Return a page: after a row, or beginning with one."""
        if wanted.year is not None and wanted.year not in self.years():
            return Page([], [], "")
        found = list(self._from(wanted, after or begin, itself=not after)[: PAGE + 1])
        shown = found[:PAGE]
        right = matching(found_by_database(shown))
        kept = {row.pk for row in right}
        doubted = [self._name(row) for row in shown if row.pk not in kept]
        more = self._name(shown[-1]) if len(found) > PAGE else ""
        return Page(self.views(right), doubted, more)

    def pieces(self, wanted: Wanted) -> Iterator[list[Any]]:
        """Yield every row in order, some at a time. Raises `LedgerMismatchError`: one is not as it was entered."""
        after = ""
        while piece := list(self._from(wanted, after, itself=False)[: self._piece()]):
            after = self._name(piece[-1])
            yield self.views(verified_many(found_by_database(piece)))

    def find(self, words: str, most: int) -> list[Any]:
        """Return rows that name words, the one of that number first; none that is not as it was entered."""
        found = list(self.search(self.rows(), words).order_by(f"-{self.order}")[:most])
        if self.named != "pk":
            exact = self.rows().filter(**{self.named: words})
            found = [*exact, *(row for row in found if self._name(row) != words)][:most]
        return self.views(matching(found_by_database(found)))

    def count(self, wanted: Wanted) -> int:
        """Return how many rows there are."""
        return self._chosen(wanted).count()

    def years(self) -> list[int]:
        """Return the years of which there are rows, the newest first."""
        orders = (self.order, f"-{self.order}")
        first, last = (self.rows().order_by(each).values_list(self.at, flat=True).first() for each in orders)
        if first is None or last is None:
            return []
        return list(range(civil_date(last).year, civil_date(first).year - 1, -1))

    def lacking(self, year: int) -> bool:
        """Return whether a number of the year is missing, of the whole book that they are taken from, or a row that the ledger names."""
        if missing_rows(self.rows().model, self.begun, *_bounds(year)):
            return True
        if not self.series:
            return False
        taken = Series.objects.filter(name=self.series, year=year).values_list("last", flat=True).first() or 0
        every = self.rows().model._base_manager  # noqa: SLF001 - Django documents it as the way to any model's rows
        marked = every.filter(**{f"{self.named}__contains": f"-{year}-"})
        numbers = {each.rpartition("-")[2] for each in marked.values_list(self.named, flat=True)}
        return numbers != {str(each) for each in range(1, taken + 1)}

    def _name(self, row: _Row) -> str:
        return str(reduce(getattr, self.named.split("__"), row))

    def _piece(self) -> int:
        return max(1, min(_PIECE, 10 * self.rows().model.guard_piece))

    def _chosen(self, wanted: Wanted) -> QuerySet[_Row]:
        rows = self.rows()
        if wanted.words:
            rows = self.search(rows, wanted.words)
        if wanted.year is None:
            return rows
        begin, end = _bounds(wanted.year)
        return rows.filter(**{f"{self.at}__gte": begin, f"{self.at}__lt": end})

    def _from(self, wanted: Wanted, number: str, *, itself: bool) -> QuerySet[_Row]:
        """Return the rows in order, from the row of a number on, or from the first where there is no such row."""
        columns = [wanted.sort, self.order] if wanted.sort in self.sorts else [self.order]
        sign, way = ("lt", "-") if wanted.newest_first else ("gt", "")
        rows = self._chosen(wanted).order_by(*(f"{way}{column}" for column in columns))
        keys = self._keys(number, columns)
        if keys is None:
            return rows
        last = f"{columns[-1]}__{sign}{'e' if itself else ''}"
        beyond = Q(**{last: keys[-1]})
        if len(columns) > 1:
            beyond = Q(**{f"{columns[0]}__{sign}": keys[0]}) | (Q(**{columns[0]: keys[0]}) & beyond)
            rows = rows.filter(**{f"{columns[0]}__{sign}e": keys[0]})
        return rows.filter(beyond)

    def _keys(self, number: str, columns: Sequence[str]) -> tuple[Any, ...] | None:
        if not number or (self.named == "pk" and read_number(number, most=LARGEST_ID) is None):
            return None
        found = self.rows().filter(**{self.named: number}).values_list(*columns).first()
        return tuple(found) if found else None


def _bounds(year: int) -> tuple[datetime, datetime]:
    """Return when a year begins and when the next one does."""
    return local_midnight(date(year, 1, 1)), local_midnight(date(year + 1, 1, 1))
