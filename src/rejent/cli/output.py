"""What commands print: rows as an aligned table, or as JSON."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from rejent.kernel.clock import OFFICE_ZONE


def shown(value: object) -> Any:
    """A value as JSON carries it: instants with the office's offset, dates as ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(OFFICE_ZONE).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): shown(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    return value


def print_json(value: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(shown(value), ensure_ascii=False, indent=2))


def print_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str) -> None:
    """Print rows of equal columns; ``empty`` is said instead of a table without rows."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        typer.echo(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="")
    for column in rows[0]:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(shown(value)) for value in row.values()))
    Console(width=None if Console().is_terminal else 200, soft_wrap=False, highlight=False).print(table)
