"""Decide who called whom, the direction of a call and if it is in scope, by metadata, INVITE and the office's numbers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from rejent.streams.calls.catalog.phone_numbers import begins_with, canonical_number, is_number
from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream
from rejent.streams.calls.receiving.siprec.events import Begun, Profile, Stream
from rejent.streams.calls.receiving.siprec.metadata import Metadata, Participant


class Order(Enum):
    """Certainty of which of two parties called."""

    STATED = "stated"
    """The device says so, or keeps to the standards in everything and thus names the caller first, as in RFC 8068."""
    ASSUMED = "assumed"
    """The first that a device names counts as the caller, though it deviates from the standards elsewhere."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Parties:
    """Caller and called party, as written; ``ours`` names which of them the device states as the phone that is recorded."""

    caller: str = ""
    called: str = ""
    order: Order = Order.STATED
    ours: str = ""

    @property
    def numbers(self) -> tuple[str, str]:
        """Both numbers in their one spelling."""
        return canonical_number(self.caller), canonical_number(self.called)


def parties(begun: Begun, metadata: Metadata, left: Collection[str] = ()) -> Parties:
    """Return the two parties of a call, as far as they are in it.

    The vendor's block about the call takes precedence, then participants that are marked as calling or called, then the
    participants in order, then From and To of the INVITE if they are numbers. Cisco's bridge does not say which party called.
    Who was a participant and has left (``left``: canonical numbers) gives the side to whoever came; nobody where all have left.
    """
    present = metadata.present
    if metadata.participants and not present:
        return Parties()
    addresses = [(address, each.calls) for each in present if (address := _address(each.names))]
    named = [address for address, _ in addresses]
    original = metadata.original
    if original.caller or original.called:
        caller, called = _both(*_handed_on(original.caller, original.called, named, left), named)
        return Parties(caller, called, ours=original.recorded)
    calling = next((address for address, calls in addresses if calls), "")
    called = next((address for address, calls in addresses if calls is False), "")
    if calling or called:
        return Parties(*_both(calling, called, named))
    if begun.profile is Profile.CISCO_BIB:
        return Parties(*_two(named), order=Order.UNKNOWN, ours="caller" if len(named) > 1 else "")
    if named:
        in_order = Order.STATED if begun.profile is Profile.STRICT else Order.ASSUMED
        return Parties(*_two(named), order=in_order)
    sender, target = (number if is_number(number) else "" for number in (begun.sender, begun.target))
    return Parties(sender, target, Order.STATED if begun.profile is Profile.PLAIN else Order.ASSUMED)


def block_parties_left(
    seen: Collection[str], known: Metadata, newer: Metadata
) -> tuple[frozenset[str], frozenset[str]]:
    """Return which numbers of the block about the call were ever a participant's (``seen`` so far), and which of them left."""
    original = newer.original
    block = {canonical_number(original.caller), canonical_number(original.called)} - {""}
    if not block:
        return frozenset(), frozenset()
    known_now = block & {*seen, *_canonical(known.participants), *_canonical(newer.participants)}
    return frozenset(known_now), frozenset(known_now - _canonical(newer.present))


def numbers_present(metadata: Metadata) -> list[tuple[str, ...]]:
    """Return the numbers of each participant who takes part now and is known by one, telephone numbers before names."""
    found = (_canonical([each]) - {""} for each in metadata.present)
    return [tuple(sorted(numbers, key=lambda one: (not is_number(one), one))) for numbers in found if numbers]


def _canonical(participants: Iterable[Participant]) -> frozenset[str]:
    return frozenset(
        canonical_number(address) for each in participants for address, _ in each.names if address
    )


def _handed_on(caller: str, called: str, named: list[str], left: Collection[str]) -> tuple[str, str]:
    """Return the parties of a block about the call that still names who has left, with those who came in their place."""
    came = [
        each
        for each in named
        if canonical_number(each) not in {canonical_number(caller), canonical_number(called)}
    ]
    sides = [
        side if not side or canonical_number(side) not in left else came.pop(0) if came else ""
        for side in (caller, called)
    ]
    return sides[0], sides[1]


def followed(known: Parties, newer: Parties) -> Parties:
    """Return the current parties after newer metadata: whoever stays in the call keeps their side, whatever the order in which they are named.

    Where the newer order is stated and the known one was not, the newer one counts.
    """
    if not any(newer.numbers):
        return known
    if newer.order is Order.STATED and known.order is not Order.STATED:
        return newer
    stay = [number for number in known.numbers if number and number in newer.numbers]
    if not stay:
        return newer
    is_turned = newer.numbers.index(stay[0]) != known.numbers.index(stay[0])
    caller, called = (newer.called, newer.caller) if is_turned else (newer.caller, newer.called)
    return replace(newer, caller=caller, called=called, order=known.order, ours=known.ours)


