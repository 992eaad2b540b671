import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("office", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Source",
            fields=[
                ("id", models.CharField(editable=False, max_length=32, primary_key=True, serialize=False)),
                ("stream", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=120)),
                ("address", models.CharField(max_length=500)),
                ("credentials", models.BinaryField(default=b"")),
                ("transport", models.CharField(default="tcp", max_length=8)),
                ("live_address", models.CharField(blank=True, max_length=500)),
                ("added_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("switched_on", models.BooleanField(default=True)),
                ("position", models.PositiveIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("accounted_until", models.DateTimeField(null=True)),
                (
                    "place",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="office.place",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StorageReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(unique=True)),
                ("used", models.BigIntegerField()),
                ("free", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Volume",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("installation", models.CharField(max_length=40)),
                ("volume", models.CharField(max_length=40)),
                ("opened", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="SourceHealth",
            fields=[
                (
                    "source",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="health",
                        serialize=False,
                        to="catalog.source",
                    ),
                ),
                ("state", models.CharField(default="starting", max_length=12)),
                ("cause", models.CharField(blank=True, max_length=40)),
                ("since", models.DateTimeField()),
                ("last_picture_at", models.DateTimeField(null=True)),
                ("clock_offset_s", models.FloatField(null=True)),
                ("clock_method", models.CharField(blank=True, max_length=12)),
                ("clock_at", models.DateTimeField(null=True)),
                ("codec", models.CharField(blank=True, max_length=40)),
                ("width", models.PositiveIntegerField(default=0)),
                ("height", models.PositiveIntegerField(default=0)),
                ("bytes_per_second", models.FloatField(default=0)),
                ("reported_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("day", models.DateField()),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField()),
                ("camera_offset_s", models.FloatField(null=True)),
                ("run", models.CharField(max_length=32)),
                ("object_name", models.CharField(max_length=200, unique=True)),
                ("bytes", models.BigIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("recipient", models.CharField(max_length=80)),
                ("frames", models.PositiveIntegerField()),
                ("codec", models.CharField(max_length=40)),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("index", models.BinaryField(default=b"")),
                ("recovered", models.BooleanField(default=False)),
                ("tail", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[("sealed", "Sealed"), ("held", "Held"), ("destroyed", "Destroyed")],
                        default="sealed",
                        max_length=10,
                    ),
                ),
                ("replaced_header", models.BinaryField(default=b"")),
                ("booked_at", models.DateTimeField()),
                ("entry", models.BigIntegerField()),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segments",
                        to="catalog.source",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Gap",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("start", models.DateTimeField()),
                ("end", models.DateTimeField(null=True)),
                ("cause", models.CharField(max_length=40)),
                ("entry", models.BigIntegerField(null=True)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="gaps", to="catalog.source"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayTotal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("recorded_ms", models.BigIntegerField(default=0)),
                ("segments", models.PositiveIntegerField(default=0)),
                ("bytes", models.BigIntegerField(default=0)),
                ("kept_bytes", models.BigIntegerField(default=0)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="day_totals",
                        to="catalog.source",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DayKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("recipient", models.CharField(max_length=80)),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="day_keys",
                        to="catalog.source",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(
                condition=models.Q(("removed_at__isnull", True)),
                fields=("name",),
                name="name_once_among_present_sources",
            ),
        ),
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(fields=["source", "start"], name="segment_by_source_start"),
        ),
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(fields=["source", "day", "state"], name="segment_by_day_state"),
        ),
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(
                condition=models.Q(("state", "destroyed"), _negated=True),
                fields=["day"],
                name="segment_living_by_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="segment",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gt", models.F("start"))), name="segment_not_empty"
            ),
        ),
        migrations.AddIndex(
            model_name="segment",
            index=models.Index(
                condition=models.Q(("recovered", True), models.Q(("state", "destroyed"), _negated=True)),
                fields=["start"],
                name="segment_recovered",
            ),
        ),
        migrations.AddIndex(
            model_name="gap",
            index=models.Index(fields=["source", "start"], name="gap_by_source_start"),
        ),
        migrations.AddConstraint(
            model_name="gap",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__isnull", True), ("end__gt", models.F("start")), _connector="OR"),
                name="gap_not_empty",
            ),
        ),
        migrations.AddConstraint(
            model_name="gap",
            constraint=models.UniqueConstraint(
                condition=models.Q(("end__isnull", True)), fields=("source",), name="one_open_gap_a_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="daytotal",
            constraint=models.UniqueConstraint(fields=("source", "day"), name="one_total_a_source_and_day"),
        ),
        migrations.AddConstraint(
            model_name="daykey",
            constraint=models.UniqueConstraint(fields=("source", "day"), name="one_key_a_source_and_day"),
        ),
    ]
