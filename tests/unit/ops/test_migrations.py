"""The migrations are those of the models, and make the database that they were checked on."""

from io import StringIO

from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


def test_no_model_has_changed_without_a_migration(db: None) -> None:  # noqa: ARG001 - asked for its effect
    """Nothing is left that makemigrations would write."""
    said = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=said, no_input=True)
    assert "No changes detected" in said.getvalue()


def test_every_subject_has_one_line_of_migrations() -> None:
    """No subject has two migrations that nothing joins."""
    assert MigrationLoader(None).detect_conflicts() == {}
