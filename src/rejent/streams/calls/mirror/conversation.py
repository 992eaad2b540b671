"""A call as somebody sees it who only reads along (RFC 3261 §12–15, RFC 3264, RFC 3311, RFC 3262): no input or output, no clock.

What a proxy or a phone would have to answer, we merely notice. Each side's newest description says where it wants to hear,
in which codings, and whether it sends at all. A call that several phones ring for is one call; whichever answers is its
other side.
"""

from dataclasses import dataclass, field
from enum import Enum, StrEnum

from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.scope import Parties
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.header_values import read_address, read_uri, top_via
from rejent.streams.calls.sip.message import Message, Request, Response, split_values
from rejent.streams.calls.siprec.bodies import read_bodies
from rejent.streams.calls.siprec.sdp import Media, read_description

UNANSWERED = 600 * SECOND
"""After so long without a word about it, a call that nobody answered is given up (a proxy does after three minutes, RFC 3261 §16.6)."""
SILENT = 30 * SECOND
"""Without packets for so long, a session whose timer ran out is over."""
HUNG_UP = SECOND // 2
"""Without packets for so long behind a BYE that was not seen to be accepted, a call is over. While somebody speaks it is not: its other
side may have refused it (RFC 3261 §8.2, §12.2.2), and whoever is recorded could send one."""
FORGOTTEN = 3600 * SECOND
"""Without packets and without a message for so long, a call is over whose BYE we did not see, unless somebody holds the line."""
LONGEST = 24 * 3600 * SECOND
"""No call lasts longer (`rejent.streams.calls.siprec.capabilities.Settings.longest`)."""
MOST_FORKS = 32
MOST_HOSTS = 8
"""Hosts of one side from which its descriptions come."""
_NOT_IN_DIALOG = frozenset({408, 481})
"""Answers that end the dialog they are given in (RFC 3261 §12.2.1.2). A PRACK may be answered so in a call that goes on (RFC 3262 §3),
and whoever is recorded can write any of them: such a call is over once it is silent."""
_DESCRIBING = frozenset({"INVITE", "ACK", "PRACK", "UPDATE"})
_NAMING = (
    "From", "To", "P-Asserted-Identity", "P-Preferred-Identity", "P-Called-Party-ID", "Remote-Party-ID", "Diversion",
    "History-Info",
)  # fmt: skip
"""Header fields that name a party, one that the call was diverted by, or one that it was passed on to."""
MOST_NAMED = 12
"""Values of each of these fields that are looked at, so that no message costs much more than another; seldom has one three."""


class Side(Enum):
    """Who of the two; the one who called first is the caller, whoever asks later."""

    CALLER = 0
    CALLED = 1

    @property
    def other(self) -> "Side":
        """The other one."""
        return Side(1 - self.value)


class Over(StrEnum):
    """Why a call is over, in the words of `rejent.streams.calls.siprec.events.EndReason` where they fit."""

    BYE = "bye"
    UNANSWERED = "unanswered"
    """It was never answered."""
    NOT_REFRESHED = "not-refreshed"
    """Its session timer ran out and no packets came: the BYE was not seen."""
    VANISHED = "vanished"
    """One side no longer knows it, or it was silent for an hour: the BYE was not seen."""
    TOO_LONG = "too-long"


@dataclass(slots=True)
class _Sides:
    """What each side described last, what it offered since, and what those offered who only ring."""

    now: dict[Side, Media] = field(default_factory=dict)
    offered: dict[Side, Media] = field(default_factory=dict)
    ringing: dict[str, Media] = field(default_factory=dict)
    hosts: dict[Side, frozenset[bytes]] = field(default_factory=dict)
    """From which each described."""
    speaks_from: dict[Side, set[bytes]] = field(default_factory=lambda: {side: set() for side in Side})
    """From where the messages of each come."""


