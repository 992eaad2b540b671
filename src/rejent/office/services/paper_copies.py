"""Paper copies of passphrases: that one was printed, and in which envelope it lies where; never what stands on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction

from rejent.kernel.clock import Clock, civil_date
from rejent.office.acts import PAPER_COPY_KEPT, PAPER_COPY_PRINTED
from rejent.office.errors import PaperCopyRefusedError
from rejent.registers import queries as registers
from rejent.registers.services import enter

LONGEST = 200
SUBJECT = "paper-copy"


class Secret(StrEnum):
    """What a paper opens."""

    KEY_STORE = "key-store"
    KEY_BACKUP = "key-backup"


@dataclass(frozen=True, slots=True)
class PaperCopy:
    """A paper that somebody said to be kept; ``actor`` is who said so, ``digest`` that of the key store it opens, empty of a backup's."""

    secret: Secret
    envelope: str
    place: str
    on: date
    digest: str
    at: datetime
    actor: str


def enter_paper_copy(
    secret: Secret, envelope: str, place: str, on: date, *, digest: str = "", clock: Clock, actor: str
) -> None:
    """Enter in which envelope a paper lies where, since when. Raises PaperCopyRefusedError: its ``part`` names what is wrong."""
    for part, text in (("envelope", envelope), ("place", place)):
        if not text.strip() or len(text) > LONGEST:
            raise PaperCopyRefusedError(
                "The envelope and its place are named in up to {longest} characters each.",
                part=part,
                longest=LONGEST,
            )
    if on > civil_date(clock.now()):
        raise PaperCopyRefusedError("This day has not come yet.", part="on")
    record = {
        "secret": secret.value,
        "envelope": envelope.strip(),
        "place": place.strip(),
        "on": on.isoformat(),
        "digest": digest,
    }
    with transaction.atomic():
        enter(PAPER_COPY_KEPT, actor=actor, subject=SUBJECT, record=record, at=clock.now())


def enter_printing(*, clock: Clock, actor: str) -> None:
    """Enter that the passphrase of the key store is printed; before it is."""
    with transaction.atomic():
        record = {"secret": Secret.KEY_STORE.value}
        enter(PAPER_COPY_PRINTED, actor=actor, subject=SUBJECT, record=record, at=clock.now())


def list_papers() -> list[PaperCopy]:
    """Return what was entered, the newest first; entries that were altered or erased say nothing."""
    return list(_read())[::-1]


def find_paper(secret: Secret, digest: str = "") -> PaperCopy | None:
    """Return the newest paper of a secret; that of another key store is none."""
    return next((one for one in list_papers() if one.secret is secret and one.digest == digest), None)


def _read() -> Iterator[PaperCopy]:
    for entry in registers.entered_on(SUBJECT, [PAPER_COPY_KEPT.name], committed_only=True):
        if facts := entry.facts:
            yield PaperCopy(
                Secret(str(facts["secret"])),
                str(facts["envelope"]),
                str(facts["place"]),
                date.fromisoformat(str(facts["on"])),
                str(facts["digest"]),
                entry.at,
                entry.actor,
            )
