"""Copies as people and the evidence package see them, and the closed lists of their values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from rejent.kernel.intervals import Interval


class State(StrEnum):
    """The state of a copy."""

    MAKING = "making"
    KEPT = "kept"
    HANDED = "handed"
    DYING = "dying"
    """Every member of a commission confirmed; the key goes."""
    DESTROYED = "destroyed"
    ABANDONED = "abandoned"
    """Nothing was left to be copied."""


class Medium(StrEnum):
    """What a package of a copy was written to."""

    USB = "usb"
    DVD = "dvd"
    BLU_RAY = "blu-ray"
    CARD = "card"
    DISK = "disk"
    MESSAGE = "message"
    """No carrier: the file is sent by an electronic message."""


class Absence(StrEnum):
    """The reason that a part of the asked time is not in a copy."""

    GAP = "gap"
    """Nothing was recorded; its cause stands beside."""
    DESTROYED = "destroyed"
    """It was recorded, and destroyed before."""
    UNREADABLE = "unreadable"
    """It is there, and does not open or is not what was entered."""
    NOT_CHOSEN = "not-chosen"
    """It may be there, and nobody chose it in the viewing that the copy was made in."""
    UNKNOWN = "unknown"
    """Nothing is known of it."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of the asked time that is not in a copy."""

    interval: Interval
    why: Absence
    cause: str = ""


@dataclass(frozen=True, slots=True)
class PartView:
    """One recording of a copy, as a sealed object of its own.

    ``place``: from 1, in the order of time; ``segment``: the recorded segment that it was taken from, wholly or in part; ``from_sha256``:
    the digest of that segment's sealed object, as it was booked; ``interval``: exactly what stands in it; it reaches
    beyond what was asked for to where its format is cut, which is not shown (`stream_parts.shown_of`); ``whole``: all of it is shown; ``recovered``: never; what a crash cut short is mended before it is copied, or copied as far as it reads.
    """

    copy_id: UUID
    place: int
    segment: UUID
    from_sha256: str
    interval: Interval
    units: int
    whole: bool
    sha256: str
    bytes: int
    media_type: str
    object_name: str
    recipient: str
    head: str
    sealed_sha256: str
    sealed_bytes: int
    recovered: bool = False


@dataclass(frozen=True, slots=True)
class Renewal:
    """A further application that lets a copy live longer."""

    case: str
    due_before: date
    due_on: date
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class WritingView:
    """A package of a copy that somebody said to have written to a carrier.

    ``key`` is its number in the database, ``package`` the ledger's index of the act by which the package left; ``place`` says where the
    carrier is, or whom it was given to; ``withdrawn_at``: since then it counts no more, ``reason`` says why.
    """

    key: int
    package: int
    medium: Medium
    sign: str
    bag: str
    place: str
    at: datetime
    by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    reason: str = ""

    @property
    def stands(self) -> bool:
        """Return whether it counts."""
        return self.withdrawn_at is None


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy.

    Attributes:
        source_kind: the stream's name.
        item: the one item, such as a call, that it is of; empty where it is a time of the source.
        details: what label and register state besides, such as the parties' numbers, by the regulation's names.
        writings: what was written of it to carriers, oldest first; of a copy that waits in the vault alone nothing.
        finding: whether the office found that it may be evidence; without that its life is capped (R-OPEN-9).
        missing: what of the asked time is not in it.
        made_entry: index of the act `copy.made`.
        origin: the number of the copy that this one was derived from, with parts of it hidden; empty of all others.
        plan: what is hidden in it, or of one that was not derived, what is to be hidden in one that will be; None where nobody said.
        progress: thousandths of its making that are done.
        chosen: how many contents a viewing opened and chose for it; 0 of a copy of a whole time or item.
        accompanying: how many files go with them that nobody chose, such as a list of their envelopes.
        digest: over what is in it; see `rules.content_digest`.
    """

    id: UUID
    number: str
    case: str
    state: State
    source_id: str
    source_label: str
    source_kind: str
    item: str
    interval: Interval
    version: int
    details: Mapping[str, str] = field(repr=False)
    begun_at: datetime
    made_at: datetime | None
    made_by: str
    recorded_on: date | None
    due_on: date | None
    finding: bool
    capped: bool
    missing: tuple[Missing, ...]
    renewals: tuple[Renewal, ...]
    parts: tuple[PartView, ...]
    digest: str
    made_entry: int | None
    commission: str
    destroyed_at: datetime | None
    origin: str = ""
    plan: Mapping[str, Any] | None = field(default=None, repr=False)
    progress: int = 0
    chosen: int = 0
    accompanying: int = 0
    writings: tuple[WritingView, ...] = ()

    @property
    def carriers(self) -> tuple[WritingView, ...]:
        """Return what counts as written."""
        return tuple(one for one in self.writings if one.stands)


class DeliveryWay(StrEnum):
    """The way on which a copy that was handed over reached whoever takes it."""

    IN_PERSON = "in-person"
    E_DELIVERY = "e-delivery"
    POST = "post"


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """What was entered of the delivery of a copy; a later one counts, and the earlier ones stay.

    ``reference`` is the number of the message or of the registered letter; ``received_at`` is None while nobody knows of the receipt,
    ``sent_at`` for one in person.
    """

    way: DeliveryWay
    reference: str
    sent_at: datetime | None
    received_at: datetime | None
    at: datetime
    by: str


class HandOverState(StrEnum):
    """The state of a hand-over."""

    PREPARED = "prepared"
    """Its paper is a draft."""
    SIGNED = "signed"
    HANDED = "handed"
    WITHDRAWN = "withdrawn"
    """Nothing was handed over; its number stays."""


class Signing(StrEnum):
    """The way in which the paper of a hand-over was signed."""

    PAPER = "paper"
    SCREEN = "screen"
    ELECTRONIC = "electronic"
    SENT = "sent"
    """By who hands over alone: it is sent, and the evidence of the delivery stands for the other signature."""


@dataclass(frozen=True, slots=True)
class HandOverView:
    """The handing over of a copy.

    ``case`` is the disclosure that was consented to; ``documents`` are the papers that prove it by the regulation; ``at`` and ``by`` say
    when and by whom it was prepared; ``signed_on`` and ``handed_at`` are what whoever entered them said, and None before;
    ``deliveries`` stand oldest first.
    """

    number: str
    copy: str
    case: str
    recipient: str = field(repr=False)
    post: str
    body: str = field(repr=False)
    documents: tuple[str, ...]
    state: HandOverState
    at: datetime
    by: str
    remarks: str
    signed_on: date | None = None
    signing: Signing | None = None
    signed_at: datetime | None = None
    signed_by: str = ""
    handed_at: datetime | None = None
    handed_by: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    reason: str = ""
    deliveries: tuple[DeliveryView, ...] = ()


class CommissionState(StrEnum):
    """The state of a commission."""

    APPOINTED = "appointed"
    CONFIRMED = "confirmed"
    """Every member confirmed; the keys are dying."""
    DONE = "done"
    DISSOLVED = "dissolved"


@dataclass(frozen=True, slots=True)
class CommissionView:
    """A commission that destroys copies. ``copies`` has what was noted of each one's carrier, ``confirmed`` when each member confirmed."""

    number: str
    state: CommissionState
    appointed_at: datetime
    appointed_by: str
    in_place_of: str
    members: tuple[str, ...]
    copies: Mapping[str, str]
    confirmed: Mapping[str, datetime]
    done_at: datetime | None
    reason: str
