"""HTTPS for the pages, and the certificates of stations that browsers show."""

import ssl

from rejent.devices.services import office_authority
from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.tls import reason_of, server_context
from rejent.office.installation import Installation

NO_CHECK_TIME = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME`` of OpenSSL: whether a station's certificate has ended is decided by the office's clock,
where a page can say so; a handshake could only break off."""


def page_encryption(installation: Installation, clock: Clock) -> ssl.SSLContext | None:
    """Return the TLS settings of the pages; None where ``rejent.toml`` names no certificate.

    Where it says so, browsers may show a certificate of the office's own authority; one of any other ends the handshake.
    Raises InputRefusedError: certificate or key is unusable; KeyStoreError, AuthorityError: see `office_authority`.
    """
    if not installation.tls_certificate:
        return None
    certificate = installation.directory / installation.tls_certificate
    key = installation.directory / installation.tls_key
    try:
        context = server_context(certificate, key)
    except OSError as error:
        raise InputRefusedError(
            "The pages cannot be served over HTTPS with {certificate} and {key}: {why}.",
            certificate=certificate,
            key=key,
            why=reason_of(error),
            advice="Name PEM files that belong together, the key without a passphrase, in rejent.toml.",
        ) from None
    if installation.client_certificates:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= NO_CHECK_TIME
        context.load_verify_locations(cadata=office_authority(clock).certificate_pem)
    return context
