"""Asking a camera over ONVIF, against an own stub on loopback."""

import asyncio
import ssl
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from rejent.kernel.clock import ManualClock
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import (
    NotACameraError,
    NoVideoError,
    PasswordRefusedError,
    ProtocolError,
    StalledError,
    UnreachableError,
    UntrustedError,
)
from rejent.streams.cameras.network.onvif.device import Device, read_device_address
from rejent.streams.cameras.network.onvif.transport import LARGEST_BODY
from rejent.streams.cameras.network.rtsp.address import Login, Trust
from tests.cameras.onvif_stub import LAUGHS, PASSWORD, USER, Behaviour, OnvifStub

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
RIGHT = Login(USER, PASSWORD)
WRONG = Login(USER, "guess")


def device(stub, login=None, *, scheme="http", trust=None, timeout_s=5.0):
    """A client of the stub with a clock that stands still."""
    address, _ = read_device_address(f"{scheme}://127.0.0.1:{stub.port}/onvif/device_service")
    return Device(address, login, clock=ManualClock(NOW), trust=trust, timeout_s=timeout_s)


def asked(stub, question, login=None, **options):
    """Return the result of one request of a fresh client."""

    async def ask():
        return await question(device(stub, login, **options))

    return asyncio.run(ask())


@pytest.mark.parametrize("year", [1, 9999])
def test_a_time_at_the_end_of_all_calendars_is_refused(year):
    """A camera's clock beyond the calendar is refused as impossible, and so is a token stamped by it."""
    with (
        OnvifStub(Behaviour(login="token", now=NOW.replace(year=year))) as stub,
        pytest.raises(ProtocolError),
    ):
        asked(stub, Device.clock_reading)


@pytest.mark.parametrize("years", [0, 20, -20])
def test_the_cameras_clock_is_compared_without_a_login(years):
    """The offset is camera minus ours, known to half a second, and the question goes out unsigned."""
    camera = NOW.replace(year=NOW.year + years) + timedelta(seconds=3)
    with OnvifStub(Behaviour(login="token", now=camera)) as stub:
        reading = asked(stub, Device.clock_reading, RIGHT)
    assert reading.camera == camera
    assert reading.offset == camera - NOW + timedelta(seconds=0.5)
    assert reading.uncertainty == timedelta(seconds=0.5)
    assert stub.asked == [("GetSystemDateAndTime", "open")]


def test_a_clock_that_wants_a_login_gets_one():
    """A camera that hides even its clock is asked again with Digest."""
    with OnvifStub(Behaviour(login="digest", clock_wants_login=True, now=NOW)) as stub:
        assert asked(stub, Device.clock_reading, RIGHT).camera == NOW
    assert stub.asked == [("GetSystemDateAndTime", "open"), ("GetSystemDateAndTime", "digest")]


@pytest.mark.parametrize("login", ["none", "digest", "digest-sha256", "token"])
@pytest.mark.parametrize("chunked", [False, True])
def test_profiles_and_streams_are_found_with_each_way_to_log_in(login, chunked):
    """Profiles with a picture are listed, and the stream of one is where the camera says."""
    with OnvifStub(Behaviour(login=login, now=NOW, chunked=chunked)) as stub:

        async def walk(camera):
            found = await camera.profiles()
            return found, await camera.stream(found[0])

        profiles, stream = asked(stub, walk, RIGHT)
    assert [(p.token, p.codec, p.width, p.height, p.frames_per_second) for p in profiles] == [
        ("main", "H264", 1920, 1080, 25.0),
        ("sub", "H264", 640, 360, 25.0),
    ]
    assert stream.address.uri == "rtsp://127.0.0.1/stream1"
    assert not stream.other_host
    assert all(PASSWORD.encode() not in body for body in stub.bodies)


def test_media2_reports_h265():
    """A camera with the Media2 service is asked there, which alone knows H.265."""
    with OnvifStub(Behaviour(media2=True, stream_uri="rtsp://127.0.0.1:{port}/h265?a=1&b=2")) as stub:

        async def walk(camera):
            (found,) = await camera.profiles()
            return found, await camera.stream(found)

        profile, stream = asked(stub, walk)
    assert (profile.codec, profile.width, profile.frames_per_second, profile.audio) == (
        "H265",
        3840,
        12.5,
        True,
    )
    assert stream.address.uri == f"rtsp://127.0.0.1:{stub.port}/h265?a=1&b=2"


def test_an_old_camera_without_get_services_is_asked_for_its_capabilities():
    """GetCapabilities names the media service of a camera without GetServices."""
    with OnvifStub(Behaviour(has_services=False)) as stub:
        assert len(asked(stub, Device.profiles)) == 2
    assert [action for action, _ in stub.asked] == ["GetServices", "GetCapabilities", "GetProfiles"]


