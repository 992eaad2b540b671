"""Which datagram on a mirror port belongs to which party of which call.

A datagram is told by where it goes: to the endpoint at which the other party said that it hears; or, where a NAT stands in
between, by where it comes from, for telephones send from the port at which they hear (RFC 4961).
"""

from collections.abc import Callable
from typing import Protocol

from rejent.formats.rtp.account import SECOND, ReceiverCounts, Role
from rejent.formats.rtp.leg import Leg
from rejent.streams.calls.mirror.heard import Voice
from rejent.streams.calls.rtp.receiver import MAX_PACKETS_PER_SECOND
from rejent.streams.calls.rtp.source_lock import SOURCE_TIMEOUT

REMEMBERED = 16
"""Packets of a party among which copies are recognised: a third of a second of speech; copies come within a few milliseconds."""
MOST_ROUTES = 100_000
"""Pairs of endpoints that are remembered, also those that are none of ours."""
WRONG_KEY = 25
"""Packets in a row, none opened before, after which a key is not the right one: half a second of speech."""
NEW_CALL_TAKES = 2 * SECOND
"""Silence of a call after which another may take over an endpoint of its."""
STRANGER_TAKES = 60 * SECOND
"""The same of a call whose own host named the endpoint, where that of the other did not: whoever is silent, or held, is not gone."""


class Takes(Protocol):
    """Where a party's packets go; `rejent.streams.calls.recorder.writer.CallRecording` is one."""

    def leg(self, number: int) -> Leg:
        """One leg, which knows what was negotiated."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """A packet came."""

    def take_control(self, leg: int, datagram: bytes, arrival: int) -> None:
        """A control packet came."""


class Opens(Protocol):
    """Opens SRTP; `rejent.streams.calls.rtp.srtp.SdesKeys` is one."""

    def media(self, datagram: bytes) -> bytes | None:
        """The packet in it, or nothing where it is not authentic."""

    def control(self, datagram: bytes) -> bytes | None:
        """The control packets in it, or nothing where they are not authentic."""


class Party:
    """One party of a call: whose packets are taken, and which of them are copies.

    Args:
        leg: its number in the recording.
        recording: where its packets go.

    Attributes:
        keys: what opens its packets, where they are encrypted.
        heard: when a packet of it came last, ns; 0 before the first.
        expected: from when on it is expected where it is now, ns.
        likely: endpoints that it said to hear at, and therefore sends from.
        copies: datagrams that came before.
        refused: datagrams of others that came to where it is heard.
        flooded: datagrams beyond what one party may send.
    """

    def __init__(self, leg: int, recording: Takes) -> None:
        self.leg, self.recording = leg, recording
        self.keys: Opens | None = None
        self.heard = self.copies = self.refused = self.flooded = self.expected = 0
        self.likely: frozenset[bytes] = frozenset()
        self.ends: set[bytes] = set()
        """Where it is heard."""
        self.vouched: frozenset[bytes] = frozenset()
        """Endpoints of its call that their own hosts named."""
        self.budget = MAX_PACKETS_PER_SECOND
        self._followed = b""
        """The endpoint that it sends from; none before the first packet."""
        self.on_wrong_key: Callable[[int], None] | None = None
        """Is told, with the instant, that its key opens nothing."""
        self.on_found: Callable[[int], None] | None = None
        """Is told, with the instant, that it speaks itself, after somebody else did in its place."""
        self._unopened = 0
        """Packets in a row that the key did not open; -1 once it opened one."""
        self._recent: list[bytes] = [b""] * REMEMBERED
        self._told = ReceiverCounts()

    def take(self, route: "Route", datagram: bytes, arrival: int) -> None:
        """A datagram came by a route of this party."""
        if route.source != self._followed and not self._follows(route.source, arrival):
            self.refused += 1
            return
        if len(datagram) < 4:
            self.refused += 1
            return
        place = datagram[3] % REMEMBERED
        if self._recent[place] == datagram:
            self.copies += 1
            return
        self._recent[place] = datagram
        self.heard = arrival
        self.budget -= 1
        if self.budget < 0:
            self.flooded += 1
        elif 192 <= datagram[1] <= 223 and self.recording.leg(self.leg).is_control(datagram):
            self._take_control(datagram, arrival)
        elif self.keys is None:
            self.recording.take(self.leg, datagram, arrival)
        elif (opened := self.keys.media(datagram)) is not None:
            self._unopened = -1
            self.recording.take(self.leg, opened, arrival)
        else:
            self._not_opened(arrival)

    def take_report(self, route: "Route", datagram: bytes, arrival: int) -> None:
        """A control packet came to where this party's are expected: taken from the host that speaks, within the same bound."""
        host = route.source[:-2]
        if host != self._followed[:-2] and all(host != end[:-2] for end in self.likely):
            self.refused += 1
            return
        self.budget -= 1
        if self.budget < 0:
            self.flooded += 1
        else:
            self._take_control(datagram, arrival)

    def _take_control(self, datagram: bytes, arrival: int) -> None:
        opened = datagram if self.keys is None else self.keys.control(datagram)
        if opened is not None:
            self.recording.take_control(self.leg, opened, arrival)

    @property
    def host(self) -> bytes:
        """From where whoever speaks as this party sends; empty before the first packet."""
        return self._followed[:-2]

    def moved(self) -> None:
        """It was said that it sends from elsewhere now: whoever speaks next is followed."""
        self._followed = b""

    def outside(self) -> ReceiverCounts | None:
        """What was counted beside its packets, where that has changed."""
        now = ReceiverCounts(refused=self.refused, flooded=self.flooded, copies=self.copies)
        if now == self._told:
            return None
        self._told = now
        return now

    def _not_opened(self, arrival: int) -> None:
        """A packet that its key does not open; where none ever was, the key is not the one it is sealed with."""
        self.refused += 1
        if self._unopened >= 0:
            self._unopened += 1
            if self._unopened >= WRONG_KEY and self.on_wrong_key is not None:
                self._unopened = 0
                self.on_wrong_key(arrival)

    def _follows(self, source: bytes, arrival: int) -> bool:
        """Whether whoever speaks here is the party: the first, the one that was described, or the next after a silence."""
        followed = self._followed
        better = source in self.likely and followed not in self.likely
        if not followed or better or arrival - self.heard >= SOURCE_TIMEOUT:
            self._followed = source
            if followed and better and self.on_found is not None:
                self._unopened = min(self._unopened, 0)
                self.on_found(arrival)
            return True
        return False


