"""Output of commands: rows as an aligned table or as JSON, and new files."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typer

from rejent.kernel.clock import OFFICE_ZONE
from rejent.kernel.errors import InputRefusedError


def to_json_value(value: object) -> Any:
    """Return a value as JSON carries it: instants with the office's offset, dates as ISO 8601."""
    if isinstance(value, datetime):
        return value.astimezone(OFFICE_ZONE).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json_value(item) for item in value]
    return value


def print_json(value: object) -> None:
    """Print one JSON document."""
    typer.echo(json.dumps(to_json_value(value), ensure_ascii=False, indent=2))


def print_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool, empty: str) -> None:
    """Print rows of equal columns; ``empty`` replaces a table without rows."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        typer.echo(empty)
        return
    cells = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def require_new_file(to: Path) -> None:
    """Check that a file does not exist and its folder does. Raises InputRefusedError: otherwise."""
    if to.exists() or to.is_symlink():
        raise InputRefusedError("{file} is there already.", file=to, advice="Choose a new file.")
    if not to.absolute().parent.is_dir():
        raise InputRefusedError("The folder of {file} is not there.", file=to, advice="Mount the carrier.")


def _cell(value: object) -> str:
    """Return one line whatever somebody typed into a name; control characters for terminals are replaced."""
    line = "" if value is None else " ".join(str(to_json_value(value)).split())
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)
