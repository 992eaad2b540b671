"""Requests and answers of the HTTP interface; every field with its unit and an example."""

from datetime import date, datetime
from typing import Annotated, TypeVar
from uuid import UUID

from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from rejent.access.views import ProtocolState
from rejent.office.stream_parts import SECTIONS

D = TypeVar("D", bound=date)
YEARS = range(2000, 2200)
"""Years accepted in requests, far from the ends of the calendar."""
LARGEST = 2**63 - 1
"""The largest number a database holds."""


def _written(value: object) -> object:
    if not isinstance(value, str) or "T" not in value:
        raise ValueError("write it as 2026-11-21T14:05:00+01:00")
    return value


def _within(value: D) -> D:
    if value.year not in YEARS:
        raise ValueError("no such year")
    return value


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    AfterValidator(_within),
    Field(examples=["2026-11-21T14:05:00+01:00"], description="ISO 8601 with an offset."),
]
Day = Annotated[date, AfterValidator(_within), Field(examples=["2027-02-21"], description="A civil date.")]
Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*\S[^\x00]*$")]
"""Text that is not blank."""
SourceId = Annotated[
    str,
    Field(
        pattern=r"^[0-9a-f]{32}$", examples=["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"], description="A source's id."
    ),
]
Number = Annotated[
    str, Field(pattern=r"^[A-Z]-[0-9]{4}-[0-9]{1,9}$", examples=["Z-2026-3"], description="A hold's number.")
]
Index = Annotated[int, Field(ge=0, le=LARGEST, examples=[48212], description="An entry's index.")]

ActName = Annotated[
    str,
    Field(
        pattern=r"^[a-z]+[.][a-z-]+$",
        max_length=80,
        examples=["viewing.opened"],
        description="The name of an act.",
    ),
]


class Refusal(Schema):
    """The reason why a request was not carried out."""

    code: str = Field(examples=["not-found"], description="Stable name of the kind of refusal.")
    sentence: str = Field(examples=["There is no source hol."], description="One line for a person.")


class SourceOut(Schema):
    """A source and how it fares."""

    id: str = Field(examples=["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"])
    name: str = Field(examples=["Hol na parterze"])
    stream: str = Field(examples=list(SECTIONS)[:1])
    state: str = Field(examples=["recording", "waiting", "starting"])
    cause: str = Field(examples=["", "unreachable", "gates"])
    waits_for: list[str] = Field(
        examples=[[], ["staff-told", "places-marked (2026-12-05)"]],
        description="Conditions that keep its stream from starting, with the day from which they are met if known.",
    )
    since: datetime | None = Field(examples=["2026-11-21T14:05:09+01:00"])
    recorded_s: float = Field(examples=[86340.0], description="Seconds recorded since the source started.")
    gap_s: float = Field(examples=[60.0], description="Seconds missing since the source started.")
    seams: int = Field(examples=[3], description="Holes too short for gaps.")
    seams_s: float = Field(examples=[1.2], description="Seconds of these in all.")
    dropped: int = Field(examples=[29], description="Pictures that came and could not be kept.")
    retimed: int = Field(
        examples=[2], description="Pictures whose time stamps could not be right and were replaced."
    )
    clock_offset_s: float | None = Field(
        examples=[2.1], description="The camera's clock minus real time, seconds."
    )
    clock_method: str = Field(examples=["rtcp", "onvif"], description="How that was measured; may be empty.")
    last_picture_at: datetime | None = Field(examples=["2026-11-21T14:05:09+01:00"])


class LedgerOut(Schema):
    """The ledger's head."""

    size: int = Field(examples=[48213])
    root: str = Field(
        examples=["9c2e4d8fe97881430de4e754b4205b9c27ce96715231cffc4337340cb110280c"],
        description="RFC 6962 root, hexadecimal.",
    )


class StorageOut(Schema):
    """The vault's room."""

    used: int | None = Field(
        examples=[812000000000],
        description="Bytes in use where the vault lies, by whatever is there; null before the first reading.",
    )
    free: int | None = Field(
        examples=[3100000000000], description="Bytes; null where a server does not tell."
    )
    days_left: float | None = Field(
        examples=[41.5], description="Days until full at today's rate; null if unknown."
    )
    per_day: int = Field(examples=[74000000000], description="Bytes recorded in a day.")
    to_come: int = Field(
        examples=[1400000000000],
        description="Bytes more that are kept once the regulation's periods have run in.",
    )


