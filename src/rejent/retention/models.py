"""Rows of retention: holds, destructions, their survivors, the clock's anchor, alarms."""

from operator import attrgetter
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.registers.guard.model import GuardedModel


class Hold(GuardedModel):
    """A source's interval, or one item of it, that must survive, for a case, until the hold is ended."""

    place_noted = True

    number = models.CharField(max_length=20, unique=True)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=32, blank=True, default="")
    """The one item, such as a call, that is held; empty where it is whatever the source recorded in the interval."""
    start = models.DateTimeField()
    end = models.DateTimeField()
    case = models.CharField(max_length=120)
    basis = models.TextField()
    review_on = models.DateField()
    provisional = models.BooleanField(default=False)
    """Placed at an application, until the decision on it confirms or lifts it."""
    restricted = models.BooleanField(default=False)
    """Somebody recorded had its processing restricted (GDPR art. 18): nobody opens what it keeps until it ends."""
    placed_at = models.DateTimeField()
    placed_by = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)
    end_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="hold_not_empty")
        ]
        indexes: ClassVar = [models.Index(fields=["source", "start"], name="hold_by_source_start")]

    def __str__(self) -> str:
        return self.number


class ErasureState(models.TextChoices):
    """The state of an erasure before the term."""

    ASKED = "asked"
    DECIDED = "decided"
    """It goes, as far as no hold keeps it."""
    DROPPED = "dropped"
    DONE = "done"


class Erasure(GuardedModel):
    """A source's interval, or one item of it, that somebody recorded wants erased before its term; nobody opens what is decided."""

    place_noted = True

    number = models.CharField(max_length=20, unique=True)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=32, blank=True, default="")
    start = models.DateTimeField()
    end = models.DateTimeField()
    case = models.CharField(max_length=120)
    blocks = models.BooleanField()
    """Nobody opens it from the application on."""
    state = models.CharField(max_length=12, choices=ErasureState, default=ErasureState.ASKED)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    segments = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")
    done_entry = models.BigIntegerField(null=True)

    guard_key = "number"

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="erasure_not_empty")
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "state"], name="erasure_by_source"),
            models.Index(fields=["case"], name="erasure_by_case"),
        ]

    def __str__(self) -> str:
        return self.number

    def take_entry(self, index: int) -> None:
        """Note the place of the act that proves that it is done."""
        if self.state == ErasureState.DONE:
            self.done_entry = index


class DestructionStage(models.TextChoices):
    """The stage of a destruction; it is entered before its effect, which is repeated after a crash."""

    DECIDED = "decided"
    """Held parts are being sealed under another key."""
    KEY_DYING = "key-dying"
    """The point of no return: holds come too late, the private key goes."""
    KEY_DEAD = "key-dead"
    """The key is gone; rows lose their content and the objects go."""
    DONE = "done"
    """Nothing is left but the proof."""