def completed(entered: Parties, current: Parties) -> Parties:
    """Return the parties by which a call is found; those that are missing are filled in.

    A number that was there stays after a transfer, as the caller knows it.
    """
    if current.order is Order.STATED and entered.order is not Order.STATED:
        return current if set(entered.numbers) & set(current.numbers) - {""} else entered
    caller = entered.caller if is_number(entered.caller) else current.caller or entered.caller
    called = entered.called if is_number(entered.called) else current.called or entered.called
    return replace(entered, caller=caller, called=called)


def named(begun: Begun, metadata: Metadata) -> frozenset[str]:
    """Return every address that names somebody in a session, as written; a refusal may come from any of them."""
    addresses = {address for each in metadata.participants for address, _ in each.names}
    original = metadata.original
    return frozenset(addresses | {original.caller, original.called, begun.sender, begun.target}) - {""}


def party_of(senders: Iterable[Participant], stated: Parties) -> str:
    """Return which party feeds a stream by its senders' addresses: ``caller``, ``called``, or empty where unknown or both."""
    if stated.order is Order.UNKNOWN:
        return ""
    numbers = {canonical_number(address) for each in senders for address, _ in each.names if address}
    sides = zip(("caller", "called"), (stated.caller, stated.called), strict=True)
    found = {name for name, number in sides if number and canonical_number(number) in numbers}
    return found.pop() if len(found) == 1 else ""


def _both(caller: str, called: str, named: list[str]) -> tuple[str, str]:
    known = {canonical_number(caller or called)}
    other = next((each for each in named if canonical_number(each) not in known), "")
    return caller or other, called or other


def _address(names: tuple[tuple[str, str], ...]) -> str:
    return next((address for address, _ in names if address), "")


def _two(named: list[str]) -> tuple[str, str]:
    first, second = [*named, "", ""][:2]
    return first, second


class Way(StrEnum):
    """Direction of a call, seen from the office."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"
    UNDECIDED = "undecided"
    """Several directions are possible by the numbers."""


ALL_WAYS = frozenset({Way.INCOMING, Way.OUTGOING, Way.INTERNAL})


class Side(Enum):
    """Owner of a number."""

    OURS = "ours"
    ANOTHERS = "another's"
    UNKNOWN = "unknown"


def may_refuse(party: str, way: Way, sides: Collection[Side] = ()) -> bool:
    """Return True if a party may refuse recording: anyone outside the office, and either party where unknown.

    A clerk cannot, or could keep a call unrecorded: nobody in an internal call, nobody whose numbers are all the office's
    (``sides``), also after a transfer.
    """
    if way is Way.INTERNAL or (sides and set(sides) == {Side.OURS}):
        return False
    ours = {Way.INCOMING: "called", Way.OUTGOING: "caller"}.get(way)
    return not party or party != ours


def side(stated: str, own: Collection[str]) -> Side:
    """Return the owner of a number as written; a withheld number is not the office's."""
    if not stated:
        return Side.UNKNOWN
    number = canonical_number(stated)
    if number and not is_number(number):
        return Side.UNKNOWN
    return Side.OURS if number and any(begins_with(number, prefix) for prefix in own) else Side.ANOTHERS


def possible_ways(stated: Parties, own: Collection[str]) -> frozenset[Way]:
    """Return every possible direction, also the opposite one unless it is stated who called.

    All of them for two foreign numbers, as with a forwarded call.
    """
    ways = _ways_in_order(stated, own)
    if stated.order is not Order.STATED:
        ways |= {_TURNED[way] for way in ways}
    return ways or ALL_WAYS


def _ways_in_order(stated: Parties, own: Collection[str]) -> frozenset[Way]:
    caller, called = side(stated.caller, own), side(stated.called, own)
    if stated.ours:
        caller, called = (Side.OURS, called) if stated.ours == "caller" else (caller, Side.OURS)
    return frozenset(
        way
        for way, ours in _SIDES.items()
        if all(known in {Side.UNKNOWN, wanted} for known, wanted in zip((caller, called), ours, strict=True))
    )


def likely_way(stated: Parties, own: Collection[str], ways: frozenset[Way]) -> Way:
    """Return the direction, by the assumed order too, for whoever looks for the call; what is kept depends on its possible ways alone."""
    in_order = _ways_in_order(stated, own) if stated.order is Order.ASSUMED else frozenset()
    return way_of(in_order or ways)


def way_of(ways: Collection[Way]) -> Way:
    """Return the single direction, or `Way.UNDECIDED`."""
    return next(iter(ways)) if len(ways) == 1 else Way.UNDECIDED


