from django.db import migrations, models

from rejent.registers.guard.refused_changes import RefusedChange, lay_down, statements, unchanged

PRINTED = (
    "number", "place_id", "spot", "streams", "areas", "covers", "digest", "version", "size", "entered_at", "entered_by",
)  # fmt: skip
"""Columns of a plate that nothing changes."""
PUT_UP_ONCE = f"OLD.down_on IS NULL AND (OLD.up_since IS NULL OR {unchanged(['up_since'])})"
PUBLISHED = (
    "number", "channel", "address", "editions", "version", "published_on", "entered_at", "entered_by",
)  # fmt: skip
"""Columns of a publication that nothing changes."""

STATEMENTS = statements(
    [
        RefusedChange("notices_wording_fixed", "UPDATE", "notices_wording", "a wording never changes"),
        RefusedChange("notices_wording_kept", "DELETE", "notices_wording", "wordings are never deleted"),
        RefusedChange(
            "notices_plate_steps",
            "UPDATE",
            "notices_plate",
            "what is printed on a plate never changes, nor a plate that was taken down",
            when=f"NOT ({unchanged(PRINTED)} AND {PUT_UP_ONCE})",
        ),
        RefusedChange("notices_plate_kept", "DELETE", "notices_plate", "plates are never deleted"),
        RefusedChange(
            "notices_publication_ends",
            "UPDATE",
            "notices_publication",
            "a publication changes by its end alone",
            when=f"NOT ({unchanged(PUBLISHED)} AND OLD.ended_on IS NULL AND NEW.ended_on IS NOT NULL)",
        ),
        RefusedChange(
            "notices_publication_kept", "DELETE", "notices_publication", "publications are never deleted"
        ),
        RefusedChange(
            "notices_regulationtext_fixed",
            "UPDATE",
            "notices_regulationtext",
            "a text of the regulation never changes",
        ),
        RefusedChange(
            "notices_regulationtext_kept",
            "DELETE",
            "notices_regulationtext",
            "texts of the regulation are never deleted",
        ),
    ]
)

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
        migrations.CreateModel(
            name="RegulationText",
            fields=[
                ID,
                ("number", models.PositiveIntegerField(unique=True)),
                ("version", models.PositiveIntegerField()),
                ("media_type", models.CharField(max_length=100)),
                ("bytes", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("decree", models.CharField(max_length=120)),
                ("adopted_on", models.DateField()),
                ("remark", models.TextField(blank=True)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
            ],
        ),
        migrations.RunPython(lay_down(STATEMENTS)),
    ]
