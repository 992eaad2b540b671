"""From which station a request comes: what the connection proved, what a trusted proxy says, and nothing that anybody writes."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.test import AsyncRequestFactory

from rejent.devices import services as devices
from rejent.devices.authority import DeviceAuthority
from rejent.kernel.clock import ManualClock
from rejent.office.installation import Installation
from rejent.web.requests.client_station import (
    CERTIFICATE,
    certificate_digest,
    client_station,
    client_station_of_scope,
    request_origin,
)

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
DIGEST, OTHER = "ab" * 32, "cd" * 32
HEADER = "x-station-certificate"
PROXY, STRANGER = "10.0.0.1", "192.0.2.9"
DIRECT = Installation(Path("/nowhere"), "0" * 32, "x", True, NOW)
BEHIND = replace(DIRECT, trusted_proxies=("10.0.0.0/30",), station_header=HEADER)
HOST = ("host", "monitoring.example")

Headers = list[tuple[str, str]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, str]:
    """A station's certificate as PEM and DER, and its digest."""
    authority = DeviceAuthority.open_or_found(tmp_path_factory.mktemp("keys"), "0" * 32, NOW)
    made = authority.issue("Kasa", days=9, now=NOW, passphrase="quiet river")
    _, found, _ = pkcs12.load_key_and_certificates(made.bundle, b"quiet river")
    assert found is not None
    return found.public_bytes(Encoding.PEM).decode(), found.public_bytes(Encoding.DER), made.fingerprint


def test_each_way_in_which_proxies_write_a_certificate_is_read(certificate: tuple[str, bytes, str]) -> None:
    """A digest in either spelling, PEM in percent-encoding, and RFC 9440 come to the same digest."""
    pem, der, digest = certificate
    coloned = ":".join(digest[place : place + 2] for place in range(0, 64, 2))
    written = [
        digest,
        digest.upper(),
        coloned.upper(),
        quote(pem),
        quote(pem, safe=""),
        f":{base64.b64encode(der).decode()}:",
    ]
    assert {certificate_digest(each) for each in written} == {digest} == {sha256(der).hexdigest()}


@pytest.mark.parametrize(
    "written",
    ["", " ", "-", "(null)", "ab" * 20, "ab" * 33, f"{DIGEST},{OTHER}", f"{DIGEST} {OTHER}", ":not base64:",
     "-----BEGIN CERTIFICATE-----%0A", "-----BEGIN%20CERTIFICATE-----%0AQUJD%0A-----END%20CERTIFICATE-----", "zażółć"],
)  # fmt: skip
def test_what_is_no_certificate_is_none(written: str) -> None:
    """Nothing is guessed from what cannot be read."""
    assert certificate_digest(written) == ""


def test_of_two_certificates_in_one_line_neither_counts(certificate: tuple[str, bytes, str]) -> None:
    """A proxy that appends its own to what a client sent makes one line of both; the client's must not win."""
    pem, der, _ = certificate
    field = f":{base64.b64encode(der).decode()}:"
    for one in (quote(pem), quote(pem, safe=""), field, DIGEST):
        assert certificate_digest(f"{one},{quote(pem)}") == ""
        assert certificate_digest(f"{one}, {one}") == ""


def seen(peer: str, headers: Headers, connection: str = "", installation: Installation = BEHIND) -> str:
    """The certificate that counts."""
    return request_origin(peer, [HOST, *headers], connection, installation).fingerprint


def test_a_header_counts_from_a_trusted_proxy_only() -> None:
    """From anybody else, and where no header is named, it is not there."""
    sent = [(HEADER, DIGEST)]
    assert seen(PROXY, sent) == DIGEST
    for peer in (STRANGER, "127.0.0.1", "::1", "10.0.0.5", "unknown", ""):
        assert seen(peer, sent) == ""
    assert seen(PROXY, sent, installation=replace(BEHIND, station_header="")) == ""
    assert seen(PROXY, sent, installation=replace(BEHIND, trusted_proxies=())) == ""


@pytest.mark.parametrize(
    "headers",
    [
        [("x_station_certificate", DIGEST)],
        [("x-station_certificate", DIGEST)],
        [("x-station-certificate ", DIGEST)],
        [("xstationcertificate", DIGEST)],
        [(HEADER, DIGEST), (HEADER, OTHER)],
        [(HEADER, DIGEST), (HEADER, DIGEST)],
        [(HEADER, ""), (HEADER, DIGEST)],
        [(HEADER, f"{DIGEST}, {OTHER}")],
    ],
)
def test_what_is_smuggled_through_the_proxy_does_not_count(headers: Headers) -> None:
    """A name that only looks alike is another header, and one that stands there twice says nothing."""
    assert seen(PROXY, headers) == ""


def test_a_lookalike_beside_the_proxys_own_header_changes_nothing() -> None:
    """What the proxy wrote counts, whatever stands around it."""
    assert (
        seen(PROXY, [("x_station_certificate", OTHER), (HEADER, DIGEST), ("x-station-cert", OTHER)]) == DIGEST
    )


