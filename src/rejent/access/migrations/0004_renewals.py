"""Which authorisation another one follows, and in whose place it was issued."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Empty for authorisations that were issued before."""

    dependencies = [("access", "0003_supervision")]

    operations = [
        migrations.AddField(
            model_name="authorisation",
            name="follows",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="in_place_of",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
    ]
