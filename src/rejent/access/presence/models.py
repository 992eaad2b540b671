"""Rows of who is there when a recording is seen, and of how much of recordings a person was handed."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from rejent.registers.guard.model import GuardedModel


class SecondAsked(GuardedModel):
    """A request for a second person to agree, from their own session, to a viewing of a source, and of ``further`` ones with it.

    ``position`` is the moment the player starts at; ``second``, ``answered_at`` and ``agreed`` hold the answer, ``used_at``
    that a viewing was opened with it.
    """

    place_noted = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    further = models.JSONField(default=list)
    item = models.CharField(max_length=32, blank=True, default="")
    start = models.DateTimeField()
    end = models.DateTimeField()
    position = models.DateTimeField()
    purpose = models.CharField(max_length=80)
    case = models.CharField(max_length=120)
    session = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    second = models.ForeignKey("office.Person", on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True)

    not_guarded = frozenset({"expires_at"})
    may_vanish = True

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(agreed=False) | Q(second__isnull=False), name="agreed_by_somebody"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"], condition=Q(answered_at__isnull=True), name="second_asked_open"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Return every source that is to be opened."""
        return self.source_id, *self.further


class Guest(GuardedModel):
    """Somebody without an authorisation who saw a recording beside the person whose viewing it is.

    ``place`` counts the guests of a viewing; ``salt`` opens the commitment that the ledger holds of what is written here.
    """

    viewing = models.ForeignKey("access.Viewing", on_delete=models.PROTECT, related_name="seen_by")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    function = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    salt = models.BinaryField(max_length=32)
    entered_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["viewing", "place"], name="guest_once_at_place")
        ]

    def __str__(self) -> str:
        return f"{self.viewing_id} {self.place}"


class HandedOut(models.Model):
    """Seconds of recordings a person was given within the ten minutes from an instant on.

    ``refused_at`` is when more was refused to them in these ten minutes for the first time.
    """

    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    seconds = models.FloatField(default=0)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "since"], name="handed_out_once_in_ten_minutes")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["refused_at"], condition=Q(refused_at__isnull=False), name="handed_out_refused"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.since}"
