"""Metadata of every device is understood as far as it can be; what is odd is named and what is dangerous refused."""

import pytest

from rejent.streams.calls.network.sip.message import SipError, read_message
from rejent.streams.calls.receiving.siprec.bodies import read_bodies
from rejent.streams.calls.receiving.siprec.metadata import (
    MAX_ENTITIES,
    MAX_FOREIGN,
    MAX_OPEN_CALLS,
    TOO_MUCH,
    CallSession,
    Metadata,
)
from rejent.streams.calls.receiving.siprec.metadata_xml import (
    MAX_DEPTH,
    MAX_METADATA,
    MAX_NAMESPACE,
    MAX_REPEATED,
    MAX_TEXT,
    read_metadata,
    read_time,
    write_snapshot_request,
)
from tests.unit.streams_calls.golden_invites import golden


def metadata_of(name) -> Metadata:
    """The metadata in a golden INVITE."""
    message = read_message(golden(name))
    return read_metadata(read_bodies(message.headers, message.body).metadata)


PARTIES = {"sip:005550100@example.org", "sip:005550199@example.org"}


def test_as_the_standard_says():
    """A conforming document gives all its classes and no deviation."""
    known = metadata_of("opensips")
    assert known.deviations == ()
    assert not known.partial
    assert {name[0] for party in known.participants for name in party.names} == PARTIES
    assert known.participants[0].names[0][1] == "Caller Example"
    (caller,) = known.senders("1")
    assert caller is known.participants[0]
    assert known.sessions[0].group == known.groups[0].id
    assert known.sessions[0].start.instant.isoformat() == "2026-03-02T08:15:00+00:00"
    assert len(known.memberships) == 2


@pytest.mark.parametrize(
    ("name", "deviations"),
    [
        ("cisco-cube", set()),
        ("audiocodes", set()),
        (
            "oracle",
            {"namespace", "datamode-spelling", "id-attribute", "streams-in-participant", "time-without-zone"},
        ),
        ("ribbon", {"namespace", "clock-unset"}),
        (
            "broadworks",
            {"namespace", "root-element", "datamode-spelling", "id-attribute", "streams-in-participant"},
        ),
        ("avaya-sbce", {"datamode-spelling", "stream-without-id", "time-without-zone"}),
    ],
)
def test_devices(name, deviations):
    """Each device's way of writing is understood and its deviations are named."""
    assert set(metadata_of(name).deviations) == deviations


def test_drafts_name_streams_in_participants():
    """Oracle and BroadWorks say in the participant itself what it sends."""
    (first,) = metadata_of("oracle").senders("90001")
    assert first.names == (("sip:005550100@example.org", "005550100"),)
    assert len(metadata_of("broadworks").senders("1")) == 2


def test_blocks_of_vendors_are_kept():
    """A vendor's block is kept as it came, and what it says of the recorded call is read."""
    ribbon = metadata_of("ribbon")
    assert ribbon.original.caller == "sip:005550100@example.org"
    assert ribbon.original.call_id == "orig-1@example.org"
    assert "callData" in ribbon.foreign[0]
    assert any("ucid" in one for one in metadata_of("oracle").foreign)
    assert "callType" in metadata_of("broadworks").foreign[0]


def partial(inner):
    """A partial update."""
    return read_metadata(
        f'<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>partial</datamode>{inner}</recording>'.encode()
    )


def test_partial_updates_add_and_change():
    """A partial update changes what it names and leaves the rest; a snapshot replaces all."""
    before = metadata_of("opensips")
    party = before.participants[0].id
    update = partial(
        f'<participant participant_id="{party}"><nameID aor="sip:005550111@example.org"/></participant>'
        f'<participantstreamassoc participant_id="{party}"/>'
    )
    after = before.updated(update)
    assert after.participants[0].names == (("sip:005550111@example.org", ""),)
    assert after.participants[1] == before.participants[1]
    assert next(use for use in after.uses if use.participant == party).held
    assert after.updated(before) == before


def test_partial_updates_add_no_more_than_is_kept():
    """Beyond the bound nothing new is taken, which is named; what is known is changed all the same."""
    many = range(MAX_ENTITIES - 1)
    known = Metadata().updated(partial("".join(f'<session session_id="s{n}"/>' for n in many)))
    fits = known.updated(partial('<session session_id="last"/>'))
    assert (len(fits.sessions), fits.deviations) == (MAX_ENTITIES, ())
    over = "<stop-time>2026-03-02T08:16:00Z</stop-time>"
    more = f'<session session_id="more"/><session session_id="last">{over}</session><participant participant_id="p"/>'
    full = fits.updated(partial(more))
    assert [one.id for one in full.sessions] == [*(f"s{n}" for n in many), "last"]
    assert full.sessions[-1].stop is not None
    assert [one.id for one in full.participants] == ["p"]
    assert full.deviations == (TOO_MUCH,)


