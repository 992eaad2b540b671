"""HTTPS for the pages, and the certificates of stations that browsers are asked for."""

import ssl
from functools import cache
from pathlib import Path

from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation
from rejent.office.station_authority import StationAuthority
from rejent.streams.calls.siprec.tls import tls_context
from rejent.vault.context import VaultContext

NO_CHECK_TIME = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME`` of OpenSSL: whether a station's certificate has ended is decided by the office's clock,
where a page can say so; a handshake could only break off."""


def station_authority(installation: Installation, house: VaultContext, clock: Clock) -> StationAuthority:
    """The authority that signs stations' certificates, made when it is needed first.

    Raises:
        KeyStoreError: the folder of keys is empty: its disk is not there, or was lost.
        StationAuthorityError: what lies there cannot be used.
    """
    _raises_without_a_key_store = house.root
    return StationAuthority.open_or_found(installation.keys, installation.id, clock.now())


def page_encryption(installation: Installation, house: VaultContext, clock: Clock) -> ssl.SSLContext | None:
    """What the pages are served with over HTTPS; nothing where ``rejent.toml`` names no certificate.

    Where it says so, browsers are asked for a certificate of the office's own authority. One may be missing; one of any
    other authority ends the handshake.

    Raises:
        InputRefusedError: certificate or key cannot be used.
        KeyStoreError, StationAuthorityError: see `station_authority`.
    """
    if not installation.tls_certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    certificate = installation.directory / installation.tls_certificate
    key = installation.directory / installation.tls_key
    try:
        context.load_cert_chain(certificate, key, password=_no_passphrase)
    except OSError as error:
        raise _unusable(certificate, key, error) from None
    if installation.client_certificates:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= NO_CHECK_TIME
        context.load_verify_locations(cadata=station_authority(installation, house, clock).certificate_pem)
    return context


@cache
def session_encryption(installation: Installation) -> ssl.SSLContext | None:
    """What recording sessions are taken with by TLS; nothing where ``rejent.toml`` names no certificate.

    Whoever calls must show a certificate where it names authorities. A recorder asks while it may still read the files.

    Raises:
        InputRefusedError: certificate, key or authorities cannot be used.
    """
    if not installation.calls_certificate:
        return None
    certificate = installation.directory / installation.calls_certificate
    key = installation.directory / installation.calls_key
    authorities = installation.calls_authorities
    try:
        return tls_context(certificate, key, installation.directory / authorities if authorities else None)
    except OSError as error:
        raise InputRefusedError(
            "Recording sessions cannot be taken by TLS with {certificate} and {key}: {why}.",
            certificate=certificate,
            key=key,
            why=_why(error),
            advice="Name PEM files that belong together, the key without a passphrase, in rejent.toml.",
        ) from None


def _no_passphrase() -> str:
    """Nobody is there to type one."""
    return ""


def _unusable(certificate: Path, key: Path, error: OSError) -> InputRefusedError:
    return InputRefusedError(
        "The pages cannot be served over HTTPS with {certificate} and {key}: {why}.",
        certificate=certificate,
        key=key,
        why=_why(error),
        advice="Name PEM files that belong together, the key without a passphrase, in rejent.toml.",
    )


def _why(error: OSError) -> str:
    return (
        str(getattr(error, "reason", None) or error.strerror or type(error).__name__)
        .lower()
        .replace("_", " ")
    )
