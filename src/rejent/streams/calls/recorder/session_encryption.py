"""TLS configuration of recording sessions."""

import ssl
from functools import cache

from rejent.kernel.errors import InputRefusedError
from rejent.kernel.tls import reason_of
from rejent.office.installation import Installation
from rejent.streams.calls.receiving.siprec.tls import tls_context
from rejent.streams.calls.settings import calls_settings


@cache
def session_encryption(installation: Installation) -> ssl.SSLContext | None:
    """Return the TLS configuration, with client certificates where authorities are named; None without a certificate.

    Called while the files are still readable. InputRefusedError: certificate, key or authorities cannot be used.
    """
    stated = calls_settings(installation)
    if not stated.certificate:
        return None
    certificate, key = installation.directory / stated.certificate, installation.directory / stated.key
    authorities = stated.authorities
    try:
        return tls_context(certificate, key, installation.directory / authorities if authorities else None)
    except OSError as error:
        raise InputRefusedError(
            "Recording sessions cannot be taken by TLS with {certificate} and {key}: {why}.",
            certificate=certificate,
            key=key,
            why=reason_of(error),
            advice="Name PEM files that belong together, the key without a passphrase, in rejent.toml.",
        ) from None