def test_a_snapshot_makes_room():
    """A snapshot replaces all, so that nothing is too much after it."""
    full = Metadata(sessions=tuple(CallSession(f"s{n}") for n in range(MAX_ENTITIES)))
    fresh = full.updated(metadata_of("opensips"))
    assert fresh.updated(partial('<session session_id="next"/>')).deviations == ()


def test_calls_at_once_are_bounded():
    """Of the calls that are not over the newest are told."""
    known = Metadata(sessions=tuple(CallSession(f"s{n}") for n in range(200)))
    assert known.carried == tuple((f"s{n}", "") for n in range(200 - MAX_OPEN_CALLS, 200))


def test_one_thing_is_bounded_in_itself():
    """Names, numbers and streams of one thing, and their lengths."""
    names = '<nameID aor="sip:a"/>' * 100
    known = partial(
        f'<participant participant_id="p">{names}{"<send>s</send>" * 100}</participant>'
        f'<session session_id="s">{"<sipSessionID>i</sipSessionID>" * 100}<reason>{"r" * 5_000}</reason></session>'
    )
    assert len(known.participants[0].names) == len(known.uses[0].sends) == MAX_REPEATED
    assert len(known.sessions[0].reasons[0]) == MAX_TEXT


def test_one_id_for_two_things():
    """The second thing under an id already used is left out and named."""
    update = partial('<participant participant_id="a"/><stream stream_id="a"><label>1</label></stream>')
    assert update.streams == ()
    assert update.deviations == ("id-twice",)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<recording>",
        b'<!DOCTYPE r [<!ENTITY a "b">]><recording>&a;</recording>',
        b'<!DOCTYPE r SYSTEM "http://192.0.2.1/x"><recording/>',
        b'<?xml version="1.0" encoding="nonsense"?><recording/>',
        b"<recording>" + b"<a/>" * 3_000 + b"</recording>",
        b"<recording>" + b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH + b"</recording>",
        b"<recording>" + b"<a>" * 1_900 + b"</a>" * 1_900 + b"</recording>",
        b"<recording>" + b" " * MAX_METADATA + b"</recording>",
    ],
)
def test_danger_is_refused(text):
    """Entities, document types, endless or bottomless documents and what is no XML are refused by name."""
    with pytest.raises(SipError, match="metadata"):
        read_metadata(text)


def test_blocks_within_blocks_are_kept_down_to_the_bound():
    """A vendor's block may be as deep as the bound, and another wider than that."""
    wide = "<x>" + "<y/>" * 100 + "</x>"
    deep = "<v>" * (MAX_DEPTH - 1) + "</v>" * (MAX_DEPTH - 1)
    assert [one.count("<ns0:y") or one.count("<ns0:v") for one in partial(wide + deep).foreign] == [
        100,
        MAX_DEPTH - 1,
    ]


@pytest.mark.parametrize(
    ("written", "instant", "deviation"),
    [
        ("2026-03-02T09:15:00+01:00", "2026-03-02T08:15:00+00:00", ""),
        ("2026-03-02t08:15:00.5z", "2026-03-02T08:15:00.500000+00:00", ""),
        ("2026-03-02T09:15:00", None, "time-without-zone"),
        ("1970-01-01T00:00:09Z", "1970-01-01T00:00:09+00:00", "clock-unset"),
        ("2026-02-30T00:00:00Z", None, "time-unreadable"),
        ("yesterday", None, "time-unreadable"),
    ],
)
def test_times(written, instant, deviation):
    """Times are kept as written; what cannot be an instant is none."""
    stated, found = read_time(written)
    assert (stated.instant.isoformat() if stated.instant else None, found) == (instant, deviation)
    assert stated.written == written


def test_the_request_for_a_snapshot_is_xml():
    """What asks for a snapshot is well-formed whatever the reason says."""
    assert b'<requestreason xml:lang="en">a &amp; b &lt; c' in write_snapshot_request("a & b < c")


def foreign(count: int, space: str) -> bytes:
    """Metadata with so many elements of a vendor beside each other, whose namespace this is."""
    blocks = "".join(f"<v:a{number}/>" for number in range(count))
    return f'<recording xmlns="urn:ietf:params:xml:ns:recording:1" xmlns:v="{space}">{blocks}</recording>'.encode()


def test_what_vendors_say_takes_no_more_room_than_it_came_in() -> None:
    """Of many elements beside each other few are kept; a namespace that each of them would repeat is not read where it is long."""
    known = read_metadata(foreign(1_900, "u" * MAX_NAMESPACE))
    assert len(known.foreign) == MAX_FOREIGN
    assert sum(map(len, known.foreign)) < MAX_METADATA
    for long in (foreign(2, "u" * (MAX_NAMESPACE + 1)), foreign(2, "u" * 9_999).decode().encode("utf-16")):
        with pytest.raises(SipError, match="namespace"):
            read_metadata(long)
