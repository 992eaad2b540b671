"""Which way a call goes, and whether it is one that the office records; decided before anything of it is kept.

What a caller states is the numbers of two parties; the office knows how its own begin. Where that leaves several ways
open, every one of them counts: a call is in scope if all its ways are, out of scope if none is, and only what lies between
falls under the office's own rule for undecided calls.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import Enum, StrEnum

from rejent.streams.calls.catalog.phone_numbers import begins_with, canonical_number
from rejent.streams.calls.siprec.events import Begun, Profile
from rejent.streams.calls.siprec.metadata import Metadata, Participant


class Way(StrEnum):
    """Which way a call goes, seen from the office."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    INTERNAL = "internal"
    UNDECIDED = "undecided"
    """More than one of them, as far as the numbers tell."""


ALL_WAYS = frozenset({Way.INCOMING, Way.OUTGOING, Way.INTERNAL})


class Side(Enum):
    """Whose number it is."""

    OURS = "ours"
    ANOTHERS = "another's"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Parties:
    """Who calls and who is called, as stated.

    Attributes:
        caller, called: as written; empty where nothing is said of them.
        ordered: which of the two called is known.
    """

    caller: str = ""
    called: str = ""
    ordered: bool = True


def parties(begun: Begun, metadata: Metadata) -> Parties:
    """The two parties of a call.

    What a vendor says of the call itself goes before the participants of the recording session, the first of whom is
    the one who called (the order of RFC 8068's examples); the head of the INVITE counts only where it names numbers and
    nobody else is named. Cisco's bridge tells its own phone from the far one, and not which of them called.
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
    """Every address by which a session names somebody, as written: one who refused may be a third party, or a second address."""
    told = {address for each in metadata.participants for address, _ in each.names}
    original = metadata.original
    return frozenset(told | {original.caller, original.called, begun.sender, begun.target}) - {""}


def party_of(senders: Iterable[Participant], stated: Parties) -> str:
    """Whether a stream is the caller's or that of who was called: by the addresses of those who feed it.

    Args:
        senders: as the metadata tell them (`rejent.streams.calls.siprec.metadata.Metadata.senders`).
        stated: the two parties.

    Returns:
        ``caller``, ``called``, or nothing where the addresses do not tell, or both speak on it.
    """
    if not stated.ordered:
        return ""
    numbers = {canonical_number(address) for each in senders for address, _ in each.names if address}
    told = {name for name, number in _named(stated) if canonical_number(number) in numbers}
    return told.pop() if len(told) == 1 else ""


def may_refuse(party: str, way: Way) -> bool:
    """Whether this party of a call may refuse its recording: whoever is not of the office, and either where that is not known.

    Within the office nobody may, or a clerk could keep a call unrecorded.
    """
    if way is Way.INTERNAL:
        return False
    ours = {Way.INCOMING: "called", Way.OUTGOING: "caller"}.get(way)
    return not party or party != ours


def _named(stated: Parties) -> tuple[tuple[str, str], ...]:
    given = (("caller", stated.caller), ("called", stated.called))
    return tuple((name, number) for name, number in given if number)


def side(stated: str, own: Collection[str]) -> Side:
    """Whose number this is.

    Args:
        stated: as written; a number that is withheld is not ours.
        own: how our numbers begin, as `rejent.streams.calls.catalog.lines.LineAddress.numbers`.
    """
    if not stated:
        return Side.UNKNOWN
    number = canonical_number(stated)
    if number and not _is_number(number):
        return Side.UNKNOWN
    return Side.OURS if number and any(begins_with(number, prefix) for prefix in own) else Side.ANOTHERS


def possible_ways(stated: Parties, own: Collection[str]) -> frozenset[Way]:
    """Every way a call may go. Two numbers of others tell nothing: a call that was passed on is like that."""
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
    """The one way, or that it is undecided."""
    return next(iter(ways)) if len(ways) == 1 else Way.UNDECIDED


def in_scope(ways: Collection[Way], named: Iterable[str]) -> bool | None:
    """Whether a call is one of those that the regulation names; nothing where that depends on which way it goes.

    Args:
        ways: that it may go.
        named: the directions that the regulation in force names.
    """
    recorded = {Way(each) for each in named}
    if not recorded & set(ways):
        return False
    return True if recorded >= set(ways) else None


def belongs(stated: Parties, own: Collection[str]) -> int:
    """How well a line's numbers fit a call: the digits of the longest beginning of its own that one of the two has."""
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
    """The first address of a participant; one who has none is a stand-in until the real one is told."""
    return next((address for address, _ in names if address), "")


def _two(named: list[str]) -> tuple[str, str]:
    first, second = [*named, "", ""][:2]
    return first, second
