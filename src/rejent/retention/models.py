"""Rows of retention: holds, destructions, the guard against clock jumps."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Hold(models.Model):
    """That a source's interval must survive, for a case, until ended."""

    number = models.CharField(max_length=20, unique=True)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField()
    case = models.CharField(max_length=120)
    basis = models.TextField()
    review_on = models.DateField()
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="hold_not_empty")]
        indexes: ClassVar = [models.Index(fields=["source", "start"], name="hold_by_source_start")]


class DestructionStage(models.TextChoices):
    """How far a destruction has come; each stage is entered before its effect."""

    DECIDED = "decided"
    RESEALED = "resealed"
    KEY_DESTROYED = "key-destroyed"
    DONE = "done"


class Destruction(models.Model):
    """The end of one source's civil date, or of what a hold kept of it."""

    number = models.CharField(max_length=20, unique=True)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    recipient = models.CharField(max_length=80)
    rule = models.CharField(max_length=200)
    stage = models.CharField(max_length=14, choices=DestructionStage)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    key_destroyed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    object_count = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    survivors = models.PositiveIntegerField(default=0)
    decided_entry = models.BigIntegerField(null=True)
    done_entry = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "recipient"], name="one_end_a_key")]


class ClockGuard(models.Model):
    """The furthest instant the keepers have seen; a jump beyond it stops destruction until somebody confirms."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seen = models.DateTimeField()
    monotonic = models.FloatField(default=0)
    boot = models.CharField(max_length=40, blank=True)
    blocked_since = models.DateTimeField(null=True)
    jump_s = models.FloatField(default=0)
