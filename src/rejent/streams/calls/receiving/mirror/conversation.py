"""Passive view of one call's signalling (RFC 3261 §12–15, 3264, 3311, 3262), sans I/O.

Each side's last description says where it receives, in which codecs and if it sends. A forked call is one call; the
branch that answers is its other side.
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from rejent.formats.rtp.account import SECOND
from rejent.kernel.numbers import read_number
from rejent.streams.calls.network.sip.header_values import read_address, read_uri, top_via
from rejent.streams.calls.network.sip.message import Message, Request, Response, SipError, split_values
from rejent.streams.calls.receiving.siprec.bodies import read_bodies
from rejent.streams.calls.receiving.siprec.sdp import Media, read_description
from rejent.streams.calls.recorder.parties import Parties

UNANSWERED_TIMEOUT = 600 * SECOND
"""Without a message for so long, an unanswered call is given up (a proxy does after three minutes, RFC 3261 §16.6)."""
SILENCE_TIMEOUT = 30 * SECOND
"""Without packets for so long, a session whose timer expired is over."""
BYE_TIMEOUT = SECOND // 2
"""Without packets for so long after a BYE without response, a call is over.

While media flows it continues: the BYE may be refused (RFC 3261 §8.2, §12.2.2) or forged.
"""
LOST_BYE_TIMEOUT = 3600 * SECOND
"""Without packets and messages for so long, a call is over whose BYE was not seen, unless on hold."""
MAX_DURATION = 24 * 3600 * SECOND
"""Longest call (`rejent.streams.calls.receiving.siprec.core.Settings.longest`)."""
MAX_FORKS = 32
MAX_HOSTS = 8
_NOT_IN_DIALOG = frozenset({408, 481})
"""Responses that end the dialog (RFC 3261 §12.2.1.2).

PRACK may get them in a call that continues (RFC 3262 §3), and they may be forged: such a call is over once it is silent.
"""
_DESCRIBING = frozenset({"INVITE", "ACK", "PRACK", "UPDATE"})
_NAMING = (
    "From", "To", "P-Asserted-Identity", "P-Preferred-Identity", "P-Called-Party-ID", "Remote-Party-ID", "Diversion",
    "History-Info",
)  # fmt: skip
MAX_NAMING_VALUES = 12
"""Values checked per field, to bound the cost of a message; three are rare."""


class Side(Enum):
    """Side of a call; the caller is who sent the first INVITE."""

    CALLER = 0
    CALLED = 1

    @property
    def other(self) -> "Side":
        """The other side."""
        return Side(1 - self.value)


class EndCause(StrEnum):
    """Cause of a call's end, as `rejent.streams.calls.receiving.siprec.events.EndReason` where they agree."""

    BYE = "bye"
    UNANSWERED = "unanswered"
    NOT_REFRESHED = "not-refreshed"
    """The session timer expired without packets: the BYE was not seen."""
    VANISHED = "vanished"
    """One side does not know the call, or it was silent for an hour: the BYE was not seen."""
    TOO_LONG = "too-long"


@dataclass(slots=True)
class _Sides:
    now: dict[Side, Media] = field(default_factory=dict)
    offered: dict[Side, Media] = field(default_factory=dict)
    ringing: dict[str, Media] = field(default_factory=dict)
    hosts: dict[Side, frozenset[bytes]] = field(default_factory=dict)
    speaks_from: dict[Side, set[bytes]] = field(default_factory=lambda: {side: set() for side in Side})


