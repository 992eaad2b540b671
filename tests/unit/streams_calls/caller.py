"""A caller of recording sessions, and the side that receives media, for tests without sockets."""

import itertools
from datetime import UTC, datetime, timedelta

from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.message import Headers, Request, Response, read_message, write_message
from rejent.streams.calls.receiving.siprec.bodies import METADATA, SDP
from rejent.streams.calls.receiving.siprec.core import RecordingCore, Settings
from rejent.streams.calls.receiving.siprec.sdp import Ports, read_description

START = datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
FLOW = Flow("udp", "192.0.2.10", 5060)


class PortsOfTest:
    """Ports that no socket stands behind."""

    def __init__(self, pairs=1000):
        self.left = pairs
        self.open: set[int] = set()
        self.heard: float | None = None
        self._next = itertools.count(30000, 2)

    @property
    def free(self):
        """How many pairs are left."""
        return self.left

    def allocate(self, session, media):
        """The next two ports."""
        assert session
        assert media.kind == "audio"
        if not self.left:
            return None
        self.left -= 1
        rtp = next(self._next)
        self.open.add(rtp)
        return Ports("198.51.100.1", rtp, rtp + 1)

    def release(self, ports):
        """Give ports back."""
        self.open.remove(ports.rtp)
        self.left += 1

    def last_packet_at(self, session):
        """When media came last, as the test says."""
        assert session
        return self.heard


def counted():
    """Octets that are different each time and the same in each run."""
    numbers = itertools.count(1)
    return lambda length: next(numbers).to_bytes(length, "big")


def offer(*directions, version=1, port=21000, formats="8", extra="", protocol="RTP/AVP", labels=None):
    """A description with one audio line for each direction; an empty direction removes its line."""
    text = f"v=0\r\no=src 1 {version} IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
    for number, direction in enumerate(directions):
        label = labels[number] if labels else number + 1
        text += f"m=audio {port + 2 * number if direction else 0} {protocol} {formats}\r\n{extra}a=label:{label}\r\n"
        text += f"a={direction or 'inactive'}\r\n"
    return text.encode()


def metadata(inner="", mode="complete"):
    """Metadata with what is given inside."""
    return f'<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>{mode}</datamode>{inner}</recording>'.encode()


PARTY = '<participant participant_id="p"><nameID aor="sip:005550100@example.org"/></participant>'


def write_parts(parts: list[tuple[str, str, bytes]], boundary: str) -> tuple[str, bytes]:
    """A multipart body of (type, disposition, content), and what Content-Type says of it."""
    body = b""
    for media_type, disposition, content in parts:
        head = f"--{boundary}\r\nContent-Type: {media_type}\r\n"
        head += f"Content-Disposition: {disposition}\r\n" if disposition else ""
        body += head.encode() + b"\r\n" + content + b"\r\n"
    return f'multipart/mixed;boundary="{boundary}"', body + f"--{boundary}--\r\n".encode()


class Caller:
    """One dialog with the recording server, seen from its caller.

    Attributes:
        asked: requests of the server, one that is repeated once.
        events: all it told those who store calls.
    """

    def __init__(self, core=None, *, ports=None, settings=None, flow=FLOW, call_id="c1@192.0.2.10"):
        self.ports = ports or PortsOfTest()
        self.core = core or RecordingCore(settings or Settings("198.51.100.1"), self.ports, counted())
        self.flow = flow
        self.call_id = call_id
        self.now = 0.0
        self.sequence = 0
        self.tag = ""
        self.answers: list[Response] = []
        self.asked: list[Request] = []
        self.events = []

    @property
    def at(self):
        """Now, by both clocks."""
        return Moment(START + timedelta(seconds=self.now), self.now)

    def request(self, method, body=b"", media_type=SDP, *, extra=(), sequence=None, branch=None, required=("siprec",),
                contact="<sip:src@192.0.2.10:5060>;+sip.src", timer="", tag=None):  # fmt: skip
        """A request of this dialog."""
        self.sequence = self.sequence + 1 if sequence is None else sequence
        to = self.tag if tag is None else tag
        fields = [
            (
                "Via",
                f"SIP/2.0/{self.flow.transport.upper()} 192.0.2.10:5060;branch={branch or f'z9hG4bK{method}{self.sequence}{self.call_id}'};rport",
            ),
            ("From", "<sip:src@192.0.2.10>;tag=src"),
            ("To", "<sip:rec@rec.example.org>" + (f";tag={to}" if to else "")),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.sequence} {method}"),
            ("Contact", contact),
            ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE"),
        ]
        fields += [("Require", one) for one in required]
        fields += [("Supported", "timer"), ("Session-Expires", timer)] if timer else []
        fields += [("Content-Type", media_type)] if body else []
        return Request(method, "sip:rec@rec.example.org", Headers([*fields, *extra]), body)

    def send(self, message):
        """Hand a message to the server; its answers, if any."""
        data = message if isinstance(message, bytes) else write_message(message)
        self.core.receive(data, self.flow, self.at)
        return self.collect()

    def collect(self):
        """Sort what the server sends; the answers of this time."""
        fresh = []
        for one in self.core.take_outgoing():
            message = read_message(one.data)
            if isinstance(message, Response):
                fresh.append(message)
            elif message not in self.asked:
                self.asked.append(message)
        self.events += self.core.take_events()
        self.answers += fresh
        return fresh

    def ask(self, method, body=b"", media_type=SDP, **extra):
        """Send a request and give its one answer."""
        (response,) = self.send(self.request(method, body, media_type, **extra))
        return response

    def invite(self, description=None, text=None, **extra):
        """Open a session with a description and metadata, and confirm it."""
        described = offer("sendonly", "sendonly") if description is None else description
        media_type, body = write_parts(
            [(SDP, "", described), (METADATA, "recording-session", text or metadata(PARTY))], "b"
        )
        response = self.ask("INVITE", body, media_type, **extra)
        if response.status == 200:
            self.tag = response.headers.get("To").rpartition("tag=")[2]
            self.acknowledge()
        return response

    def acknowledge(self, body=b""):
        """Confirm the last INVITE."""
        assert (
            self.send(
                self.request(
                    "ACK", body, sequence=self.sequence, required=(), branch=f"z9hG4bKack{self.sequence}"
                )
            )
            == []
        )

    def reply(self, request, status, body=b"", media_type=SDP, extra=()):
        """Answer a request of the server."""
        fields = [
            (name, value)
            for name, value in request.headers
            if name in {"Via", "From", "To", "Call-ID", "CSeq"}
        ]
        fields += [("Content-Type", media_type)] if body else []
        return self.send(Response(status, "", Headers([*fields, *extra]), body))

    def wait(self, seconds):
        """Let time pass, from deadline to deadline."""
        end = self.now + seconds
        while (due := self.core.next_deadline) is not None and due <= end:
            self.now = max(self.now, due)
            self.core.tick(self.at)
            self.collect()
        self.now = end

    def kinds(self):
        """The kinds of all events, in order."""
        return [type(one).__name__ for one in self.events]

    def of(self, kind):
        """The events of one kind."""
        return [one for one in self.events if isinstance(one, kind)]


def described(response):
    """The description in an answer."""
    return read_description(response.body)
