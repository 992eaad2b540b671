"""Rows of access: authorisations, viewings and what was seen in them."""

import uuid
from typing import ClassVar

from django.db import models


class Act(models.TextChoices):
    """What an authorisation may allow."""

    LIVE = "live"
    RECORDINGS = "recordings"


class Authorisation(models.Model):
    """The controller's written leave for a person: which acts, on which sources, from when until when."""

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


class AuthorisedSource(models.Model):
    """A source that an authorisation names, where it does not cover every one."""

    authorisation = models.ForeignKey(Authorisation, on_delete=models.CASCADE, related_name="sources")
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")


class Viewing(models.Model):
    """One person's looking at recordings of one source, for a stated purpose, from opening to end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey("office.Person", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField()
    purpose = models.CharField(max_length=80)
    case = models.CharField(max_length=120)
    session = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()


class SeenInterval(models.Model):
    """An interval of a recording that was handed to the viewer's browser."""

    viewing = models.ForeignKey(Viewing, on_delete=models.PROTECT, related_name="seen")
    start = models.DateTimeField()
    end = models.DateTimeField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, default="clip")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["viewing", "start"], name="seen_by_viewing_start")]
