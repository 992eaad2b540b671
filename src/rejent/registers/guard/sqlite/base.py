"""Django's backend for SQLite, with the converters of `cells`: what a cell holds and what SQL compares are one thing, or the cell stays as it is.

The types that columns are declared with convert nothing here: the module `sqlite3` would hand over the bytes of a cell without its type.
"""

import sqlite3
from typing import Any

from django.db.backends.sqlite3 import base, operations
from django.db.models.expressions import Col

from rejent.registers.guard.cells import FUNCTION, READERS, is_canonical


class DatabaseOperations(operations.DatabaseOperations):
    """Django's own, but for how cells are read."""

    def get_db_converters(self, expression: Any) -> list[Any]:
        """Return what converts the cells of an expression."""
        kind = expression.output_field.get_internal_type()
        read = READERS.get(kind)
        if read is None or (kind == "JSONField" and not isinstance(expression, Col)):
            return list(super().get_db_converters(expression))
        return [read]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to SQLite that reads cells as they stand."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's own, without conversion by declared types."""
        return {**super().get_connection_params(), "detect_types": 0}

    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Return a connection that knows `is_canonical`, too."""
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        connection.create_function(FUNCTION, 2, is_canonical, deterministic=True)
        return connection
