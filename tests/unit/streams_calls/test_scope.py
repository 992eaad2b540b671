"""Which way a call goes by the numbers stated of it, and whether it is one that the office records."""

from datetime import UTC, datetime

import pytest

from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.receiving.siprec.events import Begun, Profile
from rejent.streams.calls.receiving.siprec.metadata import Metadata, OriginalCall, Participant
from rejent.streams.calls.recorder.parties import (
    ALL_WAYS,
    Order,
    Parties,
    Side,
    Way,
    belongs,
    completed,
    followed,
    in_scope,
    likely_way,
    may_refuse,
    parties,
    party_of,
    possible_ways,
    way_of,
)

OWN = ("+4875734", "75735", "12")
EXTERNAL, OURS, ALSO_OURS, EXTENSION = (
    "sip:600100200@pbx",
    "sip:+48757341234@pbx",
    "tel:075-735-00-11",
    "1204",
)


@pytest.mark.parametrize(
    ("caller", "called", "ways"),
    [
        (EXTERNAL, OURS, {"incoming"}),
        (OURS, EXTERNAL, {"outgoing"}),
        (OURS, ALSO_OURS, {"internal"}),
        (EXTENSION, OURS, {"internal"}),
        (EXTENSION, "112", {"outgoing"}),
        ("sip:anonymous@anonymous.invalid", OURS, {"incoming"}),
        (OURS, "sip:anonymous@anonymous.invalid", {"outgoing"}),
        ("+48126161616", OURS, {"incoming"}),
        ("+49757341234", OURS, {"incoming"}),
        ("", OURS, {"incoming", "internal"}),
        (OURS, "", {"outgoing", "internal"}),
        ("", EXTERNAL, {"outgoing"}),
        (EXTERNAL, "", {"incoming"}),
        ("sip:anna@pbx", OURS, {"incoming", "internal"}),
        (EXTERNAL, "sip:+4822@pbx", {"incoming", "outgoing", "internal"}),
        ("", "", {"incoming", "outgoing", "internal"}),
    ],
)
def test_ways_that_numbers_leave_open(caller: str, called: str, ways: set[str]) -> None:
    """Two known numbers leave one way; a missing one leaves those that fit; two of others leave all."""
    found = possible_ways(Parties(caller, called), OWN)
    assert found == ways
    assert way_of(found) == (next(iter(ways)) if len(ways) == 1 else "undecided")


def test_two_parties_of_whom_nobody_says_who_called() -> None:
    """One of ours and one of another's leave both ways open; two of ours are within the office."""
    assert possible_ways(Parties(OURS, EXTERNAL, Order.UNKNOWN), OWN) == {Way.INCOMING, Way.OUTGOING}
    assert possible_ways(Parties(OURS, EXTENSION, Order.UNKNOWN), OWN) == {Way.INTERNAL}


@pytest.mark.parametrize(
    ("stated", "ways", "likely"),
    [
        (Parties(OURS, EXTERNAL, Order.ASSUMED), {"incoming", "outgoing"}, "outgoing"),
        (Parties(EXTERNAL, "sip:ASBCE@asbce.com", Order.ASSUMED), {"incoming", "outgoing"}, "incoming"),
        (Parties(OURS, ALSO_OURS, Order.ASSUMED), {"internal"}, "internal"),
        (Parties(EXTERNAL, EXTERNAL, Order.ASSUMED), {"incoming", "outgoing", "internal"}, "undecided"),
        (Parties(EXTERNAL, "8105", ours="called"), {"incoming"}, "incoming"),
        (Parties("8105", EXTERNAL, Order.UNKNOWN, "caller"), {"incoming", "outgoing"}, "undecided"),
    ],
)
def test_a_direction_by_the_order_of_participants_is_shown_and_decides_nothing(
    stated: Parties, ways: set[str], likely: str
) -> None:
    """Whoever is named first counts as the caller for those who look for the call; whether it is kept does not depend on that."""
    found = possible_ways(stated, OWN)
    assert found == ways
    assert likely_way(stated, OWN, found) == likely


