"""Rows of the catalogue: sources, day keys' public halves, segments, gaps, clocks, storage."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.model import GuardedModel


class Source(GuardedModel):
    """One camera, line, mailbox, workstation or sensor.

    The address holds no credentials; those lie sealed in ``credentials`` (see ``vault.credentials``). ``traits`` is what
    its stream says of it besides. From
    ``started_at`` on every second is in a segment or in a gap; up to ``accounted_until`` that has been verified.
    ``position`` is the lowest that was free when it was added, so that its recorder stays the same.
    """

    place_noted = True

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    stream = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    place = models.ForeignKey("office.Place", on_delete=models.PROTECT, related_name="+", null=True)
    address = models.CharField(max_length=500)
    credentials = models.BinaryField(default=b"")
    traits = models.JSONField(default=dict)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    switched_on = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    accounted_until = models.DateTimeField(null=True)

    not_guarded = frozenset({"accounted_until", "started_at"})

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(removed_at__isnull=True), name="name_once_among_present_sources"
            ),
        ]

    def __str__(self) -> str:
        return self.id


class SourceHealth(models.Model):
    """State of a source, as its recorder last reported."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, primary_key=True, related_name="health")
    state = models.CharField(max_length=12, default="starting")
    cause = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    last_picture_at = models.DateTimeField(null=True)
    clock_offset_s = models.FloatField(null=True)
    clock_method = models.CharField(max_length=12, blank=True)
    clock_at = models.DateTimeField(null=True)
    traits = models.JSONField(default=dict)
    bytes_per_second = models.FloatField(default=0)
    reported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source_id} {self.state}"


class DayKey(GuardedModel):
    """The public half of the key that seals one source's civil date; ``id`` names both."""

    id = models.CharField(primary_key=True, max_length=48)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="day_keys")
    day = models.DateField()
    recipient = models.CharField(max_length=80)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="one_key_a_source_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class SegmentState(models.TextChoices):
    """Fate of a segment."""

    SEALED = "sealed"
    HELD = "held"
    DESTROYED = "destroyed"


class Segment(GuardedModel):
    """One sealed object, within one civil date: at most a minute of it, but where a stream says otherwise.

    ``units`` are what its stream counts, such as pictures or packets; ``traits`` what else its stream says of it; ``head`` is the
    digest of the object's head; ``seams`` are short holes beside and within it, less one that its mending closed and the next segment
    counts; ``dropped`` are units that came and were not kept, ``retimed`` those whose time stamps were replaced. What becomes of all segments
    of a key at once is not guarded: `fsck` holds it against the objects that are there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="segments", db_index=False)
    day = models.DateField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    run = models.CharField(max_length=32)
    object_name = models.CharField(max_length=200, unique=True)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    head = models.CharField(max_length=64, blank=True)
    recipient = models.CharField(max_length=80)
    units = models.PositiveIntegerField()
    seams = models.IntegerField(default=0)
    seams_ms = models.IntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    retimed = models.PositiveIntegerField(default=0)
    traits = models.JSONField(default=dict)
    index = models.BinaryField(default=b"")
    recovered = models.BooleanField(default=False)
    tail = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=SegmentState, default=SegmentState.SEALED)
    replaced_header = models.BinaryField(default=b"")
    booked_at = models.DateTimeField()
    entry = models.BigIntegerField()

    not_guarded = frozenset({"index", "replaced_header", "state"})
    signer = Role.RECORDER

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["source", "start"], name="segment_by_source_start"),
            models.Index(fields=["source", "day", "state"], name="segment_by_day_state"),
            models.Index(fields=["day"], condition=~Q(state="destroyed"), name="segment_living_by_day"),
            models.Index(
                fields=["start"],
                condition=Q(recovered=True) & ~Q(state="destroyed"),
                name="segment_recovered",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="segment_not_empty")
        ]

    def __str__(self) -> str:
        return self.object_name

    def take_entry(self, index: int) -> None:
        """Note the act that sealed it."""
        if self._state.adding:
            self.entry = index


class DayTotal(models.Model):
    """Sums of one source's civil date, added up as segments are booked: time covered once, bytes as stored.

    ``bytes`` is what was recorded, ``kept_bytes`` what is not destroyed.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="day_totals")
    day = models.DateField()
    recorded_ms = models.BigIntegerField(default=0)
    segments = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    kept_bytes = models.BigIntegerField(default=0)
    seams = models.PositiveIntegerField(default=0)
    seams_ms = models.BigIntegerField(default=0)
    dropped = models.PositiveBigIntegerField(default=0)
    retimed = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="one_total_a_source_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class Gap(GuardedModel):
    """An interval in which a source that should have recorded did not; open while ``end`` is empty."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="gaps")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    cause = models.CharField(max_length=40)

    signer = Role.RECORDER

    class Meta:
        indexes: ClassVar = [models.Index(fields=["source", "start"], name="gap_by_source_start")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gt=F("start")), name="gap_not_empty"
            ),
            models.UniqueConstraint(
                fields=["source"], condition=Q(end__isnull=True), name="one_open_gap_a_source"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.start} {self.cause}"


class StorageReading(models.Model):
    """Used and free bytes of the vault at an instant, for the forecast; none are free in a store that knows no limit."""

    at = models.DateTimeField(unique=True)
    used = models.BigIntegerField()
    free = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.at} {self.free}"


class Sweep(models.Model):
    """Time of the last sweep of gaps: the program's own sign of life, one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.at)


class Volume(models.Model):
    """The storage folder that belongs to this database, and how often the two were opened together; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    installation = models.CharField(max_length=40)
    volume = models.CharField(max_length=40)
    opened = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.volume