class Conversation:
    """One call, from its INVITE on.

    Args:
        invite: the request that opens it, without a tag of the called side.
        at: when it was seen, ns.

    Attributes:
        answered: whether somebody took the call.
        over: why it is over; None while it is not.
        heard_of: when it was last spoken of, ns.
        left: when a side said goodbye first, ns; 0 before, and once they agreed on something since.
        vanished: when a side was first said not to know the call any more; likewise.
    """

    def __init__(self, invite: Request, at: int) -> None:
        self.answered = False
        self.over: Over | None = None
        self.begun = self.heard_of = at
        self.vanished = 0
        self.left, self._farewell = 0, (b"", b"")
        """Of whom to whom the goodbye went, as in `take`."""
        self._caller_tag = _tag(invite, "From")
        self._called_tag = ""
        self._pending: set[str] = set()
        """The ways by which the INVITE went on and was not refused yet."""
        self._expires = 0
        self._wants_offer = False
        """Whether the newest INVITE described nothing, so that its ACK does (RFC 3261 §13.2.1)."""
        self._refreshed = at
        self._sides = _Sides()

    def take(self, message: Message, at: int, hosts: tuple[bytes, bytes] = (b"", b"")) -> None:
        """A message of its Call-ID was seen, from one host to another."""
        self.heard_of = at
        if self.over is not None:
            return
        if isinstance(message, Request):
            self._take_request(message, at, hosts)
        elif message.sequence[1].upper() == "BYE":
            self._take_farewell_answered(message, hosts)
        else:
            self._take_response(message, at, hosts)

    def due(self, now: int, heard: int, *, held: bool) -> Over | None:
        """Why it is over though nobody said so.

        Args:
            now: ns.
            heard: when a packet of it came last, ns; 0 before the first.
            held: whether a side said that it does not send.
        """
        if not self.answered:
            return Over.UNANSWERED if now - max(self.heard_of, heard) >= UNANSWERED else None
        if self.left and now - max(heard, self.left) >= (FORGOTTEN if held else HUNG_UP):
            return Over.BYE
        if self.vanished and now - max(heard, self.vanished) >= (FORGOTTEN if held else SILENT):
            return Over.VANISHED
        silent = now - max(heard, self.begun)
        if self._expires and now - self._refreshed >= self._expires and silent >= SILENT:
            return Over.NOT_REFRESHED
        if min(silent, now - self.heard_of) >= FORGOTTEN and not held:
            return Over.VANISHED
        return Over.TOO_LONG if now - self.begun >= LONGEST else None

    def media(self, side: Side) -> Media | None:
        """What a side described last; of several that only ring, one."""
        known = self._sides.now.get(side)
        if known is None and side is Side.CALLED:
            return next(iter(self._sides.ringing.values()), None)
        return known

    def places(self, side: Side) -> list[Media]:
        """Every description by which a side may hear now: also what it offers, and all that ring."""
        sides = self._sides
        ringing = list(sides.ringing.values()) if side is Side.CALLED and not self.answered else []
        return [each for each in (sides.now.get(side), sides.offered.get(side), *ringing) if each is not None]

    def described_from(self, side: Side) -> frozenset[bytes]:
        """The hosts from which a side's own descriptions came: what they say of themselves is theirs."""
        return self._sides.hosts.get(side, frozenset())

    @property
    def gone(self) -> int:
        """When it ended by what is known of its end, ns; 0 where nobody said so."""
        return {Over.BYE: self.left, Over.VANISHED: self.vanished}.get(self.over or Over.BYE, 0)

    @property
    def described(self) -> bool:
        """Whether both sides have said where they hear."""
        return all(self.media(side) is not None for side in Side)

    def naming(self, message: Message) -> frozenset[str]:
        """Whom a message of this call names; nobody where it is a stranger's."""
        return named(message) if self._is_ours(message) else frozenset()

    def _take_request(self, request: Request, at: int, hosts: tuple[bytes, bytes]) -> None:
        method, first = request.method.upper(), not _tag(request, "To")
        if not self._is_ours(request):
            return
        sender = self._sender(request)
        if not self._comes_from(sender, hosts[0]):
            return
        if method == "INVITE" and first and len(self._pending) < MOST_FORKS:
            self._pending.add(_branch(request))
        if method == "BYE" and self.answered:
            self.left, self._farewell = self.left or at, hosts
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
        """Whether a message of a side may come from a host: no other side's writes it, or each could write what its other says."""
        own, others = (self._sides.speaks_from[each] for each in (side, side.other))
        if host in others and host not in own:
            return False
        if host and len(own) < MOST_HOSTS:
            own.add(host)
        return True

    def _take_farewell_answered(self, response: Response, hosts: tuple[bytes, bytes]) -> None:
        """The goodbye is accepted, or it was none: whoever it went to refuses it, and knows the call all the same."""
        if not self.left or not self._is_ours(response) or hosts[::-1] != self._farewell:
            return
        if 200 <= response.status < 300:
            self.over = Over.BYE
        elif response.status >= 300 and response.status not in _NOT_IN_DIALOG:
            self.left = 0

    def _note_host(self, side: Side, host: bytes) -> None:
        known = self.described_from(side)
        if host and len(known) < MOST_HOSTS:
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
            self._refused(response, asker, at, opening=opening)
            return
        if status >= 200:
            self._accepted(response, asker, method, at)
        media = _described(response)
        if media is not None:
            self._note_host(asker.other, hosts[0])
        tag = _tag(response, "To")
        if media is not None and status < 200 and opening:
            if tag in self._sides.ringing or len(self._sides.ringing) < MOST_FORKS:
                self._sides.ringing[tag] = media
        elif media is not None:
            self._sides.now[asker.other] = media
        elif status >= 200 and opening and tag in self._sides.ringing:
            self._sides.now[Side.CALLED] = self._sides.ringing[tag]

    def _accepted(self, response: Response, asker: Side, method: str, at: int) -> None:
        if asker in self._sides.offered:
            self._sides.now[asker] = self._sides.offered.pop(asker)
        if method in {"INVITE", "UPDATE"}:
            self._refreshed, self.left, self.vanished = at, 0, 0
            expires = (response.headers.get("Session-Expires") or "").partition(";")[0].strip()
            if expires.isascii() and expires.isdigit() and len(expires) < 9:
                self._expires = int(expires) * SECOND
        if method == "INVITE" and not self._called_tag and asker is Side.CALLER:
            self.answered, self._called_tag = True, _tag(response, "To")
            if self._called_tag in self._sides.ringing and Side.CALLED not in self._sides.now:
                self._sides.now[Side.CALLED] = self._sides.ringing[self._called_tag]

    def _refused(self, response: Response, asker: Side, at: int, *, opening: bool) -> None:
        self._sides.offered.pop(asker, None)
        if self.answered:
            if response.status in _NOT_IN_DIALOG:
                self.vanished = self.vanished or at
        elif opening:
            self._pending.discard(_branch(response))
            if not self._pending:
                self.over = Over.UNANSWERED

    def _sender(self, message: Message) -> Side:
        """Who asks, or asked what is answered here."""
        return Side.CALLER if _tag(message, "From") == self._caller_tag else Side.CALLED

    def _is_ours(self, message: Message) -> bool:
        """Whether it names the caller and, once somebody answered, that one too (RFC 3261 §12.2); before, anybody may be meant.

        Whoever knows only the name of a call cannot end it, and cannot say that it is heard elsewhere.
        """
        tags = {_tag(message, "From"), _tag(message, "To")}
        if self.answered:
            return tags - {""} == {self._caller_tag, self._called_tag} - {""}
        return self._caller_tag in tags