A, B, C = EXTERNAL, OURS, ALSO_OURS


@pytest.mark.parametrize(
    ("known", "newer", "now"),
    [
        ((A, B), (A, C), (A, C)),
        ((A, B), (C, A), (A, C)),
        ((B, A), (A, C), (C, A)),
        ((A, "sip:asbce@asbce.com"), (A, B), (A, B)),
        ((A, B), (B, A), (A, B)),
        ((A, B), (C, EXTENSION), (C, EXTENSION)),
        ((A, ""), ("", A), (A, "")),
    ],
)
def test_who_stays_in_a_call_keeps_their_side(
    known: tuple[str, str], newer: tuple[str, str], now: tuple[str, str]
) -> None:
    """After a transfer the party that stayed is caller or called as before, whichever the device names first; a stated order counts."""
    found = followed(Parties(*known, Order.ASSUMED), Parties(*newer, Order.ASSUMED))
    assert (found.caller, found.called) == now
    assert followed(Parties(*known, Order.ASSUMED), Parties(*newer)) == Parties(*newer)


def test_a_call_is_found_by_the_numbers_with_which_it_began() -> None:
    """A placeholder is filled in and an assumed order corrected; a number stays although its call was transferred."""
    placeholder = Parties(A, "sip:asbce@asbce.com", Order.ASSUMED)
    assert completed(placeholder, Parties(A, B, Order.ASSUMED)) == Parties(A, B, Order.ASSUMED)
    assert completed(Parties(A, B), Parties(A, C)) == Parties(A, B)
    assert completed(Parties(B, A, Order.ASSUMED), Parties(A, B)) == Parties(A, B)
    assert completed(Parties("", B), Parties("", C)) == Parties("", B)


def test_a_clerk_to_whom_a_call_was_passed_on_cannot_refuse() -> None:
    """Whoever speaks with numbers of the office alone is of the office, though nobody knows which party they are."""
    assert not may_refuse("", Way.INCOMING, {Side.OURS})
    assert may_refuse("", Way.INCOMING, {Side.OURS, Side.ANOTHERS})
    assert may_refuse("", Way.INCOMING, {Side.ANOTHERS})


@pytest.mark.parametrize(
    ("ways", "named", "wanted"),
    [
        ({Way.INCOMING}, ["incoming"], True),
        ({Way.OUTGOING}, ["incoming"], False),
        ({Way.INTERNAL}, ["incoming", "outgoing"], False),
        ({Way.INCOMING, Way.INTERNAL}, ["incoming"], None),
        ({Way.OUTGOING, Way.INTERNAL}, ["incoming"], False),
        (ALL_WAYS, ["incoming"], None),
        (ALL_WAYS, ["incoming", "outgoing", "internal"], True),
        (ALL_WAYS, [], False),
    ],
)
def test_the_directions_that_the_regulation_names(
    ways: set[Way], named: list[str], wanted: bool | None
) -> None:
    """A call is in scope if every way it may go is named, out of scope if none is, and else the office's rule decides."""
    assert in_scope(ways, named) is wanted


def begun(
    profile: Profile = Profile.STRICT, sender: str = "sip:sbc@pbx", target: str = "sip:rec@office"
) -> Begun:
    """A session that begins."""
    at = Moment(datetime(2026, 11, 21, 12, tzinfo=UTC), 0.0)
    flow = Flow("udp", "192.0.2.10", 5060)
    return Begun("s", at, "c", flow, profile, Metadata(), sender=sender, target=target)


def told(*addresses: str, original: OriginalCall | None = None) -> Metadata:
    """Metadata that names these participants."""
    people = tuple(Participant(str(number), ((each, ""),)) for number, each in enumerate(addresses))
    return Metadata(participants=people, original=original or OriginalCall())


def marked(*marks: tuple[str, bool | None]) -> Metadata:
    """Metadata whose participants are marked as calling or called."""
    people = (Participant(address, ((address, ""),), calls) for address, calls in marks)
    return Metadata(participants=tuple(people))


