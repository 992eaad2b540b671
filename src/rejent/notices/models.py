"""Rows of notices; triggers keep wordings as they were entered (`0001_initial`)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.registers.guard.model import GuardedModel


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


class Plate(GuardedModel):
    """A plate, from the day it is made; what is printed on it never changes, only that it was put up, looked at and taken down."""

    number = models.CharField(max_length=20, unique=True)
    place = models.ForeignKey("office.Place", on_delete=models.PROTECT, related_name="+")
    spot = models.CharField(max_length=120, blank=True)
    streams = models.JSONField()
    areas = models.JSONField()
    """Names of places as they are printed on it."""
    covers = models.JSONField()
    """Places of the inventory that they stand for, where the program made the plate."""
    digest = models.CharField(max_length=64, blank=True)
    """Of the program's document that was printed; empty for a plate of another make."""
    version = models.PositiveIntegerField()
    size = models.CharField(max_length=6)
    up_since = models.DateField(null=True)
    """The day it was put up; empty while it is made and does not hang."""
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)
    next_check_on = models.DateField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=40, blank=True)
    condition = models.CharField(max_length=10, default="good")
    down_on = models.DateField(null=True)
    down_reason = models.CharField(max_length=200, blank=True)

    guard_key = "number"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(down_on__isnull=True) | Q(up_since__isnull=True) | Q(down_on__gte=F("up_since")),
                name="plate_up_before_down",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Publication(GuardedModel):
    """What an office published of its notices: where, which edition, since when; ended once."""

    number = models.CharField(max_length=20, unique=True)
    channel = models.CharField(max_length=20)
    address = models.CharField(max_length=300)
    editions = models.JSONField()
    """The digest of what was published about each stream."""
    version = models.PositiveIntegerField()
    published_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)
    ended_on = models.DateField(null=True)

    guard_key = "number"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("published_on")),
                name="publication_before_end",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class AccessibilityFacts(GuardedModel):
    """The office's facts for its statement of accessibility; of several the newest counts."""

    number = models.PositiveIntegerField(unique=True)
    """Consecutive over all of them, so that none can be taken away unnoticed."""
    facts = models.JSONField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)

    guard_key = "number"

    def __str__(self) -> str:
        return str(self.number)


class RegulationText(GuardedModel):
    """The office's own text of its regulation; of several of one version the newest counts.

    The ledger binds its digest; `rejent.notices.regulation_text` computes the digest of the file anew.
    """

    number = models.PositiveIntegerField(unique=True)
    """Consecutive over all of them, so that none can be taken away unnoticed."""
    version = models.PositiveIntegerField()
    media_type = models.CharField(max_length=100)
    bytes = models.PositiveIntegerField()
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    decree = models.CharField(max_length=120)
    adopted_on = models.DateField()
    remark = models.TextField(blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)

    guard_key = "number"
    not_guarded = frozenset({"content"})

    def __str__(self) -> str:
        return str(self.number)
