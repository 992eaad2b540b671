"""Stations: the computers that recordings may be seen on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """The list, empty."""

    dependencies = [("office", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="Station",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=64)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("address", models.CharField(blank=True, max_length=43)),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("enrolled_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("name",),
                        name="station_once_by_name",
                    )
                ]
            },
        ),
    ]
