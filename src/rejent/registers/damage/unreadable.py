"""Values that a row cannot hold by the program: on SQLite any column takes anything, and what reads it may break off.

PostgreSQL keeps the types of its columns itself.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Field, ForeignKey, Model

from rejent.kernel.findings import Finding

_WHOLE = "typeof({0}) <> 'integer'"
_TEXT = "typeof({0}) <> 'text'"
_WRONG = {
    **dict.fromkeys(("AutoField", "BigAutoField", "BigIntegerField", "IntegerField", "SmallIntegerField"), _WHOLE),
    **dict.fromkeys(("PositiveIntegerField", "PositiveSmallIntegerField", "PositiveBigIntegerField"), _WHOLE),
    **dict.fromkeys(("CharField", "TextField"), _TEXT),
    "BooleanField": "{0} NOT IN (0, 1)",
    "FloatField": "typeof({0}) NOT IN ('real', 'integer')",
    "JSONField": "NOT json_valid({0})",
    "DateField": "date({0}) IS NOT {0}",
    "DateTimeField": "datetime({0}) IS NOT substr({0}, 1, 19)",
    "UUIDField": "typeof({0}) <> 'text' OR length({0}) <> 32 OR {0} GLOB '*[^0-9a-f]*'",
}  # fmt: skip
"""By the type of a column, what is true of a value that cannot be read; columns of bytes take what they are given."""


def unreadable_rows(subject: str) -> Iterator[Finding]:
    """Yield every row of a subject's tables that holds what cannot be read, with the names of its columns."""
    if connection.vendor == "sqlite":
        for model in apps.get_app_config(subject).get_models():
            yield from _of_table(subject, model)


def row_unreadable(subject: str, thing: str, facts: str) -> Finding:
    """Return a row that cannot be read: which columns, or by which kind of error."""
    return Finding(
        subject,
        f"{subject}.row-unreadable",
        "The database holds {thing}, which cannot be read: {facts}.",
        {"thing": thing, "facts": facts},
    )


def _of_table(subject: str, model: type[Model]) -> Iterator[Finding]:
    table = model._meta  # noqa: SLF001 - Django documents it as the way to a table's columns
    asked = {field.name: wrong for field in table.concrete_fields if (wrong := _condition(field))}
    key, columns = _quoted(table.pk.column), ", ".join(asked.values())
    question = f"SELECT {key}, {columns} FROM {_quoted(table.db_table)} WHERE 1 IN ({columns})"  # noqa: S608 - of our own names
    with connection.cursor() as cursor:
        cursor.execute(question)
        for row, *wrong in cursor.fetchall():
            named = ", ".join(name for name, is_wrong in zip(asked, wrong, strict=True) if is_wrong)
            yield row_unreadable(subject, f"{table.model_name}:{row}", named)


def _condition(field: "Field[Any, Any]") -> str:
    """Return the condition on a column in SQL; empty where it takes what it is given."""
    kept = field.target_field if isinstance(field, ForeignKey) else field
    wrong, column = _WRONG.get(kept.get_internal_type(), ""), _quoted(field.column)
    return f"({column} IS NOT NULL AND ({wrong.format(column)}))" if wrong else ""


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
