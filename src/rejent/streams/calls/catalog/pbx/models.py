"""Rows of what a PBX tells and leaves: its records of calls, and the files in which it recorded them."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.rows import GuardedModel
from rejent.streams.calls.catalog.forgettable import ForgettableModel

GONE = "gone"
"""Beginning of the mark of a record of which nothing is left that it could be guessed from."""


class RecordState(models.TextChoices):
    """Fate of a record."""

    EXPECTED = "expected"
    """A recording of it should be there, or come."""
    RECORDED = "recorded"
    MISSING = "missing"
    """None is there; entered."""
    UNANSWERED = "unanswered"
    """Nobody spoke."""
    LEFT_OUT = "left-out"
    """The regulation, the office's rule or a refusal leaves it out; nothing of it is kept but that it was."""


class RecordBatch(GuardedModel):
    """Call records of a line that were taken in together; one entry binds them all."""

    signer = Role.RECORDER
    part_relations = ("records",)
    guard_piece = 20
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"

    def guarded_parts(self) -> dict[str, object]:
        """Return what each of its records told when it was taken in."""
        return {"records": records_taken_in(self.records.all())}


def records_taken_in(rows: "Iterable[CallRecord]") -> list[list[Any]]:
    """Return what a batch binds of its records, in their order."""
    return sorted((row.taken_in() for row in rows), key=lambda told: told[0])


_TAKEN_IN = (
    "source_id",
    "day",
    "start",
    "seconds",
    "stated",
    "assumed",
    "direction",
    "outcome",
    "arrived_at",
    "commitment",
)


class CallRecord(ForgettableModel):
    """One call of a line as a PBX records it.

    Numbers, names and the raw row go with the last of its recordings; of a call without one, with the term of the line's
    stream. Times are kept as stated, beside what they were taken for and when we read them. Its batch binds what it told; an entry of
    its own, ``entry``, that it is missing.
    """

    signer = Role.RECORDER
    forgotten = ("caller", "called", "raw", "file", "record_id", "linked_id")
    bound_beside = ("mark",)
    not_guarded = frozenset({*forgotten, *bound_beside, "salt", "emptied"})
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="call_records")
    mark = models.CharField(max_length=64)
    """Digest of the row: the same row is one record, however often it is read. Of what is left out its number in its date; behind its
    term, of what names nobody, `GONE` and its own number."""
    day = models.DateField()
    state = models.CharField(max_length=12, choices=RecordState, default=RecordState.EXPECTED)
    cause = models.CharField(max_length=20, blank=True)
    record_id = models.CharField(max_length=200, blank=True)
    linked_id = models.CharField(max_length=200, blank=True)
    start = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    stated = models.CharField(max_length=40, blank=True)
    assumed = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=12, blank=True)
    caller = models.CharField(max_length=40, blank=True)
    called = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    file = models.CharField(max_length=200, blank=True)
    raw = models.TextField(blank=True)
    emptied = models.BooleanField(default=False)
    arrived_at = models.DateTimeField()
    entry = models.BigIntegerField(null=True)
    batch = models.ForeignKey(RecordBatch, on_delete=models.PROTECT, related_name="records", null=True)
    """Nothing of what was left out when it was taken in."""
    calls = models.ManyToManyField("calls.Call", related_name="records")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "arrived_at"], name="record_by_state"),
            models.Index(fields=["source", "start"], name="record_by_start"),
            models.Index(fields=["source", "file"], name="record_by_file"),
            models.Index(fields=["source", "day"], condition=Q(emptied=False), name="record_naming_by_day"),
            models.Index(fields=["day", "state"], name="record_by_day_state"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "mark"], name="record_once_a_source"),
            models.CheckConstraint(
                condition=Q(emptied=False)
                | Q(caller="", called="", raw="", file="", record_id="", linked_id="", salt=""),
                name="emptied_record_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"

    def is_entered(self) -> bool:
        """Return whether an entry of its own tells that it is missing."""
        return self.state == RecordState.MISSING

    def take_entry(self, index: int) -> None:
        """Note the act that entered it as missing."""
        self.entry = index

    def taken_in(self) -> list[Any]:
        """Return what its batch binds of it, its number first: nothing of it changes later."""
        told = [getattr(self, name) for name in _TAKEN_IN]
        return [self.pk, *told, self.state == RecordState.UNANSWERED, self.own_parts()]


class FileState(models.TextChoices):
    """Fate of a file."""

    IMPORTED = "imported"
    TWICE = "twice"
    """The same recording was taken over already."""
    LEFT_OUT = "left-out"
    """As of a record."""
    REFUSED = "refused"
    """Nothing in it could be taken over; the cause says why."""


class PbxFile(ForgettableModel):
    """A file in a PBX's folder that was looked at; its name stays as long as it is of use, and goes with the recording."""

    signer = Role.RECORDER
    forgotten = ("name", "digest")
    not_guarded = frozenset({*forgotten, "salt"})
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="pbx_files")
    mark = models.CharField(max_length=64)
    """Digest of name, length and time of change: the same file is looked at once."""
    day = models.DateField()
    state = models.CharField(max_length=12, choices=FileState)
    cause = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=300, blank=True)
    bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of its content, while a recording of it is kept."""
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="files", null=True)
    looked_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["source", "digest"], name="file_by_digest"),
            models.Index(fields=["day", "state"], name="file_by_day"),
            models.Index(
                fields=["source", "day"],
                condition=Q(call__isnull=True) & ~Q(name=""),
                name="file_naming_by_day",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "mark"], name="file_once_a_source")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"


class WantedKey(models.Model):
    """A past civil date of which a recording was found that has no key yet; the keeper makes it."""

    source = models.ForeignKey("catalog.Source", on_delete=models.CASCADE, related_name="wanted_keys")
    day = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="one_wanted_key_a_source_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"
