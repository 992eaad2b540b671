"""A register as pages, files and closings read it: its columns, its rows in words, and who may see it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypedDict, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext

from rejent.documents.papers import Column
from rejent.office.regulation.provisions import StreamRules
from rejent.registers.books.numbered_rows import BookRows
from rejent.web.words.wording import day_digits, moment_digits

Row = tuple[str, ...]
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Cell(Generic[V]):
    """A column of a book, with what stands in it of a view: texts, numbers, days and instants, or nothing."""

    title: str
    share: int
    of: Callable[[V], str | int | date | None]
    printed: bool = True
    in_view: bool = True


Book = Callable[[Sequence[V]], list[Cell[V]]]
"""Returns the cells of a book in the reader's language, for views that are looked up together."""


class Cells(TypedDict):
    """A book's columns, and what stands in them."""

    columns: Callable[[], list[Column]]
    cells: Callable[[Sequence[Any]], Iterator[Row]]


def cells_of(book: Book[V]) -> Cells:
    """Return the columns and the rows of a book."""

    def rows(found: Sequence[V]) -> Iterator[Row]:
        cells = book(found)
        return (tuple(_text(cell.of(view)) for cell in cells) for view in found)

    return {
        "columns": lambda: [Column(one.title, one.share, one.printed, one.in_view) for one in book(())],
        "cells": rows,
    }


def _text(value: str | int | date | None) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return moment_digits(value)
    if isinstance(value, date):
        return day_digits(value)
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register: its ``rows`` are views of their subject, ``cells`` what stands in its ``columns`` of each.

    Whoever may do its ``act`` sees it. ``clauses`` and ``law`` say where the rules of a stream, or a law, demand it;
    ``named`` names a view's row and ``link`` its page; ``page`` is its own page where it has one; ``sorts`` are words for the
    columns that may order it besides the numbers; ``concerns`` whether the office keeps it at all.
    """

    name: str
    title: str | Promise
    act: str
    rows: BookRows
    columns: Callable[[], list[Column]]
    cells: Callable[[Sequence[Any]], Iterator[Row]]
    named: Callable[[Any], str] = lambda view: str(view.number)
    link: Callable[[Any], str] = lambda _view: ""
    page: str = ""
    sorts: Sequence[tuple[str, str | Promise]] = ()
    stream: str = ""
    clauses: Callable[[StreamRules], Sequence[str]] = lambda _rules: ()
    law: str | Promise = ""
    concerns: Callable[[], bool] = lambda: True

    def basis(self, prescribed: Mapping[str, StreamRules]) -> str:
        """Return where the office's own regulation, by its streams, and the law demand it; empty where neither does."""
        streams = [rules for name, rules in prescribed.items() if self.stream in {"", name}]
        found = [clause for rules in streams for clause in self.clauses(rules) if clause]
        named = gettext("regulation, %(clauses)s") % {"clauses": ", ".join(dict.fromkeys(found))}
        return "; ".join(part for part in (named if found else "", str(self.law)) if part)
