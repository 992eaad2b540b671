"""Rows of e-mail: the keys of the two roles, each day's count, what was imported, and under which cases messages may be opened."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.registers.guard.model import GuardedModel


class RoleKey(GuardedModel):
    """A key of one of the two roles; messages are sealed to all of a role that stand.

    ``identity`` is the private half, sealed to the passphrase of who holds it, which the program never keeps.
    """

    place_noted = True

    role = models.CharField(max_length=8)
    holder = models.CharField(max_length=120)
    recipient = models.CharField(max_length=80, unique=True)
    identity = models.BinaryField()
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=["case", "control"]), name="role_key_of_a_role")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class DayCount(GuardedModel):
    """What a journal acknowledged on a civil date; bound once the day is entered.

    ``acknowledged`` are the messages whose receipt was confirmed to the mail server, of which ``private`` and ``exempt`` left nothing
    behind; ``refused`` it was asked to keep. ``checked`` are those that every scanner saw whole, ``unchecked`` those of which one did not,
    of these ``failed`` through no bound but a fault of the scanner, of which ``rechecked`` were looked at whole afterwards;
    ``threats`` are how many messages each rule, signature or list was found in.
    """

    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    acknowledged = models.BigIntegerField(default=0)
    private = models.BigIntegerField(default=0)
    exempt = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    checked = models.BigIntegerField(default=0)
    unchecked = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    rechecked = models.BigIntegerField(default=0)
    threats = models.JSONField(default=dict)
    kept = models.BigIntegerField(null=True)
    delivered = models.BigIntegerField(null=True)
    """Messages of the mail server's log, once somebody has entered that some of them are not accounted for."""
    unaccounted = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="mail_counted_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"

    def is_entered(self) -> bool:
        """Return whether the day is over and entered."""
        return self.kept is not None


class MailImport(GuardedModel):
    """A mailbox that was imported into a history; what its messages came to is bound once it has ended.

    ``place`` is a digest of where the mailbox lies and ``state`` of when it was changed last, neither of what it holds.
    """

    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=8)
    place = models.CharField(max_length=64)
    state = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    found = models.BigIntegerField(default=0)
    kept = models.BigIntegerField(default=0)
    private = models.BigIntegerField(default=0)
    exempt = models.BigIntegerField(default=0)
    known = models.BigIntegerField(default=0)
    past_term = models.BigIntegerField(default=0)
    too_early = models.BigIntegerField(default=0)
    undated = models.BigIntegerField(default=0)
    not_taken = models.BigIntegerField(default=0)
    shorter = models.BigIntegerField(default=0)
    doubtful = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(form__in=["mbox", "maildir", "imap"]), name="mail_import_of_a_form"
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ImportedPlace(models.Model):
    """Where in its mailbox a message lay that is kept, as a digest, so that it is imported once; it goes with its day."""

    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    mark = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "mark"], name="message_imported_once")
        ]
        indexes: ClassVar = [models.Index(fields=["source", "day"], name="imported_by_day")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class WantedDay(models.Model):
    """A past civil date of which messages were found that has no key yet; keepers make it."""

    source = models.ForeignKey("catalog.Source", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="mail_day_wanted_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"


class LeftMessage(GuardedModel):
    """A message that turned out private while it was read: nobody is shown it again."""

    place_noted = True

    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    left_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["source", "at"], name="message_left_once")]

    def __str__(self) -> str:
        return str(self.pk)


class ReleasedMessage(GuardedModel):
    """A message of which a deciding field could not be read, and that both roles let be read among the others."""

    place_noted = True

    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    released_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "at"], name="message_released_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class MailOpening(GuardedModel):
    """A leave to open messages of a case's scope: asked for by one person, agreed to by another of a different role.

    What is said of people stands in ``said``, and the ledger binds it by a salted digest, ``bound``.
    """

    place_noted = True

    number = models.CharField(max_length=20, unique=True)
    case = models.CharField(max_length=20, db_index=True)
    source_ids = models.JSONField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    expires_on = models.DateField()
    said = models.JSONField()
    salt = models.CharField(max_length=64)
    bound = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=40)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.CharField(max_length=40, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=40, blank=True, default="")

    guard_key = "number"
    forgotten = ("said", "salt")
    not_guarded = frozenset(forgotten)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="mail_opening_not_empty"),
            models.CheckConstraint(
                condition=Q(agreed_by="") | ~Q(agreed_by=F("asked_by")), name="mail_opening_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return self.number
