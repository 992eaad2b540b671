"""What a recording session does with the metadata that comes to it, late, in parts, broken or under old names."""

import pytest

from rejent.streams.calls.receiving.siprec.bodies import METADATA, SDP, read_bodies
from rejent.streams.calls.receiving.siprec.events import (
    DeviationNoted,
    MetadataChanged,
    StreamAdded,
)
from rejent.streams.calls.receiving.siprec.metadata import MAX_ENTITIES, TOO_MUCH
from tests.unit.streams_calls.caller import (
    PARTY,
    Caller,
    metadata,
    offer,
    write_parts,
)

CALLS = "".join(f'<session session_id="s{n}"/><participant participant_id="p{n}"/>' for n in range(3))


def test_metadata_later_partial_and_broken():
    """Metadata may come later and in parts; what cannot be read is named, and stops nothing."""
    caller = Caller()
    response = caller.ask("INVITE", offer("sendonly"))
    assert response.status == 200
    caller.tag = response.headers.get("To").rpartition("tag=")[2]
    caller.acknowledge()
    alone = [("Content-Disposition", "recording-session")]
    assert caller.ask("UPDATE", metadata(PARTY), METADATA, extra=alone).status == 200
    changed = metadata(PARTY.replace("5550100", "5550111"), "partial")
    assert caller.ask("UPDATE", changed, METADATA, extra=alone).body == b""
    assert caller.of(MetadataChanged)[-1].metadata.participants[0].names[0][0] == "sip:005550111@example.org"
    assert caller.ask("UPDATE", b"<!DOCTYPE a><recording/>", METADATA, extra=alone).status == 200
    assert [one.deviation for one in caller.of(DeviationNoted)] == [
        "metadata-declares",
        "snapshot-requested",
    ]
    assert b"<requestsnapshot" in caller.asked[0].body
    assert b">The metadata declares a document type or an entity.</requestreason>" in caller.asked[0].body
    assert caller.core.sessions == 1


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"no XML at all", b"The metadata is no XML."),
        (metadata("<y/>" * 2_500), b"The metadata has more than 2000 elements."),
        (metadata(PARTY, "partial"), b"The metadata received updates a snapshot that was not received."),
    ],
)
def test_the_caller_is_told_why_a_snapshot_is_requested(sent, reason):
    """What is wrong with a document is said as it is: one that is no XML is not one that comes too early."""
    caller = Caller()
    caller.invite(text=sent)
    assert b">" + reason + b"</requestreason>" in caller.asked[0].body


def test_bottomless_metadata_is_named_and_the_call_recorded():
    """An INVITE whose metadata goes deeper than anybody reads is answered like one whose metadata is broken."""
    caller = Caller()
    deep = '<v:x xmlns:v="urn:v">' + "<y>" * 1_500 + "</y>" * 1_500 + "</v:x>"
    assert caller.invite(text=metadata(PARTY + deep)).status == 200
    assert [one.deviation for one in caller.of(DeviationNoted)] == [
        "metadata-too-much",
        "snapshot-requested",
    ]
    assert len(caller.of(StreamAdded)) == 2


def test_a_partial_update_first_asks_for_a_snapshot():
    """Where the beginning is missing we ask for all, by UPDATE without description, and take what comes."""
    caller = Caller()
    caller.invite(text=metadata(PARTY, "partial"))
    (update,) = caller.asked
    assert update.method == "UPDATE"
    assert update.headers.get("Require") == "siprec"
    assert update.headers.get("Content-Disposition") == "recording-session"
    assert update.headers.get("Content-Type") == METADATA
    assert b"<requestsnapshot" in update.body
    assert read_bodies(update.headers, update.body).description is None
    caller.reply(update, 200)
    media_type, body = write_parts(
        [(SDP, "", offer("sendonly", version=2)), (METADATA, "recording-session", metadata(PARTY))], "b"
    )
    caller.ask("INVITE", body, media_type)
    caller.acknowledge()
    assert len(caller.asked) == 1


def test_metadata_without_end_ends_nothing():
    """Partial updates that add and add are answered, named once, and the recording goes on with what it knows."""
    caller = Caller()
    caller.invite()
    alone = [("Content-Disposition", "recording-session")]
    for number in range(6):
        added = "".join(f'<session session_id="s{number}-{each}"/>' for each in range(400))
        assert caller.ask("UPDATE", metadata(added, "partial"), METADATA, extra=alone).status == 200
    assert len(caller.of(MetadataChanged)[-1].metadata.sessions) == MAX_ENTITIES
    assert [one.deviation for one in caller.of(DeviationNoted)] == [TOO_MUCH]
    changed = metadata(PARTY.replace("5550100", "5550111"), "partial")
    assert caller.ask("UPDATE", changed, METADATA, extra=alone).status == 200
    assert caller.of(MetadataChanged)[-1].metadata.participants[0].names[0][0] == "sip:005550111@example.org"
    assert caller.core.sessions == 1


def test_the_same_ids_from_two_callers():
    """Two callers may use the same ids; their sessions do not touch each other."""
    first = Caller()
    first.invite(text=metadata(CALLS))
    second = Caller(first.core, call_id="c2")
    second.invite(text=metadata(CALLS))
    assert second.of(DeviationNoted) == []
    assert second.ask("BYE", required=()).status == 200
    assert first.core.sessions == 1


def test_draft_names_of_the_metadata_type_are_taken():
    """Both names of the metadata's type are taken; what we send bears the one RFC 9806 settled on."""
    caller = Caller()
    body = metadata(PARTY)
    assert caller.ask("INVITE", offer("sendonly")).status == 200
    caller.tag = caller.answers[-1].headers.get("To").rpartition("tag=")[2]
    alone = [("Content-Disposition", "recording-session")]
    assert caller.ask("UPDATE", body, "application/rs-metadata", extra=alone).status == 200
    assert len(caller.of(MetadataChanged)) == 1
