"""Route datagrams at a mirror port to parties of calls.

By destination, where the other party receives; or behind a NAT by source, since phones send from where they receive
(RFC 4961).
"""

from collections.abc import Callable

from rejent.formats.rtp.account import SECOND, ReceiverCounts
from rejent.streams.calls.network.rtp.incoming_stream import MAX_PACKETS_PER_SECOND, PacketSink
from rejent.streams.calls.network.rtp.source_lock import SOURCE_TIMEOUT
from rejent.streams.calls.network.rtp.srtp import SdesKeys
from rejent.streams.calls.receiving.mirror.media import OutgoingMedia

DUPLICATE_WINDOW = 16
"""Packets per party within which copies are recognised (a third of a second); copies come within milliseconds."""
MAX_ROUTES = 100_000
"""Pairs of endpoints cached, including those of no call."""
WRONG_KEY = 25
"""Packets in a row not decrypted, from the first on, that show a wrong key: half a second of speech."""
TAKEOVER_AFTER = 2 * SECOND
"""Silence of a call after which another may take over its endpoint."""
UNVERIFIED_TAKEOVER_AFTER = 60 * SECOND
"""The same where only the first call's endpoint was stated by its own host."""


class Party:
    """One party of a call: accepts its packets and drops copies; it probably sends from ``likely``, where it receives."""

    def __init__(self, leg: int, recording: PacketSink) -> None:
        self.leg, self.recording = leg, recording
        self.keys: SdesKeys | None = None
        self.heard = self.copies = self.rejected = self.flooded = self.expected = 0
        self.likely: frozenset[bytes] = frozenset()
        self.ends: set[bytes] = set()
        self.vouched: frozenset[bytes] = frozenset()
        self.budget = MAX_PACKETS_PER_SECOND
        self._followed = b""
        self.on_wrong_key: Callable[[int], None] | None = None
        self.on_found: Callable[[int], None] | None = None
        self._unopened = 0
        """Packets in a row not decrypted; -1 once one was."""
        self._recent: list[bytes] = [b""] * DUPLICATE_WINDOW
        self._last_counts = ReceiverCounts()

    def take(self, route: "Route", datagram: bytes, arrival: int) -> None:
        """Process a datagram on a route of this party."""
        if route.source != self._followed and not self._follows(route.source, arrival):
            self.rejected += 1
            return
        if len(datagram) < 4:
            self.rejected += 1
            return
        place = datagram[3] % DUPLICATE_WINDOW
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
        """Process an RTCP datagram, if from the party's host, within the same budget."""
        host = route.source[:-2]
        if host != self._followed[:-2] and all(host != end[:-2] for end in self.likely):
            self.rejected += 1
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
        """Host it sends from; empty before the first packet."""
        return self._followed[:-2]

    def moved(self) -> None:
        """Accept the next sender, after its endpoints changed."""
        self._followed = b""

    def counts(self) -> ReceiverCounts | None:
        """Return the counts if they changed."""
        now = ReceiverCounts(refused=self.rejected, flooded=self.flooded, copies=self.copies)
        if now == self._last_counts:
            return None
        self._last_counts = now
        return now

    def _not_opened(self, arrival: int) -> None:
        self.rejected += 1
        if self._unopened >= 0:
            self._unopened += 1
            if self._unopened >= WRONG_KEY and self.on_wrong_key is not None:
                self._unopened = 0
                self.on_wrong_key(arrival)

    def _follows(self, source: bytes, arrival: int) -> bool:
        """Return True if a sender is accepted: the first, the described one, or the next after a silence."""
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
    """One pair of endpoints of a party."""

    __slots__ = ("control", "party", "source")

    def __init__(self, party: Party, source: bytes, *, control: bool) -> None:
        self.party, self.source, self.control = party, source, control

    def take(self, datagram: bytes, arrival: int) -> None:
        """Process a datagram."""
        if self.control:
            self.party.take_report(self, datagram, arrival)
        else:
            self.party.take(self, datagram, arrival)


class Routes:
    """Endpoints of all parties, and the cache of pairs.

    ``known`` is by source and destination as in an IPv4 frame: both addresses, then both ports; None for no call.
    """

    def __init__(self) -> None:
        self.known: dict[bytes, Route | None] = {}
        self._heard_at: dict[bytes, tuple[Party, bool]] = {}
        self._sent_from: dict[bytes, Party] = {}
        self._vouched: dict[bytes, set[Party]] = {}

    def expect(self, party: Party, media: OutgoingMedia, now: int) -> None:
        """Set the endpoints of a party.

        An endpoint in use stays with its party: an exchange that forwards descriptions unchanged makes two calls of
        one, recorded once. An endpoint not stated by its own host is given up to a call where it is.
        """
        self.forget(party)
        party.expected = now
        for end in media.vouched:
            self._vouched.setdefault(end, set()).add(party)
        party.vouched = media.vouched
        wanted = dict.fromkeys(media.reports_to, True) | dict.fromkeys(media.to, False)
        for end, control in wanted.items():
            holder = self._heard_at.get(end)
            if holder is None or self._gives_up(end, holder[0], party, now):
                self._heard_at[end] = (party, control)
                party.ends.add(end)
        for end in media.comes_from:
            sender = self._sent_from.get(end)
            if sender is None or self._gives_up(end, sender, party, now):
                self._sent_from[end] = party
        if party.likely != media.comes_from:
            party.likely = media.comes_from
            party.moved()

    def _gives_up(self, end: bytes, holder: Party, party: Party, now: int) -> bool:
        sure = self._vouched.get(end, ())
        if (party in sure) != (holder in sure):
            return party in sure or now - max(holder.heard, holder.expected) >= UNVERIFIED_TAKEOVER_AFTER
        return now - holder.heard >= TAKEOVER_AFTER

    def forget(self, party: Party) -> None:
        """Remove a party's endpoints."""
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
        """Look up and cache the route of a pair of endpoints; None where it is of no call."""
        found = None
        held = self._heard_at.get(destination)
        if held is not None:
            found = Route(held[0], source, control=held[1])
        elif (sender := self._sent_from.get(source)) is not None:
            found = Route(sender, source, control=False)
        if len(self.known) >= MAX_ROUTES:
            self.known.clear()
        self.known[pair] = found
        return found