def test_a_camera_twenty_years_off_still_accepts_our_token():
    """The token is stamped by the camera's own clock, asked for first without a login."""
    with OnvifStub(Behaviour(login="token", now=NOW.replace(year=2006))) as stub:
        information = asked(stub, Device.information, RIGHT)
    assert (information.manufacturer, information.model, information.serial) == ("Stub", "S-1", "42")
    assert [way for _, way in stub.asked] == ["open", "open", "token"]


def test_a_known_way_to_log_in_is_used_at_once_the_next_time():
    """After the first answer no question goes out unsigned again."""
    with OnvifStub(Behaviour(login="digest")) as stub:

        async def twice(camera):
            await camera.information()
            await camera.information()

        asked(stub, twice, RIGHT)
    assert [way for _, way in stub.asked] == ["open", "digest", "digest"]


def test_an_outworn_nonce_is_renewed():
    """A camera that forgets its nonce is answered with the new one."""
    with OnvifStub(Behaviour(login="digest")) as stub:

        async def twice(camera):
            await camera.information()
            stub.nonce = "another"
            return await camera.information()

        assert asked(stub, twice, RIGHT).model == "S-1"
    assert [way for _, way in stub.asked] == ["open", "digest", "wrong", "digest"]


@pytest.mark.parametrize("login", ["digest", "token"])
@pytest.mark.parametrize("given", [None, WRONG])
def test_a_refused_login_says_so_after_few_attempts(login, given):
    """A wrong or missing password is named as such, and tried at most once in each way."""
    with OnvifStub(Behaviour(login=login, now=NOW)) as stub, pytest.raises(PasswordRefusedError) as refused:
        asked(stub, Device.information, given)
    assert "guess" not in str(refused.value)
    assert sum(way == "wrong" for _, way in stub.asked) <= 2


def test_a_password_is_never_sent_in_the_clear():
    """A camera that takes only Basic over plain HTTP does not get the password."""
    with OnvifStub(Behaviour(login="basic", now=NOW)) as stub, pytest.raises(PasswordRefusedError):
        asked(stub, Device.information, RIGHT)
    assert "basic" not in {way for _, way in stub.asked}


def test_service_addresses_of_other_hosts_are_not_followed():
    """Every question goes to the host the office gave, whatever host the camera names for its services."""
    with OnvifStub(Behaviour(service_host="203.0.113.9:81")) as stub:
        assert asked(stub, Device.profiles)
    assert ("GetProfiles", "open") in stub.asked


def test_a_stream_on_another_host_is_marked():
    """A stream address elsewhere is handed out with a warning, one at nobody's address with the camera's own host."""

    async def walk(camera):
        return await camera.stream((await camera.profiles())[0])

    with OnvifStub(Behaviour(stream_uri="rtsp://admin:admin@203.0.113.9/live")) as stub:
        stream = asked(stub, walk)
    assert stream.other_host
    assert stream.address.uri == "rtsp://203.0.113.9/live"
    with OnvifStub(Behaviour(stream_uri="rtsp://0.0.0.0:8554/live")) as stub:
        stream = asked(stub, walk)
    assert not stream.other_host
    assert stream.address.uri == "rtsp://127.0.0.1:8554/live"


@pytest.mark.parametrize("uri", ["FILE:///etc/passwd", "http://127.0.0.1/steal"])
def test_a_stream_address_that_is_not_rtsp_is_none(uri):
    """A camera cannot name a file or a web server as its stream."""

    async def walk(camera):
        return await camera.stream((await camera.profiles())[0])

    with OnvifStub(Behaviour(stream_uri=uri)) as stub, pytest.raises(NoVideoError):
        asked(stub, walk)


def test_a_camera_without_profiles_has_no_video():
    """A device without profiles has another cause than one that fails."""
    with OnvifStub(Behaviour(profiles=False)) as stub, pytest.raises(NoVideoError):
        asked(stub, Device.profiles)


def soap(body):
    """A whole HTTP answer."""
    content = body if isinstance(body, bytes) else body.encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(content), content)


OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><Envelope><Body><x/></Body></Envelope>'
DATE = "<Time><Hour>1</Hour><Minute>1</Minute><Second>1</Second></Time><Date><Year>{}</Year><Month>{}</Month><Day>{}</Day></Date>"
CLOCK = "<Envelope><Body><R><SystemDateAndTime><UTCDateTime>{}</UTCDateTime></SystemDateAndTime></R></Body></Envelope>"