class StatusOut(Schema):
    """Everything at a glance."""

    sources: list[SourceOut]
    ledger: LedgerOut
    storage: StorageOut
    overdue: int = Field(examples=[0], description="Days of sources that should have been destroyed by now.")


class GapOut(Schema):
    """An interval without a recording."""

    start: datetime = Field(examples=["2026-11-21T14:02:10+01:00"])
    end: datetime | None = Field(examples=["2026-11-21T14:28:03+01:00"], description="Null while it goes on.")
    cause: str = Field(examples=["unreachable"])


class ObjectOut(Schema):
    """A sealed object; its content is not handed out here."""

    name: str = Field(examples=["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11/2026-11-21/0192f0c4.age"])
    start: datetime = Field(examples=["2026-11-21T14:05:00+01:00"])
    end: datetime = Field(examples=["2026-11-21T14:06:00+01:00"])
    bytes: int = Field(examples=[30412345])
    sha256: str = Field(examples=["2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"])
    recipient: str = Field(examples=["age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"])
    state: str = Field(examples=["sealed", "held"])


class HoldIn(Schema):
    """A hold to be placed."""

    source: Words = Field(examples=["Hol na parterze"], description="The source's name.")
    start: Instant
    end: Instant
    case: Words = Field(max_length=120, examples=["OR.1431.17.2026"], description="The case's sign.")
    basis: Words = Field(examples=["art. 22² § 4 Kodeksu pracy"], description="Legal basis.")
    review_on: Day = Field(description="Day on which the hold is looked at again.")
    call: str = Field(
        "",
        max_length=32,
        examples=[""],
        description="Of a line, the one call that is kept; empty for all of that time.",
    )


class HoldEnd(Schema):
    """The reason why a hold ends."""

    reason: Words = Field(examples=["Postępowanie prawomocnie zakończone."])


class HoldOut(Schema):
    """A hold."""

    number: str = Field(examples=["Z-2026-3"])
    source_id: str = Field(examples=["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"])
    start: datetime = Field(examples=["2026-11-21T14:05:00+01:00"])
    end: datetime = Field(examples=["2026-11-21T14:20:00+01:00"])
    case: str = Field(examples=["OR.1431.17.2026"])
    basis: str = Field(examples=["art. 22² § 4 Kodeksu pracy"])
    review_on: date = Field(examples=["2027-02-21"])
    ended_at: datetime | None = Field(examples=[None])
    call: str = Field(examples=[""])
    provisional: bool = Field(
        examples=[False], description="Whether it waits for the decision on an application."
    )


class ProtocolOut(Schema):
    """The protocol of a viewing, without its texts."""

    number: str = Field(examples=["O-2026-3"])
    person_id: UUID = Field(examples=["0b8f2a52-6c0b-4a47-9a3a-6a4f5a0a7c11"])
    source_id: str = Field(examples=["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"])
    source_ids: list[str] = Field(
        examples=[["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"]],
        description="Every source that was opened, the first of them first.",
    )
    start: datetime = Field(examples=["2026-11-21T00:00:00+01:00"])
    end: datetime = Field(examples=["2026-11-22T00:00:00+01:00"])
    purpose: str = Field(examples=["bezpieczenstwo"])
    case: str = Field(examples=["OR.1431.17.2026"])
    opened_at: datetime = Field(examples=["2026-11-21T14:05:00+01:00"])
    closed_at: datetime | None = Field(examples=["2026-11-21T14:20:00+01:00"])
    state: ProtocolState = Field(examples=["unfinished"])
    finished_at: datetime | None = Field(examples=[None])
    position_at: datetime | None = Field(examples=[None])


class DueOut(Schema):
    """A source's civil date that must be destroyed."""

    source_id: str = Field(examples=["5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"])
    source: str = Field(examples=["Hol na parterze"])
    day: date = Field(examples=["2026-10-22"])
    rule: str = Field(examples=["at most 30 days from the day of recording"])
    key_dead_by: datetime = Field(examples=["2026-11-22T00:00:00+01:00"])
    segments: int = Field(examples=[1440])
    bytes: int = Field(examples=[43793000000])


class ActOut(Schema):
    """An entry of the register of actions."""

    index: int = Field(examples=[48212])
    at: datetime = Field(examples=["2026-11-21T14:06:01+01:00"])
    act: str = Field(examples=["segment.sealed"])
    sentence: str = Field(examples=["Sealed a segment of 60 s."])
    subject: str = Field(examples=["source:5b0c6f0a3c7d4c0f9f1d8d0f6a2b7e11"])