def in_scope(ways: Collection[Way], named: Iterable[str]) -> bool | None:
    """Return True if the regulation names the call, False if not, None if that depends on its direction."""
    recorded = {Way(each) for each in named}
    if not recorded & set(ways):
        return False
    return True if recorded >= set(ways) else None


def belongs(stated: Parties, own: Collection[str]) -> int:
    """Return how many digits the longest prefix of a line has that fits either number of a call; 0 for none."""
    numbers = [canonical_number(each) for each in (stated.caller, stated.called) if each]
    fitting = (
        len(prefix)
        for prefix in own
        for number in numbers
        if is_number(number) and begins_with(number, prefix)
    )
    return max(fitting, default=0)


_SIDES = {
    Way.INCOMING: (Side.ANOTHERS, Side.OURS),
    Way.OUTGOING: (Side.OURS, Side.ANOTHERS),
    Way.INTERNAL: (Side.OURS, Side.OURS),
}
_TURNED = {Way.INCOMING: Way.OUTGOING, Way.OUTGOING: Way.INCOMING, Way.INTERNAL: Way.INTERNAL}


MAX_LEGS = 240
"""Legs of a call; beyond, a new line continues the leg of its position.

Stored leg numbers are one byte, with room for each position (`rejent.streams.calls.receiving.siprec.sdp.MAX_MEDIA`).
"""


class Legs:
    """The legs of one call, from 0."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        self._speakers: dict[int, frozenset[str]] = {}
        self._newest: dict[int, IncomingStream] = {}
        self._left: set[int] = set()
        self._idle: set[int] = set()
        self._senders_by_label: tuple[Metadata | None, dict[str, tuple[Participant, ...]]] = (None, {})
        self._parties: tuple[Metadata | None, Parties, dict[str, str]] = (None, Parties(), {})
        self._named: dict[int, str] = {}

    def number(self, former: IncomingStream | None) -> int:
        """Return the next leg, or that of a returning line."""
        return len(self._labels) if former is None else former.leg

    def come(self, stream: Stream, incoming: IncomingStream, metadata: Metadata) -> None:
        """Add a line."""
        self._newest[stream.number] = incoming
        self._left.discard(incoming.leg)
        self._idle.discard(incoming.leg)
        self.describe(incoming.leg, stream.media.label, metadata)

    def describe(self, leg: int, label: str, metadata: Metadata) -> None:
        """Set a leg's label and senders."""
        self._labels[leg] = label
        if (found := self._feeding(label, metadata)) or leg not in self._speakers:
            self._speakers[leg] = found

    def learn(self, legs: list[int], metadata: Metadata) -> None:
        """Update the senders of legs from new metadata."""
        for leg in legs:
            self.describe(leg, self._labels[leg], metadata)

    def leave(self, leg: int) -> None:
        """Note that a leg's line was removed."""
        self._left.add(leg)
        self._idle.add(leg)

    def take_idle(self) -> set[int]:
        """Return the legs removed since the last call, whose codecs can be dropped."""
        idle, self._idle = self._idle, set()
        return idle

    def former(self, stream: Stream, metadata: Metadata) -> IncomingStream | None:
        """Return the former input of a returning line: same position, label and senders; beyond `MAX_LEGS` the last of its position."""
        newest, label = self._newest.get(stream.number), stream.media.label
        if newest is None or len(self._labels) >= MAX_LEGS:
            return newest
        alike = self._labels[newest.leg] == label and self._speakers[newest.leg] == self._feeding(
            label, metadata
        )
        return newest if alike and newest.leg in self._left else None

    def parties(self, metadata: Metadata, stated: Parties) -> dict[int, str]:
        """Return the party of each leg as far as known; one that was replaced by a transfer keeps its own."""
        if metadata is not self._parties[0] or stated != self._parties[1]:
            self._parties = metadata, stated, {"": ""}
        found = self._parties[2]
        for leg, label in self._labels.items():
            if label not in found:
                found[label] = party_of(self._senders(label, metadata), stated)
            if leg not in self._left and (found[label] or leg not in self._named):
                self._named[leg] = found[label]
        return dict(self._named)

    def speakers(self, leg: int) -> frozenset[str]:
        """Return the addresses of a leg's senders, as last stated."""
        return self._speakers.get(leg, frozenset())

    def all_speakers(self) -> dict[int, frozenset[str]]:
        """Return the addresses of the senders of every leg, as last stated."""
        return dict(self._speakers)

    def _feeding(self, label: str, metadata: Metadata) -> frozenset[str]:
        return frozenset(address for each in self._senders(label, metadata) for address, _ in each.names)

    def _senders(self, label: str, metadata: Metadata) -> tuple[Participant, ...]:
        if metadata is not self._senders_by_label[0]:
            self._senders_by_label = metadata, metadata.feeding()
        return self._senders_by_label[1].get(label, ()) if label else ()
