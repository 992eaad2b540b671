"""Papers of a case: numbered within it, with the digest of each file in the ledger."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import sha256

from django.db import IntegrityError, transaction

from rejent.cases.acts import PAPER_MADE, PAPER_TAKEN
from rejent.cases.models import Case, CasePaper
from rejent.cases.views import PaperKind
from rejent.kernel.clock import Clock, FrozenClock
from rejent.registers.guard.rows import verified
from rejent.registers.services import enter

Making = Callable[[str, datetime], bytes]
"""Returns the file of a paper by its number and the instant of its making."""
_ATTEMPTS = 5


def issue_paper(
    case: str, kind: PaperKind, language: str, make: Making, *, clock: Clock, actor: str
) -> tuple[str, bytes]:
    """Return number and file of a paper: that which was made before while it says the same, else a new one.

    Nothing waits while the file is made; where two make one at once, the second takes the next number.

    Raises:
        LedgerMismatchError: what was made before is not as it was entered.
    """
    clock = FrozenClock(clock)
    row = Case.objects.get(number=case)
    made = CasePaper.objects.filter(case=row, kind=kind.value, language=language).order_by("-pk").first()
    if made is not None:
        content = make(made.number, made.made_at)
        if sha256(content).hexdigest() == verified(made).sha256:
            with transaction.atomic():
                enter(
                    PAPER_TAKEN,
                    record=_record(row, made),
                    actor=actor,
                    subject=f"case:{case}",
                    at=clock.now(),
                )
            return made.number, content
    blank = partial(
        CasePaper, case=row, kind=kind.value, language=language, made_at=clock.now(), made_by=actor
    )
    for _ in range(_ATTEMPTS - 1):
        try:
            return _made(row, blank(), make)
        except IntegrityError:
            continue
    return _made(row, blank(), make)


def _made(row: Case, paper: CasePaper, make: Making) -> tuple[str, bytes]:
    paper.number = f"{row.number}/{row.papers.count() + 1}"
    content = make(paper.number, paper.made_at)
    paper.sha256 = sha256(content).hexdigest()
    with transaction.atomic():
        paper.save(force_insert=True)
        enter(
            PAPER_MADE,
            record=_record(row, paper),
            actor=paper.made_by,
            subject=f"case:{row.number}",
            at=paper.made_at,
            row=paper,
        )
    return paper.number, content


def _record(row: Case, paper: CasePaper) -> dict[str, object]:
    return {
        "number": row.number,
        "paper": paper.number,
        "paper_kind": paper.kind,
        "language": paper.language,
        "sha256": paper.sha256,
    }