@pytest.mark.parametrize(
    ("session", "metadata", "stated"),
    [
        (begun(), told(EXTERNAL, OURS), Parties(EXTERNAL, OURS)),
        (begun(Profile.TOLERANT), told("", EXTERNAL, OURS), Parties(EXTERNAL, OURS, Order.ASSUMED)),
        (begun(), told(OURS, EXTERNAL, original=OriginalCall(EXTERNAL, OURS)), Parties(EXTERNAL, OURS)),
        (begun(), told(EXTERNAL), Parties(EXTERNAL, "")),
        (begun(), told(), Parties(order=Order.ASSUMED)),
        (
            begun(sender="sip:600100200@sbc", target=OURS),
            told(),
            Parties("sip:600100200@sbc", OURS, Order.ASSUMED),
        ),
        (
            begun(Profile.PLAIN, sender="sip:600100200@sbc", target=OURS),
            told(),
            Parties("sip:600100200@sbc", OURS),
        ),
        (
            begun(Profile.CISCO_BIB),
            told("1204", EXTERNAL),
            Parties("1204", EXTERNAL, Order.UNKNOWN, ours="caller"),
        ),
        (begun(), told(OURS, EXTERNAL, original=OriginalCall(EXTERNAL)), Parties(EXTERNAL, OURS)),
        (begun(), marked((OURS, False), (EXTERNAL, True)), Parties(EXTERNAL, OURS)),
        (begun(), marked((OURS, None), (EXTERNAL, True)), Parties(EXTERNAL, OURS)),
    ],
)
def test_whose_numbers_count(session: Begun, metadata: Metadata, stated: Parties) -> None:
    """A vendor's word goes before participants, these before the head of the INVITE, where only numbers count."""
    assert parties(session, metadata) == stated


@pytest.mark.parametrize(
    ("senders", "stated", "party"),
    [
        ([EXTERNAL], Parties(EXTERNAL, OURS), "caller"),
        (["tel:+48757341234"], Parties(EXTERNAL, "sip:+48757341234@pbx"), "called"),
        ([EXTERNAL, OURS], Parties(EXTERNAL, OURS), ""),
        ([], Parties(EXTERNAL, OURS), ""),
        (["sip:other@pbx"], Parties(EXTERNAL, OURS), ""),
        ([EXTERNAL], Parties(OURS, EXTERNAL, Order.UNKNOWN), ""),
        ([""], Parties("", OURS), ""),
    ],
)
def test_whose_stream_it_is(senders: list[str], stated: Parties, party: str) -> None:
    """The one whose address feeds it; nobody where both do, none does, or nobody knows who called."""
    people = [Participant(str(number), ((each, ""),)) for number, each in enumerate(senders)]
    assert party_of(people, stated) == party


@pytest.mark.parametrize(
    ("party", "way", "may"),
    [
        ("caller", Way.INCOMING, True),
        ("called", Way.INCOMING, False),
        ("called", Way.OUTGOING, True),
        ("caller", Way.OUTGOING, False),
        ("caller", Way.INTERNAL, False),
        ("", Way.INTERNAL, False),
        ("called", Way.UNDECIDED, True),
        ("", Way.INCOMING, True),
    ],
)
def test_who_may_refuse(party: str, way: Way, *, may: bool) -> None:
    """Whoever is not of the office; a clerk's key does nothing where it is known to be a clerk's, and nobody's within the office."""
    assert may_refuse(party, way) is may


def test_a_call_belongs_to_the_line_whose_numbers_fit_best() -> None:
    """The longest beginning that one of the two numbers has counts; none counts for nothing."""
    assert belongs(Parties(EXTERNAL, OURS), OWN) == len("+4875734")
    assert belongs(Parties("", EXTENSION), OWN) == 2
    assert belongs(Parties("sip:anna@pbx", EXTERNAL), OWN) == 0
