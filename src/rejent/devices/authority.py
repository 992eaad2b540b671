"""The office's own small authority, which signs the certificates that devices show, and that of the gateway which they ask for.

What lets a device in is its row in the list, found by the digest of its certificate or key. The authority keeps other certificates out
of the handshake; its key alone enrols nothing.
"""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rejent.devices.errors import AuthorityError, DeviceRefusedError
from rejent.ledger.durable_files import sync_folders, write_synced

FILE = "stations.pem"
"""In the folder of keys, which recorders cannot read: the key, then the certificate."""
LONGEST_VALIDITY_DAYS = 1825
SHORTEST_PASSPHRASE = 12
"""Fewest characters of a passphrase that seals a file; whoever finds the file may guess as long as they like."""
_AUTHORITY_DAYS = 7305
_GATEWAY_DAYS = 397
"""As long as public authorities may sign for (CA/Browser Forum, 2020); it is made anew whenever the program starts."""
_BACKDATED = timedelta(hours=1)
"""A station's clock may be a little behind."""


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate just signed, with its key; ``bundle``: both as PKCS #12 (RFC 7292), sealed to a passphrase."""

    fingerprint: str
    expires_at: datetime
    bundle: bytes


class DeviceAuthority:
    """Signs certificates of devices and of the gateway."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def open_or_found(cls, folder: Path, installation: str, now: datetime) -> "DeviceAuthority":
        """Return the authority in the folder of keys; made there when it is needed first, by one of several who want it.

        Raises AuthorityError.
        """
        path = folder / FILE
        if not path.exists():
            _found(path, installation, now)
        try:
            pem = path.read_bytes()
            key = serialization.load_pem_private_key(pem, password=None)
            certificate = x509.load_pem_x509_certificate(pem)
        except (OSError, ValueError, TypeError):
            raise _damaged() from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise _damaged()
        return cls(key, certificate)

    @property
    def certificate_pem(self) -> str:
        """The authority's own certificate, for whoever checks a device's."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def certificate_der(self) -> bytes:
        """The same, as a code tells of it."""
        return self._certificate.public_bytes(serialization.Encoding.DER)

    def issue(self, name: str, *, days: int, now: datetime, passphrase: str) -> IssuedCertificate:
        """Sign a certificate for a new key; the key exists in the sealed bundle and nowhere else.

        ``passphrase`` seals the bundle; plain ASCII, for programs encode other signs differently. Raises
        DeviceRefusedError.
        """
        if not 1 <= days <= LONGEST_VALIDITY_DAYS:
            raise DeviceRefusedError(
                "A station's certificate is valid for 1 to {longest} days, not {days}.",
                longest=LONGEST_VALIDITY_DAYS,
                days=days,
            )
        if not passphrase.isascii() or not passphrase.isprintable() or not passphrase:
            raise DeviceRefusedError(
                "The passphrase holds characters that browsers read differently.",
                advice="Use plain letters without accents, digits and punctuation.",
            )
        key = ec.generate_private_key(ec.SECP256R1())
        expires_at = (now + timedelta(days=days)).replace(microsecond=0)
        certificate = self._sign(name, key.public_key(), now, expires_at)
        return IssuedCertificate(
            certificate.fingerprint(hashes.SHA256()).hex(),
            expires_at,
            _sealed(name, key, certificate, passphrase),
        )

    def sign(self, name: str, key: ec.EllipticCurvePublicKey, *, now: datetime, until: datetime) -> str:
        """Return a certificate in PEM by which a device signs in with a key that it made itself."""
        certificate = self._sign(name, key, now, until)
        return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    def issue_gateway(self, names: Sequence[str], *, now: datetime) -> bytes:
        """Return in PEM a new key and the certificate of the gateway, by the names and addresses that devices call it by."""
        key = ec.generate_private_key(ec.SECP256R1())
        called = x509.SubjectAlternativeName([_general_name(each) for each in names])
        until = (now + timedelta(days=_GATEWAY_DAYS)).replace(microsecond=0)
        certificate = self._sign(names[0], key.public_key(), now, until, called=called)
        return key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)

    def _sign(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        now: datetime,
        until: datetime,
        *,
        called: x509.SubjectAlternativeName | None = None,
    ) -> x509.Certificate:
        """Return the certificate of whoever serves under the names that it is ``called``, else of whoever signs in."""
        use = ExtendedKeyUsageOID.CLIENT_AUTH if called is None else ExtendedKeyUsageOID.SERVER_AUTH
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        built = (
            _builder(name, self._certificate.subject, key, now - _BACKDATED, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .add_extension(issuer, critical=False)
        )
        if called is not None:
            built = built.add_extension(called, critical=False)
        return built.sign(self._key, hashes.SHA256())


def key_digest(key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of a public key (SubjectPublicKeyInfo in DER), by which the list knows a device that made its key itself."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return sha256(der).hexdigest()


def requested_key(csr: bytes) -> ec.EllipticCurvePublicKey:
    """Return the key of a signing request (PKCS #10, RFC 2986) that proves by its own signature to have its private half.

    Raises DeviceRefusedError: it is none, proves nothing, or is of a key other than P-256.
    """
    try:
        request = x509.load_der_x509_csr(csr)
        key = request.public_key() if request.is_signature_valid else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DeviceRefusedError("This is no signing request (PKCS #10) of a P-256 key.")
    return key


def _general_name(called: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(called))
    except ValueError:
        return x509.DNSName(called)


def _found(path: Path, installation: str, now: datetime) -> None:
    """Make key and certificate under another name first, so that two programs starting at once agree on one."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = f"Rejent stations {installation[:8]}"
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, called)])
    until = now + timedelta(days=_AUTHORITY_DAYS)
    certificate = (
        _builder(called, subject, key.public_key(), now - _BACKDATED, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)
    part = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    write_synced(part, pem, 0o600)
    try:
        with suppress(FileExistsError):
            os.link(part, path)
    finally:
        part.unlink()
    sync_folders([path.parent])


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since.replace(microsecond=0))
        .not_valid_after(until.replace(microsecond=0))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _sealed(
    name: str, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, passphrase: str
) -> bytes:
    """Key and certificate with AES-256 under PBKDF2 (PBES2, RFC 8018 § 6.2), which browsers of today take."""
    seal = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(passphrase.encode("ascii"))
    )
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, None, seal)


def _damaged() -> AuthorityError:
    return AuthorityError(
        "The authority of devices cannot be read from the folder of keys.",
        advice="Put stations.pem back as it was, or remove it and enrol every device anew.",
    )
