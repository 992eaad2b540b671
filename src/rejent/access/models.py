"""Rows of access: authorisations, viewings and what was seen in them."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.access.presence.models import Guest, HandedOut, SecondAsked
from rejent.access.supervision.models import Draw, Review, SampledViewing, WeeklyReport
from rejent.registers.guard.model import GuardedModel


class Authorisation(GuardedModel):
    """The controller's written leave for a person: which acts, on which sources, from when until when."""

    place_noted = True

    number = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    acts = models.JSONField()
    stream = models.CharField(max_length=12)
    every_source = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    issued_at = models.DateTimeField()
    issued_by = models.CharField(max_length=40, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=40, blank=True)
    follows = models.CharField(max_length=20, blank=True, default="")
    in_place_of = models.CharField(max_length=40, blank=True, default="")

    part_relations = ("sources",)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["person", "valid_until"], name="authorisation_by_person")]

    def __str__(self) -> str:
        return self.number

    def guarded_parts(self) -> dict[str, object]:
        """Return the sources that it names."""
        return {"sources": sorted(named.source_id for named in self.sources.all())}


class AuthorisedSource(models.Model):
    """A source that an authorisation names, where it does not cover every one."""

    authorisation = models.ForeignKey(Authorisation, on_delete=models.CASCADE, related_name="sources")
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["authorisation", "source"], name="source_once_an_authorisation"),
        ]

    def __str__(self) -> str:
        return f"{self.authorisation_id} {self.source_id}"


class Viewing(GuardedModel):
    """One person's looking at recordings of a source, for a stated purpose, from opening to end.

    ``further`` are sources that were opened with it, by their identifiers, of the same stream. Where recordings are opened item by item, as the calls of a line, ``item`` names the one. ``presented`` is what the browser says
    it presented, pairs of instants, or nothing before it reports; ``noted`` and ``noted_tag`` bind the account while the viewing is
    open, ``altered`` says that it was changed past the program meanwhile (`rejent.access.viewings.account`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    further = models.JSONField(default=list)
    item = models.CharField(max_length=32, blank=True, default="")
    start = models.DateTimeField()
    end = models.DateTimeField()
    purpose = models.CharField(max_length=80)
    case = models.CharField(max_length=120)
    session = models.CharField(max_length=64)
    station = models.CharField(max_length=20, blank=True, default="")
    second = models.ForeignKey("office.Person", on_delete=models.PROTECT, null=True, related_name="+")
    guests = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    presented = models.JSONField(null=True)
    noted = models.PositiveIntegerField(default=0)
    noted_tag = models.BinaryField(default=bytes)
    altered = models.BooleanField(default=False)

    not_guarded = frozenset({"guests", "presented", "noted", "noted_tag"})

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="viewing_not_empty")
        ]
        indexes: ClassVar = [
            models.Index(fields=["opened_at"], name="viewing_by_time"),
            models.Index(fields=["person", "opened_at"], name="viewing_by_person"),
            models.Index(fields=["source", "opened_at"], name="viewing_by_source"),
            models.Index(fields=["expires_at"], condition=Q(closed_at__isnull=True), name="viewing_open"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def source_ids(self) -> tuple[str, ...]:
        """Return every source that it opened."""
        return self.source_id, *self.further

    def guarded_parts(self) -> dict[str, object]:
        """Return what was handed out of the recording, once the viewing is closed and nothing is added any more."""
        if self.closed_at is None:
            return {}
        return {"seen": [each.bound() for each in self.seen.order_by("pk")]}

    def own_parts(self) -> dict[str, object]:
        """Return what its browser says it presented, once the viewing is closed."""
        return {} if self.closed_at is None else {"presented": self.presented}


class SeenInterval(models.Model):
    """An interval of a recording that was handed to the viewer's browser."""

    viewing = models.ForeignKey(Viewing, on_delete=models.PROTECT, related_name="seen")
    source_id = models.CharField(max_length=32)
    start = models.DateTimeField()
    end = models.DateTimeField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, default="clip")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["viewing", "start", "end"], name="seen_by_viewing")]

    def __str__(self) -> str:
        return f"{self.viewing_id} {self.start}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        return [self.source_id, self.start, self.end, self.at, self.kind]


class Protocol(GuardedModel):
    """A viewing's protocol: the viewer's texts and, where demanded, the office's position.

    What it demands was taken from the regulation in force when the viewing was opened. The texts are a draft until it is
    finished; then their salted commitment stands in the ledger.
    """

    viewing = models.OneToOneField(
        Viewing, primary_key=True, on_delete=models.PROTECT, related_name="protocol"
    )
    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    fields = models.JSONField()
    position_of = models.CharField(max_length=16)
    texts = models.JSONField(default=dict)
    drafted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=40, blank=True)
    salt = models.BinaryField(default=bytes)
    position = models.TextField(blank=True)
    position_at = models.DateTimeField(null=True)
    position_by = models.CharField(max_length=40, blank=True)
    position_salt = models.BinaryField(default=bytes)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(finished_at__isnull=True),
                name="one_unfinished_protocol_a_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["position_of"],
                condition=Q(finished_at__isnull=False, position_at__isnull=True),
                name="protocol_without_position",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.viewing_id}"

    def is_entered(self) -> bool:
        """Return whether it is finished; until then it is a draft."""
        return self.finished_at is not None


class ProtocolNote(GuardedModel):
    """A correction appended to a finished protocol; what it corrects stays as it was."""

    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="notes")
    place = models.PositiveSmallIntegerField()
    text = models.TextField()
    salt = models.BinaryField()
    at = models.DateTimeField()
    by = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["protocol", "place"], name="note_once_a_protocol"),
        ]

    def __str__(self) -> str:
        return f"{self.protocol_id} {self.place}"


class LiveWatch(GuardedModel):
    """One person's looking at live pictures, from the first picture to the last."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    sources = models.JSONField()
    session = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["started_at"], name="live_by_start"),
            models.Index(fields=["person", "started_at"], name="live_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.started_at}"
