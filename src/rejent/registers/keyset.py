"""Keyset paging of the register: by the index of one column, from a row on.

Asked for the acts of a person, newest first, a database may well read all acts by time and leave out those of others, which
takes seconds where that person did little. So the column that narrows most leads the order too, and is bounded together with
the instant, as a row value (SQL:1999 § 8.2): then only the index that begins with it gives the order.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from rejent.registers.acts import MACHINERY
from rejent.registers.models import Entry

Sign = Literal["<", "<=", ">", ">="]

PEOPLES = RawSQL(  # noqa: S611 - names of our own; the words of the index, which a value bound later would not match
    " AND ".join(f"NOT (act = {name!r})" for name in MACHINERY), (), output_field=BooleanField()
)
"""The conditions of the partial indexes, word for word, as SQLite demands."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The column whose index leads to the rows, with the value it must have; time alone where there is none."""

    column: Literal["", "act", "actor", "subject"] = ""
    value: str = ""

    def order(self, *, newest_first: bool = True) -> list[str]:
        """Return the order of the rows, for a query set."""
        columns = [self.column] if self.column else []
        return [f"{'-' if newest_first else ''}{column}" for column in (*columns, "at", "index")]

    def led(self, rows: QuerySet[Entry]) -> QuerySet[Entry]:
        """Return the rows of the value."""
        if not self.column:
            return rows
        return rows.filter(**{f"{self.column}__gte": self.value, f"{self.column}__lte": self.value})

    def bounded(
        self, rows: QuerySet[Entry], sign: Sign, at: datetime, index: int | None = None
    ) -> QuerySet[Entry]:
        """Return the rows before or after an instant, or before or after an entry of that instant."""
        columns = ["at"]
        values: list[object] = [connection.ops.adapt_datetimefield_value(at)]
        if self.column:
            columns, values = [self.column, *columns], [self.value, *values]
        if index is not None:
            columns, values = [*columns, '"index"'], [*values, index]
        places = ", ".join(["%s"] * len(values))
        condition = f"({', '.join(columns)}) {sign} ({places})"
        return rows.filter(RawSQL(condition, values, output_field=BooleanField()))  # noqa: S611 - our columns, bound values


BY_TIME = Lead()


def lead_of(names: Collection[str], actor: str | None, subject: str) -> Lead:
    """Return the column that leads to acts of a selection: one kind, else one person, else one subject, else time."""
    if len(names) == 1:
        return Lead("act", next(iter(names)))
    if actor:
        return Lead("actor", actor)
    if subject:
        return Lead("subject", subject)
    return BY_TIME if actor is None else Lead("actor", actor)
