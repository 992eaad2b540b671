from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SQLITE = (
    """
    CREATE TRIGGER notices_wording_fixed BEFORE UPDATE ON notices_wording
    BEGIN SELECT RAISE(ABORT, 'a wording never changes'); END
    """,
    """
    CREATE TRIGGER notices_wording_kept BEFORE DELETE ON notices_wording
    BEGIN SELECT RAISE(ABORT, 'wordings are never deleted'); END
    """,
)

POSTGRESQL = (
    """
    CREATE TRIGGER notices_wording_fixed BEFORE UPDATE ON notices_wording FOR EACH ROW
    EXECUTE FUNCTION registers_refused('a wording never changes')
    """,
    """
    CREATE TRIGGER notices_wording_kept BEFORE DELETE ON notices_wording FOR EACH ROW
    EXECUTE FUNCTION registers_refused('wordings are never deleted')
    """,
)


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers of this database in place."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    initial = True

    dependencies = [("registers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                ("stream", models.CharField(max_length=12)),
                ("passage", models.CharField(max_length=40)),
                ("language", models.CharField(max_length=2)),
                ("text", models.TextField(blank=True)),
                ("in_force_from", models.DateField()),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["stream", "passage", "language"], name="wording_by_passage")
                ],
            },
        ),
        migrations.RunPython(guard),
    ]
