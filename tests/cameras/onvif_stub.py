"""A camera that speaks just enough ONVIF, on loopback: what real ones do, and what hostile ones might.

Written from the specifications and independently of the client: it verifies Digest and UsernameToken by itself and
builds its answers from plain text.
"""

import base64
import hashlib
import re
import secrets
import socket
import struct
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tds="http://www.onvif.org/ver10/device/wsdl" xmlns:trt="http://www.onvif.org/ver10/media/wsdl" '
    'xmlns:tr2="http://www.onvif.org/ver20/media/wsdl" xmlns:tt="http://www.onvif.org/ver10/schema" '
    'xmlns:ter="http://www.onvif.org/ver10/error"><env:Body>{body}</env:Body></env:Envelope>'
)
FAULT = (
    "<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>ter:{code}</env:Value>"
    "</env:Subcode></env:Code><env:Reason><env:Text xml:lang='en'>no</env:Text></env:Reason></env:Fault>"
)
INFORMATION = (
    "<tds:GetDeviceInformationResponse><tds:Manufacturer>Stub</tds:Manufacturer>"
    "<tds:Model>S-1</tds:Model><tds:FirmwareVersion>1.0</tds:FirmwareVersion>"
    "<tds:SerialNumber>42</tds:SerialNumber><tds:HardwareId>h</tds:HardwareId>"
    "</tds:GetDeviceInformationResponse>"
)
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<Envelope><Body><GetSystemDateAndTimeResponse>&c;</GetSystemDateAndTimeResponse></Body></Envelope>"
)
OPEN_TO_ALL = {"GetSystemDateAndTime", "GetCapabilities", "GetServices"}
USER, PASSWORD = "operator", "correct horse & <battery>"
REALM = "stub"


@dataclass
class Behaviour:
    """Behaviour of the stub."""

    login: str = "none"
    clock_wants_login: bool = False
    now: datetime = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
    token_tolerance: timedelta = timedelta(seconds=5)
    media2: bool = False
    has_services: bool = True
    profiles: bool = True
    stream_uri: str = "rtsp://127.0.0.1:554/stream1"
    service_host: str = "10.99.99.99"
    replies: dict[str, bytes] = field(default_factory=dict)
    chunked: bool = False
    still: bytes | None = None
    """Its own still picture; None for a camera that knows no such question."""


