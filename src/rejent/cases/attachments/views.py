"""Attached files as people see them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class FileState(StrEnum):
    """The state of an attached file."""

    ARRIVING = "arriving"
    """Its pieces come; no act names it yet."""
    KEPT = "kept"
    DYING = "dying"
    """Its erasure is entered; its key goes next."""
    ERASED = "erased"


class Role(StrEnum):
    """What a file is to what it belongs to."""

    FILED = "filed"
    APPLICATION = "application"
    """The application itself, as it was filed."""
    PHOTO = "photo"
    """The picture of a carrier that was destroyed."""
    SIGNED = "signed"
    """A paper of the program's, signed."""
    DELIVERY = "delivery"
    """The evidence of a delivery."""


@dataclass(frozen=True, slots=True)
class FileView:
    """An attached file.

    ``about`` is what it belongs to, as the ledger calls it (``case:W-2026-1``), ``of`` what of that it is about, such as a paper's number;
    name and digest are empty once erased. It is never ``recovered``; see `rejent.content.opening.SealedCopy`.
    """

    id: UUID
    about: str
    role: Role
    of: str
    state: FileState
    name: str = field(repr=False)
    media_type: str
    bytes: int
    sha256: str
    by: str
    begun_at: datetime
    kept_at: datetime | None
    recipient: str
    object_name: str
    head: str
    sealed_sha256: str
    sealed_bytes: int
    recovered: bool = False
