"""Rows of the office."""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib.auth.hashers import acheck_password, check_password
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rejent.registers.guard.model import GuardedModel

CHANGED_BY_USE = frozenset({"counter", "name", "used_mask", "viewed_at"})
"""Keys of an authenticator's data that its use changes."""
_SECOND_FACTORS = frozenset({"totp", "webauthn"})
"""allauth's names; recovery codes alone are no second factor."""


class RegulationVersion(GuardedModel):
    """A version of the regulation; the newest whose day has come is in force.

    The ledger binds its digest; `rejent.office.queries` computes the digest of the text anew.
    """

    place_noted = True

    version = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    in_force_from = models.DateField()
    loaded_at = models.DateTimeField()

    guard_key = "version"
    not_guarded = frozenset({"text"})

    def __str__(self) -> str:
        return str(self.version)


class Building(models.Model):
    """A building of the office."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Place(GuardedModel):
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


class Role(models.TextChoices):
    """A role of a person, which decides what they may administer."""

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


class Engagement(models.TextChoices):
    """The ground on which a person works for the office."""

    EMPLOYMENT = "employment", _("employment contract")
    OFFICE = "office", _("election or appointment")
    CIVIL = "civil", _("civil-law contract")
    TRAINEE = "trainee", _("traineeship or work practice")
    OTHER = "other", _("another firm, or another ground")


class Person(GuardedModel):
    """A person of the office, or of a firm that works for it.

    ``extension`` is the person's own telephone number, since the day ``extension_since``.
    """

    place_noted = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    post = models.CharField(max_length=120, blank=True)
    joined_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    sign_in = models.CharField(max_length=10, default="confirmed")
    engagement = models.CharField(max_length=10, default=Engagement.EMPLOYMENT)
    email = models.CharField(max_length=120, blank=True, default="")
    extension = models.CharField(max_length=20, blank=True, default="")
    extension_since = models.DateField(null=True)

    def __str__(self) -> str:
        return self.name

    @property
    def verified_roles(self) -> frozenset[str]:
        """Return the roles of a row that was verified against the ledger."""
        return frozenset(self.bound_parts["roles"])

    @property
    def has_second_factor(self) -> bool:
        """Return whether whoever a verified row is of has codes or a passkey."""
        return any(kind in _SECOND_FACTORS for *_, kind, _ in self.bound_parts["accounts"])

    def guarded_parts(self) -> dict[str, object]:
        """Return the roles, and everything that signs in as the person."""
        columns = (
            "pk",
            "username",
            "password",
            "is_active",
            "authenticator__pk",
            "authenticator__type",
            "authenticator__data",
        )
        accounts = self.accounts.order_by("pk", "authenticator__pk").values_list(*columns)
        linked = self.identities.order_by("way")
        return {
            "roles": sorted(self.roles.order_by().values_list("role", flat=True)),
            "accounts": [[*row[:-1], lasting(row[-1])] for row in accounts],
            "identities": [each.bound() for each in linked],
        }


def lasting(data: Any) -> Any:
    """Return what an account signs in with, without what use changes."""
    if isinstance(data, dict):
        return {name: value for name, value in data.items() if name not in CHANGED_BY_USE}
    return data


class PersonRole(models.Model):
    """A role that a person holds."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "role"], name="role_once_a_person")
        ]

    def __str__(self) -> str:
        return self.role


class Account(AbstractUser):
    """Django's user: user name, password and sessions of a person."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="accounts")
    language = models.CharField(max_length=5, blank=True)
    theme = models.CharField(max_length=5, blank=True)
    letter_keys = models.BooleanField(default=True)
    sessions_ended = models.PositiveIntegerField(default=0)

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether the password is right; its hash is never renewed here: only who sets a password changes it."""
        return check_password(raw_password, self.password)

    async def acheck_password(self, raw_password: str | None) -> bool:
        """Await `check_password`."""
        return await acheck_password(raw_password, self.password)

    def get_session_auth_hash(self) -> str:
        """Return what a session must hold to count: of password, person and how often sessions were ended.

        An account that is pointed to somebody else in the database takes no running session along.
        """
        return self._since_ended(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the same under the installation's earlier keys."""
        return map(self._since_ended, super().get_session_auth_fallback_hash())

    def _since_ended(self, plain: str) -> str:
        return f"{plain}:{self.person_id}:{self.sessions_ended}"


class Identity(models.Model):
    """A link of a person with an identity of a provider or a directory.

    ``subject`` is what they never give to somebody else: a claim of an ID token, or an entry's UUID.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities")
    way = models.CharField(max_length=8)
    issuer = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["way", "issuer", "subject"], name="identity_of_one_person"),
            models.UniqueConstraint(fields=["person", "way"], name="identity_once_a_way"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.way}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        return [self.way, self.issuer, self.subject, self.linked_at]


class Token(GuardedModel):
    """A bearer token of the HTTP interface; only its digest is stored."""

    place_noted = True

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=80, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class Absence(GuardedModel):
    """An absence of the head of the office, from a day until another, or until it is ended."""

    place_noted = True

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField(null=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")), name="absence_not_empty"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.first_day}"


class Fault(GuardedModel):
    """A technical fault of a source, or of the machine where no source is named.

    ``outage`` is the catalogue's own number of the gap that entered it; nothing of a fault that a person opened.
    """

    place_noted = True

    number = models.CharField(max_length=20, unique=True)
    source = models.CharField(max_length=32, blank=True)
    stream = models.CharField(max_length=12, blank=True)
    description = models.TextField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=40, blank=True)
    outcome = models.TextField(blank=True)
    outage = models.PositiveBigIntegerField(null=True, unique=True)

    def __str__(self) -> str:
        return self.number


class ProcessingAgreement(GuardedModel):
    """An agreement by which a firm processes the office's data; it covers named people of that firm."""

    place_noted = True

    number = models.CharField(max_length=80, unique=True)
    party = models.CharField(max_length=200)
    concluded_on = models.DateField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True)

    part_relations = ("people",)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="agreement_not_empty",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def guarded_parts(self) -> dict[str, object]:
        """Return the people it covers."""
        return {"people": sorted(covered.person_id.hex for covered in self.people.all())}


class CoveredPerson(models.Model):
    """A person of the firm that an agreement covers."""

    agreement = models.ForeignKey(ProcessingAgreement, on_delete=models.CASCADE, related_name="people")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="agreements")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["agreement", "person"], name="person_once_an_agreement")
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.person_id}"


class SignedStatement(GuardedModel):
    """A person's statement that they know a version of the regulation: on paper, or given in the browser by the person.

    ``text`` is the SHA-256 of what was shown before it was given; empty of a paper.
    """

    place_noted = True

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="statements")
    version = models.PositiveIntegerField()
    signed_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)
    way = models.CharField(max_length=8, default="paper")
    second_factor = models.BooleanField(default=False)
    text = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "version"], name="statement_once_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.version}"


class GateFact(GuardedModel):
    """A fact about the start of a stream: notice to staff, marking, legal basis, an office's own decision."""

    place_noted = True

    stream = models.CharField(max_length=12)
    kind = models.CharField(max_length=24)
    on = models.DateField()
    note = models.TextField(blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)

    def __str__(self) -> str:
        return f"{self.stream} {self.kind} {self.on}"