class OnvifStub:
    """A server on a free port of loopback; ``with OnvifStub(Behaviour()) as stub``."""

    def __init__(self, behaviour: Behaviour | None = None, tls=None) -> None:
        self.behaviour = behaviour or Behaviour()
        self.asked: list[tuple[str, str]] = []
        """Each question with the way it was signed: ``open``, ``digest``, ``basic`` or ``token``."""
        self.bodies: list[bytes] = []
        self.nonce = secrets.token_hex(8)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._server.server_address[1]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, action: str, body: str) -> str:
        """The body of the right answer to a question."""
        known = {
            "GetSystemDateAndTime": lambda: _clock(self.behaviour.now),
            "GetServices": self._services,
            "GetCapabilities": self._capabilities,
            "GetDeviceInformation": lambda: INFORMATION,
            "GetProfiles": lambda: self._profiles(media2="ver20/media" in body),
            "GetStreamUri": lambda: self._uri("GetStreamUri", self.behaviour.stream_uri, body),
        }
        if self.behaviour.still is not None:
            known["GetSnapshotUri"] = lambda: self._uri(
                "GetSnapshotUri", f"http://{self.behaviour.service_host}/still?channel=1", body
            )
        return known[action]() if action in known else FAULT.format(code="ActionNotSupported")

    def _capabilities(self) -> str:
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:Media>"
            f"<tt:XAddr>http://{self.behaviour.service_host}/onvif/media</tt:XAddr>"
            "</tt:Media></tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _uri(self, question: str, address: str, body: str) -> str:
        uri = address.format(port=self.port).replace("&", "&amp;")
        if "ver20/media" in body:
            return f"<tr2:{question}Response><tr2:Uri>{uri}</tr2:Uri></tr2:{question}Response>"
        return (
            f"<trt:{question}Response><trt:MediaUri><tt:Uri>{uri}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false"
            f"</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri></trt:{question}Response>"
        )

    def _services(self) -> str:
        if not self.behaviour.has_services:
            return FAULT.format(code="ActionNotSupported")
        namespaces = {"ver10/device/wsdl": "device_service", "ver10/media/wsdl": "media"}
        if self.behaviour.media2:
            namespaces["ver20/media/wsdl"] = "media2"
        return (
            "<tds:GetServicesResponse>"
            + "".join(
                f"<tds:Service><tds:Namespace>http://www.onvif.org/{namespace}</tds:Namespace>"
                f"<tds:XAddr>http://{self.behaviour.service_host}/onvif/{path}</tds:XAddr>"
                "<tds:Version><tt:Major>2</tt:Major><tt:Minor>5</tt:Minor></tds:Version></tds:Service>"
                for namespace, path in namespaces.items()
            )
            + "</tds:GetServicesResponse>"
        )

    def _profiles(self, *, media2: bool) -> str:
        if not self.behaviour.profiles:
            return "<trt:GetProfilesResponse/>"
        if media2:
            return (
                '<tr2:GetProfilesResponse><tr2:Profiles token="main" fixed="true"><tr2:Name>Main</tr2:Name>'
                '<tr2:Configurations><tr2:VideoEncoder token="v"><tt:Encoding>H265</tt:Encoding><tt:Resolution>'
                "<tt:Width>3840</tt:Width><tt:Height>2160</tt:Height></tt:Resolution><tt:RateControl>"
                "<tt:FrameRateLimit>12.5</tt:FrameRateLimit><tt:BitrateLimit>6144</tt:BitrateLimit></tt:RateControl>"
                '</tr2:VideoEncoder><tr2:AudioEncoder token="a"/></tr2:Configurations></tr2:Profiles>'
                "</tr2:GetProfilesResponse>"
            )
        return (
            "<trt:GetProfilesResponse>"
            + "".join(
                f'<trt:Profiles token="{token}" fixed="true"><tt:Name>{token} profile</tt:Name>'
                f'<tt:VideoEncoderConfiguration token="v{token}"><tt:Name>v</tt:Name><tt:UseCount>1</tt:UseCount>'
                f"<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{width}</tt:Width><tt:Height>{height}"
                "</tt:Height></tt:Resolution><tt:Quality>5</tt:Quality><tt:RateControl><tt:FrameRateLimit>25"
                "</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval><tt:BitrateLimit>4096"
                "</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration></trt:Profiles>"
                for token, width, height in (("main", 1920, 1080), ("sub", 640, 360))
            )
            + '<trt:Profiles token="sound" fixed="true"><tt:Name>sound only</tt:Name></trt:Profiles>'
            + "</trt:GetProfilesResponse>"
        )

    def signed(self, headers, body: str) -> str:
        """Return the login scheme of a request, or ``wrong``."""
        written = headers.get("Authorization", "")
        if written.startswith("Digest "):
            right = self._digest_is_right(written, headers.get("X-Method", "POST"), headers.get("X-Path", ""))
            return "digest" if right else "wrong"
        if written.startswith("Basic "):
            return "basic"
        if "UsernameToken" in body:
            return "token" if self._token_is_right(body) else "wrong"
        return "open"

    def _digest_is_right(self, written: str, method: str, path: str) -> bool:
        found = {
            name: quoted or bare
            for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', written)
        }

        def digest(text):
            name = "sha256" if self.behaviour.login == "digest-sha256" else "md5"
            return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

        secret, asked = digest(f"{USER}:{REALM}:{PASSWORD}"), digest(f"{method}:{path}")
        expected = digest(f"{secret}:{self.nonce}:{found.get('nc')}:{found.get('cnonce')}:auth:{asked}")
        return (
            found.get("nonce") == self.nonce
            and found.get("uri") == path
            and found.get("response") == expected
        )

    def _token_is_right(self, body: str) -> bool:
        def part(name):
            inner = re.search(rf"<[\w-]+:{name}(?:\s[^>]*)?>([^<]*)<", body)
            return inner[1] if inner else ""

        created = part("Created")
        nonce = base64.b64decode(part("Nonce"))
        expected = hashlib.sha1(nonce + created.encode() + PASSWORD.encode(), usedforsecurity=False).digest()
        stamped = datetime.strptime(created, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        fresh = abs(stamped - self.behaviour.now) <= self.behaviour.token_tolerance
        return part("Username") == USER and base64.b64decode(part("Password")) == expected and fresh

    def reply(self, action: str, body: str, signed: str) -> tuple[int, str, list[str]]:
        """Status, text and challenges for a question signed in a certain way."""
        wanted = self.behaviour.login.partition("-")[0]
        is_open = action in OPEN_TO_ALL and not self.behaviour.clock_wants_login
        if wanted == "none" or (is_open and signed == "open") or signed == wanted:
            text = ENVELOPE.format(body=self.answer(action, body))
            return (500 if "<env:Fault>" in text else 200), text, []
        if wanted == "token":
            return 400, ENVELOPE.format(body=FAULT.format(code="NotAuthorized")), []
        return 401, "", self.challenges()

    def challenges(self) -> list[str]:
        """Return the challenges of a 401."""
        match self.behaviour.login:
            case "digest":
                return [
                    f'Digest realm="{REALM}", qop="auth", nonce="{self.nonce}", algorithm=MD5',
                    f'Basic realm="{REALM}"',
                ]
            case "digest-sha256":
                return [f'Digest realm="{REALM}", qop="auth", nonce="{self.nonce}", algorithm=SHA-256']
            case "basic":
                return [f'Basic realm="{REALM}"']
        return []


def _clock(now: datetime) -> str:
    return (
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType>"
        "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CET-1CEST</tt:TZ></tt:TimeZone>"
        f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
        f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
        f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
    )


def chunked(content):
    """The content in chunks of a hundred bytes, each with an extension (RFC 9112 § 7.1)."""
    parts = [content[start : start + 100] for start in range(0, len(content), 100)]
    sent = b"".join(f"{len(part):x};x=y\r\n".encode() + part + b"\r\n" for part in parts)
    return sent + b"0\r\n\r\n"


def _handler(stub: OnvifStub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            """Note what was asked and answer it."""
            content = self.rfile.read(int(self.headers["Content-Length"]))
            body = content.decode()
            stub.bodies.append(content + str(self.headers).encode())
            found = re.search(r"<(?:[\w-]+:)?Body[^>]*>\s*<(?:[\w-]+:)?(Get\w+)", body)
            action = found[1] if found else ""
            self.headers["X-Path"] = self.path
            signed = stub.signed(self.headers, body)
            stub.asked.append((action, signed))
            if action in stub.behaviour.replies:
                self.wfile.write(stub.behaviour.replies[action])
                self.close_connection = True
                return
            status, text, challenges = stub.reply(action, body, signed)
            self._send(status, text.encode(), challenges)

        def do_GET(self):
            """Give the still picture to whoever may have it."""
            self.headers["X-Method"], self.headers["X-Path"] = "GET", self.path
            signed = stub.signed(self.headers, "")
            stub.asked.append((self.path, signed))
            if signed == "digest" or stub.behaviour.login == "none":
                self._send(200, stub.behaviour.still, [])
            else:
                self._send(401, b"", stub.challenges())

        def _send(self, status, content, challenges):
            self.send_response(status)
            self.send_header("Content-Type", "application/octet-stream")
            for challenge in challenges:
                self.send_header("WWW-Authenticate", challenge)
            if stub.behaviour.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                content = chunked(content)
            else:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args):
            """Say nothing."""

    return Handler


class DiscoveryStub:
    """Joins a multicast group on loopback and answers every probe with given datagrams; ``{relates}`` is filled in."""

    GROUP = "239.255.255.250"

    def __init__(self, answers: list[str]) -> None:
        self._answers = answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("", 0))
        membership = struct.pack("4s4s", socket.inet_aton(self.GROUP), socket.inet_aton("127.0.0.1"))
        self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        self.probes: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)

    @property
    def group(self) -> tuple[str, int]:
        """Return the address for probes."""
        return (self.GROUP, self._socket.getsockname()[1])

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *exc):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as farewell:
            farewell.sendto(b"", ("127.0.0.1", self._socket.getsockname()[1]))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            datagram, sender = self._socket.recvfrom(65536)
            if not datagram:
                return
            self.probes.append(datagram)
            relates = re.search(rb"MessageID>([^<]+)<", datagram)[1].decode()
            for answer in self._answers:
                self._socket.sendto(answer.replace("{relates}", relates).encode(), sender)


def probe_match(endpoint: str, addresses: str, scopes: str = "", relates: str = "{relates}") -> str:
    """A WS-Discovery answer."""
    return (
        '<?xml version="1.0"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"><s:Header>'
        f"<a:RelatesTo>{relates}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<a:EndpointReference><a:Address>{endpoint}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{scopes}</d:Scopes>"
        f"<d:XAddrs>{addresses}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
        "</d:ProbeMatches></s:Body></s:Envelope>"
    )
