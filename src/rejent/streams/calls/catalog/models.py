"""Rows of calls: what each is found by, what its callers heard, who refused, what a PBX reports and leaves."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from rejent.ledger.entry_keys import Role
from rejent.registers.guard.model import GuardedModel
from rejent.streams.calls.catalog.acts import ANNOUNCEMENT_CONFIRMED, ANNOUNCEMENT_HEARD
from rejent.streams.calls.catalog.forgettable import ForgettableModel
from rejent.streams.calls.catalog.phone_numbers import SIGNS, NumberSuffix
from rejent.streams.calls.catalog.turns import turn_numbers

_COUNTED_BY = ("source", "ended_by", "destroyed")
"""Columns that decide with a number which calls fit: with them an index counts the calls of the office's own number without their rows."""


class Call(ForgettableModel):
    """One recorded call of a line: what it is found by. Its id is the ``run`` of its segments.

    The numbers are as `canonical_number` gives them, empty where withheld; ``later`` names those who took part after
    the beginning (`rejent.streams.calls.catalog.turns`). All go when the last segment of the call is destroyed. ``faults`` are words for what was wrong with its metadata. ``notice_sought_at`` is when its sound was searched for the announcement.
    """

    signer = Role.RECORDER
    forgotten = ("caller", "called", "later")
    not_guarded = frozenset({*forgotten, "salt", "notice_sought_at", "destroyed"})
    id = models.CharField(primary_key=True, max_length=32, editable=False)
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="calls")
    day = models.DateField()
    start = models.DateTimeField()
    end = models.DateTimeField(null=True)
    direction = models.CharField(max_length=12)
    caller = models.CharField(max_length=40, blank=True)
    called = models.CharField(max_length=40, blank=True)
    later = models.TextField(blank=True)
    profile = models.CharField(max_length=20, blank=True)
    ended_by = models.CharField(max_length=20, blank=True)
    faults = models.CharField(max_length=120, blank=True)
    notice_sought_at = models.DateTimeField(null=True)
    destroyed = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(NumberSuffix("caller"), "start", "caller", *_COUNTED_BY, name="call_by_caller"),
            models.Index(NumberSuffix("called"), "start", "called", *_COUNTED_BY, name="call_by_called"),
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
                condition=Q(destroyed=False) | Q(caller="", called="", later="", salt=""),
                name="destroyed_call_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return self.id


class TurnNumber(models.Model):
    """An index of the numbers in `Call.later`, from which it is made anew with each change; bound by nothing of its own."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="turn_numbers")
    number = models.CharField(max_length=40)

    class Meta:
        indexes: ClassVar = [models.Index(NumberSuffix("number"), name="turn_by_number")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "number"], name="turn_number_once_a_call")
        ]

    def __str__(self) -> str:
        return self.call_id


@models.TextField.register_lookup
class NamesNumber(models.Lookup):
    """Whether the column of turns names a number, or an ending: looked up in the index of `TurnNumber`, decided on the column."""

    lookup_name = "names_number"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition on the row's own key."""
        number, ending = self.rhs
        whole = ("endswith", number) if ending else ("range", (number, number))
        named = TurnNumber.objects.alias(ending=NumberSuffix("number"))
        named = named.filter(**{"ending": number[-SIGNS:], f"number__{whole[0]}": whole[1]})
        sql, params = named.values("call").query.get_compiler(connection=connection).as_sql()
        key = f"{compiler.quote_name_unless_alias(self.lhs.alias)}.{connection.ops.quote_name('id')}"
        return f"{key} IN ({sql})", tuple(params)

    def in_python(self, written: str) -> bool:
        """Return whether the turns in the column of a verified row name the number."""
        number, ending = self.rhs
        named = turn_numbers(written)
        return any(one.endswith(number) if ending else one == number for one in named)


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


GONE = "gone"
"""Beginning of the mark of a record of which nothing is left that it could be guessed from."""


class RecordState(models.TextChoices):
    """Fate of a record."""

    EXPECTED = "expected"
    RECORDED = "recorded"
    MISSING = "missing"
    UNANSWERED = "unanswered"
    LEFT_OUT = "left-out"
    """The regulation, the office's rule or a refusal leaves it out; nothing of it is kept but that it was."""


class RecordBatch(GuardedModel):
    """Call records of a line that were taken in together; one entry binds them all."""

    signer = Role.RECORDER
    part_relations = ("records",)
    guard_piece = 20
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="+")
    arrived_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"

    def guarded_parts(self) -> dict[str, object]:
        """Return what each of its records stated when it was taken in."""
        return {"records": records_taken_in(self.records.all())}


