"""Count the calls of a number by its index alone."""

from typing import ClassVar

from django.db import migrations, models

from rejent.streams.calls.catalog.phone_numbers import NumberSuffix

COUNTED_BY = ("source", "ended_by", "destroyed")


class Migration(migrations.Migration):
    """The indexes of numbers hold what decides which calls fit."""

    dependencies: ClassVar = [("calls", "0001_initial"), ("catalog", "0001_initial")]

    operations: ClassVar = [
        migrations.RemoveIndex("call", "call_by_caller"),
        migrations.RemoveIndex("call", "call_by_called"),
        migrations.AddIndex(
            "call",
            models.Index(NumberSuffix("caller"), "start", "caller", *COUNTED_BY, name="call_by_caller"),
        ),
        migrations.AddIndex(
            "call",
            models.Index(NumberSuffix("called"), "start", "called", *COUNTED_BY, name="call_by_called"),
        ),
    ]
