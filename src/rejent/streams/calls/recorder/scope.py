"""Decide the direction of a call and if it is in scope, before anything of it is stored.

Decided from the two parties' numbers and the office's own prefixes. Where several directions are possible, a call is in
scope if all of them are, out of scope if none is; the office's rule for undecided calls covers the rest.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum

from rejent.streams.calls.catalog.numbers.phone_numbers import begins_with, canonical_number
from rejent.streams.calls.receiving.siprec.events import Begun, Profile
from rejent.streams.calls.receiving.siprec.metadata import Metadata, Participant


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


@dataclass(frozen=True, slots=True)
class Parties:
    """Caller and called party, as stated.

    Attributes:
        caller, called: as written; empty where not stated.
        ordered: it is known which of the two called.
    """

    caller: str = ""
    called: str = ""
    ordered: bool = True


def parties(begun: Begun, metadata: Metadata) -> Parties:
    """Return the two parties of a call.

    The vendor's block about the call takes precedence, then the participants in order (the caller first, as in RFC
    8068), then From and To of the INVITE if they are numbers. Cisco's bridge does not say which party called.
    """
    original = metadata.original
    if original.caller or original.called:
        return Parties(original.caller, original.called)
    named = [number for each in metadata.participants if (number := _address(each.names))]
    if begun.profile is Profile.CISCO_BIB:
        return Parties(*_two(named), ordered=False)
    if named:
        return Parties(*_two(named))
    sender, target = (number if _is_number(number) else "" for number in (begun.sender, begun.target))
    return Parties(sender, target)


def named(begun: Begun, metadata: Metadata) -> frozenset[str]:
    """Return every address that names somebody in a session, as written; a refusal may come from any of them."""
    addresses = {address for each in metadata.participants for address, _ in each.names}
    original = metadata.original
    return frozenset(addresses | {original.caller, original.called, begun.sender, begun.target}) - {""}


def party_of(senders: Iterable[Participant], stated: Parties) -> str:
    """Return which party feeds a stream by its senders' addresses: ``caller``, ``called``, or empty where unknown or both."""
    if not stated.ordered:
        return ""
    numbers = {canonical_number(address) for each in senders for address, _ in each.names if address}
    parties_found = {name for name, number in _named(stated) if canonical_number(number) in numbers}
    return parties_found.pop() if len(parties_found) == 1 else ""


def may_refuse(party: str, way: Way) -> bool:
    """Return True if this party may refuse recording: anyone outside the office, and either party where unknown.

    Internal calls cannot be refused, or a clerk could keep a call unrecorded.
    """
    if way is Way.INTERNAL:
        return False
    ours = {Way.INCOMING: "called", Way.OUTGOING: "caller"}.get(way)
    return not party or party != ours


def _named(stated: Parties) -> tuple[tuple[str, str], ...]:
    given = (("caller", stated.caller), ("called", stated.called))
    return tuple((name, number) for name, number in given if number)


def side(stated: str, own: Collection[str]) -> Side:
    """Return the owner of a number as written; a withheld number is not the office's."""
    if not stated:
        return Side.UNKNOWN
    number = canonical_number(stated)
    if number and not _is_number(number):
        return Side.UNKNOWN
    return Side.OURS if number and any(begins_with(number, prefix) for prefix in own) else Side.ANOTHERS


def possible_ways(stated: Parties, own: Collection[str]) -> frozenset[Way]:
    """Return every possible direction; all of them for two foreign numbers, as with a forwarded call."""
    caller, called = side(stated.caller, own), side(stated.called, own)
    ways = {
        way
        for way, ours in _SIDES.items()
        if all(known in {Side.UNKNOWN, wanted} for known, wanted in zip((caller, called), ours, strict=True))
    }
    if not stated.ordered and Side.OURS in {caller, called}:
        ways |= {_TURNED[way] for way in ways}
    return frozenset(ways) or ALL_WAYS


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
        if _is_number(number) and begins_with(number, prefix)
    )
    return max(fitting, default=0)


_SIDES = {
    Way.INCOMING: (Side.ANOTHERS, Side.OURS),
    Way.OUTGOING: (Side.OURS, Side.ANOTHERS),
    Way.INTERNAL: (Side.OURS, Side.OURS),
}
_TURNED = {Way.INCOMING: Way.OUTGOING, Way.OUTGOING: Way.INCOMING, Way.INTERNAL: Way.INTERNAL}


def _is_number(stated: str) -> bool:
    return canonical_number(stated).removeprefix("+").isdigit()


def _address(names: tuple[tuple[str, str], ...]) -> str:
    """Return the first address of a participant; empty for a placeholder that has none yet."""
    return next((address for address, _ in names if address), "")


def _two(named: list[str]) -> tuple[str, str]:
    first, second = [*named, "", ""][:2]
    return first, second
