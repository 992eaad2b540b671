"""Messages, logins and sessions of RTSP."""

import pytest

from rejent.streams.cameras.errors import (
    AddressError,
    CameraCause,
    NotACameraError,
    PasswordRefusedError,
    ProtocolError,
    WeakerLoginError,
)
from rejent.streams.cameras.network.rtsp.address import (
    Camera,
    Login,
    Offers,
    Transport,
    parse_address,
    redirect_target,
)
from rejent.streams.cameras.network.rtsp.auth import Authenticator
from rejent.streams.cameras.network.rtsp.message import (
    MAX_BODY,
    Response,
    parse_message,
    write_request,
)
from rejent.streams.cameras.network.rtsp.session import (
    RtspSession,
    resolve_control,
)

SDP = b"v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n"
ADDRESS, _ = parse_address("rtsp://192.0.2.7/stream?channel=1")


def test_a_response_is_read_whole_or_not_at_all():
    """Every prefix of a message is incomplete; the whole is one message and nothing of what follows."""
    whole = b"RTSP/1.0 200 OK\r\nCSeq: 4\r\nContent-Length: 5\r\n\r\nhello"
    assert all(parse_message(whole[:end]) == (None, 0) for end in range(1, len(whole)))
    message, used = parse_message(whole + b"$\0\0\1x")
    assert isinstance(message, Response)
    assert (message.status, message.sequence, message.body, used) == (200, 4, b"hello", len(whole))


def test_folded_and_repeated_fields_are_kept():
    """A folded field is one value; a repeated one keeps all its values."""
    message, _ = parse_message(
        b"RTSP/1.0 401 No\nWWW-Authenticate: Basic\nwww-authenticate: Digest\n realm=x\n\n"
    )
    assert message.headers.all("WWW-AUTHENTICATE") == ["Basic", "Digest realm=x"]


@pytest.mark.parametrize(
    "bytes_",
    [b"x" * 20_000, b"RTSP/1.0 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"RTSP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 1)],
    ids=["endless", "fields", "body"],
)  # fmt: skip
def test_what_is_beyond_bounds_is_refused(bytes_):
    """Neither a head, nor the number of its fields, nor a body may grow without end."""
    with pytest.raises((ProtocolError, NotACameraError)):
        parse_message(bytes_)


def test_a_line_break_in_an_address_cannot_smuggle_a_field():
    """A request with a line break in it is not written."""
    with pytest.raises(ProtocolError):
        write_request("OPTIONS", "rtsp://h/\r\nX: y", 1)


# Addresses


def test_login_and_address_are_taken_apart():
    """User and password leave the address; what remains names neither."""
    address, login = parse_address("rtsp://us%40er:p%3Aw@192.0.2.7:8554/a/b?c=d")
    assert (address.uri, login) == ("rtsp://192.0.2.7:8554/a/b?c=d", Login("us@er", "p:w"))
    assert "p:w" not in repr(Camera("x", address, login))


@pytest.mark.parametrize(
    "text", ["", "ftp://h/", "rtsp://", "rtsp://h:99999/", "rtsp://h:0/", "rtsp://h/ x", "rtsp://[::1/"]
)
def test_what_is_no_address_is_refused(text):
    """Text that cannot be an RTSP address is refused without being repeated."""
    with pytest.raises(AddressError) as caught:
        parse_address(text)
    assert caught.value.cause is CameraCause.NOT_A_CAMERA


@pytest.mark.parametrize(
    ("location", "keeps"),
    [
        ("rtsp://192.0.2.7:9000/other", True),
        ("rtsps://192.0.2.7/other", True),
        ("rtsp://192.0.2.8/stream", False),
        ("/elsewhere", True),
    ],
)
def test_the_login_follows_a_redirect_only_to_the_same_host(location, keeps):
    """The password never travels to another host."""
    camera = Camera("x", ADDRESS, Login("u", "p"))
    assert (camera.redirected_to(redirect_target(ADDRESS, location)).login is not None) is keeps


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        " file:///etc/passwd",
        "http://192.0.2.7/",
        "HTTPS://192.0.2.7/",
        "http:/x",
        "//[",
        "",
        "rtsp://127.0.0.1:8000/",
        "rtsp://[::1]/",
        "rtsp://localhost/",
        "//0.0.0.0/x",
    ],
)
def test_a_redirect_leads_to_rtsp_alone(location):
    """A camera cannot send its reader to a file, a web server, the machine's own services or nowhere, however it writes that."""
    with pytest.raises(AddressError):
        redirect_target(ADDRESS, location)


def test_a_redirect_does_not_leave_tls():
    """A redirect from rtsps to rtsp is not followed, and a relative one stays in TLS."""
    address, _ = parse_address("rtsps://192.0.2.7/stream")
    assert redirect_target(address, "/http/x?to=rtsp://h").uri == "rtsps://192.0.2.7/http/x?to=rtsp://h"
    with pytest.raises(AddressError):
        redirect_target(address, "rtsp://192.0.2.7/stream")


