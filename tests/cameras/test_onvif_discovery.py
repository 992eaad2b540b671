"""Addresses of ONVIF devices, and devices found on the network, against an own stub on loopback."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from rejent.streams.cameras.errors import (
    AddressError,
    UnreachableError,
)
from rejent.streams.cameras.network.onvif.device import read_device_address
from rejent.streams.cameras.network.onvif.discovery import discover
from rejent.streams.cameras.network.rtsp.address import Login
from tests.cameras.onvif_stub import LAUGHS, PASSWORD, USER, DiscoveryStub, probe_match

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RIGHT = Login(USER, PASSWORD)
WRONG = Login(USER, "guess")


@pytest.mark.parametrize(
    ("written", "host", "port", "encrypted", "path"),
    [
        ("192.0.2.1", "192.0.2.1", 80, False, "/onvif/device_service"),
        ("192.0.2.1:8080", "192.0.2.1", 8080, False, "/onvif/device_service"),
        ("https://camera.example/", "camera.example", 443, True, "/onvif/device_service"),
        ("http://[2001:db8::1]:81/own?x=1", "2001:db8::1", 81, False, "/own?x=1"),
    ],
)
def test_device_addresses_as_offices_write_them(written, host, port, encrypted, path):
    """A bare address is enough; a whole one is taken as it is."""
    address, login = read_device_address(written)
    assert (address.endpoint.host, address.endpoint.port, address.endpoint.encrypted) == (
        host,
        port,
        encrypted,
    )
    assert address.path == path
    assert login is None


def test_a_login_in_the_address_is_taken_out():
    """User and password written into the address are handed apart and show in nothing."""
    address, login = read_device_address("http://me:a%40b@192.0.2.1/")
    assert (login.user, login.password) == ("me", "a@b")
    assert "a@b" not in repr(address) + repr(login)


@pytest.mark.parametrize(
    "written", ["", "ftp://x", "http://", "http://x:0/", "http://x:99999/", "http://a b/", "http://[::1/"]
)
def test_what_is_no_device_address_is_refused(written):
    """Text that names no device service is refused before anything is sent."""
    with pytest.raises(AddressError):
        read_device_address(written)


LAST = probe_match("urn:uuid:last", "http://127.0.0.1/last")


def found_by_probe(answers):
    """Return the devices a probe on loopback finds before a last device that ends the wait."""

    async def probe(group):
        found = []
        async with aclosing(discover(seconds=30, interface="127.0.0.1", group=group)) as devices:
            async for device in devices:
                if device.endpoint == "urn:uuid:last":
                    return found
                found.append(device)
        return None

    with DiscoveryStub([*answers, LAST]) as stub:
        return asyncio.run(probe(stub.group)), stub.probes


def test_cameras_on_the_network_are_found_once_each():
    """Each answering device is given once, with its name, model and its own address first."""
    scopes = "\n onvif://www.onvif.org/name/Front%20door\n onvif://www.onvif.org/hardware/S-1 onvif://www.onvif.org/type/x "
    addresses = "http://192.0.2.7/onvif/device_service http://127.0.0.1:81/onvif/device_service"
    first = probe_match("urn:uuid:1", addresses, scopes)
    found, probes = found_by_probe([first, first, probe_match("urn:uuid:2", "http://127.0.0.1/x"), first])
    assert [device.endpoint for device in found] == ["urn:uuid:1", "urn:uuid:2"]
    assert found[0].addresses[0] == "http://127.0.0.1:81/onvif/device_service"
    assert (found[0].name, found[0].hardware) == ("Front door", "S-1")
    assert len(probes) == 4


def test_unsolicited_responses_are_dropped():
    """Garbage, document types, foreign answers and devices without an address are not offered."""
    found, _ = found_by_probe(
        [
            "garbage",
            LAUGHS,
            probe_match("urn:uuid:3", "http://127.0.0.1/", relates="urn:uuid:foreign"),
            probe_match("urn:uuid:4", "file:///etc/passwd"),
            probe_match("", "http://127.0.0.1/"),
            probe_match("urn:uuid:5", "http://127.0.0.1/"),
        ]
    )
    assert [device.endpoint for device in found] == ["urn:uuid:5"]


def test_a_match_without_its_wrapper_is_understood():
    """Some devices leave out the element around their match, and are found all the same."""
    bare = (
        probe_match("urn:uuid:1", "http://127.0.0.1/")
        .replace("<d:ProbeMatches>", "")
        .replace("</d:ProbeMatches>", "")
    )
    assert [device.endpoint for device in found_by_probe([bare])[0]] == ["urn:uuid:1"]


def test_a_network_without_cameras_ends_with_the_wait():
    """A probe without answers ends by itself."""

    async def probe():
        return [
            device
            async for device in discover(seconds=0.01, interface="127.0.0.1", group=("239.255.255.250", 9))
        ]

    assert asyncio.run(probe()) == []


def test_a_network_that_cannot_be_asked_says_so():
    """An interface this machine does not have is an error with a sentence."""

    async def probe():
        return [device async for device in discover(seconds=1, interface="203.0.113.77")]

    with pytest.raises(UnreachableError):
        asyncio.run(probe())