class Conversation:
    """One call, from its INVITE on.

    ``bye_at`` is the first BYE, ``vanished`` the first response that the dialog is unknown, ns; 0 before, and after a
    later agreement.
    """

    def __init__(self, invite: Request, at: int) -> None:
        self.answered = False
        self.over: EndCause | None = None
        self.begun = self.last_message_at = at
        self.vanished = 0
        self.bye_at, self._bye_hosts = 0, (b"", b"")
        self._caller_tag = _tag(invite, "From")
        self._called_tag = ""
        self._pending: set[str] = set()
        """Branches of the INVITE that were not refused yet."""
        self._expires = 0
        self._wants_offer = False
        """The last INVITE had no description, so that its ACK has one (RFC 3261 §13.2.1)."""
        self._refreshed = at
        self._sides = _Sides()

    def take(self, message: Message, at: int, hosts: tuple[bytes, bytes] = (b"", b"")) -> None:
        """Process a message with its Call-ID between two hosts."""
        self.last_message_at = at
        if self.over is not None:
            return
        if isinstance(message, Request):
            self._take_request(message, at, hosts)
        elif message.sequence[1].upper() == "BYE":
            self._take_bye_response(message, hosts)
        else:
            self._take_response(message, at, hosts)

    def due(self, now: int, heard: int, *, held: bool) -> EndCause | None:
        """Return the cause of an end that nobody signalled; ``heard`` is the arrival of the last packet (ns, 0 before the first)."""
        if not self.answered:
            return (
                EndCause.UNANSWERED if now - max(self.last_message_at, heard) >= UNANSWERED_TIMEOUT else None
            )
        if self.bye_at and now - max(heard, self.bye_at) >= (LOST_BYE_TIMEOUT if held else BYE_TIMEOUT):
            return EndCause.BYE
        if self.vanished and now - max(heard, self.vanished) >= (
            LOST_BYE_TIMEOUT if held else SILENCE_TIMEOUT
        ):
            return EndCause.VANISHED
        silent = now - max(heard, self.begun)
        if self._expires and now - self._refreshed >= self._expires and silent >= SILENCE_TIMEOUT:
            return EndCause.NOT_REFRESHED
        if min(silent, now - self.last_message_at) >= LOST_BYE_TIMEOUT and not held:
            return EndCause.VANISHED
        return EndCause.TOO_LONG if now - self.begun >= MAX_DURATION else None

    def media(self, side: Side) -> Media | None:
        """Return a side's last description; of several ringing branches, one."""
        known = self._sides.now.get(side)
        if known is None and side is Side.CALLED:
            return next(iter(self._sides.ringing.values()), None)
        return known

    def places(self, side: Side) -> list[Media]:
        """Return every description by which a side may receive now, offers and ringing branches included."""
        sides = self._sides
        ringing = list(sides.ringing.values()) if side is Side.CALLED and not self.answered else []
        return [each for each in (sides.now.get(side), sides.offered.get(side), *ringing) if each is not None]

    def described_from(self, side: Side) -> frozenset[bytes]:
        """Return the hosts that sent a side's own descriptions."""
        return self._sides.hosts.get(side, frozenset())

    @property
    def gone(self) -> int:
        """Time of its end as signalled, ns; 0 where nobody did."""
        return {EndCause.BYE: self.bye_at, EndCause.VANISHED: self.vanished}.get(self.over or EndCause.BYE, 0)

    @property
    def described(self) -> bool:
        """True once both sides are described."""
        return all(self.media(side) is not None for side in Side)

    def naming(self, message: Message) -> frozenset[str]:
        """Return the addresses a message of this call names; none for a message of others."""
        return named(message) if self._is_ours(message) else frozenset()

    def _take_request(self, request: Request, at: int, hosts: tuple[bytes, bytes]) -> None:
        method, first = request.method.upper(), not _tag(request, "To")
        if not self._is_ours(request):
            return
        sender = self._sender(request)
        if not self._comes_from(sender, hosts[0]):
            return
        if method == "INVITE" and first and len(self._pending) < MAX_FORKS:
            self._pending.add(_branch(request))
        if method == "BYE" and self.answered:
            self.bye_at, self._bye_hosts = self.bye_at or at, hosts
        media = _described(request) if method in _DESCRIBING else None
        if method == "INVITE":
            self._wants_offer = media is None
        if media is None or (method == "ACK" and not self._wants_offer):
            return
        self._note_host(sender, hosts[0])
        if method == "ACK" or (method == "INVITE" and first):
            self._sides.now[sender] = media
        else:
            self._sides.offered[sender] = media

    def _comes_from(self, side: Side, host: bytes) -> bool:
        """Return True if a host may send messages of a side: not one that sends the other side's, which could forge them."""
        own, others = (self._sides.speaks_from[each] for each in (side, side.other))
        if host in others and host not in own:
            return False
        if host and len(own) < MAX_HOSTS:
            own.add(host)
        return True

    def _take_bye_response(self, response: Response, hosts: tuple[bytes, bytes]) -> None:
        """Accept the BYE, or drop it if its target refuses it and still knows the call."""
        if not self.bye_at or not self._is_ours(response) or hosts[::-1] != self._bye_hosts:
            return
        if 200 <= response.status < 300:
            self.over = EndCause.BYE
        elif response.status >= 300 and response.status not in _NOT_IN_DIALOG:
            self.bye_at = 0

    def _note_host(self, side: Side, host: bytes) -> None:
        known = self.described_from(side)
        if host and len(known) < MAX_HOSTS:
            self._sides.hosts[side] = known | {host}

    def _take_response(self, response: Response, at: int, hosts: tuple[bytes, bytes]) -> None:
        _, method = response.sequence
        method, status = method.upper(), response.status
        if method not in _DESCRIBING or not self._is_ours(response):
            return
        asker = self._sender(response)
        if not self._comes_from(asker.other, hosts[0]):
            return
        opening = method == "INVITE" and not self._called_tag
        if status >= 300:
            self._rejected(response, asker, at, opening=opening)
            return
        if status >= 200:
            self._accepted(response, asker, method, at)
        media = _described(response)
        if media is not None:
            self._note_host(asker.other, hosts[0])
        tag = _tag(response, "To")
        if media is not None and status < 200 and opening:
            if tag in self._sides.ringing or len(self._sides.ringing) < MAX_FORKS:
                self._sides.ringing[tag] = media
        elif media is not None:
            self._sides.now[asker.other] = media
        elif status >= 200 and opening and tag in self._sides.ringing:
            self._sides.now[Side.CALLED] = self._sides.ringing[tag]

    def _accepted(self, response: Response, asker: Side, method: str, at: int) -> None:
        if asker in self._sides.offered:
            self._sides.now[asker] = self._sides.offered.pop(asker)
        if method in {"INVITE", "UPDATE"}:
            self._refreshed, self.bye_at, self.vanished = at, 0, 0
            expires = (response.headers.get("Session-Expires") or "").partition(";")[0].strip()
            if (interval := read_number(expires, most=10**8 - 1)) is not None:
                self._expires = interval * SECOND
        if method == "INVITE" and not self._called_tag and asker is Side.CALLER:
            self.answered, self._called_tag = True, _tag(response, "To")
            if self._called_tag in self._sides.ringing and Side.CALLED not in self._sides.now:
                self._sides.now[Side.CALLED] = self._sides.ringing[self._called_tag]

    def _rejected(self, response: Response, asker: Side, at: int, *, opening: bool) -> None:
        self._sides.offered.pop(asker, None)
        if self.answered:
            if response.status in _NOT_IN_DIALOG:
                self.vanished = self.vanished or at
        elif opening:
            self._pending.discard(_branch(response))
            if not self._pending:
                self.over = EndCause.UNANSWERED

    def _sender(self, message: Message) -> Side:
        return Side.CALLER if _tag(message, "From") == self._caller_tag else Side.CALLED

    def _is_ours(self, message: Message) -> bool:
        """Return True if a message has the call's tags, before the answer the caller's; a Call-ID alone must not end or redirect it."""
        tags = {_tag(message, "From"), _tag(message, "To")}
        if self.answered:
            return tags - {""} == {self._caller_tag, self._called_tag} - {""}
        return self._caller_tag in tags


