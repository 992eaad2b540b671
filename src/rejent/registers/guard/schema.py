"""The database's schema, held against what the migrations put there: tables, indexes and constraints, triggers, functions and rules.

What they put there is made anew, of the models in the state that the migrations leave and of the statements that stand in their modules
as ``STATEMENTS``: on SQLite in an empty database in memory, on PostgreSQL as temporary tables, for it keeps no text but writes it anew.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import load_backend

from rejent.kernel.findings import Finding

_CREATED = re.compile(r"\s*CREATE (TRIGGER|FUNCTION) (\w+)")
_BODY = re.compile(r"\$\$(.*)\$\$", re.DOTALL)
_TABLE = re.compile(r" ON (\w+)")
_SCHEMA = re.compile(r" ON \w+\.")
_OF_SQLITE = re.compile(r"sqlite_(sequence|stat\d)")
"""Tables of which SQLite keeps its own account."""
_SCRATCH_ALIAS = "scratch"
_ON_SQLITE = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_CODE = (" WHERE type IN ('trigger', 'view')", " WHERE type IN ('table', 'index')")
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
_SHAPES = """
    SELECT 'table ' || c.relname, concat_ws(' ', c.relkind, c.relrowsecurity) FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {schema} AND NOT EXISTS
    (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    UNION ALL SELECT 'column ' || a.attname || ' of ' || c.relname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
        a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attcollation)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {schema}
    UNION ALL SELECT 'constraint ' || k.conname || ' on ' || c.relname, pg_get_constraintdef(k.oid) || ' ' || k.convalidated
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype <> 't' AND {schema}
    UNION ALL SELECT 'index ' || i.relname || ' on ' || c.relname, concat_ws(' ', pg_get_indexdef(x.indexrelid),
        x.indisvalid, x.indisready, x.indislive, x.indisunique, x.indimmediate)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND {schema}
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
        cursor.execute(
            _ON_SQLITE + _CODE[0] if connection.vendor == "sqlite" else _TRIGGERS.format(schema=_OURS)
        )
        found = {row[1] if connection.vendor == "sqlite" else row[0] for row in cursor.fetchall()}
    return [name for kind, name in _laid_down(connection.vendor, subject) if kind == "TRIGGER" and name not in found]  # fmt: skip


def foreign_code() -> Iterator[Finding]:
    """Yield each trigger, function, rule or view by which the database acts, and which is not as the migrations put it there."""
    found = _on_sqlite() if connection.vendor == "sqlite" else _on_postgresql()
    for what, is_ours in found:
        if is_ours:
            yield _found("code-changed", "The database acts by {what}, which somebody changed.", what)
        else:
            yield _found(
                "code-foreign", "The database acts by {what}, which the program did not put there.", what
            )


def _on_sqlite() -> Iterator[tuple[str, bool]]:
    ours = _laid_down("sqlite")
    with connection.cursor() as cursor:
        cursor.execute(f"{_ON_SQLITE}{_CODE[0]} ORDER BY name")
        held = cursor.fetchall()
    for kind, name, table, text in held:
        statement = ours.get(("TRIGGER", name))
        if statement is None or text.split() != statement.split():
            yield f"{kind} {name} on {table}", statement is not None


def _on_postgresql() -> Iterator[tuple[str, bool]]:
    ours, laid_down = _laid_down("postgresql"), _made_on_postgresql()[0]
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


def schema_findings() -> Iterator[Finding]:
    """Yield each table, index, column and constraint that is not as the migrations make it, that they do not make, or that lacks."""
    made = _made_on_sqlite() if connection.vendor == "sqlite" else _made_on_postgresql()[1]
    held = _held_by(connection) if connection.vendor == "sqlite" else _shapes(_OURS)
    apart = {str(each["LOCATION"]) for each in settings.CACHES.values() if "LOCATION" in each}
    for what in sorted(made.keys() | held.keys()):
        if what.split()[-1] in apart or made.get(what) == held.get(what):
            continue
        if what not in made:
            yield _found("schema-foreign", "The database has {what}, which the program did not make.", what)
        elif what not in held:
            yield _found("schema-missing", "The database lacks {what}, which the program made.", what)
        else:
            yield _found("schema-changed", "The database has {what}, but not as the program made it.", what)


def _found(code: str, template: str, what: str) -> Finding:
    return Finding("registers", f"registers.{code}", template, {"what": what})


def _held_by(one: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the tables and indexes of a database of SQLite, each with its statement."""
    with one.cursor() as cursor:
        cursor.execute(_ON_SQLITE + _CODE[1])
        rows = [row for row in cursor.fetchall() if not _OF_SQLITE.fullmatch(row[1])]
    return {
        f"table {name}" if kind == "table" else f"index {name} on {table}": _plain(text or "")
        for kind, name, table, text in rows
    }


def _plain(statement: str) -> str:
    """Return a statement with the parts of its outermost brackets in one order: that of columns follows from how a table came about."""
    parts, depth, quote = [""], 0, ""
    for sign in statement:
        quote = "" if sign == quote else quote or (sign if sign in "'\"" else "")
        depth += 0 if quote else (sign == "(") - (sign == ")")
        if not quote and ((sign, depth) in {(",", 1), ("(", 1), (")", 0)}):
            parts.append("")
        else:
            parts[-1] += sign
    return "\0".join(sorted(" ".join(part.split()) for part in parts))


@cache
def _made_on_sqlite() -> Mapping[str, str]:
    """Return the tables and indexes that the migrations make, as SQLite writes them."""
    options = {**connection.settings_dict, "NAME": ":memory:"}
    scratch = load_backend("django.db.backends.sqlite3").DatabaseWrapper(options, alias=_SCRATCH_ALIAS)
    connections[_SCRATCH_ALIAS] = scratch
    try:
        with scratch.constraint_checks_disabled():
            _make_tables(scratch)
            MigrationRecorder(scratch).ensure_schema()
        return _held_by(scratch)
    finally:
        del connections[_SCRATCH_ALIAS]
        scratch.close()


def _make_tables(where: BaseDatabaseWrapper) -> None:
    models = MigrationLoader(None).project_state().apps.get_models()
    with where.schema_editor(atomic=False) as editor:
        for model in models:
            if model._meta.can_migrate(where):
                editor.create_model(model)


@cache
def _made_on_postgresql() -> tuple[Mapping[tuple[str, str], str], Mapping[str, str]]:
    """Return what the migrations make, as this server writes it: the triggers by name and table, and everything else."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        (schema,) = cursor.fetchone()
        cursor.execute(f'SET LOCAL search_path = pg_temp, "{schema}"')
        _make_tables(connection)
        with connection.schema_editor(atomic=False) as editor:
            editor.create_model(MigrationRecorder.Migration)
        for (kind, _), text in _laid_down("postgresql").items():
            if kind == "TRIGGER":
                cursor.execute(text)
        cursor.execute(_TRIGGERS.format(schema=_SCRATCH))
        written = {(name, table): _SCHEMA.sub(" ON ", text) for name, table, text in cursor.fetchall()}
        shapes = _shapes(_SCRATCH)
        transaction.set_rollback(True)
    return written, shapes


def _shapes(schema: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_SHAPES.format(schema=schema))
        rows: list[tuple[str, Any]] = cursor.fetchall()
    return {what: _SCHEMA.sub(" ON ", text) for what, text in rows}


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
