"""Signatures in a PDF, checked with pyHanko. Runs only in the workshop's child processes: the file comes from outside."""

import json
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import pem
from asn1crypto.x509 import Certificate
from cryptography.exceptions import UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from rejent.content.errors import UndecodableError

MOST = 20
_LONGEST = 300
_BROKEN = (SignatureValidationError, UnsupportedAlgorithm, ValueError, KeyError, TypeError, AttributeError)
_ANY_USE = KeyUsageConstraints(key_usage=set())


def checked(parts: list[bytes], at: str) -> bytes:
    """Return what each signature shows, as JSON; ``parts`` are the PDF and trusted roots in PEM. UndecodableError: it cannot be read."""
    content, trusted = parts
    roots = [Certificate.load(der) for _, _, der in pem.unarmor(trusted, multiple=True)] if trusted else []

    def context() -> ValidationContext:
        return ValidationContext(
            trust_roots=list(roots), allow_fetching=False, moment=datetime.fromisoformat(at)
        )

    try:
        reader = PdfFileReader(BytesIO(content))
        if reader.encrypted:
            raise UndecodableError("encrypted")
        found = list(reader.embedded_signatures)
    except (PdfError, *_BROKEN, RecursionError, AssertionError) as error:
        raise UndecodableError(str(error)) from error
    statuses = [_signature(one, context, trusts=bool(roots)) for one in found[:MOST]]
    return json.dumps({"count": len(found), "signatures": statuses}).encode()


def _signature(
    one: EmbeddedPdfSignature, context: Callable[[], ValidationContext], *, trusts: bool
) -> dict[str, Any]:
    try:
        return _status(one, context, trusts=trusts)
    except (PdfError, *_BROKEN):
        return {"intact": None}


def _status(
    one: EmbeddedPdfSignature, context: Callable[[], ValidationContext], *, trusts: bool
) -> dict[str, Any]:
    certificate = one.signer_cert
    who = {
        "subject": certificate.subject.human_friendly[:_LONGEST],
        "issuer": certificate.issuer.human_friendly[:_LONGEST],
    }
    if one.sig_object_type == "/DocTimeStamp":
        own = validate_pdf_timestamp(one, context(), skip_diff=True)
        return {
            **who,
            "stamp_alone": True,
            "intact": bool(own.intact and own.valid),
            "coverage": _coverage(own.coverage),
            "stamped_at": own.timestamp.isoformat(),
            "stamp_intact": bool(own.intact and own.valid),
            "trusted": bool(own.trusted) if trusts else None,
        }
    status = validate_pdf_signature(one, context(), context(), key_usage_settings=_ANY_USE, skip_diff=True)
    stamp = status.timestamp_validity
    stated = one.self_reported_timestamp
    return {
        **who,
        "intact": bool(status.intact and status.valid),
        "coverage": _coverage(status.coverage),
        "stated_at": stated.isoformat() if stated and stated.tzinfo else None,
        "stamped_at": stamp.timestamp.isoformat() if stamp else None,
        "stamp_intact": bool(stamp.intact and stamp.valid) if stamp else None,
        "trusted": bool(status.trusted) if trusts else None,
    }


def _coverage(level: SignatureCoverageLevel | None) -> str:
    return (level or SignatureCoverageLevel.UNCLEAR).name
