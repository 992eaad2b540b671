"""Changes that the database itself refuses: each is stated once, and becomes a trigger of SQLite or of PostgreSQL."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

Statements = Mapping[str, tuple[str, ...]]
"""Statements by the vendor of the database."""

_COMPARED = re.compile(r"\bIS (NOT )?(?=OLD\.)")


@dataclass(frozen=True, slots=True)
class RefusedChange:
    """An INSERT, UPDATE or DELETE that a trigger refuses; of rows ``when`` a condition holds, if one is given.

    The condition is SQL as SQLite has it: columns are compared by ``NEW.x IS OLD.x``; ``reads_tables``: it asks other tables, which a
    WHEN of PostgreSQL may not.
    """

    trigger: str
    change: str
    table: str
    why: str
    when: str = ""
    reads_tables: bool = False

    def on_sqlite(self) -> str:
        """Return the statement for SQLite."""
        when = f" WHEN {self.when}" if self.when else ""
        refuse = f"SELECT RAISE(ABORT, '{self.why}')"
        return f"CREATE TRIGGER {self.trigger} BEFORE {self.change} ON {self.table}{when} BEGIN {refuse}; END"

    def on_postgresql(self) -> Iterator[str]:
        """Yield the statements for PostgreSQL; what no condition restricts is refused of TRUNCATE as well as of DELETE."""
        when = _COMPARED.sub(lambda found: f"IS {'' if found[1] else 'NOT '}DISTINCT FROM ", self.when)
        create = f"CREATE TRIGGER {self.trigger} BEFORE {self.change}"
        refuse = f"EXECUTE FUNCTION registers_refused('{self.why}')"
        if self.reads_tables:
            refused = _raise(f"'{self.why}'")
            yield _function(self.trigger, f"IF {when} THEN {refused} END IF; RETURN NEW;")
            yield f"{create} ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.trigger}()"
        elif self.change == "DELETE" and not when:
            yield f"{create} OR TRUNCATE ON {self.table} FOR EACH STATEMENT {refuse}"
        else:
            yield f"{create} ON {self.table} FOR EACH ROW {f'WHEN ({when}) ' if when else ''}{refuse}"


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION {message} USING ERRCODE = 'integrity_constraint_violation';"


REFUSING = _function("registers_refused", _raise("'%', TG_ARGV[0]"))
"""The function of PostgreSQL by which all those triggers refuse that read no other table."""


def unchanged(columns: Iterable[str]) -> str:
    """Return the condition that an update leaves these columns as they are."""
    return " AND ".join(f'NEW."{each}" IS OLD."{each}"' for each in columns)


def statements(changes: Iterable[RefusedChange], *, functions: tuple[str, ...] = ()) -> Statements:
    """Return the statements that make the database refuse the changes; ``functions`` of PostgreSQL come before them."""
    changes = tuple(changes)
    return {
        "sqlite": tuple(each.on_sqlite() for each in changes),
        "postgresql": (*functions, *(text for each in changes for text in each.on_postgresql())),
    }


def lay_down(made: Statements) -> Callable[[StateApps, BaseDatabaseSchemaEditor], None]:
    """Return the step of a migration that carries out the statements for its database."""

    def run(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        for statement in made[schema_editor.connection.vendor]:
            schema_editor.execute(statement, params=None)

    return run
