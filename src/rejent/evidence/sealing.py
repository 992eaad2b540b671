"""Entering a package's list of contents in the ledger, and taking out the proofs of everything that it names."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from rejent.evidence.acts import EVIDENCE_ENCRYPTED, EVIDENCE_EXPORTED, EVIDENCE_PACKED
from rejent.evidence.errors import StateMovedError
from rejent.evidence.verifier.layout import LedgerPart
from rejent.evidence.writing import Seal
from rejent.kernel.clock import Clock
from rejent.kernel.errors import NotFoundError
from rejent.ledger.errors import TimestampInvalidError, TimestampUnavailableError
from rejent.ledger.location import LedgerLocation
from rejent.registers import services
from rejent.registers.queries import entered_on
from rejent.registers.signing.checkpoints import newest_stamped, prove

_ATTEMPTS = 8


def seal_in_ledger(
    place: LedgerLocation, number: str, acts: Iterable[int], *, clock: Clock, actor: str
) -> Seal:
    """Return what enters the package of a number and proves these acts with it. Must not be called inside a transaction."""
    named = sorted(acts)

    def seal(digest: str) -> LedgerPart:
        with transaction.atomic(durable=True):
            packed = services.enter(
                EVIDENCE_PACKED,
                actor=actor,
                subject=f"package:{number}",
                record={"number": number, "contents": digest},
                at=clock.now(),
            )
        return _proven(place, [*named, packed], clock)

    return seal


def note_code(number: str, code: str, *, clock: Clock, actor: str) -> None:
    """Enter that the package of a number leaves encrypted, with the digest of the code that opens it; the code is kept nowhere."""
    record = {"number": number, "code": sha256(code.encode()).hexdigest()}
    with transaction.atomic(durable=True):
        services.enter(
            EVIDENCE_ENCRYPTED, actor=actor, subject=f"package:{number}", record=record, at=clock.now()
        )


def note_export(number: str, name: str, count: int, *, clock: Clock, actor: str) -> None:
    """Enter that so many recordings of a number leave in a format of this name."""
    record = {"number": number, "format": name, "count": count}
    with transaction.atomic(durable=True):
        services.enter(
            EVIDENCE_EXPORTED, actor=actor, subject=f"package:{number}", record=record, at=clock.now()
        )


def has_code(number: str, before: datetime) -> bool:
    """Return whether a package of a number left encrypted with a code before an instant."""
    acts = entered_on(f"package:{number}", [EVIDENCE_ENCRYPTED.name], committed_only=True)
    return any(act.at is not None and act.at <= before for act in acts)


def _proven(place: LedgerLocation, indexes: list[int], clock: Clock) -> LedgerPart:
    """Prove acts under one signed state: another may be signed meanwhile, by a keeper."""
    for _ in range(_ATTEMPTS):
        services.checkpoint(place, clock=clock)
        proofs = {index: prove(place, index) for index in indexes}
        states = {text.partition("\n\n")[2] for text in proofs.values()}
        if len(states) == 1:
            checkpoint = states.pop()
            return LedgerPart(checkpoint, str(place.verifier()), proofs, _stamp_of(place, checkpoint))
    raise StateMovedError(
        "The ledger is signed anew all the time, so that no package can be sealed.", advice="Try again."
    )


def _stamp_of(place: LedgerLocation, checkpoint: str) -> bytes | None:
    """Return the time stamp of this state, where an authority is named and answers; a package is made without one, too."""
    try:
        services.stamp(place)
        stamped = newest_stamped()
    except (NotFoundError, TimestampInvalidError, TimestampUnavailableError):
        return None
    return stamped.token if stamped.checkpoint == checkpoint else None
