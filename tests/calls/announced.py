"""A PBX that sends a call to be announced: signalling and speech from sockets of its own, in one thread of the test."""

import secrets
import select
import socket
import struct
from dataclasses import dataclass, field

from rejent.kernel.clock import SystemClock
from rejent.streams.calls.network.sip.message import (
    Headers,
    Message,
    Request,
    Response,
    read_message,
    write_message,
)
from tests.waiting import CEILING_S

HOST = "127.0.0.1"
CLOCK = SystemClock()
_EVENTS = 101


@dataclass
class AnnouncedCall:
    """One call, from INVITE on.

    Attributes:
        heard: what was heard, in A-law, packet by packet as it came.
        asked: requests of the announcing.
        presses: which key after how many packets heard.
        patience_s: seconds that are waited for what must come.
    """

    port: int
    caller: str
    presses: dict[int, str] = field(default_factory=dict)
    patience_s: float = CEILING_S
    heard: bytearray = field(default_factory=bytearray)
    packets: int = 0
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._signalling, self._speech = (socket.socket(type=socket.SOCK_DGRAM) for _ in range(2))
        for each in (self._signalling, self._speech):
            each.bind((HOST, 0))
        self._own = self._signalling.getsockname()[1]
        self._name, self._tag, self._to, self._sequence = secrets.token_hex(8), secrets.token_hex(4), "", 0
        self._media = 0

    def place(self) -> Response:
        """Call, and confirm the answer."""
        ear = self._speech.getsockname()[1]
        body = (
            f"v=0\r\no=pbx 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
            f"m=audio {ear} RTP/AVP 8 {_EVENTS}\r\na=rtpmap:{_EVENTS} telephone-event/8000\r\n"
        )
        self._ask("INVITE", body)
        answer = self._until(lambda message: isinstance(message, Response) and message.status >= 200)
        assert isinstance(answer, Response)
        self._to = (answer.headers.get("To") or "").partition(";")[2]
        self._ask("ACK", sequence=self._sequence)
        if answer.status == 200:
            self._media = int(answer.body.decode().partition("m=audio ")[2].split()[0])
        return answer

    def hear_until(self, method: str) -> Request:
        """Listen, and press keys on the way, until the announcing asks for something."""
        asked = self._until(lambda message: isinstance(message, Request) and message.method == method)
        assert isinstance(asked, Request)
        return asked

    def reply(self, request: Request, status: int) -> None:
        """Answer a request of the announcing."""
        repeated = [
            (name, value)
            for name, value in request.headers
            if name in {"Via", "From", "To", "Call-ID", "CSeq"}
        ]
        self._send(Response(status, "Said", Headers(repeated), b""))

    def notify(self, status: int) -> None:
        """Tell how the hand-over went."""
        fields = [
            ("Event", "refer"),
            ("Subscription-State", "terminated"),
            ("Content-Type", "message/sipfrag"),
        ]
        self._ask("NOTIFY", f"SIP/2.0 {status} Said\r\n", fields)

    def hang_up(self) -> None:
        """End the call."""
        self._ask("BYE")

    def close(self) -> None:
        """Give the sockets back."""
        self._signalling.close()
        self._speech.close()

    def _ask(
        self, method: str, body: str = "", fields: list[tuple[str, str]] | None = None, sequence: int = 0
    ) -> None:
        self._sequence = sequence or self._sequence + 1
        head = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self._own};branch=z9hG4bK{secrets.token_hex(6)};rport"),
            ("From", f"<sip:{self.caller}@{HOST}>;tag={self._tag}"),
            ("To", f"<sip:100@{HOST}>" + (f";{self._to}" if self._to else "")),
            ("Call-ID", self._name),
            ("CSeq", f"{self._sequence} {method}"),
            ("Contact", f"<sip:pbx@{HOST}:{self._own}>"),
            ("Max-Forwards", "70"),
        ]
        head += [("Content-Type", "application/sdp")] if method == "INVITE" else []
        self._send(
            Request(method, f"sip:100@{HOST}:{self.port}", Headers([*head, *(fields or [])]), body.encode())
        )

    def _send(self, message: Message) -> None:
        self._signalling.sendto(write_message(message), (HOST, self.port))

    def _until(self, wanted) -> Message:  # type: ignore[no-untyped-def]  # a predicate of this class alone
        """The next message of a kind; speech that comes meanwhile is heard."""
        end = CLOCK.monotonic() + self.patience_s
        while CLOCK.monotonic() < end:
            ready, _, _ = select.select([self._signalling, self._speech], [], [], 0.1)
            if self._speech in ready:
                self._hear(self._speech.recv(4096))
            if self._signalling in ready:
                message = read_message(self._signalling.recv(65536))
                if isinstance(message, Request):
                    self.asked.append(message)
                if wanted(message):
                    return message
        raise AssertionError("what was waited for never came")

    def _hear(self, datagram: bytes) -> None:
        self.heard += datagram[12:]
        self.packets += 1
        if key := self.presses.get(self.packets):
            for number in range(3):
                head = struct.pack(">BBHII", 0x80, _EVENTS, number, 160 * self.packets, 7)
                event = struct.pack(">BBH", "0123456789*#".index(key), 10, 160 * (number + 1))
                self._speech.sendto(head + event, (HOST, self._media))