def parties_of(invite: Request) -> Parties:
    """Who calls and who is called, as the INVITE has it.

    The network's own word on the caller (RFC 3325) goes before what the caller says of itself, unless the caller asked to
    be withheld (RFC 3323); the address that is being called goes before the one that was dialled.
    """
    headers = invite.headers
    told = _user(headers.get("From") or "")
    asserted = next((_user(each) for each in _values(invite, "P-Asserted-Identity")), "")
    privacy = (headers.get("Privacy") or "").lower()
    withheld = any(word.strip() in {"id", "user", "header"} for word in privacy.replace(",", ";").split(";"))
    caller = "anonymous" if withheld or told.lower() == "anonymous" else (asserted or told)
    target = _target(invite)
    dialled = _user(headers.get("To") or "")
    return Parties(caller, target if _is_number(target) or not dialled else dialled)


def named(message: Message) -> frozenset[str]:
    """Every address by which a message names somebody, also one that is withheld from the other party."""
    fields = (each for name in _NAMING for each in _values(message, name)[:MOST_NAMED])
    target = _target(message) if isinstance(message, Request) else ""
    return frozenset((target, *(_user(each) for each in fields))) - {""}


def _values(message: Message, name: str) -> list[str]:
    """The values of the first lines of a field that have `MOST_NAMED` of them together; of one line that has too many nothing."""
    found: list[str] = []
    for line in message.headers.all(name):
        try:
            found += split_values(line)
        except SipError:
            continue
        if len(found) >= MOST_NAMED:
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
    return user.removeprefix("+").replace("-", "").isdigit()


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
    """The first line of sound that a message describes."""
    try:
        content = read_bodies(message.headers, message.body).description
        if content is None:
            return None
        lines = read_description(content).media
    except SipError:
        return None
    sound = [line for line in lines if line.kind == "audio" and "RTP/" in line.protocol.upper()]
    return next((line for line in sound if line.port), sound[0] if sound else None)