@pytest.mark.parametrize(
    ("entered", "other", "may"),
    [
        ("rtsp://h/", "rtsps://H:900/x", True),
        ("rtsps://h/", "rtsp://h/", False),
        ("rtsp://h/", "http://h/", False),
        ("rtsp://h/", "https://h/", False),
        ("http://h/", "https://h/", True),
        ("https://h/", "http://h/", False),
        ("http://h/", "http://g/", False),
    ],
)
def test_a_login_stays_with_its_host_its_protocol_and_tls(entered, other, may):
    """The password is used with another address only on the same host, in the same protocol, never without the TLS it had."""
    assert parse_address(entered)[0].may_share_login_with(parse_address(other)[0]) is may


@pytest.mark.parametrize(
    ("base", "control", "track"),
    [
        ("rtsp://h/a/", "track1", "rtsp://h/a/track1"),
        ("rtsp://h/a", "track1", "rtsp://h/a/track1"),
        ("rtsp://h/a?x=1", "trackID=1", "rtsp://h/a?x=1/trackID=1"),
        ("rtsp://h/a", "*", "rtsp://h/a"),
        ("rtsp://h/a", "rtsp://10.0.0.1/b", "rtsp://10.0.0.1/b"),
        ("rtsp://h/a", "?track=1", "rtsp://h/a?track=1"),
    ],
)
def test_control_addresses_are_joined_as_cameras_mean_them(base, control, track):
    """Relative controls hang on the whole base, absolute ones stand for themselves."""
    assert resolve_control(base, control) == track


# Logging in


def test_digest_with_sha_256_answers_as_rfc_7616_does():
    """The example of RFC 7616 §3.9.1, with both its hashes."""
    nonces = {
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }
    answers = {
        "MD5": "8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    }
    for algorithm, answer in answers.items():
        authenticator = Authenticator(Login("Mufasa", "Circle of Life"), lambda: nonces["cnonce"])
        offer = f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        authenticator.take(
            [offer + f'nonce="{nonces["nonce"]}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"']
        )
        assert f'response="{answer}"' in authenticator.authorization("GET", "/dir/index.html")


def test_the_strongest_scheme_is_taken_and_uses_are_counted():
    """Digest goes before Basic, SHA-256 before MD5, and each use of a nonce has its number."""
    authenticator = Authenticator(Login("u", "p"))
    authenticator.take(
        [
            'Basic realm="r"',
            'Digest realm="r", nonce="n"',
            'Digest realm="r", nonce="m", algorithm=SHA-256, qop="auth"',
        ]
    )
    fields = [authenticator.authorization("OPTIONS", "rtsp://h/") for _ in range(2)]
    assert all('nonce="m"' in field for field in fields)
    assert [f"nc={count:08x}" in field for count, field in enumerate(fields, 1)] == [True, True]


@pytest.mark.parametrize("offers", [[], ["Bearer x"], ['Digest realm="r", nonce="n", algorithm=SHA-512-256']])
def test_an_unusable_authentication_scheme_is_reported(offers):
    """Unknown schemes and hashes are not guessed at."""
    with pytest.raises(PasswordRefusedError):
        Authenticator(Login("u", "p")).take(offers)


DIGEST, BASIC = 'Digest realm="r", nonce="n"', 'Basic realm="r"'


def test_a_camera_that_offered_digest_never_gets_the_password_in_the_clear():
    """Once Digest was on offer, Basic is refused on every later connection, with a cause of its own."""
    offers = Offers()
    Authenticator(Login("u", "p"), offers=offers).take([DIGEST, BASIC])
    later = Authenticator(Login("u", "p"), offers=offers)
    with pytest.raises(WeakerLoginError) as caught:
        later.take([BASIC])
    assert caught.value.cause is CameraCause.WEAKER_LOGIN
    assert later.authorization("OPTIONS", "rtsp://h/") is None


@pytest.mark.parametrize(("digest", "encrypted"), [(False, False), (True, True)])
def test_basic_is_answered_where_it_gives_away_nothing_more(digest, encrypted):
    """A camera that knows Basic alone is recorded, and within TLS the password may be shown."""
    authenticator = Authenticator(Login("u", "p"), offers=Offers(digest=digest), encrypted=encrypted)
    authenticator.take([BASIC])
    assert authenticator.authorization("OPTIONS", "rtsp://h/").startswith("Basic ")


def test_what_a_camera_offered_goes_with_it_through_redirects_and_transports():
    """The camera after a redirect, or read another way, is the one that offered Digest."""
    camera = Camera("x", ADDRESS, Login("u", "p"))
    session = RtspSession(camera.with_transport(Transport.UDP).redirected_to(ADDRESS), 0.0, (5000, 5001))
    answer = f"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\nWWW-Authenticate: {DIGEST}\r\n\r\n"
    session.receive(parse_message(answer.encode())[0], 1.0)
    assert camera.offers.digest
