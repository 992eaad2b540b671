"""A register as pages, files and closings read it: its columns, its rows in words, and who may see it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext

from rejent.documents.papers import Column
from rejent.office.regulation.provisions import StreamRules
from rejent.registers.books.numbered_rows import BookRows

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register.

    Attributes:
        name: in addresses and in the ledger.
        title: as the regulations call it.
        stream: whose recordings it is of; empty for a register of all.
        clauses: where the rules of a stream demand it; empty where they say nothing of it.
        law: where a law demands it.
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

    def basis(self, prescribed: Mapping[str, StreamRules]) -> str:
        """Return where the office's own regulation, by its streams, and the law demand it; empty where neither does."""
        streams = [rules for name, rules in prescribed.items() if self.stream in {"", name}]
        found = [clause for rules in streams for clause in self.clauses(rules) if clause]
        named = gettext("regulation, %(clauses)s") % {"clauses": ", ".join(dict.fromkeys(found))}
        return "; ".join(part for part in (named if found else "", str(self.law)) if part)
