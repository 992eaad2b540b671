"""Rows of the catalogue: sources, day keys' public halves, segments, gaps, clocks, storage."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.catalog import pbx_models  # noqa: F401 - Django looks for rows in this module alone
from rejent.catalog.endings import Ending


class Source(models.Model):
    """One camera, line, mailbox, workstation or sensor.

    The address holds no credentials; those lie sealed in ``credentials`` (see ``vault.credentials``). From
    ``started_at`` on every second is in a segment or in a gap; up to ``accounted_until`` that has been verified.
    ``position`` is the lowest that was free when it was added, so that its recorder stays the same.
    """

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    stream = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    place = models.ForeignKey("office.Place", on_delete=models.PROTECT, related_name="+", null=True)
    address = models.CharField(max_length=500)
    credentials = models.BinaryField(default=b"")
    transport = models.CharField(max_length=8, default="tcp")
    live_address = models.CharField(max_length=500, blank=True)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    switched_on = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    accounted_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(removed_at__isnull=True), name="name_once_among_present_sources"
            ),
        ]

    def __str__(self) -> str:
        return self.id


class SourceHealth(models.Model):
    """How a source fares now, as its recorder last said."""

    source = models.OneToOneField(Source, on_delete=models.CASCADE, primary_key=True, related_name="health")
    state = models.CharField(max_length=12, default="starting")
    cause = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    last_picture_at = models.DateTimeField(null=True)
    clock_offset_s = models.FloatField(null=True)
    clock_method = models.CharField(max_length=12, blank=True)
    clock_at = models.DateTimeField(null=True)
    codec = models.CharField(max_length=40, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    bytes_per_second = models.FloatField(default=0)
    reported_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source_id} {self.state}"


class DayKey(models.Model):
    """The public half of the key that seals one source's civil date."""

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
    """What became of a segment."""

    SEALED = "sealed"
    HELD = "held"
    DESTROYED = "destroyed"


class CallWay(models.TextChoices):
    """Which way a call goes, seen from the office."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"
    UNDECIDED = "undecided"
    """The numbers do not tell; recorded only where the office decided so, and listed."""


class Segment(models.Model):
    """One sealed object of at most a minute, within one civil date."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="segments")
    day = models.DateField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    camera_offset_s = models.FloatField(null=True)
    run = models.CharField(max_length=32)
    object_name = models.CharField(max_length=200, unique=True)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    recipient = models.CharField(max_length=80)
    frames = models.PositiveIntegerField()
    codec = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    index = models.BinaryField(default=b"")
    recovered = models.BooleanField(default=False)
    tail = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=SegmentState, default=SegmentState.SEALED)
    replaced_header = models.BinaryField(default=b"")
    booked_at = models.DateTimeField()
    entry = models.BigIntegerField()

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


class Call(models.Model):
    """One recorded call of a line: what it is found by.

    Its identifier is the ``run`` of its segments. The numbers are as `canonical_number` gives them, empty where they
    were withheld; they go when the last segment of the call is destroyed. ``notice_sought_at`` is when its sound was
    searched for the announcement.
    """

    id = models.CharField(primary_key=True, max_length=32, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="calls")
    day = models.DateField()
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    direction = models.CharField(max_length=12, choices=CallWay)
    caller = models.CharField(max_length=40, blank=True)
    called = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=20, blank=True)
    ended_by = models.CharField(max_length=20, blank=True)
    salt = models.CharField(max_length=64, blank=True)
    """Keeps what the ledger says of the numbers from telling them; goes with them. Empty for calls of earlier versions."""
    notice_sought_at = models.DateTimeField(null=True)
    destroyed = models.BooleanField(default=False)
    entry = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(Ending("caller"), "start", name="call_by_caller"),
            models.Index(Ending("called"), "start", name="call_by_called"),
            models.Index(Ending("caller"), Ending("called"), "start", name="call_by_both"),
            models.Index(fields=["start"], name="call_by_start"),
            models.Index(fields=["source", "start"], name="call_by_source_start"),
            models.Index(
                fields=["start"],
                condition=Q(notice_sought_at__isnull=True, destroyed=False),
                name="call_not_searched",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")), name="call_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(destroyed=False) | Q(caller="", called="", salt=""),
                name="destroyed_call_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class Announcement(models.Model):
    """What callers of a line are told from an instant on; never deleted, for it is evidence of what they heard.

    The sound is a WAV of 8000 samples a second, 16 bits, one channel; its digest stands in the ledger.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="announcements")
    kind = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    text = models.TextField()
    sound = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_by = models.CharField(max_length=12)
    valid_from = models.DateTimeField()
    entry = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "version"], name="announcement_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.version}"


class Announcer(models.Model):
    """Where a line's calls are answered with its announcement, and where they go from there."""

    source = models.OneToOneField(
        Source, on_delete=models.PROTECT, primary_key=True, related_name="announcer"
    )
    address = models.CharField(max_length=500)

    def __str__(self) -> str:
        return str(self.source_id)


class CallNotice(models.Model):
    """Evidence that an announcement was heard in a call; before its call is known, the numbers by which it is found.

    ``by`` is the employee who confirmed it, who need not know of lines. Numbers go once the call is found, or with the day; ``by`` goes with the call.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="notices", null=True)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="notices", null=True)
    kind = models.CharField(max_length=12)
    known_by = models.CharField(max_length=12)
    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="+", null=True)
    start = models.DateTimeField()
    heard_s = models.FloatField(default=0)
    completed = models.BooleanField(default=False)
    keys = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    score = models.FloatField(null=True)
    doubt = models.CharField(max_length=20, blank=True)
    caller = models.CharField(max_length=40, blank=True)
    called = models.CharField(max_length=40, blank=True)
    by = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=64, blank=True)
    """Keeps what the ledger says of the numbers, and once they are gone another of the keys, from telling them. Empty for evidence of earlier versions."""
    entry = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["call"], name="notice_by_call"),
            models.Index(fields=["start"], condition=Q(call__isnull=True), name="notice_without_call"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind}"


class RefusedNumber(models.Model):
    """A number whose calls are never recorded, because whoever has it refused (GDPR art. 21).

    The number and its salt go when the refusal is taken back.
    """

    number = models.CharField(max_length=40, blank=True)
    salt = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField()
    """The act that entered it last."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(ended_at__isnull=True), name="number_refuses_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, number__gt="")
                | Q(ended_at__isnull=False, number="", salt=""),
                name="refusal_taken_back_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class DayTotal(models.Model):
    """What one source's civil date holds, summed as segments are booked: time covered once, bytes as stored.

    ``bytes`` is what was recorded, ``kept_bytes`` what is not destroyed.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="day_totals")
    day = models.DateField()
    recorded_ms = models.BigIntegerField(default=0)
    segments = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    kept_bytes = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="one_total_a_source_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class Gap(models.Model):
    """An interval in which a source that should have recorded did not; open while ``end`` is empty."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="gaps")
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    cause = models.CharField(max_length=40)
    entry = models.BigIntegerField(null=True)

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
    """Used and free bytes of the vault at an instant, for the forecast."""

    at = models.DateTimeField(unique=True)
    used = models.BigIntegerField()
    free = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.at} {self.free}"


class Sweep(models.Model):
    """When the gaps were last swept: the program's own sign of life, one row."""

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
