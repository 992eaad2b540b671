"""Rows of copies; triggers let them change by their steps alone (`0001_initial`)."""

from operator import attrgetter
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.cases.copies.views import CommissionState, HandOverState, State
from rejent.registers.guard.model import GuardedModel


class Copy(GuardedModel):
    """A copy of a source's interval, or of one item of it, sealed under a key of its own."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=20, blank=True, default="")
    """Given once it is made, so that the book has no number of a copy that never was."""
    case = models.ForeignKey("cases.Case", to_field="number", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    item = models.CharField(max_length=32, blank=True, default="")
    start = models.DateTimeField()
    end = models.DateTimeField()
    version = models.PositiveIntegerField()
    origin = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="derived")
    """The copy that this one was derived from, with parts of it hidden."""
    plan = models.JSONField(null=True)
    """What is hidden in it; of one that was derived from none, what is to be hidden in the next that is derived from it."""
    chosen = models.JSONField(default=list)
    """Segment, beginning, end and SHA-256 of each content that a viewing opened and chose; empty of a whole time or item."""
    progress = models.PositiveIntegerField(default=0)
    """Thousandths of its making that are done."""
    state = models.CharField(max_length=12, default=State.MAKING.value)
    details = models.JSONField(default=dict)
    stated = models.DateField(null=True)
    """The last day that its maker chose."""
    recipient = models.CharField(max_length=80, blank=True, default="")
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=40)
    made_at = models.DateTimeField(null=True)
    recorded_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    finding = models.BooleanField()
    capped = models.BooleanField(default=False)
    missing = models.JSONField(default=list)
    renewals = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True, default="")
    made_entry = models.BigIntegerField(null=True)
    commission = models.ForeignKey(
        "copies.Commission", to_field="number", null=True, on_delete=models.PROTECT, related_name="+"
    )
    destroyed_at = models.DateTimeField(null=True)

    part_relations = (models.Prefetch("parts", to_attr="_parts_read"), "writings")
    guard_piece = 50
    not_guarded = frozenset({"progress"})

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=[each.value for each in State]), name="copy_state"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="copy_not_empty"),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="copy_number_once"),
            models.CheckConstraint(
                condition=Q(state__in=["making", "abandoned"], number="")
                | (
                    ~Q(state__in=["making", "abandoned"])
                    & ~Q(number="")
                    & Q(
                        due_on__isnull=False,
                        made_at__isnull=False,
                        made_entry__isnull=False,
                    )
                ),
                name="copy_numbered_once_made",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["case"], name="copy_by_case"),
            models.Index(fields=["state", "due_on"], name="copy_by_end"),
            models.Index(fields=["made_entry"], name="copy_by_number"),
            models.Index(fields=["state", "made_entry"], name="copy_by_state"),
            models.Index(fields=["due_on", "made_entry"], name="copy_by_last_day"),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)

    def take_entry(self, index: int) -> None:
        """Note the place of the act that gave it its number."""
        if self.made_entry is None and self.state == State.KEPT:
            self.made_entry = index

    def guarded_parts(self) -> dict[str, object]:
        """Return what is in it, once it is made, and what was written of it to carriers."""
        if self.state in {State.MAKING, State.ABANDONED}:
            return {}
        return {
            "parts": [each.bound() for each in self.parts_in_order()],
            "writings": [each.bound() for each in self.writings_in_order()],
        }

    def parts_in_order(self) -> "list[CopyPart]":
        """Return the parts as they were verified, or as the database has them where they were not; in the order of their places."""
        read = vars(self).get("_parts_read")
        return sorted(self.parts.all() if read is None else read, key=attrgetter("place"))

    def writings_in_order(self) -> "list[Writing]":
        """Return what was written of it to carriers, oldest first."""
        return sorted(self.writings.all(), key=attrgetter("pk"))


class CopyPart(models.Model):
    """One recording of a copy, sealed as an object of its own; bound with the copy."""

    copy = models.ForeignKey(Copy, on_delete=models.PROTECT, related_name="parts")
    place = models.PositiveIntegerField()
    segment = models.UUIDField()
    from_sha256 = models.CharField(max_length=64)
    start = models.DateTimeField()
    end = models.DateTimeField()
    units = models.PositiveIntegerField()
    whole = models.BooleanField()
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    media_type = models.CharField(max_length=60)
    object_name = models.CharField(max_length=200, unique=True)
    head = models.CharField(max_length=64)
    sealed_sha256 = models.CharField(max_length=64)
    sealed_bytes = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["copy", "place"], name="copy_part_once")]

    def __str__(self) -> str:
        return self.object_name

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        origin = [self.place, self.segment, self.from_sha256, self.start, self.end, self.units, self.whole]
        sealed = [self.object_name, self.head, self.sealed_sha256, self.sealed_bytes]
        return [*origin, self.sha256, self.bytes, self.media_type, *sealed]


class Writing(models.Model):
    """A package of a copy that was written to a carrier, as whoever wrote it says; bound with the copy.

    It is never changed but for its withdrawal, once.
    """

    copy = models.ForeignKey(Copy, on_delete=models.PROTECT, related_name="writings")
    package = models.BigIntegerField()
    medium = models.CharField(max_length=12)
    sign = models.CharField(max_length=80, blank=True)
    bag = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.copy_id} {self.sign}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        carrier = [self.package, self.medium, self.sign, self.bag, self.place]
        return [*carrier, self.at, self.by, self.withdrawn_at, self.withdrawn_by, self.reason]


class HandOver(GuardedModel):
    """The handing over of a copy, under a disclosure that was consented to: prepared, signed, handed; who takes it stands apart."""

    number = models.CharField(max_length=20, unique=True)
    copy = models.ForeignKey(Copy, on_delete=models.PROTECT, related_name="hand_overs")
    case = models.ForeignKey("cases.Case", to_field="number", on_delete=models.PROTECT, related_name="+")
    documents = models.JSONField()
    state = models.CharField(max_length=12, default=HandOverState.PREPARED.value)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)
    remarks = models.TextField(blank=True, default="")
    signed_on = models.DateField(null=True)
    signing = models.CharField(max_length=12, blank=True, default="")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=40, blank=True, default="")
    handed_at = models.DateTimeField(null=True)
    handed_by = models.CharField(max_length=40, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=40, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    guard_key = "number"
    part_relations = ("receiver", "deliveries")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in HandOverState]), name="hand_over_state"
            ),
            models.UniqueConstraint(
                fields=["copy"], condition=~Q(state="withdrawn"), name="copy_handed_over_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def guarded_parts(self) -> dict[str, object]:
        """Return who took it and how it was delivered: the ledger binds it by a salted digest, and holds no name."""
        receiver = getattr(self, "receiver", None)
        deliveries = sorted(self.deliveries.all(), key=attrgetter("pk"))
        return {
            "receiver": receiver.bound() if receiver else None,
            "deliveries": [each.bound() for each in deliveries],
        }


class Receiver(models.Model):
    """The person who took a copy; kept apart, so that it can be erased while the hand-over stays."""

    hand_over = models.OneToOneField(
        HandOver, primary_key=True, on_delete=models.PROTECT, related_name="receiver"
    )
    name = models.CharField(max_length=200)
    post = models.CharField(max_length=200, blank=True)
    body = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.hand_over_id}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        return [self.name, self.post, self.body]


class Delivery(models.Model):
    """What was entered of the delivery of a copy; never changed, a later one is added; bound with the hand-over."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="deliveries")
    way = models.CharField(max_length=12)
    reference = models.CharField(max_length=80, blank=True)
    sent_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(way="in-person", sent_at__isnull=True, received_at__isnull=False)
                | (Q(way__in=["e-delivery", "post"], sent_at__isnull=False) & ~Q(reference="")),
                name="delivery_told_whole",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True)
                | Q(received_at__isnull=True)
                | Q(received_at__gte=F("sent_at")),
                name="delivery_received_after_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hand_over_id} {self.way}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        return [self.way, self.reference, self.sent_at, self.received_at, self.at, self.by]


