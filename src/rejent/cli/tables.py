"""Bringing the database's tables to the program's version."""

from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def bring_up_to_date() -> None:
    """Create or upgrade every table, and the one that waits after failed sign-ins are counted in."""
    call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    call_command("createcachetable", verbosity=0, stdout=StringIO())


def up_to_date() -> bool:
    """Whether no table waits for an upgrade."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
