"""Decide the direction of a call and if it is in scope, before anything of it is stored.

Decided from the two parties' numbers and the office's own prefixes. Where several directions are possible, a call is in
scope if all of them are, out of scope if none is; the office's rule for undecided calls covers the rest, so that no call
is refused because a device named the called party first.
"""

from collections.abc import Collection, Iterable
from enum import Enum, StrEnum

from rejent.streams.calls.catalog.numbers.phone_numbers import begins_with, canonical_number, is_number
from rejent.streams.calls.recorder.parties import Order, Parties


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
    """Return every possible direction, also the opposite one unless it is stated who called; all of them for two foreign numbers, as with a forwarded call."""
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
