"""Let one viewing open several sources of a stream, and say of what was seen in which it lies."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A viewing and a request for a second person name further sources; a part that was seen names its own."""

    dependencies: ClassVar = [("access", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField("viewing", "further", models.JSONField(default=list)),
        migrations.AddField("secondasked", "further", models.JSONField(default=list)),
        migrations.AddField(
            "seeninterval", "source_id", models.CharField(default="", max_length=32), preserve_default=False
        ),
    ]
