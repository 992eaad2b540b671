"""Bringing the database to the program's version."""

from io import StringIO

from django.core.management import call_command


def migrate() -> None:
    """Create or upgrade every table, and the one that sign-in throttling counts in."""
    call_command("migrate", interactive=False, verbosity=0, stdout=StringIO())
    call_command("createcachetable", verbosity=0, stdout=StringIO())