class Destruction(GuardedModel):
    """The end of one key: of one source's civil date, or of what holds had kept of it.

    Acts enter the decision, the point of no return and the end; what happens between the last two is repeated after a crash
    and gives no power, so that the stage counts as entered only as far as the acts enter it.
    """

    number = models.CharField(max_length=20, unique=True)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    recipient = models.CharField(max_length=80)
    key = models.CharField(max_length=64, blank=True)
    rule = models.CharField(max_length=200)
    stage = models.CharField(max_length=12, choices=DestructionStage)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    key_dead_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    segments = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    survivors = models.PositiveIntegerField(default=0)
    survivor_key = models.CharField(max_length=64, blank=True)
    survivor_recipient = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    decided_entry = models.BigIntegerField()
    done_entry = models.BigIntegerField(null=True)

    guard_key = "number"
    not_guarded = frozenset({"id", "stage", "key_dead_at", "survivor_key", "survivor_recipient"})
    part_relations = ("kept",)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "recipient"], name="one_end_a_key")
        ]
        indexes: ClassVar = [
            models.Index(fields=["source", "day"], name="destruction_by_source_day"),
            models.Index(fields=["survivor_recipient"], name="destruction_by_survivor_key"),
            models.Index(fields=["stage"], condition=~Q(stage="done"), name="destruction_unfinished"),
            models.Index(fields=["done_at"], name="destruction_by_end"),
        ]

    def __str__(self) -> str:
        return self.number

    def take_entry(self, index: int) -> None:
        """Note the place of the act of the decision, or of the end."""
        if self.stage == DestructionStage.DECIDED:
            self.decided_entry = index
        elif self.stage == DestructionStage.DONE:
            self.done_entry = index

    def guarded_parts(self) -> dict[str, object]:
        """Return, from the point of no return on, what was kept; until then nothing rests on it."""
        if self.stage == DestructionStage.DECIDED:
            return {}
        return {
            "kept": [each.bound() for each in sorted(self.kept.all(), key=attrgetter("pk")) if each.booked]
        }

    def own_parts(self) -> dict[str, object]:
        """Return, from the point of no return on, under which key it was kept, and how the destruction ended."""
        if self.stage == DestructionStage.DECIDED:
            return {}
        is_proven = self.done_at is not None
        return {
            "key_dead_at": self.key_dead_at if is_proven else None,
            "survivor_key": [self.survivor_key, self.survivor_recipient],
            "unproven_end": self.stage == DestructionStage.DONE and not is_proven,
        }


class Survivor(models.Model):
    """A recording that a destruction keeps for holds: the sealed object it came from and the one it becomes.

    The row is there before the new object is, so that after a crash nothing is left that nobody knows. Where only the
    header is rewritten, ``header_before`` with the rest of the object still gives the digest that was booked first. It is bound with
    its destruction once the key dies.
    """

    destruction = models.ForeignKey(Destruction, on_delete=models.PROTECT, related_name="kept")
    segment = models.UUIDField()
    from_segment = models.UUIDField()
    from_sha256 = models.CharField(max_length=64)
    object_name = models.CharField(max_length=200)
    start = models.DateTimeField()
    end = models.DateTimeField()
    header_before = models.BinaryField(default=b"")
    header_after = models.BinaryField(default=b"")
    booked = models.BooleanField(default=False)
    lost = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["destruction", "segment"], name="kept_once")]
        indexes: ClassVar = [models.Index(fields=["segment"], name="survivor_by_segment")]

    def __str__(self) -> str:
        return self.object_name

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        origin = [self.segment, self.from_segment, self.from_sha256]
        return [
            *origin,
            self.object_name,
            self.start,
            self.end,
            self.header_before,
            self.header_after,
            self.lost,
        ]


class Mending(models.Model):
    """A segment that a crash had cut short and that was sealed anew, or could not be."""

    segment = models.UUIDField(primary_key=True)
    at = models.DateTimeField()
    mended = models.BooleanField()

    def __str__(self) -> str:
        return str(self.segment)


class Chore(models.Model):
    """The instant at which something that is done from time to time was done last."""

    name = models.CharField(primary_key=True, max_length=24)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ClockAnchor(models.Model):
    """The reading of the clock that later ones are held against, and what became of the last judgement; one row.

    It changes without an act each time that a keeper looks, so that it bears the program's tag itself.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField()
    monotonic = models.FloatField()
    boot = models.CharField(max_length=40)
    seen_at = models.DateTimeField()
    seen_monotonic = models.FloatField()
    verdict = models.CharField(max_length=8, default="steady")
    since = models.DateTimeField()
    off_by_s = models.FloatField(default=0)
    tag = models.BinaryField(max_length=32, default=bytes)

    def __str__(self) -> str:
        return self.verdict


class Alarm(models.Model):
    """Something that needs a person, from when it was noticed until it was over."""

    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=80, blank=True)
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(ended_at__isnull=True),
                name="one_open_alarm_a_subject",
            )
        ]

    def __str__(self) -> str:
        return self.kind
