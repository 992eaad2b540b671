"""What is wrong with acts and rows: records of another shape than expected, values that no column holds, acts whose records are gone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from django.apps import apps
from django.db import connection
from django.db.models import Model

from rejent.kernel.findings import Finding
from rejent.registers.guard.cells import condition_of_odd
from rejent.registers.queries import EnteredAct

Facts = Mapping[str, object]
"""The facts of a record."""
Shape = Mapping[str, Callable[[object], bool]]
"""The facts that a record must hold, each with how it must look; further ones do not matter."""

_NO_INSTANT = datetime.min.replace(tzinfo=UTC)
"""Of an act whose instant cannot be read."""


def text(fact: object) -> bool:
    """Return whether a fact is text."""
    return isinstance(fact, str)


def whole(fact: object) -> bool:
    """Return whether a fact is a whole number."""
    return isinstance(fact, int) and not isinstance(fact, bool)


def texts(fact: object) -> bool:
    """Return whether a fact is a list of texts."""
    return isinstance(fact, list) and all(map(text, fact))


def legible(acts: Iterable[EnteredAct], shapes: Mapping[str, Shape], odd: list[int]) -> Iterator[EnteredAct]:
    """Yield the acts; one whose record has not the shape of its name as if it were erased, its index kept in `odd`.

    Acts of names that ``shapes`` lacks pass as they are; ``odd`` is filled with the indexes of those that are not as expected.
    """
    for act in acts:
        if (
            act.at is not None
            and not act.changed
            and (act.facts is None or _fits(act.facts, shapes.get(act.act, {})))
        ):
            yield act
        else:
            odd.append(act.index)
            yield replace(act, facts=None, at=act.at or _NO_INSTANT)


def _fits(facts: Mapping[str, object], shape: Shape) -> bool:
    return all(name in facts and looks(facts[name]) for name, looks in shape.items())


def unreadable_rows(subject: str) -> Iterator[Finding]:
    """Yield every row of a subject's tables that holds what stands otherwise than the program writes it, with the names of its columns.

    On SQLite; PostgreSQL's columns hold nothing else.
    """
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
    odd = {field.name: condition_of_odd(field, _quoted(field.column)) for field in table.concrete_fields}
    asked = {name: condition for name, condition in odd.items() if condition}
    key, columns = _quoted(table.pk.column), ", ".join(asked.values())
    question = f"SELECT {key}, {columns} FROM {_quoted(table.db_table)} WHERE 1 IN ({columns})"  # noqa: S608 - of our own names
    with connection.cursor() as cursor:
        cursor.execute(question)
        for row, *wrong in cursor.fetchall():
            named = ", ".join(name for name, is_wrong in zip(asked, wrong, strict=True) if is_wrong)
            yield row_unreadable(subject, f"{table.model_name}:{row}", named)


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name or "")
