"""Entering in the ledger what leaves: packages, with the proofs of everything that they name, and exports, which the office's key signs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.db import transaction

from rejent.evidence.acts import EVIDENCE_PACKED, EVIDENCE_TAKEN
from rejent.evidence.errors import StateMovedError
from rejent.evidence.verifier.layout import LedgerPart
from rejent.evidence.writing import Seal
from rejent.formats.mp4.export_format import ExportSigner
from rejent.kernel.acts import Act
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
        packed = _enter(EVIDENCE_PACKED, {"number": number, "contents": digest}, clock, actor)
        return _proven(place, [*named, packed], clock)

    return seal


def note_taken(
    number: str, case: str, code: str = "", *, keys: Iterable[str] = (), clock: Clock, actor: str
) -> int:
    """Enter that a package of a number leaves, and return the entry.

    ``case`` is the application for which, empty for the office's own carrier; ``code`` opens it and is kept nowhere, but for its digest;
    ``keys`` are those that it is encrypted to instead. Without either it is not encrypted.
    """
    record: dict[str, object] = {"number": number, "case": case}
    if code:
        record["code"] = sha256(code.encode()).hexdigest()
    if held := sorted(keys):
        record["keys"] = held
    return _enter(EVIDENCE_TAKEN, record, clock, actor)


def note_export(number: str, case: str, name: str, count: int, *, clock: Clock, actor: str) -> int:
    """Enter that so many recordings of a number leave in a format of this name, for an application or none; return the entry."""
    record = {"number": number, "case": case, "format": name, "count": count}
    return _enter(EVIDENCE_TAKEN, record, clock, actor)


@dataclass(frozen=True, slots=True)
class Taken:
    """A package or an export that left.

    ``case`` is the application for which, empty for the office's own carrier; ``format`` names an export, empty of a package;
    ``encrypted``: only its code, or a key of its receiver's, opens it.
    """

    entry: int
    at: datetime
    by: str
    case: str
    format: str
    encrypted: bool


def find_taken(number: str) -> list[Taken]:
    """Return what left of a number, oldest first. Of an entry whose record was erased it is not known that it was encrypted."""
    acts = entered_on(f"package:{number}", [EVIDENCE_TAKEN.name], committed_only=True)
    found = []
    for act in acts:
        facts = act.facts or {}
        case, form = str(facts.get("case", "")), str(facts.get("format", ""))
        found.append(Taken(act.index, act.at, act.actor, case, form, bool(facts.keys() & {"code", "keys"})))
    return sorted(found, key=lambda one: one.entry)


def _enter(act: Act, record: Mapping[str, object], clock: Clock, actor: str) -> int:
    with transaction.atomic(durable=True):
        subject = f"package:{record['number']}"
        return services.enter(act, actor=actor, subject=subject, record=dict(record), at=clock.now())


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


_LEAST_BITS = 2048
_SALT = 20


def export_signer(content: bytes, passphrase: bytes, at: datetime) -> ExportSigner | None:
    """Return what signs by the key of a PKCS #12 file; None where it is no RSA key of 2048 bits, which the format demands.

    Raises DocumentError: it does not open, or its certificate is not valid at that instant.
    """
    from rejent.documents.sealing import open_seal_key  # its library is large, and few offices seal

    signer = open_seal_key(content, passphrase, at).signer
    key = load_der_private_key(signer.signing_key.dump(), None)
    if signer.signing_cert is None or not isinstance(key, RSAPrivateKey) or key.key_size < _LEAST_BITS:
        return None
    certificate = signer.signing_cert.dump()
    how = padding.PSS(padding.MGF1(SHA256()), _SALT)

    def sign(digest: bytes) -> bytes:
        return key.sign(digest, how, Prehashed(SHA256()))

    return ExportSigner(certificate, (key.key_size + 7) // 8, sign)
