"""The last signs of a telephone number, by which an index finds it from its end."""

from typing import Any

from django.db.models import CharField, Func

SIGNS = 4
"""The fewest a number is looked for by its ending; a shorter one is looked for whole."""


class NumberSuffix(Func):
    """The last `SIGNS` signs of a text, or all of a shorter one; written out, so that SQLite sees the index of the same words."""

    function = "RIGHT"
    template = f"%(function)s(%(expressions)s, {SIGNS})"
    arity = 1
    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite's substring counts from the end where the start is negative."""
        template = f"%(function)s(%(expressions)s, -{SIGNS})"
        return self.as_sql(compiler, connection, function="SUBSTR", template=template, **context)
