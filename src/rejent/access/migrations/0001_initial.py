import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("office", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Authorisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("acts", models.JSONField()),
                ("stream", models.CharField(max_length=12)),
                ("every_source", models.BooleanField(default=True)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("issued_at", models.DateTimeField()),
                ("issued_by", models.CharField(blank=True, max_length=40)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("revoked_by", models.CharField(blank=True, max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="office.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AuthorisedSource",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sources",
                        to="access.authorisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.source"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LiveWatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("sources", models.JSONField()),
                ("session", models.CharField(blank=True, max_length=64)),
                ("started_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="office.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Viewing",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("purpose", models.CharField(max_length=80)),
                ("case", models.CharField(max_length=120)),
                ("session", models.CharField(max_length=64)),
                ("opened_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="office.person"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.source"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SeenInterval",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("kind", models.CharField(default="clip", max_length=8)),
                (
                    "viewing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="seen", to="access.viewing"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="authorisation",
            index=models.Index(fields=["person", "valid_until"], name="authorisation_by_person"),
        ),
        migrations.AddConstraint(
            model_name="authorisedsource",
            constraint=models.UniqueConstraint(
                fields=("authorisation", "source"), name="source_once_an_authorisation"
            ),
        ),
        migrations.AddIndex(
            model_name="livewatch",
            index=models.Index(fields=["started_at"], name="live_by_start"),
        ),
        migrations.AddIndex(
            model_name="viewing",
            index=models.Index(fields=["person", "opened_at"], name="viewing_by_person"),
        ),
        migrations.AddIndex(
            model_name="viewing",
            index=models.Index(fields=["source", "opened_at"], name="viewing_by_source"),
        ),
        migrations.AddIndex(
            model_name="viewing",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", True)), fields=["expires_at"], name="viewing_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="viewing",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gt", models.F("start"))), name="viewing_not_empty"
            ),
        ),
        migrations.AddIndex(
            model_name="seeninterval",
            index=models.Index(fields=["viewing", "start"], name="seen_by_viewing_start"),
        ),
    ]
