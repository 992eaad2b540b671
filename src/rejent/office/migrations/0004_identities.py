"""Identities: what people are known by to identity providers and directories."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The links, none."""

    dependencies = [
        ("office", "0003_duties"),
    ]

    operations = [
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("way", models.CharField(max_length=8)),
                ("issuer", models.CharField(blank=True, max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("linked_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identities",
                        to="office.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("way", "issuer", "subject"), name="identity_of_one_person"
                    ),
                    models.UniqueConstraint(fields=("person", "way"), name="identity_once_a_way"),
                ],
            },
        ),
    ]
