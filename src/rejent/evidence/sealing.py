"""Entering in the ledger what leaves: packages, with the proofs of everything that they name, and exports, which the office's key signs."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.db import transaction

from rejent.evidence.acts import EVIDENCE_ENCRYPTED, EVIDENCE_EXPORTED, EVIDENCE_PACKED
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


def note_code(number: str, code: str, *, clock: Clock, actor: str) -> None:
    """Enter that the package of a number leaves encrypted, with the digest of the code that opens it; the code is kept nowhere."""
    record = {"number": number, "code": sha256(code.encode()).hexdigest()}
    _enter(EVIDENCE_ENCRYPTED, record, clock, actor)


def note_export(number: str, name: str, count: int, *, clock: Clock, actor: str) -> None:
    """Enter that so many recordings of a number leave in a format of this name."""
    _enter(EVIDENCE_EXPORTED, {"number": number, "format": name, "count": count}, clock, actor)


def _enter(act: Act, record: Mapping[str, object], clock: Clock, actor: str) -> int:
    with transaction.atomic(durable=True):
        subject = f"package:{record['number']}"
        return services.enter(act, actor=actor, subject=subject, record=dict(record), at=clock.now())


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
