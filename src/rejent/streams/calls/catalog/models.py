"""Rows of calls: what each is found by, what its callers were told, who refused."""

from hashlib import sha256
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.rows import GuardedModel
from rejent.streams.calls.catalog.acts import ANNOUNCEMENT_CONFIRMED, ANNOUNCEMENT_HEARD
from rejent.streams.calls.catalog.forgettable import ForgettableModel
from rejent.streams.calls.catalog.numbers.suffixes import NumberSuffix


class CallWay(models.TextChoices):
    """Direction of a call, seen from the office."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"
    UNDECIDED = "undecided"
    """The numbers do not tell; recorded only where the office decided so, and listed."""


class Call(ForgettableModel):
    """One recorded call of a line: what it is found by. Its id is the ``run`` of its segments.

    The numbers are as `canonical_number` gives them, empty where withheld; they go when the last segment of the call is
    destroyed. ``faults`` are words for what was wrong with its metadata. ``notice_sought_at`` is when its sound was searched for the announcement.
    """

    signer = Role.RECORDER
    forgotten = ("caller", "called")
    not_guarded = frozenset({*forgotten, "salt", "notice_sought_at", "destroyed"})
    id = models.CharField(primary_key=True, max_length=32, editable=False)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="calls")
    day = models.DateField()
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    direction = models.CharField(max_length=12, choices=CallWay)
    caller = models.CharField(max_length=40, blank=True)
    called = models.CharField(max_length=40, blank=True)
    profile = models.CharField(max_length=20, blank=True)
    ended_by = models.CharField(max_length=20, blank=True)
    faults = models.CharField(max_length=120, blank=True)
    notice_sought_at = models.DateTimeField(null=True)
    destroyed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(NumberSuffix("caller"), "start", name="call_by_caller"),
            models.Index(NumberSuffix("called"), "start", name="call_by_called"),
            models.Index(NumberSuffix("caller"), NumberSuffix("called"), "start", name="call_by_both"),
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


class Announcement(GuardedModel):
    """The announcement of a line from an instant on, a WAV; never deleted, as it is evidence of what callers heard."""

    not_guarded = frozenset({"sound"})
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="announcements")
    kind = models.CharField(max_length=12)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=8)
    text = models.TextField()
    sound = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_by = models.CharField(max_length=12)
    valid_from = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "kind", "version"], name="announcement_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.version}"

    def own_parts(self) -> dict[str, object]:
        """Return the digest of the sound that it has."""
        return {"sound": sha256(self.sound).hexdigest()}


class Announcer(GuardedModel):
    """Address at which a line's calls are answered with its announcement."""

    source = models.OneToOneField(
        "catalog.Source", on_delete=models.PROTECT, primary_key=True, related_name="announcer"
    )
    address = models.CharField(max_length=500)

    def __str__(self) -> str:
        return str(self.source_id)


class CallNotice(ForgettableModel):
    """Evidence that an announcement was heard in a call; before its call is known, the numbers by which it is found.

    ``by`` is the employee who confirmed it, who need not know of lines. Numbers go once the call is found, or with the
    day; ``by`` goes with the call.
    """

    signer = Role.RECORDER
    vanishes_after = frozenset({ANNOUNCEMENT_HEARD.name, ANNOUNCEMENT_CONFIRMED.name})
    forgotten = ("caller", "called", "by")
    not_guarded = frozenset({*forgotten, "salt"})
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="notices", null=True)
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

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["call"], name="notice_by_call"),
            models.Index(fields=["start"], condition=Q(call__isnull=True), name="notice_without_call"),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind}"


class RefusedNumber(ForgettableModel):
    """A number whose calls are never recorded, because whoever has it objected (GDPR art. 21); it goes with the objection."""

    forgotten = ("number",)
    not_guarded = frozenset({*forgotten, "salt"})
    number = models.CharField(max_length=40, blank=True)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    entry = models.BigIntegerField()

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

    def take_entry(self, index: int) -> None:
        """Note the act that entered it last."""
        self.entry = index
