"""The database itself refuses to change or forget what was entered."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """
    CREATE TRIGGER registers_entry_erased_only BEFORE UPDATE ON registers_entry
    WHEN NOT (
        NEW."index" IS OLD."index" AND NEW.at IS OLD.at AND NEW.act IS OLD.act AND NEW.actor IS OLD.actor
        AND NEW.subject IS OLD.subject AND NEW.leaf IS OLD.leaf AND NEW.facts IS NULL AND NEW.salt IS NULL
    )
    BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never changed'); END
    """,
    """
    CREATE TRIGGER registers_entry_kept BEFORE DELETE ON registers_entry
    BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never deleted'); END
    """,
    """
    CREATE TRIGGER registers_treehead_grows BEFORE UPDATE ON registers_treehead
    WHEN NEW.size <= OLD.size OR NEW.id IS NOT OLD.id
    BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END
    """,
    """
    CREATE TRIGGER registers_treehead_kept BEFORE DELETE ON registers_treehead
    BEGIN SELECT RAISE(ABORT, 'the ledger only grows'); END
    """,
    """
    CREATE TRIGGER registers_checkpoint_stamped_only BEFORE UPDATE ON registers_checkpoint
    WHEN NOT (
        NEW.size IS OLD.size AND NEW.root IS OLD.root AND NEW.note IS OLD.note AND NEW.at IS OLD.at
        AND OLD.token IS NULL
    )
    BEGIN SELECT RAISE(ABORT, 'checkpoints are never changed'); END
    """,
    """
    CREATE TRIGGER registers_checkpoint_kept BEFORE DELETE ON registers_checkpoint
    BEGIN SELECT RAISE(ABORT, 'checkpoints are never deleted'); END
    """,
    """
    CREATE TRIGGER registers_series_first BEFORE INSERT ON registers_series
    WHEN NEW.last <> 1
    BEGIN SELECT RAISE(ABORT, 'a series begins with 1'); END
    """,
    """
    CREATE TRIGGER registers_series_next BEFORE UPDATE ON registers_series
    WHEN NOT (NEW.id IS OLD.id AND NEW.name IS OLD.name AND NEW.year IS OLD.year AND NEW.last = OLD.last + 1)
    BEGIN SELECT RAISE(ABORT, 'a series has no gaps'); END
    """,
    """
    CREATE TRIGGER registers_series_kept BEFORE DELETE ON registers_series
    BEGIN SELECT RAISE(ABORT, 'a series has no gaps'); END
    """,
)

POSTGRESQL = (
    """
    CREATE FUNCTION registers_refused() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    """
    CREATE TRIGGER registers_entry_erased_only BEFORE UPDATE ON registers_entry FOR EACH ROW
    WHEN (NOT (
        NEW."index" = OLD."index" AND NEW.at = OLD.at AND NEW.act = OLD.act AND NEW.actor = OLD.actor
        AND NEW.subject = OLD.subject AND NEW.leaf = OLD.leaf AND NEW.facts IS NULL AND NEW.salt IS NULL
    ))
    EXECUTE FUNCTION registers_refused('entries of the ledger are never changed')
    """,
    """
    CREATE TRIGGER registers_entry_kept BEFORE DELETE OR TRUNCATE ON registers_entry FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refused('entries of the ledger are never deleted')
    """,
    """
    CREATE TRIGGER registers_treehead_grows BEFORE UPDATE ON registers_treehead FOR EACH ROW
    WHEN (NEW.size <= OLD.size OR NEW.id <> OLD.id)
    EXECUTE FUNCTION registers_refused('the ledger only grows')
    """,
    """
    CREATE TRIGGER registers_treehead_kept BEFORE DELETE OR TRUNCATE ON registers_treehead FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refused('the ledger only grows')
    """,
    """
    CREATE TRIGGER registers_checkpoint_stamped_only BEFORE UPDATE ON registers_checkpoint FOR EACH ROW
    WHEN (NOT (
        NEW.size = OLD.size AND NEW.root = OLD.root AND NEW.note = OLD.note AND NEW.at = OLD.at AND OLD.token IS NULL
    ))
    EXECUTE FUNCTION registers_refused('checkpoints are never changed')
    """,
    """
    CREATE TRIGGER registers_checkpoint_kept BEFORE DELETE OR TRUNCATE ON registers_checkpoint FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refused('checkpoints are never deleted')
    """,
    """
    CREATE TRIGGER registers_series_first BEFORE INSERT ON registers_series FOR EACH ROW
    WHEN (NEW.last <> 1)
    EXECUTE FUNCTION registers_refused('a series begins with 1')
    """,
    """
    CREATE TRIGGER registers_series_next BEFORE UPDATE ON registers_series FOR EACH ROW
    WHEN (NOT (NEW.id = OLD.id AND NEW.name = OLD.name AND NEW.year = OLD.year AND NEW.last = OLD.last + 1))
    EXECUTE FUNCTION registers_refused('a series has no gaps')
    """,
    """
    CREATE TRIGGER registers_series_kept BEFORE DELETE OR TRUNCATE ON registers_series FOR EACH STATEMENT
    EXECUTE FUNCTION registers_refused('a series has no gaps')
    """,
)


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers of this database in place."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Triggers that refuse what a table that only grows does not allow."""

    dependencies = [("registers", "0001_initial")]

    operations = [migrations.RunPython(guard)]
