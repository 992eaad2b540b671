"""Seal a paper of the program's with the office's electronic seal, and keep it where signed papers are kept."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rejent.cases.acts import PAPER_SEALED
from rejent.cases.attachments.permission import demand_attaching
from rejent.cases.attachments.services.receiving import Sent, attach_file
from rejent.cases.attachments.views import FileView, Role
from rejent.ledger.signed.timestamp import ask_authority
from rejent.office.installation import Seal
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.retention.rounds.round import Keeping


@dataclass(frozen=True, slots=True)
class Unsealed:
    """A paper to be sealed: what it is of, as the ledger calls it, its number, the name of its file, and its bytes."""

    about: str
    number: str
    name: str
    content: bytes


def seal_paper(
    paper: Unsealed, seal: Seal, directory: Path, *, person: PersonView, keeping: Keeping
) -> FileView:
    """Return the sealed paper, kept as a signed one; entered before it is kept. ``directory`` is the installation's.

    Raises:
        AccessRefusedError, NotFoundError: it is not this person's to attach a paper there.
        ConflictError, DocumentError: the seal cannot be used.
        TimestampUnavailableError: the authority does not answer.
    """
    from rejent.documents.sealing import open_seal_key, seal_pdf  # its library is large, and few offices seal

    demand_attaching(paper.about, Role.SIGNED, "", person=person, clock=keeping.clock)
    at = keeping.clock.now()
    key = open_seal_key(*seal.read_key(directory), at)
    ask = partial(ask_authority, seal.authority) if seal.authority else None
    sealed = seal_pdf(paper.content, key, at, ask)
    record = {
        "number": paper.about.partition(":")[2],
        "paper": paper.number,
        "certificate": key.fingerprint,
        "stamped": ask is not None,
    }
    enter(PAPER_SEALED, actor=str(person.id), subject=paper.about, record=record, at=at)
    sent = Sent(paper.about, Role.SIGNED, f"{paper.name}.pdf", len(sealed), len(sealed))
    return attach_file(sent, sealed, person=person, keeping=keeping)