def parties_of(invite: Request) -> Parties:
    """Return the parties of an INVITE.

    P-Asserted-Identity (RFC 3325) precedes From, unless privacy is requested (RFC 3323); the request URI precedes To.
    """
    headers = invite.headers
    stated = _user(headers.get("From") or "")
    asserted = next((_user(each) for each in _values(invite, "P-Asserted-Identity")), "")
    privacy = (headers.get("Privacy") or "").lower()
    withheld = any(word.strip() in {"id", "user", "header"} for word in privacy.replace(",", ";").split(";"))
    caller = "anonymous" if withheld or stated.lower() == "anonymous" else (asserted or stated)
    target = _target(invite)
    dialled = _user(headers.get("To") or "")
    return Parties(caller, target if _is_number(target) or not dialled else dialled)


def named(message: Message) -> frozenset[str]:
    """Return every address a message names, including those withheld from the other party."""
    fields = (each for name in _NAMING for each in _values(message, name)[:MAX_NAMING_VALUES])
    target = _target(message) if isinstance(message, Request) else ""
    return frozenset((target, *(_user(each) for each in fields))) - {""}


def _values(message: Message, name: str) -> list[str]:
    found: list[str] = []
    for line in message.headers.all(name):
        try:
            found += split_values(line)
        except SipError:
            continue
        if len(found) >= MAX_NAMING_VALUES:
            break
    return found


def _user(written: str) -> str:
    try:
        return read_address(written).address.user
    except SipError:
        return ""


def _target(request: Request) -> str:
    try:
        return read_uri(request.uri).user
    except SipError:
        return ""


def _is_number(user: str) -> bool:
    digits = user.removeprefix("+").replace("-", "")
    return digits.isascii() and digits.isdigit()


def _tag(message: Message, name: str) -> str:
    try:
        return read_address(message.headers.get(name) or "").tag
    except SipError:
        return ""


def _branch(message: Message) -> str:
    try:
        return top_via(message.headers).branch
    except SipError:
        return ""


def _described(message: Message) -> Media | None:
    try:
        content = read_bodies(message.headers, message.body).description
        if content is None:
            return None
        lines = read_description(content).media
    except SipError:
        return None
    sound = [line for line in lines if line.kind == "audio" and "RTP/" in line.protocol.upper()]
    return next((line for line in sound if line.port), sound[0] if sound else None)
