"""TLS as everything here takes it that is asked by others."""

import ssl
from pathlib import Path


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return TLS 1.2 or later without renegotiation, for a key without passphrase. Raises `OSError`: a file is not usable."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.load_cert_chain(certificate, key, password=_no_passphrase)
    return context


def reason_of(error: OSError) -> str:
    """Return why files of TLS cannot be used, in a few words."""
    why = getattr(error, "reason", None) or error.strerror or type(error).__name__
    return str(why).lower().replace("_", " ")


def _no_passphrase() -> str:
    return ""
