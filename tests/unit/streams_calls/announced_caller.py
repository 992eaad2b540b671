"""A PBX that sends a call to be announced, for tests without sockets."""

import struct

from rejent.streams.calls.announcing.core import AnnouncingCore, ServiceAddress
from rejent.streams.calls.announcing.playback import Programme, Sound
from tests.unit.streams_calls.caller import Caller, counted

TARGET, AROUND = "sip:100@192.0.2.10", "sip:199@192.0.2.10"
OFFER = (
    b"v=0\r\no=pbx 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
    b"m=audio 21000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)
INCOMING = Sound("incoming", 7, struct.pack("<8000h", *(100 * (place % 80) for place in range(8000))))
CLAUSE = Sound("clause", 8, struct.pack("<4000h", *(-90 * (place % 50) for place in range(4000))))
PROGRAMME = Programme(INCOMING, CLAUSE, "*", "9", TARGET, AROUND)


class VoiceOfTest:
    """What one caller is sent."""

    def __init__(self, port):
        self.port = port
        self.sent: list[tuple[bytes, str, int]] = []
        self.closed = False

    def send(self, datagram, host, port):
        """Keep it."""
        self.sent.append((datagram, host, port))

    def close(self):
        """Give the ports back."""
        assert not self.closed
        self.closed = True

    @property
    def payload(self):
        """All that was heard, as one."""
        return b"".join(datagram[12:] for datagram, _, _ in self.sent)


class AnnouncedCaller(Caller):
    """One call that is sent to be announced."""

    def __init__(self, programme=PROGRAMME, *, core=None, voices=1000, presence=None, **more):
        self.voices: list[VoiceOfTest] = core.voices_of_test if core else []
        self.most = voices
        if core is None:
            core = AnnouncingCore(
                presence or ServiceAddress("198.51.100.1", 5070), programme, self._voice, counted()
            )
            core.voices_of_test = self.voices
        super().__init__(core, **more)

    def _voice(self, _name):
        if len(self.voices) >= self.most:
            return None
        self.voices.append(VoiceOfTest(30000 + 2 * len(self.voices)))
        return self.voices[-1]

    @property
    def voice(self):
        """The sockets opened last."""
        return self.voices[-1]

    def call(self, offer=OFFER, **extra):
        """Call, and confirm the answer."""
        response = self.ask("INVITE", offer, required=(), **extra)
        if response.status == 200:
            self.tag = response.headers.get("To").rpartition("tag=")[2]
            self.acknowledge()
        return response

    def press(self, key, *, stamp=160, host="192.0.2.10", port=21000):
        """Press a key: three packets of one telephone event."""
        session = self.core.session_of(self.voice)
        for number in range(3):
            head = struct.pack(">BBHII", 0x80, 101, number, stamp, 5)
            event = struct.pack(">BBH", "0123456789*#".index(key), 10, 160 * number)
            self.core.hear(session, head + event, host, port, self.at)
        self.collect()

    def methods(self):
        """What we were asked, in order."""
        return [one.method for one in self.asked]

    def notify(self, status, state="terminated"):
        """Tell how the hand-over goes."""
        extra = [("Event", "refer"), ("Subscription-State", state)]
        body = f"SIP/2.0 {status} Said\r\n".encode()
        return self.ask("NOTIFY", body, "message/sipfrag", extra=extra, required=())
