"""Absences of the head, faults, processing agreements, written statements, and how often sessions were ended."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty; every session that is open stays so."""

    dependencies = [
        ("office", "0002_stations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True)),
                ("source", models.CharField(blank=True, max_length=32)),
                ("stream", models.CharField(blank=True, max_length=12)),
                ("description", models.TextField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.CharField(blank=True, max_length=40)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by", models.CharField(blank=True, max_length=40)),
                ("outcome", models.TextField(blank=True)),
            ],
        ),
        migrations.AddField(
            model_name="account",
            name="sessions_ended",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.CreateModel(
            name="ProcessingAgreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=80, unique=True)),
                ("party", models.CharField(max_length=200)),
                ("concluded_on", models.DateField()),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True),
                            ("valid_until__gte", models.F("valid_from")),
                            _connector="OR",
                        ),
                        name="agreement_not_empty",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_day", models.DateField()),
                ("last_day", models.DateField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absences",
                        to="office.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_day__isnull", True),
                            ("last_day__gte", models.F("first_day")),
                            _connector="OR",
                        ),
                        name="absence_not_empty",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CoveredPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="office.person",
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="office.processingagreement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("agreement", "person"), name="person_once_an_agreement")
                ],
            },
        ),
        migrations.CreateModel(
            name="SignedStatement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField()),
                ("signed_on", models.DateField()),
                ("entered_at", models.DateTimeField()),
                ("entered_by", models.CharField(blank=True, max_length=40)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="office.person",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "version"), name="statement_once_a_version")
                ],
            },
        ),
    ]
