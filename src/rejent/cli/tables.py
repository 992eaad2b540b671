"""Migration of the database's tables to the program's version."""

from io import StringIO

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate_tables() -> None:
    """Create or migrate every table, and the one that counts failed sign-ins."""
    call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    call_command("createcachetable", verbosity=0, stdout=StringIO())


def tables_are_current() -> bool:
    """Return True if no table waits for a migration."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