class Route:
    """One pair of endpoints, whose datagrams belong to a party."""

    __slots__ = ("control", "party", "source")

    def __init__(self, party: Party, source: bytes, *, control: bool) -> None:
        self.party, self.source, self.control = party, source, control

    def take(self, datagram: bytes, arrival: int) -> None:
        """A datagram came."""
        if self.control:
            self.party.take_report(self, datagram, arrival)
        else:
            self.party.take(self, datagram, arrival)


class Routes:
    """Every endpoint at which a party is heard, or from which it sends, and every pair of endpoints that was looked at.

    Attributes:
        known: by source and destination as they stand in a frame of IPv4: both addresses, then both ports. None says that
            it is none of ours.
    """

    def __init__(self) -> None:
        self.known: dict[bytes, Route | None] = {}
        self._heard_at: dict[bytes, tuple[Party, bool]] = {}
        """By destination: who is heard there, and whether it is control."""
        self._sent_from: dict[bytes, Party] = {}
        self._vouched: dict[bytes, set[Party]] = {}
        """By endpoint: the parties of whose calls its own host said that it is theirs."""

    def expect(self, party: Party, voice: Voice, now: int) -> None:
        """A party is heard where its voice goes from now on, and nowhere else.

        An endpoint at which another party is being heard stays with that one: an exchange that hands on descriptions as they
        are makes two calls of one, and their sound is kept once. But whoever only names another's endpoint gives it up to the
        call that the endpoint's own host describes.
        """
        self.forget(party)
        party.expected = now
        for end in voice.vouched:
            self._vouched.setdefault(end, set()).add(party)
        party.vouched = voice.vouched
        wanted = dict.fromkeys(voice.reports_to, True) | dict.fromkeys(voice.to, False)
        for end, control in wanted.items():
            holder = self._heard_at.get(end)
            if holder is None or self._gives_up(end, holder[0], party, now):
                self._heard_at[end] = (party, control)
                party.ends.add(end)
        for end in voice.comes_from:
            sender = self._sent_from.get(end)
            if sender is None or self._gives_up(end, sender, party, now):
                self._sent_from[end] = party
        if party.likely != voice.comes_from:
            party.likely = voice.comes_from
            party.moved()

    def _gives_up(self, end: bytes, holder: Party, party: Party, now: int) -> bool:
        """Whether a party has to leave an endpoint to another one."""
        sure = self._vouched.get(end, ())
        if (party in sure) != (holder in sure):
            return party in sure or now - max(holder.heard, holder.expected) >= STRANGER_TAKES
        return now - holder.heard >= NEW_CALL_TAKES

    def forget(self, party: Party) -> None:
        """Nothing is expected of a party any more."""
        for end in party.vouched:
            if sure := self._vouched.get(end):
                sure.discard(party)
                if not sure:
                    del self._vouched[end]
        party.vouched = frozenset()
        for end in party.ends:
            if self._heard_at.get(end, (None, False))[0] is party:
                del self._heard_at[end]
        for end in party.likely:
            if self._sent_from.get(end) is party:
                del self._sent_from[end]
        party.ends.clear()
        self.known.clear()

    def look(self, pair: bytes, source: bytes, destination: bytes) -> Route | None:
        """The route of a pair of endpoints that was not looked at before; nothing where it is none of ours."""
        found = None
        held = self._heard_at.get(destination)
        if held is not None:
            found = Route(held[0], source, control=held[1])
        elif (sender := self._sent_from.get(source)) is not None:
            found = Route(sender, source, control=False)
        if len(self.known) >= MOST_ROUTES:
            self.known.clear()
        self.known[pair] = found
        return found
