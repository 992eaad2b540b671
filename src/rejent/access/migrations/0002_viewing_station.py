"""Where a viewing was opened."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty for viewings that were opened before there were stations."""

    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="viewing",
            name="station",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
    ]
