"""Which address a request is counted under."""

import pytest

from rejent.office.proxies import client_address, counted_as, is_loopback

PROXIES = ("127.0.0.1", "10.0.0.0/24", "fd00::/64")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("192.0.2.9", "", (), "192.0.2.9"),
        ("192.0.2.9", "198.51.100.1", (), "192.0.2.9"),
        ("192.0.2.9", "198.51.100.1", PROXIES, "192.0.2.9"),
        ("127.0.0.1", "198.51.100.1", PROXIES, "198.51.100.1"),
        ("127.0.0.1", "203.0.113.7, 198.51.100.1", PROXIES, "198.51.100.1"),
        ("127.0.0.1", "203.0.113.7, 198.51.100.1, 10.0.0.3", PROXIES, "198.51.100.1"),
        ("127.0.0.1", "198.51.100.1, garbage", PROXIES, "127.0.0.1"),
        ("127.0.0.1", "garbage, 10.0.0.3", PROXIES, "10.0.0.3"),
        ("127.0.0.1", "", PROXIES, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1:4711", PROXIES, "198.51.100.1"),
        ("127.0.0.1", "203.0.113.7:80, 198.51.100.1:4711, 10.0.0.3:4712", PROXIES, "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:443", PROXIES, "2001:db8::1"),
        ("127.0.0.1", "[2001:db8::1]", PROXIES, "2001:db8::1"),
        ("127.0.0.1", "2001:db8::1:443", PROXIES, "2001:db8::1:443"),
        ("127.0.0.1", "198.51.100.1:x", PROXIES, "127.0.0.1"),
        ("::ffff:10.0.0.2", "198.51.100.1", PROXIES, "198.51.100.1"),
        ("fd00::5", "2001:db8::1", PROXIES, "2001:db8::1"),
        ("unknown", "198.51.100.1", PROXIES, "unknown"),
    ],
)
def test_headers_are_believed_only_from_named_proxies(
    peer: str, forwarded: str, trusted: tuple[str, ...], found: str
) -> None:
    """The rightmost address that is no proxy's; whatever a client wrote left of it, or without a proxy, is ignored."""
    assert client_address(peer, forwarded, trusted) == found


def test_a_host_with_many_addresses_is_counted_once() -> None:
    """All addresses of an IPv6 /64 are one; an IPv4 address and what is none stand for themselves."""
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:2") != counted_as("2001:db8:0:1::1")
    assert (counted_as("192.0.2.9"), counted_as("unknown")) == ("192.0.2.9", "unknown")


def test_loopback_is_told_from_everything_else() -> None:
    """Both kinds of loopback address, and neither an address elsewhere nor a word."""
    assert [is_loopback(each) for each in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "192.0.2.1", "", "x")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
