"""Rows of the office: regulation versions, buildings, places and stations, people and their accounts, gates, tokens."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class RegulationVersion(models.Model):
    """One version of the regulation, as loaded; the newest whose day has come is in force."""

    version = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    in_force_from = models.DateField()
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.version)


class Building(models.Model):
    """A building of the office."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place in or at a building that a source may cover."""

    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="places")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["building", "name"], name="place_once_in_building")
        ]

    def __str__(self) -> str:
        return self.name


class Station(models.Model):
    """A computer that recordings may be seen on, known by the digest of the certificate it was given."""

    name = models.CharField(max_length=64)
    place = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=43, blank=True)
    fingerprint = models.CharField(max_length=64, unique=True)
    enrolled_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(revoked_at__isnull=True), name="station_once_by_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a person is in the office; decides what they open first and what they may administer."""

    GUARD = "guard", _("guard")
    VIEWER = "viewer", _("authorised viewer")
    CLERK = "clerk", _("clerk")
    HEAD = "head", _("head of office")
    DEPUTY = "deputy", _("deputy head")
    ADMINISTRATOR = "administrator", _("IT administrator")
    PROTECTION_OFFICER = "iod", _("data protection officer")
    SECRETARY = "secretary", _("secretary of the office")
    IT_UNIT = "it-unit", _("IT unit")
    GUARD_SUPERVISOR = "guard-supervisor", _("supervisor of the guards")
    CONTRACTOR = "contractor", _("maintenance contractor")
    EMPLOYEE = "employee", _("employee")


class Person(models.Model):
    """A person of the office, or of a firm that works for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    post = models.CharField(max_length=120, blank=True)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class PersonRole(models.Model):
    """That a person holds a role."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "role"], name="role_once_a_person")
        ]

    def __str__(self) -> str:
        return self.role


class Account(AbstractUser):
    """What a person signs in with."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="accounts")
    language = models.CharField(max_length=5, blank=True)
    theme = models.CharField(max_length=5, blank=True)
    letter_keys = models.BooleanField(default=True)


class Token(models.Model):
    """A bearer token of the HTTP interface; only its digest is stored."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class GateFact(models.Model):
    """A fact that opens a stream's start: notice to staff, marking, legal basis, an office's own decision."""

    stream = models.CharField(max_length=12)
    kind = models.CharField(max_length=24)
    on = models.DateField()
    note = models.TextField(blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.stream} {self.kind} {self.on}"
