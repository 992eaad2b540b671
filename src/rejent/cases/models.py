"""Rows of cases; triggers let a case change by its decision alone (`0001_initial`)."""

from hashlib import blake2b
from json import dumps
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.cases.views import Channel, Kind, State
from rejent.office.regulation.vocabulary import Right
from rejent.registers.guard.model import GuardedModel


class Case(GuardedModel):
    """An application with the decision on it; who applied stands apart."""

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=20)
    right = models.CharField(max_length=16, blank=True, default="")
    """The right that a recorded person uses; empty of other kinds."""
    identity = models.CharField(max_length=12, blank=True, default="")
    stream = models.CharField(max_length=12)
    state = models.CharField(max_length=12, default=State.WAITING.value)
    version = models.PositiveIntegerField()
    channel = models.CharField(max_length=16)
    received_on = models.DateField()
    posted_on = models.DateField(null=True)
    filed_on = models.DateField()
    event_first = models.DateField(null=True)
    event_last = models.DateField(null=True)
    start = models.DateTimeField(null=True)
    end = models.DateTimeField(null=True)
    about = models.DateTimeField(null=True)
    last_day = models.DateField(null=True)
    holidays = models.CharField(max_length=20, blank=True)
    late = models.BooleanField()
    decide_by = models.DateField()
    sources = models.JSONField()
    holds = models.JSONField()
    lost = models.JSONField()
    own = models.CharField(max_length=40, blank=True, default="")
    """The person of the office who applied; empty for everybody else."""
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=40, blank=True, default="")
    in_place_of = models.CharField(max_length=40, blank=True, default="")
    reasons = models.TextField(blank=True, default="")
    basis = models.TextField(blank=True, default="")
    knowledge = models.BooleanField(null=True)
    despite = models.CharField(max_length=10, blank=True, default="")
    """The ground on which what somebody recorded had restricted is used for it nevertheless."""
    prolonged_at = models.DateTimeField(null=True)
    prolonged_by = models.CharField(max_length=40, blank=True, default="")
    prolonged_reasons = models.TextField(blank=True, default="")
    withdrawn_on = models.DateField(null=True)
    corrections = models.PositiveIntegerField(default=0)
    erased_at = models.DateTimeField(null=True)

    guard_key = "number"
    part_relations = ("applicant",)
    forgotten = ("reasons", "prolonged_reasons")
    """Columns that an erasure empties: the database's own files are cleaned of them (`registers.erasure_traces`)."""

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=[each.value for each in State]), name="case_state"),
            models.CheckConstraint(condition=Q(kind__in=[each.value for each in Kind]), name="case_kind"),
            models.CheckConstraint(
                condition=Q(channel__in=[each.value for each in Channel]), name="case_channel"
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.RIGHT.value, right__in=[each.value for each in Right])
                | (~Q(kind=Kind.RIGHT.value) & Q(right="")),
                name="case_right_of_its_kind",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.WITHDRAWN.value) | Q(withdrawn_on__isnull=False),
                name="case_withdrawn_by_applicant",
            ),
            models.CheckConstraint(
                condition=Q(state=State.WAITING.value, decided_at__isnull=True, decided_by="")
                | (~Q(state=State.WAITING.value) & Q(decided_at__isnull=False) & ~Q(decided_by="")),
                name="case_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(own="") | ~Q(own=F("decided_by")), name="case_not_decided_by_applicant"
            ),
            models.CheckConstraint(
                condition=Q(start__isnull=True, end__isnull=True) | Q(end__gt=F("start")),
                name="case_interval_not_empty",
            ),
            models.CheckConstraint(
                condition=Q(event_last__gte=F("event_first"), received_on__gte=F("filed_on")),
                name="case_days_in_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "decide_by"], name="case_by_state"),
        ]

    def __str__(self) -> str:
        return self.number

    def forget_applicant(self) -> None:
        """Know of no applicant any more, once their row is gone."""
        self._state.fields_cache["applicant"] = None

    def guarded_parts(self) -> dict[str, object]:
        """Return who applied: the ledger binds it by a salted digest, and holds no name."""
        applicant = getattr(self, "applicant", None)
        return {"applicant": applicant.bound() if applicant else None}


def commitment(salt: str, value: object) -> str:
    """Return what binds a value without holding it: BLAKE2b keyed with a salt that goes together with it."""
    text = dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return blake2b(text.encode(), key=bytes.fromhex(salt), digest_size=32).hexdigest()


class CaseApplicant(models.Model):
    """Whoever applied and all that they said; kept apart, so that it can be erased while the case stays."""

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.PROTECT, related_name="applicant")
    name = models.CharField(max_length=200)
    address = models.CharField(max_length=400, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    details = models.JSONField()
    salt = models.CharField(max_length=64)
    sought = models.CharField(max_length=700)
    """What a search looks through, in small letters."""

    forgotten = ("name", "address", "contact", "details", "salt", "sought")

    def __str__(self) -> str:
        return f"{self.case_id}"

    def bound(self) -> str:
        """Return what the ledger binds of it; nothing can be tried against that once the salt is erased."""
        return commitment(self.salt, [self.name, self.address, self.contact, self.details])


class CaseCorrection(GuardedModel):
    """A correction of an application that waits: what stood there before stays, until it is erased with the applicant."""

    number = models.CharField(max_length=30, unique=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="corrected")
    place = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=40, blank=True)
    before = models.JSONField(null=True)
    salt = models.CharField(max_length=64, blank=True)
    bound = models.CharField(max_length=64)
    """Commitment over reason and former values; it stays when they go."""

    guard_key = "number"
    forgotten = ("before", "salt")
    not_guarded = frozenset(forgotten)

    def __str__(self) -> str:
        return self.number


class CaseNotice(GuardedModel):
    """That a recipient of a recording was told what became of it by a right that was granted (GDPR art. 19)."""

    number = models.CharField(max_length=50, unique=True)
    """Of the case and of the hand-over, so that each recipient is told once."""
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    hand_over = models.CharField(max_length=20)
    told_on = models.DateField()
    channel = models.CharField(max_length=16)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)

    guard_key = "number"

    def __str__(self) -> str:
        return self.number


class CasePaper(GuardedModel):
    """A paper that left the program, of a case, a hand-over or a commission: the same facts make the same bytes, others another number."""

    number = models.CharField(max_length=30, unique=True)
    about = models.CharField(max_length=60, db_index=True)
    """What it is of, as the ledger calls it: ``case:W-2026-1``."""
    kind = models.CharField(max_length=16)
    language = models.CharField(max_length=2)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=40, blank=True)

    guard_key = "number"

    def __str__(self) -> str:
        return self.number
