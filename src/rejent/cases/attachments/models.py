"""Rows of attached files; triggers let one change by its steps alone (`0001_initial`)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from rejent.cases.attachments.views import FileState
from rejent.registers.guard.model import GuardedModel


class AttachedFile(GuardedModel):
    """A file, sealed as one object under a key of its own; a draft that no act names while its pieces come."""

    id = models.UUIDField(primary_key=True)
    about = models.CharField(max_length=60)
    role = models.CharField(max_length=12)
    of = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=12)
    name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    salt = models.CharField(max_length=64, blank=True)
    bound = models.CharField(max_length=64, blank=True, default="")
    """Commitment over name and digest; it stays when they go."""
    media_type = models.CharField(max_length=100, blank=True, default="")
    bytes = models.BigIntegerField()
    by = models.CharField(max_length=40)
    begun_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    recipient = models.CharField(max_length=80, blank=True, default="")
    object_name = models.CharField(max_length=120, blank=True, default="")
    head = models.CharField(max_length=64, blank=True, default="")
    sealed_sha256 = models.CharField(max_length=64, blank=True, default="")
    sealed_bytes = models.BigIntegerField(default=0)

    forgotten = ("name", "sha256", "salt")
    """Columns that an erasure empties: the database's own files are cleaned of them (`registers.erasure_traces`)."""
    not_guarded = frozenset(forgotten)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in FileState]), name="file_state"
            ),
            models.CheckConstraint(
                condition=Q(state="arriving") | ~Q(bound="") & ~Q(object_name="") & Q(kept_at__isnull=False),
                name="file_kept_whole",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["about"], name="file_by_subject")]

    def __str__(self) -> str:
        return f"{self.about} {self.id}"

    def is_entered(self) -> bool:
        """Return whether an act names it: not while its pieces come."""
        return self.state != FileState.ARRIVING
