"""The tables of the test database: made by the migrations once in a run, and copied by its other processes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.installation import made_once


def copy_tables(source: sqlite3.Connection, target: sqlite3.Connection | Path) -> None:
    """Copy a whole database of SQLite, to a file or to an open one."""
    if isinstance(target, sqlite3.Connection):
        source.backup(target)
        return
    with closing(sqlite3.connect(target)) as file:
        source.backup(file)


def make_or_copy_tables(migrate: Callable[..., None]) -> Callable[..., None]:
    """Return the handler of Django's command that copies into an empty SQLite what the migrations have made once in this run."""
    from django.db import connection

    def make_or_copy(command: Any, *arguments: Any, **options: Any) -> None:
        if connection.vendor != "sqlite" or connection.introspection.table_names():
            migrate(command, *arguments, **options)
            return
        here = []

        def make(place: Path) -> None:
            migrate(command, *arguments, **options)
            copy_tables(connection.connection, place)
            here.append(place)

        made = made_once("tables.db", make)
        if not here:
            connection.ensure_connection()
            with closing(sqlite3.connect(made)) as source:
                copy_tables(source, connection.connection)

    return make_or_copy


def copy_tables_from_now_on(patched: pytest.MonkeyPatch) -> None:
    """Let the command that makes the tables copy them where a process of this run has made them: here, and in what is forked."""
    from django.core.management.commands.migrate import Command

    patched.setattr(Command, "handle", make_or_copy_tables(Command.handle))


@pytest.fixture(scope="session")
def _copied_tables() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patched:
        copy_tables_from_now_on(patched)
        yield patched


@pytest.fixture(scope="session")
def django_db_setup(_copied_tables: pytest.MonkeyPatch, django_db_setup: None) -> None:  # noqa: ARG001 - asked for its effect
    """Make the test database as ever; from then on the command is what it is."""
    _copied_tables.undo()
