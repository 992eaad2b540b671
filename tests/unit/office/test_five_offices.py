"""The five regulations that come with the program say what their offices wrote."""

from datetime import date

import pytest

from rejent.kernel.terms import Length, RetentionKind, Unit
from rejent.office.regulation import vocabulary as words
from rejent.office.regulation.loading import EXAMPLES, Severity, check, example, load
from rejent.office.regulation.sections import flagged
from rejent.office.regulation.vocabulary import RoleName

OFFICES = {name: load(example(name)) for name in EXAMPLES}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_five_offices_load(name):
    """Every regulation that comes with the program loads without an error."""
    assert [each for each in check(example(name)) if each.severity is Severity.ERROR] == []
    assert OFFICES[name].streams


@pytest.mark.parametrize(
    ("office", "stream", "count", "unit", "kind"),
    [
        ("elblag", "video", 30, Unit.DAYS, RetentionKind.FIXED),
        ("boleslawiec", "calls", 3, Unit.MONTHS, RetentionKind.FIXED),
        ("pleszew", "video", 30, Unit.DAYS, RetentionKind.MAXIMUM),
        ("miedziana-gora", "video", 3, Unit.MONTHS, RetentionKind.MAXIMUM),
        ("walbrzych-mops", "calls", 30, Unit.DAYS, RetentionKind.MAXIMUM),
    ],
)
def test_each_office_keeps_its_own_retention(office, stream, count, unit, kind):
    """Retention and its kind are what each regulation says."""
    retention = OFFICES[office].stream(stream).retention
    assert (retention.count, retention.unit, retention.kind) == (count, unit, kind)


def test_each_office_records_only_its_own_streams():
    """No office records what its regulation does not name."""
    assert {name: sorted(office.streams) for name, office in OFFICES.items()} == {
        "elblag": ["activity", "mail", "network", "video"],
        "boleslawiec": ["calls"],
        "pleszew": ["video"],
        "miedziana-gora": ["video"],
        "walbrzych-mops": ["calls"],
    }
    assert OFFICES["pleszew"].stream("calls") is None
    assert OFFICES["pleszew"].stream("nonsense") is None


def test_elblag_keeps_camera_places_secret_and_lets_guards_see_only_the_live_picture():
    """Guards see live, only the authorised see recordings, and camera places are the employer's secret."""
    video = OFFICES["elblag"].stream("video")
    assert video.access.live == (RoleName.GUARD, RoleName.GUARD_SUPERVISOR)
    assert video.access.recordings == (RoleName.VIEWER,)
    assert video.places.secret
    assert video.forbidden_uses == (words.Use.WORK_SUPERVISION,)


def test_elblag_mail_and_activity_have_no_retention():
    """Where the text sets no period, the program sets none either."""
    for stream in ("mail", "activity", "network"):
        assert OFFICES["elblag"].stream(stream).retention is None


def test_boleslawiec_records_all_directions_under_protocol_at_listed_stations():
    """Every listening leaves a protocol, on the administrator's station, and one person decides on hand-over."""
    calls = OFFICES["boleslawiec"].stream("calls")
    assert set(calls.directions) == set(words.CallDirection)
    assert calls.access.playback_record is words.PlaybackRecord.PROTOCOL
    assert len(calls.access.protocol_fields) == 6
    assert calls.access.position is words.Position.HEAD
    assert calls.access.stations is words.Stations.LISTED
    assert calls.handover.document_copies == 2
    assert not calls.handover.deputy_in_absence
    assert OFFICES["boleslawiec"].supervisors == (RoleName.SECRETARY,)


def test_where_no_protocol_is_named_what_was_found_and_what_follows_suffices():
    """The other offices' texts name none: two fields, finished by the viewer alone."""
    for office in ("elblag", "pleszew", "miedziana-gora", "walbrzych-mops"):
        for rules in OFFICES[office].streams.values():
            assert rules.access.protocol_fields == (
                words.ProtocolField.FINDINGS,
                words.ProtocolField.FOLLOW_UP,
            )
            assert rules.access.position is words.Position.NONE


def test_pleszew_refuses_late_applications_and_counts_copies_from_the_recording():
    """Fourteen days to apply, later ones not considered; copies live three months from the day of recording."""
    video = OFFICES["pleszew"].stream("video")
    assert video.preservation.window == Length(14, Unit.DAYS)
    assert video.preservation.late is words.LatePolicy.NOT_CONSIDERED
    assert video.copies.lifetime == Length(3, Unit.MONTHS)
    assert video.copies.lifetime_from is words.CopyOrigin.RECORDING
    assert video.access.second_person is words.SecondPerson.FOR_UNAUTHORISED
    assert len(video.copies.register) == 7
    assert len(video.handover.register) == 8
    assert not video.sound


def test_pleszew_has_five_purposes_the_statute_does_not_know():
    """Five of the eight purposes carry a flag until the data protection officer states a position."""
    office = OFFICES["pleszew"]
    found = [p.id for p in office.stream("video").purposes if flagged(office, "video", p)]
    assert found == ["bhp", "konflikty", "sprawcy", "osoby-nieuprawnione", "nadzor-wlasciciela"]
    keys = [finding.key for finding in check(example("pleszew")) if "purposes" in finding.key]
    assert len(keys) == 5
    with_position = example("pleszew").replace('id = "bhp"', 'id = "bhp"\nposition = "dopuszczalny"')
    assert "bhp" not in [
        p.id for p in load(with_position).stream("video").purposes if flagged(load(with_position), "video", p)
    ]


def test_miedziana_gora_is_decided_by_the_deputy_in_absence():
    """Four named posts see live and recordings; the deputy decides when the head is away."""
    office = OFFICES["miedziana-gora"]
    video = office.stream("video")
    assert video.access.live == video.access.recordings
    assert video.access.recordings == (
        RoleName.HEAD,
        RoleName.DEPUTY,
        RoleName.SECRETARY,
        RoleName.ADMINISTRATOR,
    )
    assert office.deputy
    assert video.handover.deputy_in_absence
    assert video.handover.documents == (words.HandoverDocument.RECEIPT,)


def test_walbrzych_records_incoming_calls_alone_and_lets_copies_be_renewed():
    """Only external incoming calls; the contractor comes on a fault; four months, renewable."""
    calls = OFFICES["walbrzych-mops"].stream("calls")
    assert calls.directions == (words.CallDirection.INCOMING,)
    assert calls.access.contractor is words.ContractorAccess.ON_FAULT
    assert calls.copies.lifetime == Length(4, Unit.MONTHS)
    assert calls.copies.renewable
    assert len(calls.copies.register) == 8
    assert len(calls.copies.label) == 6


def test_adopted_is_a_civil_date():
    """The day of adoption is read as a date."""
    assert OFFICES["pleszew"].adopted == date(2026, 4, 2)
