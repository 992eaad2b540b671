"""The rows of the ledger and of the numbered books. Private to the registers; triggers guard them (`0001_initial`)."""

from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from rejent.registers.acts import MACHINERY
from rejent.registers.guard.model import GuardedModel


class PositionField(models.BigIntegerField):  # type: ignore[type-arg]  # a class only of the types package takes arguments
    """A position in the ledger; on SQLite it is the row's own number, so that appending writes one tree less."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        """``integer`` on SQLite, where only that word makes a key the row's number."""
        return "integer" if connection.vendor == "sqlite" else super().db_type(connection)


_PEOPLES = models.Q(*(~models.Q(act=name) for name in MACHINERY))
"""Name by name: for a list SQLite builds a tree of its own for each index and each act that is entered, 6 µs of each."""


class Entry(models.Model):
    """One act: its leaf in the ledger and, until erased, its readable record.

    ``thing`` and ``digest`` bind a guarded row as it stands after the act (`rejent.registers.guard.rows`); ``tag`` proves that the
    program entered it (`rejent.ledger.entry_keys`).
    """

    index = PositionField(primary_key=True)
    at = models.DateTimeField()
    act = models.CharField(max_length=80)
    actor = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    facts = models.TextField(null=True)  # noqa: DJ001 - erased is not the same as empty
    salt = models.BinaryField(null=True)
    thing = models.CharField(max_length=120, null=True)  # noqa: DJ001 - no thing is not an empty one
    digest = models.BinaryField(max_length=32, null=True)
    leaf = models.BinaryField(max_length=32)
    tag = models.BinaryField(max_length=32)

    class Meta:
        ordering: ClassVar[list[str]] = ["index"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at"], name="entry_by_time"),
            models.Index(fields=["act", "at"], name="entry_by_act"),
            models.Index(fields=["actor", "at"], name="entry_by_actor"),
            models.Index(fields=["subject", "at"], name="entry_by_subject"),
            models.Index(
                fields=["thing", "index"], condition=models.Q(thing__isnull=False), name="entry_by_thing"
            ),
            models.Index(fields=["at", "index"], condition=_PEOPLES, name="told_by_time"),
            models.Index(fields=["actor", "at", "index"], condition=_PEOPLES, name="told_by_actor"),
            models.Index(fields=["subject", "at", "index"], condition=_PEOPLES, name="told_by_subject"),
            models.Index(fields=["actor", "act", "at"], condition=_PEOPLES, name="told_by_actor_and_act"),
            models.Index(fields=["subject", "act", "at"], condition=_PEOPLES, name="told_by_subject_and_act"),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.act}"


class TreeHead(models.Model):
    """The right edge of the ledger's tree: one row, locked by whoever appends."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    edge = models.BinaryField(default=bytes)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_tree_head"),
        ]

    def __str__(self) -> str:
        return f"{self.size}"


class Checkpoint(models.Model):
    """A signed state of the ledger, with its time stamp where an authority gave one."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    at = models.DateTimeField()
    token = models.BinaryField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["size"]

    def __str__(self) -> str:
        return f"{self.size} {self.at}"


class Series(models.Model):
    """A book whose numbers run from 1 in each year, without gaps."""

    name = models.CharField(max_length=80)
    year = models.SmallIntegerField()
    last = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["name", "year"], name="one_series_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.last}/{self.year}"


class Repetition(models.Model):
    """Repetitions of an entry within ten minutes; deleted once the count is entered itself.

    ``tag`` is the program's own over the other columns: a row that somebody wrote into the database counts for nothing.
    """

    key = models.CharField(max_length=64, primary_key=True)
    entry = models.BigIntegerField()
    at = models.DateTimeField()
    count = models.BigIntegerField(default=0)
    tag = models.BinaryField(max_length=32)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="repetition_by_time")]

    def __str__(self) -> str:
        return f"{self.entry} {self.count}"


class ClosedYear(GuardedModel):
    """A year of a register as it was closed; what it held may lose rows that are erased, and is bound by its root."""

    name = models.CharField(max_length=80, unique=True)
    register = models.CharField(max_length=60)
    year = models.SmallIntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.CharField(max_length=40)
    in_place_of = models.CharField(max_length=40, blank=True)
    count = models.PositiveIntegerField()
    first = models.CharField(max_length=80, blank=True)
    last = models.CharField(max_length=80, blank=True)
    csv_sha256 = models.CharField(max_length=64)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    root = models.CharField(max_length=64)
    content = models.BinaryField()
    entry = models.BigIntegerField(default=0)

    guard_key = "name"
    not_guarded = frozenset({"id", "content"})

    def __str__(self) -> str:
        return self.name

    def take_entry(self, index: int) -> None:
        """Note the place of the act that closed it."""
        self.entry = index
