"""Rows of supervision: the sample of each week's viewings, what reviewing them came to, and the week's report as made."""

from typing import ClassVar

from django.db import models

from rejent.registers.guard.model import GuardedModel


class Draw(GuardedModel):
    """The sample of one week, drawn once out of the signed state of the ledger that closed the week."""

    week = models.CharField(max_length=8, unique=True)
    size = models.BigIntegerField()
    population = models.PositiveIntegerField()
    percent = models.PositiveIntegerField()
    least = models.PositiveIntegerField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.week

    def guarded_parts(self) -> dict[str, object]:
        """Return the numbers that were drawn."""
        return {"numbers": list(self.sampled.order_by("pk").values_list("number", flat=True))}


class SampledViewing(models.Model):
    """A viewing that was drawn, by its number; its row may be gone, that it was drawn may not."""

    draw = models.ForeignKey(Draw, on_delete=models.PROTECT, related_name="sampled")
    number = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.number


class Review(GuardedModel):
    """A supervisor's finding about a drawn viewing; the last one counts, earlier ones stay."""

    sampled = models.ForeignKey(SampledViewing, on_delete=models.PROTECT, related_name="reviews")
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    outcome = models.CharField(max_length=16)
    note = models.TextField()
    salt = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sampled", "at"], name="review_by_viewing")]

    def __str__(self) -> str:
        return f"{self.sampled_id} {self.outcome}"


class WeeklyReport(GuardedModel):
    """A week's report as the keeper made it; after its time only its digest is left."""

    week = models.CharField(max_length=8, unique=True)
    made_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["made_at"], name="digest_by_making")]

    def __str__(self) -> str:
        return self.week
