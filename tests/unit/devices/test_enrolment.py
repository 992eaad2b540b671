"""Devices that make their key themselves: one-time codes, certificates, renewal, striking off."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

from rejent.devices import queries, services
from rejent.devices.authority import DeviceAuthority, key_digest
from rejent.devices.codes import OneTimeCode, is_proven
from rejent.devices.errors import DeviceListedError, DeviceRefusedError
from rejent.devices.models import Device
from rejent.devices.views import Kind, Right
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from tests.unit.devices.conftest import NOON
from tests.unit.devices.enrolling import admit, ask, csr_of

pytestmark = pytest.mark.django_db


def test_a_code_is_read_as_people_type_it() -> None:
    """In small letters, with blanks instead of hyphens; anything else is refused."""
    code = OneTimeCode.make(b"certificate")
    assert OneTimeCode.read(f" {code.text.lower().replace('-', ' ')} ") == code
    assert len(code.text.split("-")) == 8
    for wrong in ("", code.text[:-1], code.text + "AAAA", "1" * 32):
        with pytest.raises(DeviceRefusedError):
            OneTimeCode.read(wrong)


def test_a_code_proves_one_request_alone() -> None:
    """Its public half opens nothing, and a signature serves no other request."""
    code, other = OneTimeCode.make(b"certificate"), OneTimeCode.make(b"certificate")
    proof = code.prove(b"request")
    assert is_proven(code.public, b"request", proof)
    for public, request, shown in (
        (code.public, b"another", proof), (other.public, b"request", proof), (code.public, b"request", b"x" * 64),
        ("", b"request", proof), (code.public, b"request", b""),
    ):  # fmt: skip
        assert not is_proven(public, request, shown)


def test_a_device_is_let_in_by_the_key_it_made(authority: DeviceAuthority, clock: ManualClock) -> None:
    """The certificate is of its own key, signs in and serves nothing, and ends after thirty days; the name is the list's."""
    code, key = admit(authority, clock), ec.generate_private_key(ec.SECP256R1())
    csr = csr_of(key, "somebody else")
    answer = ask(csr, code.prove(csr), clock)
    issued = x509.load_pem_x509_certificate(answer.certificate.encode())
    issued.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.certificate_pem.encode()))
    assert issued.public_key() == key.public_key()
    assert issued.subject.rfc4514_string() == "CN=Komputer 7"
    assert issued.not_valid_after_utc == NOON + timedelta(days=30)
    use = issued.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(use) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    found = queries.device_shown(key_digest(key.public_key()))
    assert found is not None
    assert (found.rights, found.expires_at) == ({Right.RECORD, Right.REPORT}, NOON + timedelta(days=30))
    assert [one.act for one in registers.acts(names=["device.admitted", "device.enrolled"]).acts] == [
        "device.enrolled", "device.admitted",
    ]  # fmt: skip


def test_a_code_counts_once_and_for_ten_minutes(authority: DeviceAuthority, clock: ManualClock) -> None:
    """A second key with it, another's proof and a late one are refused, and change nothing."""
    code, key = admit(authority, clock), ec.generate_private_key(ec.SECP256R1())
    csr = csr_of(key)
    assert ask(csr, OneTimeCode.make(authority.certificate_der).prove(csr), clock).refused
    clock.advance(services.CODE_LASTS - timedelta(seconds=1))
    assert ask(csr, code.prove(csr), clock).certificate
    second = csr_of(ec.generate_private_key(ec.SECP256R1()))
    assert ask(second, code.prove(second), clock).refused
    late = admit(authority, clock, "Komputer 8")
    clock.advance(services.CODE_LASTS)
    assert ask(second, late.prove(second), clock).refused
    assert not queries.device_called("Komputer 8").is_enrolled


def test_a_key_is_renewed_by_itself_alone(authority: DeviceAuthority, clock: ManualClock) -> None:
    """Another key is none of the device's, and who was struck off renews nothing."""
    code, key = admit(authority, clock), ec.generate_private_key(ec.SECP256R1())
    csr = csr_of(key)
    ask(csr, code.prove(csr), clock)
    clock.advance(timedelta(days=20))
    assert ask(csr_of(key), b"", clock).certificate
    device = queries.device_called("Komputer 7")
    assert device.expires_at == NOON + timedelta(days=50)
    assert ask(csr_of(ec.generate_private_key(ec.SECP256R1())), b"", clock).refused
    services.revoke_device(device.id, reason="skradziony", clock=clock, actor="cli")
    assert ask(csr_of(key), b"", clock).refused
    found = queries.device_shown(key_digest(key.public_key()))
    assert found is not None
    assert found.lack(clock.now()) == "revoked"


@pytest.mark.parametrize("request_", [b"", b"no request", csr_of(ec.generate_private_key(ec.SECP384R1())), csr_of(ed25519.Ed25519PrivateKey.generate())])  # fmt: skip
def test_what_is_no_request_of_such_a_key_is_refused(
    authority: DeviceAuthority, clock: ManualClock, request_: bytes
) -> None:
    """P-256 alone, for which a signing request has proved its private half."""
    code = admit(authority, clock)
    assert ask(request_, code.prove(request_), clock).refused


def test_a_device_does_no_more_than_its_kind(authority: DeviceAuthority, clock: ManualClock) -> None:
    """No agent shows recordings, no station is given a code, and a name is listed once."""
    for kind, may in ((Kind.AGENT, {Right.SHOW}), (Kind.STATION, {Right.SHOW}), (Kind.SENSOR, set())):
        with pytest.raises(DeviceRefusedError):
            services.admit_device(
                kind=kind,
                name="X",
                place="",
                address="",
                may=may,
                authority=authority,
                clock=clock,
                actor="cli",
            )
    admit(authority, clock)
    with pytest.raises(DeviceListedError):
        admit(authority, clock)


def test_a_device_planted_in_the_database_is_signed_nothing(
    authority: DeviceAuthority, clock: ManualClock
) -> None:
    """Nor one whose code was replaced there."""
    code, mine = admit(authority, clock), OneTimeCode.make(authority.certificate_der)
    csr = csr_of(ec.generate_private_key(ec.SECP256R1()))
    Device.objects.update(code=mine.public)
    assert ask(csr, mine.prove(csr), clock).refused
    Device.objects.update(code=code.public)
    planted = Device.objects.create(
        kind="agent", name="Obcy", code=mine.public, enrolled_at=NOON, expires_at=NOON + timedelta(days=1)
    )
    assert ask(csr, mine.prove(csr), clock, planted.pk).refused
    assert ask(csr, code.prove(csr), clock, queries.device_called("Komputer 7").id).certificate
