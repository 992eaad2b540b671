"""Steps of enrolling a device that makes its key itself."""

import secrets
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.x509.oid import NameOID

from rejent.devices import services
from rejent.devices.authority import DeviceAuthority
from rejent.devices.codes import OneTimeCode
from rejent.devices.models import CertificateRequest, Device
from rejent.devices.views import RIGHTS, Kind
from rejent.kernel.clock import ManualClock


def csr_of(key: Any, name: str = "anything") -> bytes:
    """A signing request of a key."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, digest)
    return request.public_bytes(serialization.Encoding.DER)


def admit(authority: DeviceAuthority, clock: ManualClock, name: str = "Komputer 7") -> OneTimeCode:
    """Put an agent on the list; return its code."""
    _device, code = services.admit_device(
        kind=Kind.AGENT, name=name, place="", address="", may=RIGHTS[Kind.AGENT], authority=authority, clock=clock,
        actor="cli",
    )  # fmt: skip
    return code


def ask(csr: bytes, proof: bytes, clock: ManualClock, device: int | None = None) -> CertificateRequest:
    """Ask for a certificate, as the gateway writes it down, and have it answered."""
    row = CertificateRequest.objects.create(
        device_id=device or Device.objects.latest("pk").pk, request=secrets.token_hex(32),
        csr=csr, proof=proof, asked_at=clock.now(),
    )  # fmt: skip
    assert services.sign_requests(clock=clock) == 1
    row.refresh_from_db()
    return row
