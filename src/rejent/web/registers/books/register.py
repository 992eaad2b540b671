"""A register as pages, files and closings read it: its columns, its rows in words, and who may see it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from rejent.documents.papers import Column
from rejent.registers.books.numbered_rows import BookRows

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register.

    Attributes:
        name: in addresses and in the ledger.
        title: as the regulations call it.
        basis: where a regulation or a law demands it.
        act: who may do this sees it.
        rows: its rows as views of their subject.
        columns: as the regulation in force has them.
        cells: what stands in the columns, a row a view.
        named: what names a view's row.
        link: the page of a view; empty where there is none.
        page: the address of a page of its own, where it has one; else it is shown as any other.
        sorts: words for the columns that may order it besides the numbers.
    """

    name: str
    title: str | Promise
    basis: str | Promise
    act: str
    rows: BookRows
    columns: Callable[[], list[Column]]
    cells: Callable[[Sequence[Any]], Iterator[Row]]
    named: Callable[[Any], str] = lambda view: str(view.number)
    link: Callable[[Any], str] = lambda _view: ""
    page: str = ""
    sorts: Sequence[tuple[str, str | Promise]] = ()