def records_taken_in(rows: "Iterable[CallRecord]") -> list[list[Any]]:
    """Return what a batch binds of its records, in their order."""
    return sorted((row.taken_in() for row in rows), key=lambda bound: bound[0])


_TAKEN_IN = (
    "source_id",
    "day",
    "start",
    "seconds",
    "stated",
    "assumed",
    "direction",
    "outcome",
    "arrived_at",
    "commitment",
)


class CallRecord(ForgettableModel):
    """One call of a line as a PBX records it.

    Numbers, names and the raw row go with the last of its recordings; of a call without one, with the term of the line's
    stream. Times are kept as stated, beside what they were taken for and when we read them. Its batch binds what it stated; an entry of
    its own, ``entry``, that it is missing.
    """

    signer = Role.RECORDER
    forgotten = ("caller", "called", "raw", "file", "record_id", "linked_id")
    bound_beside = ("mark",)
    not_guarded = frozenset({*forgotten, *bound_beside, "salt", "emptied"})
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="call_records")
    mark = models.CharField(max_length=64)
    """Digest of the row: the same row is one record, however often it is read. Of what is left out its number in its date; behind its
    term, of what names nobody, `GONE` and its own number."""
    day = models.DateField()
    state = models.CharField(max_length=12, default=RecordState.EXPECTED)
    cause = models.CharField(max_length=20, blank=True)
    record_id = models.CharField(max_length=200, blank=True)
    linked_id = models.CharField(max_length=200, blank=True)
    start = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    stated = models.CharField(max_length=40, blank=True)
    assumed = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=12, blank=True)
    caller = models.CharField(max_length=40, blank=True)
    called = models.CharField(max_length=40, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    file = models.CharField(max_length=200, blank=True)
    raw = models.TextField(blank=True)
    emptied = models.BooleanField(default=False)
    arrived_at = models.DateTimeField()
    entry = models.BigIntegerField(null=True)
    batch = models.ForeignKey(RecordBatch, on_delete=models.PROTECT, related_name="records", null=True)
    calls = models.ManyToManyField("calls.Call", related_name="records")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "arrived_at"], name="record_by_state"),
            models.Index(fields=["source", "start"], name="record_by_start"),
            models.Index(fields=["source", "file"], name="record_by_file"),
            models.Index(fields=["source", "day"], condition=Q(emptied=False), name="record_naming_by_day"),
            models.Index(fields=["day", "state"], name="record_by_day_state"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "mark"], name="record_once_a_source"),
            models.CheckConstraint(
                condition=Q(emptied=False)
                | Q(caller="", called="", raw="", file="", record_id="", linked_id="", salt=""),
                name="emptied_record_names_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"

    def is_entered(self) -> bool:
        """Return whether an entry of its own says that it is missing."""
        return self.state == RecordState.MISSING

    def take_entry(self, index: int) -> None:
        """Note the act that entered it as missing."""
        self.entry = index

    def taken_in(self) -> list[Any]:
        """Return what its batch binds of it, its number first: nothing of it changes later."""
        values = [getattr(self, name) for name in _TAKEN_IN]
        return [self.pk, *values, self.state == RecordState.UNANSWERED, self.own_parts()]


class FileState(models.TextChoices):
    """Fate of a file."""

    IMPORTED = "imported"
    TWICE = "twice"
    LEFT_OUT = "left-out"
    REFUSED = "refused"


class PbxFile(ForgettableModel):
    """A file in a PBX's folder that was looked at; its name stays as long as it is of use, and goes with the recording."""

    signer = Role.RECORDER
    forgotten = ("name", "digest")
    not_guarded = frozenset({*forgotten, "salt"})
    source = models.ForeignKey("catalog.Source", on_delete=models.PROTECT, related_name="pbx_files")
    mark = models.CharField(max_length=64)
    """Digest of name, length and time of change: the same file is looked at once."""
    day = models.DateField()
    state = models.CharField(max_length=12)
    cause = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=300, blank=True)
    bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    call = models.ForeignKey("calls.Call", on_delete=models.PROTECT, related_name="files", null=True)
    looked_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["source", "digest"], name="file_by_digest"),
            models.Index(fields=["day", "state"], name="file_by_day"),
            models.Index(
                fields=["source", "day"],
                condition=Q(call__isnull=True) & ~Q(name=""),
                name="file_naming_by_day",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "mark"], name="file_once_a_source")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.pk}"


class WantedKey(models.Model):
    """A past civil date of which a recording was found that has no key yet; the keeper makes it."""

    source = models.ForeignKey("catalog.Source", on_delete=models.CASCADE, related_name="wanted_keys")
    day = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "day"], name="one_wanted_key_a_source_and_day")
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.day}"
