from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

PRINTED = (
    "number", "place_id", "spot", "streams", "areas", "covers", "digest", "version", "size", "entered_at", "entered_by",
)  # fmt: skip
"""Columns of a plate that nothing changes."""
PUBLISHED = (
    "number", "channel", "address", "editions", "version", "published_on", "entered_at", "entered_by",
)  # fmt: skip
"""Columns of a publication that nothing changes."""


def _same(columns: tuple[str, ...], equal: str) -> str:
    return " AND ".join(f"NEW.{each} {equal} OLD.{each}" for each in columns)


def _plate(equal: str) -> str:
    """Return what a change of a plate may be: put up once, looked at, taken down once."""
    return f"{_same(PRINTED, equal)} AND OLD.down_on IS NULL AND (OLD.up_since IS NULL OR NEW.up_since {equal} OLD.up_since)"


def _publication(equal: str) -> str:
    return f"{_same(PUBLISHED, equal)} AND OLD.ended_on IS NULL AND NEW.ended_on IS NOT NULL"


SQLITE = (
    """
    CREATE TRIGGER notices_wording_fixed BEFORE UPDATE ON notices_wording
    BEGIN SELECT RAISE(ABORT, 'a wording never changes'); END
    """,
    """
    CREATE TRIGGER notices_wording_kept BEFORE DELETE ON notices_wording
    BEGIN SELECT RAISE(ABORT, 'wordings are never deleted'); END
    """,
    f"""
    CREATE TRIGGER notices_plate_steps BEFORE UPDATE ON notices_plate WHEN NOT ({_plate("IS")})
    BEGIN SELECT RAISE(ABORT, 'what is printed on a plate never changes, nor a plate that was taken down'); END
    """,
    """
    CREATE TRIGGER notices_plate_kept BEFORE DELETE ON notices_plate
    BEGIN SELECT RAISE(ABORT, 'plates are never deleted'); END
    """,
    f"""
    CREATE TRIGGER notices_publication_ends BEFORE UPDATE ON notices_publication WHEN NOT ({_publication("IS")})
    BEGIN SELECT RAISE(ABORT, 'a publication changes by its end alone'); END
    """,
    """
    CREATE TRIGGER notices_publication_kept BEFORE DELETE ON notices_publication
    BEGIN SELECT RAISE(ABORT, 'publications are never deleted'); END
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
    f"""
    CREATE TRIGGER notices_plate_steps BEFORE UPDATE ON notices_plate FOR EACH ROW
    WHEN (NOT ({_plate("IS NOT DISTINCT FROM")}))
    EXECUTE FUNCTION registers_refused('what is printed on a plate never changes, nor a plate that was taken down')
    """,
    """
    CREATE TRIGGER notices_plate_kept BEFORE DELETE ON notices_plate FOR EACH ROW
    EXECUTE FUNCTION registers_refused('plates are never deleted')
    """,
    f"""
    CREATE TRIGGER notices_publication_ends BEFORE UPDATE ON notices_publication FOR EACH ROW
    WHEN (NOT ({_publication("IS NOT DISTINCT FROM")}))
    EXECUTE FUNCTION registers_refused('a publication changes by its end alone')
    """,
    """
    CREATE TRIGGER notices_publication_kept BEFORE DELETE ON notices_publication FOR EACH ROW
    EXECUTE FUNCTION registers_refused('publications are never deleted')
    """,
)


def guard(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the triggers of this database in place."""
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


ID = ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("registers", "0001_initial"),
        ("office", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessibilityFacts",
            fields=[
                ID,
                ("number", models.PositiveIntegerField(unique=True)),
                ("facts", models.JSONField()),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name="Publication",
            fields=[
                ID,
                ("number", models.CharField(max_length=20, unique=True)),
                ("channel", models.CharField(max_length=20)),
                ("address", models.CharField(max_length=300)),
                ("editions", models.JSONField()),
                ("version", models.PositiveIntegerField()),
                ("published_on", models.DateField()),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_on__isnull", True),
                            ("ended_on__gte", models.F("published_on")),
                            _connector="OR",
                        ),
                        name="publication_before_end",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Wording",
            fields=[
                ID,
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
        migrations.CreateModel(
            name="Plate",
            fields=[
                ID,
                ("number", models.CharField(max_length=20, unique=True)),
                ("spot", models.CharField(blank=True, max_length=120)),
                ("streams", models.JSONField()),
                ("areas", models.JSONField()),
                ("covers", models.JSONField()),
                ("digest", models.CharField(blank=True, max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("size", models.CharField(max_length=6)),
                ("up_since", models.DateField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
                ("next_check_on", models.DateField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
                ("checked_by", models.CharField(blank=True, max_length=40)),
                ("condition", models.CharField(default="good", max_length=10)),
                ("down_on", models.DateField(null=True)),
                ("down_reason", models.CharField(blank=True, max_length=200)),
                ("place", models.ForeignKey(on_delete=models.PROTECT, related_name="+", to="office.place")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("down_on__isnull", True),
                            ("up_since__isnull", True),
                            ("down_on__gte", models.F("up_since")),
                            _connector="OR",
                        ),
                        name="plate_up_before_down",
                    )
                ],
            },
        ),
        migrations.RunPython(guard),
    ]
