"""Time stamps of checkpoints from an RFC 3161 authority over HTTP.

A stamp shows that the checkpoint existed at a time that somebody else vouches for. The authority's whole response is
kept in DER, so that any tool can check it later: authorities built on OpenSSL send their certificates in an order that
DER forbids and our parser refuses.
"""

import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha512
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from rejent.ledger.errors import NoteRefusedError, TimestampInvalidError, TimestampUnavailableError

LARGEST_RESPONSE = 1 << 20
_SEQUENCE = b"\x30"
_GRANTED = {0, 1}  # RFC 3161 §2.4.2: granted, granted with modifications
_ELSEWHERE = "openssl ts -verify -data CHECKPOINT -in STAMP -CAfile ROOT"


def request_stamp(authority: str, data: bytes, *, timeout: float = 20.0) -> bytes:
    """Request a stamp over the data's SHA-512 (RFC 3161 §3.4), check that it answers the request, and return it in DER.

    Raises `TimestampUnavailableError`: the authority is not reached in ``timeout`` seconds, or refuses; `TimestampInvalidError`.
    """
    query = (
        TimestampRequestBuilder()
        .data(data)
        .hash_algorithm(HashAlgorithm.SHA512)
        .cert_request(cert_request=True)
        .build()
    )
    token = ask_authority(authority, query.as_bytes(), timeout=timeout)
    nonce = query.nonce or 0
    if not stamp_covers(token, data) or _signed_bytes(nonce) not in token:
        raise TimestampInvalidError("The time stamp answers another request.")
    return token


def ask_authority(authority: str, query: bytes, *, timeout: float = 20.0) -> bytes:
    """Return an authority's answer to a query over HTTP (RFC 3161 §3.4). Raises `TimestampUnavailableError`."""
    if not authority.startswith(("http://", "https://")):
        raise TimestampUnavailableError("The address of the time-stamping authority is not an http one.")
    kind = {"Content-Type": "application/timestamp-query"}
    try:
        request = urllib.request.Request(authority, query, kind)  # noqa: S310 - the scheme is checked above
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310 - the scheme is checked above
            return bytes(answer.read(LARGEST_RESPONSE))
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise TimestampUnavailableError(
            "The time-stamping authority does not answer: {why}.",
            why=type(error).__name__,
            advice="Check its address in rejent.toml and the network; nothing was stamped.",
        ) from error


def stamped_at(token: bytes) -> datetime:
    """Return the instant that a stamp claims; the signature is not checked. Raises `TimestampInvalidError`."""
    return _decoded(token).tst_info.gen_time.astimezone(UTC)


def stamp_covers(token: bytes, data: bytes) -> bool:
    """Return True if a stamp names this data's SHA-512; the signature is not checked. Raises `TimestampUnavailableError`: a refusal.

    A response that is DER in all but the order of its certificates is searched for the hash.
    """
    imprint = sha512(data).digest()
    try:
        return _decoded(token).tst_info.message_imprint.message == imprint
    except TimestampInvalidError:
        return token.startswith(_SEQUENCE) and imprint in token


def verify_stamp(token: bytes, data: bytes, roots: Sequence[Certificate]) -> datetime:
    """Return the instant at which an authority under one of the roots vouches that the data existed. Raises `TimestampInvalidError`."""
    response = _decoded(token)
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, data)
    except (VerificationError, ValueError) as error:
        raise TimestampInvalidError("The time stamp does not vouch for the checkpoint.") from error
    return response.tst_info.gen_time.astimezone(UTC)


def describe_stamp(token: bytes, data: bytes, root: Path | None) -> str:
    """Return in one line what a stamp shows of the data; without a PEM file of roots its signature is not checked.

    Raises `TimestampInvalidError`; `TimestampUnavailableError`: it is a refusal; `NoteRefusedError`: the file holds no certificate.
    """
    if root is not None:
        return f"Stamped at {verify_stamp(token, data, _roots(root)).isoformat()} by an authority under the given root."
    if not stamp_covers(token, data):
        raise TimestampInvalidError("The time stamp does not vouch for the checkpoint.")
    try:
        at = stamped_at(token)
    except TimestampInvalidError:
        return (
            f"The stamp is for this checkpoint; only another program can read when it was given: {_ELSEWHERE}"
        )
    return (
        f"The stamp says {at.isoformat()}; without the root of its authority its signature was not checked."
    )


def describe_stamp_files(stamp: Path, checkpoint: Path, root: Path | None) -> str:
    """Describe a stamp in a file for a checkpoint in another; see `describe_stamp`."""
    return describe_stamp(_read(stamp), _read(checkpoint), root)


def _roots(file: Path) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(_read(file))
    except ValueError:
        raise NoteRefusedError("The file holds no certificate in PEM: {file}.", file=file.name) from None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_RESPONSE)
    except OSError:
        raise NoteRefusedError("The file cannot be read: {file}.", file=file.name) from None


def _decoded(token: bytes) -> TimeStampResponse:
    try:
        response = decode_timestamp_response(token)
    except ValueError as error:
        raise TimestampInvalidError(
            "The time stamp cannot be read.",
            advice="Another program may read it: {command}",
            command=_ELSEWHERE,
        ) from error
    if response.status not in _GRANTED:
        raise TimestampUnavailableError("The time-stamping authority refuses.", status=response.status)
    return response


def _signed_bytes(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True)
