"""Rows of notices; triggers keep wordings as they were entered (`0001_initial`)."""

from typing import ClassVar

from django.db import models

from rejent.registers.guard.rows import GuardedModel


class Wording(GuardedModel):
    """A passage of the documents in an office's own words; of several of one passage the newest whose day has come counts."""

    number = models.PositiveIntegerField(unique=True)
    """Consecutive over all of them, so that none can be taken away unnoticed."""
    stream = models.CharField(max_length=12)
    passage = models.CharField(max_length=40)
    language = models.CharField(max_length=2)
    text = models.TextField(blank=True)
    """With placeholders; empty where the program's own wording counts again."""
    in_force_from = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)

    guard_key = "number"

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["stream", "passage", "language"], name="wording_by_passage"),
        ]

    def __str__(self) -> str:
        return str(self.number)
