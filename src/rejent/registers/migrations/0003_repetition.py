"""Counts of acts that come again and again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A row for each kind of repeated act of the last minute."""

    dependencies = [("registers", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Repetition",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("entry", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(blank=True, max_length=64)),
                ("subject", models.CharField(blank=True, max_length=200)),
                ("count", models.BigIntegerField(default=0)),
            ],
            options={"indexes": [models.Index(fields=["at"], name="repetition_by_time")]},
        ),
    ]
