"""The office's own authority: made once, kept to its owner, what it signs opens in the stock programs."""

import re
import shutil
import ssl
import stat
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from rejent.devices.authority import FILE, DeviceAuthority, IssuedCertificate
from rejent.devices.errors import AuthorityError, DeviceRefusedError

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INSTALLATION = "0123456789abcdef" * 2
PASSPHRASE = "a quiet river in spring"  # of a file that a test makes and forgets


@pytest.fixture
def authority(tmp_path: Path) -> DeviceAuthority:
    """A new authority."""
    return DeviceAuthority.open_or_found(tmp_path, INSTALLATION, NOW)


def issued(authority: DeviceAuthority, name: str = "Kasa nr 3 – żółty pokój") -> IssuedCertificate:
    """A certificate for a year."""
    return authority.issue(name, days=365, now=NOW, passphrase=PASSPHRASE)


def test_it_is_made_once_for_its_owner_alone(authority: DeviceAuthority, tmp_path: Path) -> None:
    """The second opening finds the first one's key; nothing else is left in the folder."""
    again = DeviceAuthority.open_or_found(tmp_path, INSTALLATION, NOW + timedelta(days=9))
    assert again.certificate_pem == authority.certificate_pem
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_programs_that_start_at_once_agree_on_one(tmp_path: Path) -> None:
    """Whoever comes second takes what the first has made."""
    begin, found = threading.Barrier(4), []

    def open_it() -> None:
        begin.wait()
        found.append(DeviceAuthority.open_or_found(tmp_path, INSTALLATION, NOW).certificate_pem)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_a_certificate_serves_to_sign_in_and_for_nothing_else(authority: DeviceAuthority) -> None:
    """It bears the name, its end, the authority's signature, and no right to sign others."""
    made = issued(authority)
    _, certificate, further = pkcs12.load_key_and_certificates(made.bundle, PASSPHRASE.encode())
    assert certificate is not None
    assert further == []
    root = x509.load_pem_x509_certificate(authority.certificate_pem.encode())
    certificate.verify_directly_issued_by(root)
    name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert name == "Kasa nr 3 – żółty pokój"
    assert certificate.not_valid_after_utc == made.expires_at == NOW + timedelta(days=365)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(uses) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_openssl_opens_the_file_and_finds_the_same_certificate(
    authority: DeviceAuthority, tmp_path: Path
) -> None:
    """The stock program sees AES-256 under PBKDF2 with SHA-256, reads it with the passphrase and not without."""
    made, file = issued(authority), tmp_path / "station.p12"
    file.write_bytes(made.bundle)
    asked = ["openssl", "pkcs12", "-in", str(file), "-info", "-nodes", "-passin"]
    done = subprocess.run(
        [*asked, f"pass:{PASSPHRASE}"], capture_output=True, text=True, errors="replace", check=True
    )
    assert done.stderr.count("PBES2, PBKDF2, AES-256-CBC") == 2
    assert "hmacWithSHA256" in done.stderr
    assert "MAC: sha256" in done.stderr
    assert "BEGIN PRIVATE KEY" in done.stdout
    pem = done.stdout[done.stdout.index("-----BEGIN CERTIFICATE") :].split("-----END CERTIFICATE-----")[0]
    der = ssl.PEM_cert_to_DER_cert(f"{pem}-----END CERTIFICATE-----")
    assert sha256(der).hexdigest() == made.fingerprint
    refused = subprocess.run([*asked, "pass:another one"], capture_output=True, check=False)
    assert refused.returncode != 0


@pytest.mark.skipif(shutil.which("pk12util") is None, reason="needs Debian's libnss3-tools")
def test_the_store_of_chromium_and_firefox_takes_the_file(authority: DeviceAuthority, tmp_path: Path) -> None:
    """NSS, where both keep certificates on Linux, imports key and certificate together, under the station's name."""
    (tmp_path / "station.p12").write_bytes(issued(authority, "Kasa 3").bundle)
    (tmp_path / "passphrase").write_text(PASSPHRASE, encoding="ascii")
    (tmp_path / "store").mkdir()
    store = ["-d", f"sql:{tmp_path}/store"]
    subprocess.run(["certutil", *store, "-N", "--empty-password"], check=True)
    given = ["-i", "station.p12", "-w", "passphrase"]
    subprocess.run(["pk12util", *store, *given], cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(["certutil", *store, "-L"], check=True, capture_output=True, text=True)
    assert re.search(r"^Kasa 3 +u,u,u$", listed.stdout, re.MULTILINE)


def test_two_stations_share_neither_key_nor_number(authority: DeviceAuthority) -> None:
    """Each certificate has a key and a serial number of its own, also under one name."""
    first, second = (
        pkcs12.load_key_and_certificates(issued(authority).bundle, PASSPHRASE.encode())[1] for _ in range(2)
    )
    assert first is not None
    assert second is not None
    assert first.serial_number != second.serial_number
    assert first.public_key() != second.public_key()


@pytest.mark.parametrize(
    ("days", "passphrase"),
    [(0, PASSPHRASE), (1826, PASSPHRASE), (1, "zażółć gęślą jaźń"), (1, ""), (1, "a\tb")],
)
def test_what_cannot_be_taken_is_refused(authority: DeviceAuthority, days: int, passphrase: str) -> None:
    """A validity of no or too many days, and a passphrase that browsers would read differently."""
    with pytest.raises(DeviceRefusedError) as refused:
        authority.issue("Kasa", days=days, now=NOW, passphrase=passphrase)
    assert not passphrase or passphrase not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\x00"])
def test_a_damaged_authority_is_said_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """What cannot be read is never replaced by a new one, under which every station would be a stranger."""
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(AuthorityError):
        DeviceAuthority.open_or_found(tmp_path, INSTALLATION, NOW)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_key_of_another_authority_is_noticed(tmp_path: Path) -> None:
    """Key and certificate must belong together."""
    parts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        DeviceAuthority.open_or_found(tmp_path / name, INSTALLATION, NOW)
        parts.append((tmp_path / name / FILE).read_bytes().split(b"-----BEGIN CERTIFICATE"))
    (tmp_path / FILE).write_bytes(parts[0][0] + b"-----BEGIN CERTIFICATE" + parts[1][1])
    with pytest.raises(AuthorityError):
        DeviceAuthority.open_or_found(tmp_path, INSTALLATION, NOW)
