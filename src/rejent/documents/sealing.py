"""The office's electronic seal on a PDF: PAdES (ETSI EN 319 142-1), level B-B, or B-T where a time stamp is given.

It is added after the end of the paper, in a field without a face, so that the paper stays what it was: byte for byte, as PDF/A and as PDF/UA.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from typing import Any

from asn1crypto.cms import ContentInfo
from asn1crypto.tsp import TimeStampReq, TimeStampResp
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

from rejent.documents.errors import DocumentError

AskAuthority = Callable[[bytes], bytes]
"""Returns an RFC 3161 authority's answer to a query, both in DER."""
_FIELD = "OfficeSeal"
_ROOM = 1 << 16
"""Digits kept for certificates, signature and stamp; stated, so that no stamp is asked for only to be measured."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """A key that papers are sealed with, opened; ``fingerprint`` is the SHA-256 of its certificate."""

    signer: SimpleSigner
    fingerprint: str


def open_seal_key(content: bytes, passphrase: bytes, at: datetime) -> SealKey:
    """Return the key of a PKCS #12 file. Raises DocumentError: it does not open, or its certificate is not valid at that instant."""
    try:
        signer = SimpleSigner.load_pkcs12_data(content, [], passphrase)
        certificate = signer.signing_cert
        starts, ends = certificate.not_valid_before, certificate.not_valid_after
    except (ValueError, TypeError, AttributeError):
        raise DocumentError(
            "The office's seal does not open with its passphrase, or holds no key with its certificate.",
            advice="Tell whoever runs the system.",
        ) from None
    if not starts <= at <= ends:
        raise DocumentError(
            "The certificate of the office's seal is valid from {start} to {end}, and not today.",
            start=starts.date(),
            end=ends.date(),
            advice="Tell whoever runs the system.",
        )
    return SealKey(signer, sha256(certificate.dump()).hexdigest())


def seal_pdf(content: bytes, key: SealKey, at: datetime, ask: AskAuthority | None = None) -> bytes:
    """Return a paper with the office's seal added; with ``ask`` also with a time stamp.

    Raises DocumentError: it cannot be sealed, or the authority's answer is none; what ``ask`` raises.
    """
    writer: Any = IncrementalPdfFileWriter(BytesIO(content))
    page = writer.find_page_for_modification(0)[0].get_object()
    if "/Tabs" not in page:
        page["/Tabs"] = pdf_name("/S")
        writer.update_container(page)
    unseen = InvisSigSettings(box_out_of_bounds=True)
    sealer = _Sealer(
        PdfSignatureMetadata(field_name=_FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES),
        key.signer,
        timestamper=None if ask is None else _Authority(ask),
        new_field_spec=SigFieldSpec(_FIELD, invis_sig_settings=unseen),
    )
    sealer.at = at.astimezone(UTC)
    try:
        sealed: BytesIO = sealer.sign_pdf(writer, bytes_reserved=_ROOM)
    except (SigningError, PdfError, ValueError):
        raise DocumentError("The paper cannot be sealed with the office's key.") from None
    return sealed.getvalue()


class _Sealer(PdfSigner):
    """States the program's time in the seal, and not the machine's."""

    at: datetime

    def init_signing_session(self, *given: Any, **options: Any) -> Any:
        """Begin a session at the stated instant."""
        session = super().init_signing_session(*given, **options)
        session.system_time = self.at
        return session


class _Authority(TimeStamper):
    """Asks for stamps over the program's own client."""

    def __init__(self, ask: AskAuthority) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # pyhanko has no types here
        self._ask = ask

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> ContentInfo:
        """Return the stamp over a digest; pyHanko reports an answer to another request by an AttributeError."""
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except (TimestampRequestError, ValueError, TypeError, AttributeError):
            raise DocumentError(
                "The time-stamping authority refuses, or answers another request; the paper was not sealed."
            ) from None

    async def async_request_tsa_response(self, req: TimeStampReq) -> TimeStampResp:
        """Return the authority's answer to a query."""
        return TimeStampResp.load(self._ask(req.dump()))
