"""Papers of a case, a hand-over or a commission: numbered within it, with the digest of each file in the ledger."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import partial
from hashlib import sha256

from django.db import IntegrityError, transaction

from rejent.cases.acts import PAPER_MADE, PAPER_TAKEN
from rejent.cases.models import CasePaper
from rejent.cases.views import PaperKind
from rejent.kernel.clock import Clock, FrozenClock
from rejent.registers.guard.rows import matching, verified
from rejent.registers.services import enter

Making = Callable[[str, datetime], bytes]
"""Returns the file of a paper by its number and the instant of its making."""
_ATTEMPTS = 5


def issue_paper(
    about: str, kind: PaperKind, language: str, make: Making, *, clock: Clock, actor: str
) -> tuple[str, bytes]:
    """Return number and file of a paper: that which was made before while it says the same, else a new one.

    ``about`` is what it is of, as the ledger calls it: ``case:W-2026-1``. Nothing waits while the file is made; where two make one at once, the second takes the next number.

    Raises LedgerMismatchError: what was made before is not as it was entered.
    """
    clock = FrozenClock(clock)
    made = CasePaper.objects.filter(about=about, kind=kind.value, language=language).order_by("-pk").first()
    if made is not None:
        content = make(made.number, made.made_at)
        if sha256(content).hexdigest() == verified(made).sha256:
            with transaction.atomic():
                enter(
                    PAPER_TAKEN,
                    record=_record(made),
                    actor=actor,
                    subject=about,
                    at=clock.now(),
                )
            return made.number, content
    blank = partial(
        CasePaper, about=about, kind=kind.value, language=language, made_at=clock.now(), made_by=actor
    )
    for _ in range(_ATTEMPTS - 1):
        try:
            return _made(blank(), make)
        except IntegrityError:
            continue
    return _made(blank(), make)


def _made(paper: CasePaper, make: Making) -> tuple[str, bytes]:
    count = CasePaper.objects.filter(about=paper.about).count()
    paper.number = f"{_number_of(paper)}/{count + 1}"
    content = make(paper.number, paper.made_at)
    paper.sha256 = sha256(content).hexdigest()
    with transaction.atomic():
        paper.save(force_insert=True)
        enter(
            PAPER_MADE,
            record=_record(paper),
            actor=paper.made_by,
            subject=paper.about,
            at=paper.made_at,
            row=paper,
        )
    return paper.number, content


def _record(paper: CasePaper) -> dict[str, object]:
    return {
        "number": _number_of(paper),
        "paper": paper.number,
        "paper_kind": paper.kind,
        "language": paper.language,
        "sha256": paper.sha256,
    }


def _number_of(paper: CasePaper) -> str:
    return paper.about.partition(":")[2]


def paper_by_digest(about: str, digests: Collection[str]) -> tuple[str, PaperKind] | None:
    """Return number and kind of the paper of something whose file has one of these digests; None where none has."""
    found = CasePaper.objects.filter(about=about, sha256__in=digests).order_by("-pk")
    return next(((paper.number, PaperKind(paper.kind)) for paper in matching(found)), None)
