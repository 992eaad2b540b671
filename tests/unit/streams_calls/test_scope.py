"""Which way a call goes by the numbers stated of it, and whether it is one that the office records."""

from datetime import UTC, datetime

import pytest

from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.network.sip.moment import Moment
from rejent.streams.calls.receiving.siprec.events import Begun, Profile
from rejent.streams.calls.receiving.siprec.metadata import Metadata, OriginalCall, Participant
from rejent.streams.calls.recorder.scope import (
    ALL_WAYS,
    Parties,
    Way,
    belongs,
    in_scope,
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
    assert possible_ways(Parties(OURS, EXTERNAL, ordered=False), OWN) == {Way.INCOMING, Way.OUTGOING}
    assert possible_ways(Parties(OURS, EXTENSION, ordered=False), OWN) == {Way.INTERNAL}


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


@pytest.mark.parametrize(
    ("session", "metadata", "stated"),
    [
        (begun(), told(EXTERNAL, OURS), Parties(EXTERNAL, OURS)),
        (begun(), told("", EXTERNAL, OURS), Parties(EXTERNAL, OURS)),
        (begun(), told(OURS, EXTERNAL, original=OriginalCall(EXTERNAL, OURS)), Parties(EXTERNAL, OURS)),
        (begun(), told(EXTERNAL), Parties(EXTERNAL, "")),
        (begun(), told(), Parties()),
        (begun(sender="sip:600100200@sbc", target=OURS), told(), Parties("sip:600100200@sbc", OURS)),
        (begun(Profile.CISCO_BIB), told("1204", EXTERNAL), Parties("1204", EXTERNAL, ordered=False)),
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
        ([EXTERNAL], Parties(OURS, EXTERNAL, ordered=False), ""),
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
