"""Protocols of viewings; those that were opened before leave none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Tables of protocols and of the notes appended to them."""

    dependencies = [
        ("access", "0004_renewals"),
        ("office", "0003_duties"),
    ]

    operations = [
        migrations.CreateModel(
            name="Protocol",
            fields=[
                (
                    "viewing",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="protocol",
                        serialize=False,
                        to="access.viewing",
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("fields", models.JSONField()),
                ("position_of", models.CharField(max_length=16)),
                ("texts", models.JSONField(default=dict)),
                ("drafted_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("finished_by", models.CharField(blank=True, max_length=40)),
                ("salt", models.BinaryField(default=bytes)),
                ("position", models.TextField(blank=True)),
                ("position_at", models.DateTimeField(null=True)),
                ("position_by", models.CharField(blank=True, max_length=40)),
                ("position_salt", models.BinaryField(default=bytes)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="office.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ProtocolNote",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                ("salt", models.BinaryField()),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=40)),
                (
                    "protocol",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="access.protocol",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="protocol",
            index=models.Index(
                condition=models.Q(("finished_at__isnull", False), ("position_at__isnull", True)),
                fields=["position_of"],
                name="protocol_without_position",
            ),
        ),
        migrations.AddConstraint(
            model_name="protocol",
            constraint=models.UniqueConstraint(
                condition=models.Q(("finished_at__isnull", True)),
                fields=("person",),
                name="one_unfinished_protocol_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="protocolnote",
            constraint=models.UniqueConstraint(fields=("protocol", "place"), name="note_once_a_protocol"),
        ),
    ]