HOSTILE = {
    "laughs": (soap(LAUGHS), ProtocolError),
    "outside-entity": (soap(OUTSIDE), ProtocolError),
    "html": (soap("<html><body><h1>Router</h1></body></html>"), NotACameraError),
    "no-xml": (soap(b"\x00\xff" * 100), NotACameraError),
    "empty": (soap(""), NotACameraError),
    "unclosed": (soap("<Envelope><Body><a>"), NotACameraError),
    "empty-body": (soap("<Envelope><Body/></Envelope>"), NotACameraError),
    "deep": (
        soap("<Envelope><Body>" + "<a>" * 100_000 + "</a>" * 100_000 + "</Body></Envelope>"),
        ProtocolError,
    ),
    "odd-encoding": (soap(b'<?xml version="1.0" encoding="utf-7"?><a/>'), NotACameraError),
    "no-time": (soap(CLOCK.format("")), ProtocolError),
    "no-date": (soap(CLOCK.format(DATE.format(2026, 13, 1))), ProtocolError),
    "year-zero": (soap(CLOCK.format(DATE.format(0, 1, 1))), ProtocolError),
    "huge-year": (soap(CLOCK.format(DATE.format("9" * 5000, 1, 1))), ProtocolError),
    "no-http": (b"SSH-2.0-OpenSSH_9.2\r\n", NotACameraError),
    "nothing": (b"", NotACameraError),
    "redirect": (
        b"HTTP/1.1 302 Found\r\nLocation: http://203.0.113.9/\r\nContent-Length: 0\r\n\r\n",
        NotACameraError,
    ),
    "not-found": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", NotACameraError),
    "endless-line": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, ProtocolError),
    "endless-headers": (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000, ProtocolError),
    "too-large": (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999\r\n\r\n", ProtocolError),
    "odd-length": (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ProtocolError),
    "odd-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ProtocolError),
    "negative-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", ProtocolError),
    "large-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", ProtocolError),
    "short": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<En", ProtocolError),
    "unbounded": (b"HTTP/1.1 200 OK\r\n\r\n" + b"<a>" * (LARGEST_BODY // 3 + 1), ProtocolError),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_are_refused(name):
    """Whatever a hostile or broken device sends, the client names what is wrong and reads no further."""
    content, kind = HOSTILE[name]
    with OnvifStub(Behaviour(replies={"GetSystemDateAndTime": content})) as stub, pytest.raises(kind):
        asked(stub, Device.clock_reading)


def test_a_fault_is_reported_by_its_code_alone():
    """The camera's own words, which may hold anything, get into no error."""
    fault = (
        "<Envelope><Body><Fault><Code><Value>s:Receiver</Value><Subcode><Value>ter:Action</Value></Subcode></Code>"
        "<Reason><Text>user operator password hunter2</Text></Reason></Fault></Body></Envelope>"
    )
    with (
        OnvifStub(Behaviour(replies={"GetDeviceInformation": soap(fault)})) as stub,
        pytest.raises(ProtocolError) as refused,
    ):
        asked(stub, Device.information)
    assert refused.value.facts == {"code": "Action"}
    assert "hunter2" not in str(refused.value)


def test_a_camera_that_accepts_and_says_nothing_runs_out_of_time():
    """A connection on which nothing comes back ends when timeout_s does."""

    async def ask():
        async def silent(reader, writer):
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            address, _ = read_device_address(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")
            await Device(address, clock=ManualClock(NOW), timeout_s=0.05).clock_reading()

    with pytest.raises(StalledError):
        asyncio.run(ask())


@pytest.mark.parametrize("host", ["a..b", "x" * 64])
def test_a_name_no_network_knows_is_unreachable(host):
    """A malformed host name is reported like an unknown one."""
    address, _ = read_device_address(f"http://{host}/")
    with pytest.raises(UnreachableError):
        asyncio.run(Device(address, clock=ManualClock(NOW)).information())


def test_a_closed_port_is_unreachable():
    """A refused connection has another cause than a misbehaving camera."""
    with OnvifStub() as stub:
        gone = device(stub)
    with pytest.raises(UnreachableError):
        asyncio.run(gone.clock_reading())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A self-signed certificate: its files and its SHA-256 fingerprint."""
    folder = tmp_path_factory.mktemp("certificate")
    key, pem = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        key,
        "-out",
        pem,
        "-days",
        "2",
        "-subj",
        "/CN=x",
    ]
    subprocess.run(command, check=True, capture_output=True)
    shown = subprocess.run(
        ["openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256"],
        check=True,
        capture_output=True,
        text=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return context, shown.stdout.strip().partition("=")[2]


def test_certificates_are_judged_as_agreed(certificate):
    """A self-signed certificate is refused unless its fingerprint was agreed on; another fingerprint is refused too."""
    context, fingerprint = certificate
    with OnvifStub(Behaviour(now=NOW), tls=context) as stub:
        pinned = Trust(fingerprint=fingerprint)
        assert asked(stub, Device.clock_reading, scheme="https", trust=pinned).camera == NOW
        with pytest.raises(UntrustedError):
            asked(stub, Device.clock_reading, scheme="https")
        with pytest.raises(UntrustedError):
            asked(stub, Device.clock_reading, scheme="https", trust=Trust(fingerprint="00" * 32))


def test_tls_asked_of_a_plain_server_is_no_camera():
    """A server that does not speak TLS is named as such."""
    with OnvifStub() as stub, pytest.raises(SourceError):
        asked(stub, Device.clock_reading, scheme="https")
