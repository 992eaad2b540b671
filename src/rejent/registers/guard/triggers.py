"""Triggers, functions and rules of the database, held against those that the migrations put there.

A migration's statements stand in its module as ``STATEMENTS``. PostgreSQL keeps no text of a trigger but writes it anew, so
it is asked to write down those of the migrations as well, on empty temporary tables.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache

from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from rejent.kernel.findings import Finding

_CREATED = re.compile(r"\s*CREATE (TRIGGER|FUNCTION) (\w+)")
_BODY = re.compile(r"\$\$(.*)\$\$", re.DOTALL)
_TABLE = re.compile(r" ON (\w+)")
_SCHEMA = re.compile(r" ON \w+\.")
_ON_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
_TRIGGERS = """
    SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t
    JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND {schema}
"""
_OURS = "n.nspname = current_schema()"
_SCRATCH = "c.relnamespace = pg_my_temp_schema()"
_FUNCTIONS = """
    SELECT p.proname, p.prosrc,
        n.nspname = current_schema() AND l.lanname = 'plpgsql' AND NOT p.prosecdef AND p.proconfig IS NULL
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_BESIDES = """
    SELECT 'rule', r.rulename, c.relname FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' AND n.nspname = current_schema()
    UNION ALL SELECT 'view', c.relname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'f') AND n.nspname = current_schema()
    UNION ALL SELECT 'policy', p.polname, c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    UNION ALL SELECT 'table', c.relname, o.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    JOIN pg_class o ON o.oid = i.inhparent WHERE c.relkind IN ('r', 'f', 'p')
    UNION ALL SELECT 'event trigger', evtname, evtevent FROM pg_event_trigger WHERE evtenabled <> 'D'
"""


def guard_findings(subject: str) -> Iterator[Finding]:
    """Yield each trigger of a subject's migrations that was dropped or switched off."""
    for name in _missing_triggers(subject):
        yield Finding(
            subject,
            f"{subject}.guard-missing",
            "The database no longer guards its rows by {guard}: somebody dropped it or switched it off.",
            {"guard": name},
        )


def _missing_triggers(subject: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ON_SQLITE if connection.vendor == "sqlite" else _TRIGGERS.format(schema=_OURS))
        found = {row[1] if connection.vendor == "sqlite" else row[0] for row in cursor.fetchall()}
    return [name for kind, name in _laid_down(connection.vendor, subject) if kind == "TRIGGER" and name not in found]  # fmt: skip


def foreign_code() -> Iterator[Finding]:
    """Yield each trigger, function, rule or view by which the database acts, and which is not as the migrations put it there."""
    found = _on_sqlite() if connection.vendor == "sqlite" else _on_postgresql()
    for what, is_ours in found:
        if is_ours:
            yield Finding(
                "registers",
                "registers.code-changed",
                "The database acts by {what}, which somebody changed.",
                {"what": what},
            )
        else:
            yield Finding(
                "registers",
                "registers.code-foreign",
                "The database acts by {what}, which the program did not put there.",
                {"what": what},
            )


def _on_sqlite() -> Iterator[tuple[str, bool]]:
    ours = _laid_down("sqlite")
    with connection.cursor() as cursor:
        cursor.execute(_ON_SQLITE + " ORDER BY name")
        held = cursor.fetchall()
    for kind, name, table, text in held:
        statement = ours.get(("TRIGGER", name))
        if statement is None or text.split() != statement.split():
            yield f"{kind} {name} on {table}", statement is not None


def _on_postgresql() -> Iterator[tuple[str, bool]]:
    ours, laid_down = _laid_down("postgresql"), _written_by_postgresql()
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS.format(schema=_OURS) + " ORDER BY 1, 2")
        for name, table, text in cursor.fetchall():
            if laid_down.get((name, table)) != _SCHEMA.sub(" ON ", text):
                yield f"trigger {name} on {table}", (name, table) in laid_down
        cursor.execute(_FUNCTIONS + " ORDER BY 1")
        for name, source, is_plain in cursor.fetchall():
            statement = ours.get(("FUNCTION", name))
            body = _BODY.search(statement or "")
            if body is None or source != body[1] or not is_plain:
                yield f"function {name}", statement is not None
        cursor.execute(_BESIDES)
        for kind, name, table in cursor.fetchall():
            yield f"{kind} {name} on {table}", False


def _written_by_postgresql() -> Mapping[tuple[str, str], str]:
    """Return the migrations' triggers, by name and table, as this server writes them."""
    there = set(connection.introspection.table_names())
    triggers = [
        (found[1], text)
        for (kind, _), text in _laid_down("postgresql").items()
        if kind == "TRIGGER" and (found := _TABLE.search(text)) and found[1] in there
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        for table in sorted({table for table, _ in triggers}):
            cursor.execute(f'CREATE TEMPORARY TABLE {table} (LIKE "{schema}".{table}) ON COMMIT DROP')
        for _, text in triggers:
            cursor.execute(text)
        cursor.execute(_TRIGGERS.format(schema=_SCRATCH))
        written = {(name, table): _SCHEMA.sub(" ON ", text) for name, table, text in cursor.fetchall()}
        transaction.set_rollback(True)
    return written


@cache
def _laid_down(vendor: str, subject: str = "") -> Mapping[tuple[str, str], str]:
    """Return the statements of the migrations, of one subject or of all, by what they create and its name."""
    found = {}
    for (app, _), migration in MigrationLoader(None).disk_migrations.items():
        if subject in {"", app}:
            made = getattr(sys.modules[type(migration).__module__], "STATEMENTS", {})
            for statement in made.get(vendor, ()):
                if created := _CREATED.match(statement):
                    found[created[1], created[2]] = statement
    return found
