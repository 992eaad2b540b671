"""Addresses of sources and what may be shown of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rejent.catalog.addresses import Address, masked
from rejent.catalog.errors import AddressRefusedError
from rejent.streams.cameras.sources import parsed


@pytest.mark.parametrize(
    ("given_", "text", "user", "password"),
    [
        ("rtsp://192.0.2.7/stream", "rtsp://192.0.2.7/stream", "", ""),
        ("RTSP://camera.example:554/", "rtsp://camera.example:554/", "", ""),
        ("rtsp://viewer:secret@192.0.2.7:8554/a?b=c", "rtsp://192.0.2.7:8554/a?b=c", "viewer", "secret"),
        ("rtsp://viewer@192.0.2.7/", "rtsp://192.0.2.7/", "viewer", ""),
        ("rtsp://viewer:p%40ss%3A%2F@192.0.2.7/", "rtsp://192.0.2.7/", "viewer", "p@ss:/"),
        ("rtsp://viewer:p@ss@192.0.2.7/", "rtsp://192.0.2.7/", "viewer", "p@ss"),
        ("rtsps://viewer:a:b@[2001:db8::1]:322/x", "rtsps://[2001:db8::1]:322/x", "viewer", "a:b"),
        ("http://[2001:db8::1]/mjpeg", "http://[2001:db8::1]/mjpeg", "", ""),
        ("file:///srv/clip.mp4", "file:///srv/clip.mp4", "", ""),
    ],
)
def test_credentials_are_split_off(given_: str, text: str, user: str, password: str) -> None:
    """What is stored as the address holds neither user nor password; percent signs are read (RFC 3986 §2.1)."""
    assert parsed(given_) == Address(text, user, password)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "camera", "192.0.2.7", "rtsp://", "rtsp:///stream", "rtsp://viewer:secret@", "gopher://192.0.2.7/",
        "rtsp://192.0.2.7:port/", "rtsp://192.0.2.7:0/", "rtsp://192.0.2.7:65536/", "rtsp://viewer:se/cret@192.0.2.7/",
        "rtsp://[2001:db8::1/x", "rtsp://[::1]x/", "file://host/clip.mp4", "file:", "rtsp://192.0.2.7/a b",
        "rtsp://192.0.2.7/\nSecond: line", "rtsp://192.0.2.7/" + "x" * 500,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_repeating_it(wrong: str) -> None:
    """The error says how to write one, and holds nothing of what may have been a password."""
    with pytest.raises(AddressRefusedError) as refused:
        parsed(wrong)
    assert "secret" not in str(refused.value)
    assert "se/cret" not in str(refused.value)
    assert refused.value.advice


@pytest.mark.parametrize(
    "host",
    [
        "…", "...", "kamera_1", "hol ratusza", "-hol", "hol-", "a..b", "10.0.0", "10.0.0.256", "7", "[::1::2]", "łazienka$",
        "a" * 64, ".".join(["a" * 60] * 5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("rest", ["", "/stream1", ":554/stream1"])
def test_a_host_that_cannot_be_one_is_refused(host: str, rest: str) -> None:
    """Neither a name of letters, digits, hyphens and dots nor an IP address names a camera; no password is repeated."""
    with pytest.raises(AddressRefusedError) as refused:
        parsed(f"rtsp://viewer:secret@{host}{rest}")
    assert "secret" not in str(refused.value)
    assert " " in host or str(refused.value).startswith("This address names no camera: ")


@pytest.mark.parametrize(
    "host", ["hol", "kamera-1.urzad.example", "kamera1.example.", "10.0.0.11", "[fe80::1%eth0]"]
)
def test_names_and_ip_addresses_are_hosts(host: str) -> None:
    """What a network may call a camera is taken as it stands."""
    assert parsed(f"rtsp://{host}:554/stream1").text == f"rtsp://{host}:554/stream1"


@pytest.mark.parametrize(
    ("address", "visible"),
    [
        ("rtsp://viewer:secret@192.0.2.7/a", "rtsp://192.0.2.7/a"),
        (
            "rtsp://192.0.2.7/user=admin&password=hush&channel=1",
            "rtsp://192.0.2.7/user=***&password=***&channel=1",
        ),
        ("rtsp://192.0.2.7/s?token=abc#x", "rtsp://192.0.2.7/s?token=***#x"),
        ("rtsp://192.0.2.7/s?PWD=abc;Stream=1", "rtsp://192.0.2.7/s?PWD=***;Stream=1"),
        ("nonsense", ""),
    ],
)
def test_what_looks_like_a_credential_is_masked(address: str, visible: str) -> None:
    """Cameras that want the password in the path or the query do not get it shown on a page."""
    assert masked(address) == visible


def test_an_address_does_not_print_its_password() -> None:
    """A log line that holds the value by accident holds no secret."""
    assert "hush" not in repr(parsed("rtsp://viewer:hush@192.0.2.7/?pass=hush"))


@given(st.text())
def test_any_text_is_an_address_or_refused(text: str) -> None:
    """No input makes anything but an address or the one error."""
    try:
        address = parsed(text)
    except AddressRefusedError:
        return
    assert "@" not in address.text.split("://")[1].split("/")[0].split("?")[0].split("#")[0]
