"""Decide who called whom in a session, by its metadata and the INVITE that opened it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from rejent.streams.calls.catalog.numbers.phone_numbers import canonical_number, is_number
from rejent.streams.calls.receiving.siprec.events import Begun, Profile
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
    """Caller and called party, as stated.

    Attributes:
        caller, called: as written; empty where not stated.
        ours: ``caller`` or ``called`` where the device names it as the phone that is recorded, hence the office's.
    """

    caller: str = ""
    called: str = ""
    order: Order = Order.STATED
    ours: str = ""

    @property
    def numbers(self) -> tuple[str, str]:
        """Both numbers in their one spelling."""
        return canonical_number(self.caller), canonical_number(self.called)


def parties(begun: Begun, metadata: Metadata) -> Parties:
    """Return the two parties of a call.

    The vendor's block about the call takes precedence, then participants that are marked as calling or called, then the
    participants in order, then From and To of the INVITE if they are numbers. Cisco's bridge does not say which party called.
    """
    addresses = [(address, each.calls) for each in metadata.participants if (address := _address(each.names))]
    named = [address for address, _ in addresses]
    original = metadata.original
    if original.caller or original.called:
        caller, called = _both(original.caller, original.called, named)
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
    """Return the parties by which a call is found: what was missing or no number is filled in, and a stated order replaces an assumed one.

    A number that was there stays after a transfer: it is what the caller knows of the call.
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
    """Fill in the party that is not stated: the first participant with another number."""
    known = {canonical_number(caller or called)}
    other = next((each for each in named if canonical_number(each) not in known), "")
    return caller or other, called or other


def _address(names: tuple[tuple[str, str], ...]) -> str:
    """Return the first address of a participant; empty for a placeholder that has none yet."""
    return next((address for address, _ in names if address), "")


def _two(named: list[str]) -> tuple[str, str]:
    first, second = [*named, "", ""][:2]
    return first, second
