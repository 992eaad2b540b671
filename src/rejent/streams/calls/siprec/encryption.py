"""TLS as a recording server has to take it."""

import ssl
from pathlib import Path


def tls_context(certificate: Path, key: Path, client_authorities: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or later (RFC 7866 §12.1), with certificates of clients demanded where their authorities are given.

    Raises:
        OSError: a file cannot be read, or is no certificate or key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(certificate, key, password=_no_passphrase)
    if client_authorities is not None:
        context.load_verify_locations(client_authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _no_passphrase() -> str:
    """Nobody is there to type one."""
    return ""