def test_what_the_handshake_proved_counts_unless_a_proxy_stands_between() -> None:
    """A connection's own certificate is not overruled by a header; a proxy's own certificate is no station's."""
    assert seen(STRANGER, [(HEADER, OTHER)], DIGEST) == DIGEST
    assert seen(PROXY, [], DIGEST) == ""
    assert seen(PROXY, [(HEADER, OTHER)], DIGEST) == OTHER


def test_a_stations_address_is_read_as_that_of_any_client() -> None:
    """Behind trusted proxies it is the last address they did not write themselves; else the peer's, whatever it says."""
    sent = [("x-forwarded-for", "10.9.9.9, 192.0.2.7"), ("x_forwarded_for", "10.8.8.8")]
    assert request_origin(PROXY, [HOST, *sent], "", BEHIND).address == "192.0.2.7"
    assert request_origin(STRANGER, [HOST, *sent], "", BEHIND).address == STRANGER


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.0.0.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_the_machine_itself_is_a_station(peer: str, host: str) -> None:
    """Asked over the loopback by a name of its own, it needs no certificate."""
    assert request_origin(peer, [("host", host)], "", DIRECT).machine


@pytest.mark.parametrize(
    ("peer", "headers", "installation"),
    [
        (STRANGER, [("host", "localhost")], DIRECT),
        ("127.0.0.1", [HOST], DIRECT),
        ("127.0.0.1", [], DIRECT),
        ("127.0.0.1", [("host", "localhost"), ("host", "localhost")], DIRECT),
        ("127.0.0.1", [("host", "localhost"), ("x-forwarded-for", "192.0.2.7")], DIRECT),
        ("127.0.0.1", [("host", "localhost"), ("x-forwarded-proto", "https")], DIRECT),
        ("127.0.0.1", [("host", "localhost"), ("forwarded", "for=192.0.2.7")], DIRECT),
        ("127.0.0.1", [("host", "localhost"), ("via", "1.1 proxy")], DIRECT),
        ("127.0.0.1", [("host", "localhost"), ("x-real-ip", "127.0.0.1")], DIRECT),
        ("127.0.0.1", [("host", "localhost")], replace(DIRECT, trusted_proxies=("127.0.0.1",))),
        ("127.0.0.1", [("host", "localhost.example")], DIRECT),
        ("127.0.0.1", [("host", "127.0.0.1:8000")], replace(DIRECT, hosts=("monitoring.example",))),
        ("127.0.0.1", [("host", "localhost")], replace(DIRECT, trusted_proxies=("192.0.2.0/24",))),
    ],
)
def test_behind_a_proxy_nobody_is_the_machine(
    peer: str, headers: Headers, installation: Installation
) -> None:
    """Not from elsewhere, not where anything says that it was handed on, nor where the pages have a name or a proxy at all."""
    assert not request_origin(peer, headers, "", installation).machine


@pytest.mark.django_db
def test_pages_and_sockets_are_asked_alike(settings: Any, clock: ManualClock) -> None:
    """Certificate of the connection, header of a proxy and the machine itself are looked up in the list for both."""
    enrolled = devices.enrol_station(
        name="Kasa", place="", address="", fingerprint=DIGEST, expires_at=clock.now().replace(year=2027), clock=clock,
        actor="",
    )  # fmt: skip
    proved, said = {CERTIFICATE: DIGEST}, [(HEADER.encode(), DIGEST.encode())]
    cases: list[tuple[str, dict[str, str], list[tuple[bytes, bytes]], bytes, str]] = [
        (STRANGER, proved, [], b"monitoring.example", str(enrolled.id)),
        (STRANGER, {}, said, b"monitoring.example", ""),
        (STRANGER, {}, [(b"X_Station_Certificate", DIGEST.encode())], b"monitoring.example", ""),
        (PROXY, {}, said, b"monitoring.example", str(enrolled.id)),
        (PROXY, {}, [*said, *said], b"monitoring.example", ""),
        ("127.0.0.1", {}, said, b"localhost", ""),
        ("127.0.0.1", proved, [], b"localhost", str(enrolled.id)),
    ]
    alone: list[tuple[str, dict[str, str], list[tuple[bytes, bytes]], bytes, str]] = [
        ("127.0.0.1", {}, said, b"localhost", "machine"),
        ("127.0.0.1", proved, [], b"localhost", str(enrolled.id)),
        ("127.0.0.1", {CERTIFICATE: OTHER}, [], b"localhost", "machine"),
    ]
    for number, (peer, state, headers, host, station) in enumerate([*cases, *alone]):
        settings.INSTALLATION = BEHIND if number < len(cases) else DIRECT
        request = AsyncRequestFactory().get("/")
        told = {"client": [peer, 1], "state": state, "headers": [(b"host", host), *headers]}
        request.scope = {**request.scope, **told}
        request.META["REMOTE_ADDR"] = peer
        assert client_station(request).station == station, (peer, headers)
        assert client_station_of_scope(told).station == station, (peer, headers)
