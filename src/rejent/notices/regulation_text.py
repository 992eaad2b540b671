"""The office's own text of its regulation: the file that was adopted, kept with the version of the parameters that was compared with it.

The text is the authoritative one; a version that none was compared with has none of its own.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from rejent.formats.file_types import PDF, TEXT, FileType, file_type
from rejent.formats.source import BytesSource
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.plain_text import is_plain
from rejent.kernel.views import view_of
from rejent.notices.acts import REGULATION_TEXT_ENTERED
from rejent.notices.errors import RegulationTextRefusedError
from rejent.notices.models import RegulationText
from rejent.office import queries as office
from rejent.office.regulation.bounded_toml import NotTomlError, read_toml
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.memory import VerifiedOnce
from rejent.registers.guard.rows import verified_many
from rejent.registers.services import enter

LARGEST = 2 << 20
"""Bytes of a file: some hundred pages of text; a scan, which nobody can read aloud, is larger."""
LONGEST_DECREE = 120
LONGEST_REMARK = 2000


@dataclass(frozen=True, slots=True)
class OwnText:
    """The office's own text, as it was entered.

    ``decree`` is the act by which it was adopted, with its number; ``remark`` what whoever compared it found. Who entered it stated that
    they had compared it with the parameters of its version.
    """

    number: int
    version: int
    media_type: str
    bytes: int
    sha256: str
    decree: str
    adopted_on: date
    remark: str = field(repr=False)
    entered_at: datetime
    entered_by: str

    @property
    def file(self) -> str:
        """Return what its file is called where it is published."""
        return f"regulation-text.{_TYPES[self.media_type].endings[0]}"

    @property
    def is_pdf(self) -> bool:
        """Return whether it is a PDF, and no plain text."""
        return self.media_type == PDF.media_type


_TYPES = {each.media_type: each for each in (PDF, TEXT)}


def own_texts() -> tuple[OwnText, ...]:
    """Return all of them in the order of entry; raise `LedgerMismatchError` if one was planted, altered or deleted."""
    return _texts.get("", _read)


def _read() -> tuple[OwnText, ...]:
    rows = list(RegulationText.objects.defer("content").order_by("number"))
    right = verified_many(rows, none_beyond=(RegulationText, rows[-1].number + 1 if rows else 1))
    return tuple(view_of(OwnText, each) for each in right)


_texts = VerifiedOnce[tuple[OwnText, ...]](RegulationText)


def own_text_of(version: int) -> OwnText | None:
    """Return the text that was compared with a version last; None where none was."""
    return next((each for each in reversed(own_texts()) if each.version == version), None)


def content_of(text: OwnText) -> bytes:
    """Return the file. Raises LedgerMismatchError: it is not the one that was entered."""
    content = bytes(RegulationText.objects.values_list("content", flat=True).get(number=text.number))
    if hashlib.sha256(content).hexdigest() != text.sha256:
        raise LedgerMismatchError(
            "The office's text of version {version} of the regulation is not what was entered.",
            version=text.version,
        )
    return content


def enter_own_text(
    content: bytes,
    *,
    version: int,
    decree: str,
    adopted_on: date,
    compared: bool,
    remark: str = "",
    clock: Clock,
    actor: str,
) -> OwnText:
    """Enter a text as that of a version, by somebody who compared both; without content it is the newest text that was entered.

    Raises RegulationTextRefusedError: it is no PDF and no plain text, too large, not compared, or a fact cannot be; NoRegulationError: there
    is no such version.
    """
    now = clock.now()
    office.verified_version(version)
    if not content and own_texts():
        content = content_of(own_texts()[-1])
    found = _require_type(content)
    decree, remark = " ".join(decree.split()), remark.strip()
    if not decree or len(decree) > LONGEST_DECREE or not is_plain(decree):
        raise RegulationTextRefusedError("Enter the act that adopted it, with its number.", part="decree")
    if adopted_on > civil_date(now):
        raise RegulationTextRefusedError(
            "{day} has not come yet.", day=adopted_on.isoformat(), part="adopted_on"
        )
    if len(remark) > LONGEST_REMARK or not all(map(is_plain, remark.splitlines())):
        raise RegulationTextRefusedError(
            "The text is longer than {longest} characters, or holds invisible ones.",
            longest=LONGEST_REMARK,
            part="remark",
        )
    if not compared:
        raise RegulationTextRefusedError(
            "Whoever enters the text compares it with the parameters first, and says so.", part="compared"
        )
    with transaction.atomic():
        last = RegulationText.objects.aggregate(last=Max("number"))["last"] or 0
        row = RegulationText(
            number=last + 1,
            version=version,
            media_type=found.media_type,
            bytes=len(content),
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            decree=decree,
            adopted_on=adopted_on,
            remark=remark,
            entered_at=now,
            entered_by=actor,
        )
        row.save(force_insert=True)
        record = {"number": row.number, "version": version, "sha256": row.sha256}
        subject = f"regulation-text:{row.number}"
        enter(REGULATION_TEXT_ENTERED, actor=actor, subject=subject, record=record, at=now, row=row)
    return view_of(OwnText, row)


def _require_type(content: bytes) -> FileType:
    if not content:
        raise RegulationTextRefusedError("Choose the file with the text of the regulation.", part="file")
    if len(content) > LARGEST:
        raise RegulationTextRefusedError(
            "The file is larger than {most} MB.",
            most=LARGEST >> 20,
            advice="Save the text itself as PDF; a scan is larger, and nobody can have it read aloud.",
            part="file",
        )
    found = file_type(BytesSource(content))
    if found not in {PDF, TEXT}:
        raise RegulationTextRefusedError(
            "The file is neither a PDF nor plain text.", advice="Save the regulation as PDF.", part="file"
        )
    if found is TEXT:
        _require_prose(content)
    return found


def _require_prose(content: bytes) -> None:
    """Raise `RegulationTextRefusedError` for a text that is not UTF-8, and for the file of the parameters."""
    try:
        given = read_toml(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise RegulationTextRefusedError(
            "The text is not UTF-8.", advice="Save it as UTF-8, or as PDF.", part="file"
        ) from None
    except NotTomlError:
        return
    if given:
        raise RegulationTextRefusedError(
            "This is a file of parameters, not the text of the regulation.", part="file"
        )
