"""Electronic signatures in PDF files that people attached: checked in a child process; what is returned is what was checked and no more."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from django.conf import settings

from rejent.content.workshop import Refusals, Workshop
from rejent.formats.source import Source
from rejent.kernel.errors import ConflictError, InputRefusedError, RejentError

LARGEST = 64 << 20
"""Bytes of a file whose signatures are checked."""
_JOB = "rejent.content.pdf_signatures:checked"


class Coverage(StrEnum):
    """How much of the file a signature is over."""

    FILE = "ENTIRE_FILE"
    REVISION = "ENTIRE_REVISION"
    """The file as it was when it was signed; something was added after it."""
    BEGINNING = "CONTIGUOUS_BLOCK_FROM_START"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a signature shows.

    Attributes:
        intact: what it is over is what was signed, and the signature is that of the certificate's key; None where that could not be checked.
        stamp_intact: the stamp is over this signature and is its authority's.
        trusted: its certificate leads to a trusted root and is valid at the time of the check; None where that was not checked.
        stamp_alone: it is an authority's time stamp over the file and nobody's signature.
    """

    intact: bool | None
    subject: str = field(default="", repr=False)
    issuer: str = ""
    coverage: Coverage = Coverage.UNCLEAR
    stated_at: datetime | None = None
    stamped_at: datetime | None = None
    stamp_intact: bool | None = None
    trusted: bool | None = None
    stamp_alone: bool = False


@dataclass(frozen=True, slots=True)
class Signatures:
    """The signatures that were checked, in the order in which they were made, and how many there are."""

    count: int
    checked: tuple[Signature, ...]


def _busy() -> RejentError:
    return ConflictError(
        "No signatures can be checked now, because others are being checked.", advice="Try again in a moment."
    )


def _unreadable() -> RejentError:
    return InputRefusedError(
        "The file cannot be read as a PDF by the rules, or is encrypted; its signatures were not checked.",
        advice="Check them with another program.",
    )


class SignatureWorkshop(Workshop):
    """A child process that reads signed files."""

    refusals = Refusals(busy=_busy, late=_unreadable, undecodable=_unreadable)


@cache
def signature_workshop() -> SignatureWorkshop:
    """Return the child process of this web process, made when first needed."""
    return SignatureWorkshop(settings.CLOCK, children=1)


def check_signatures(content: Source, roots: bytes, at: datetime) -> Signatures:
    """Return what the signatures of a PDF show; ``roots`` in PEM, trust is not checked without them.

    Raises InputRefusedError: the file is too large, encrypted or no readable PDF, or takes too long; ConflictError: others are being checked.
    """
    if content.size > LARGEST:
        raise InputRefusedError(
            "Signatures are checked in files of at most {largest} MiB.",
            largest=LARGEST >> 20,
            advice="Check them with another program.",
        )
    found = json.loads(signature_workshop().run(_JOB, [content.read(), roots], at=at.isoformat()))
    return Signatures(found["count"], tuple(_signature(one) for one in found["signatures"]))


def _signature(status: dict[str, str | bool | None]) -> Signature:
    made = {name: status.get(name) for name in ("stated_at", "stamped_at")}
    instants = {name: datetime.fromisoformat(str(value)) if value else None for name, value in made.items()}
    return Signature(
        intact=_answer(status.get("intact")),
        subject=str(status.get("subject", "")),
        issuer=str(status.get("issuer", "")),
        coverage=Coverage(str(status.get("coverage", Coverage.UNCLEAR.value))),
        stamp_intact=_answer(status.get("stamp_intact")),
        trusted=_answer(status.get("trusted")),
        stamp_alone=bool(status.get("stamp_alone")),
        **instants,
    )


def _answer(value: object) -> bool | None:
    return None if value is None else bool(value)
