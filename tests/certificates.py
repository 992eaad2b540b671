"""An authority of its own for a test's servers, and the certificates that it signs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from cryptography.x509.oid import NameOID

from rejent.office.installation import Seal


@dataclass(frozen=True, slots=True)
class Signed:
    """Two PEM files that belong together."""

    certificate: Path
    key: Path


class Authority:
    """A root that nobody but the test believes.

    Args:
        folder: where its files lie.
        name: what it is called.
    """

    def __init__(self, folder: Path, name: str = "Test") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} authority")])
        begun = self._begun(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        signed = begun.add_extension(usage, critical=True).add_extension(identifier, critical=False)
        self.file = folder / f"{name}-ca.pem"
        self.file.write_bytes(signed.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def server(self, host: str, *, whenever: bool = False) -> Signed:
        """A certificate and key for a host; valid now, or whatever an office's clock says."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host[0].isdigit():
            names = [x509.IPAddress(ip_address(host))]
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        begun = self._begun(subject, key, whenever=whenever).add_extension(
            x509.SubjectAlternativeName(names), critical=False
        )
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        signed = begun.add_extension(ours, critical=False).sign(self._key, hashes.SHA256())
        made = Signed(self._folder / f"{host}.pem", self._folder / f"{host}.key")
        made.certificate.write_bytes(signed.public_bytes(Encoding.PEM))
        made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return made

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, whenever: bool = False
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        begin, end = now - timedelta(hours=1), now + timedelta(days=2)
        if whenever:
            begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
        )


def office_seal(folder: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None) -> Seal:
    """A seal of an office in a folder, valid whatever the clock says."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Pieczęć Urzędu Testowego")])
    begun = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    dated = begun.not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2090, 1, 1))
    opener = BestAvailableEncryption(b"kot")
    made = serialize_key_and_certificates(b"seal", key, dated.sign(key, hashes.SHA256()), None, opener)
    for file, content in (("seal.p12", made), ("passphrase", b"kot\n")):
        (folder / file).write_bytes(content)
        (folder / file).chmod(0o600)
    return Seal("seal.p12", "passphrase")