class Commission(GuardedModel):
    """People whom the head appointed to destroy copies; its members confirm one by one."""

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=12, default=CommissionState.APPOINTED.value)
    members = models.JSONField()
    maker_counts = models.BooleanField()
    appointed_at = models.DateTimeField()
    appointed_by = models.CharField(max_length=40)
    in_place_of = models.CharField(max_length=40, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    guard_key = "number"
    part_relations = ("items", "confirmations")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=[each.value for each in CommissionState]), name="commission_state"
            )
        ]

    def __str__(self) -> str:
        return self.number

    def guarded_parts(self) -> dict[str, object]:
        """Return what it destroys, and who confirmed when."""
        items = sorted(self.items.all(), key=attrgetter("pk"))
        given = sorted(self.confirmations.all(), key=attrgetter("pk"))
        return {
            "copies": [each.bound() for each in items],
            "confirmed": [each.bound() for each in given],
        }


class CommissionItem(models.Model):
    """A copy that a commission is to destroy, with what was noted of its carrier."""

    commission = models.ForeignKey(
        Commission, to_field="number", on_delete=models.PROTECT, related_name="items"
    )
    copy = models.ForeignKey(Copy, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["commission", "copy"], name="commission_names_a_copy_once")
        ]

    def __str__(self) -> str:
        return f"{self.commission_id} {self.copy_id}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        return [self.copy_id, self.note]


class Confirmation(models.Model):
    """The word of a member that copies were destroyed before their eyes."""

    commission = models.ForeignKey(
        Commission, to_field="number", on_delete=models.PROTECT, related_name="confirmations"
    )
    person = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["commission", "person"], name="member_confirms_once")
        ]

    def __str__(self) -> str:
        return f"{self.commission_id} {self.person}"

    def bound(self) -> list[object]:
        """Return what the ledger binds of it."""
        return [self.person, self.at]
