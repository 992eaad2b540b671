from django.db import migrations, models

_TOLD = ~models.Q(
    act__in=("clock.steady", "gap.corrected", "segment.mended", "segment.resealed", "segment.sealed")
)


def _told_by(name: str, *fields: str) -> migrations.AddIndex:
    return migrations.AddIndex("entry", models.Index(condition=_TOLD, fields=fields, name=name))


class Migration(migrations.Migration):
    """Indexes of what people are told of, so that a page of a million acts comes at once."""

    dependencies = [("registers", "0003_repetition")]

    operations = [
        _told_by("told_by_time", "at", "index"),
        _told_by("told_by_actor", "actor", "at", "index"),
        _told_by("told_by_subject", "subject", "at", "index"),
        _told_by("told_by_actor_and_act", "actor", "act", "at"),
    ]
