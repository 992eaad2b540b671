"""Destruction at the end of a term, and what holds keep of it."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from rejent.catalog import queries as catalog
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.retention import queries, services
from rejent.retention.errors import AlreadyDestroyedError
from rejent.retention.holds.recorded import recorded_time
from rejent.vault.errors import KeyDestroyedError, ObjectMissingError
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
FIXED_END = local_midnight(date(2026, 4, 1))
HALF = timedelta(seconds=30)


def hold(office: RecordingOffice, source: str, start: datetime, end: datetime) -> services.HoldView:
    """A hold for a case, to be looked at again at the end of the year."""
    return services.place_hold(
        source_id=source,
        start=start,
        end=end,
        case="OR.1431.1.2026",
        basis="proceedings",
        review_on=date(2026, 12, 31),
        clock=office.clock,
        ledger=None,
        actor="cli",
    )


def test_a_fixed_period_is_readable_to_its_end_and_dead_after_it(elblag: RecordingOffice) -> None:
    """A round just before the end destroys nothing; one at the end destroys key, object and content of the row."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    elblag.go_to(FIXED_END - timedelta(seconds=1))
    assert services.keep_once(elblag.keeping).destroyed_days == 0
    assert b"seen@59" in elblag.content(segment)
    elblag.go_to(FIXED_END)
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.destroyed_segments) == ([], 1)
    with pytest.raises(KeyDestroyedError):
        elblag.keys.identity_by_recipient(segment.recipient)
    with pytest.raises(ObjectMissingError):
        elblag.store.open(segment.object_name)
    (row,) = catalog.segments(camera, NOON, NOON + MINUTE, destroyed=True)
    assert (row.state, row.index) == ("destroyed", b"")


def test_a_maximum_is_destroyed_on_its_last_day(pleszew: RecordingOffice) -> None:
    """At most 30 days from 1 March end on 31 March: the first round of that day destroys, a second one does nothing."""
    camera = pleszew.add_camera("Hall")
    pleszew.record(camera, NOON, b"seen")
    pleszew.go_to(local_midnight(date(2026, 3, 31)))
    done = services.keep_once(pleszew.keeping)
    assert (done.failed, done.destroyed_segments) == ([], 1)
    assert services.keep_once(pleszew.keeping).destroyed_days == 0
    assert queries.overdue(pleszew.clock) == []


def test_the_ledger_proves_a_destruction_without_content(elblag: RecordingOffice) -> None:
    """The act of a done destruction tells range, rule, count, bytes, key and the digest over the objects' digests."""
    camera = elblag.add_camera("Hall")
    made = [elblag.record(camera, NOON + number * MINUTE, b"seen") for number in range(3)]
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    (told,) = registers.acts(names=["destruction.done"]).acts
    assert told.facts is not None
    expected = sha256(b"".join(bytes.fromhex(each.sha256) for each in made)).hexdigest()
    assert told.facts["digest"] == expected
    assert told.facts["segments"] == 3
    assert told.facts["bytes"] == sum(each.bytes for each in made)
    assert told.facts["rule"].startswith("fixed 30 days")
    assert told.facts["recipient"] == made[0].recipient
    names = [act.act for act in registers.acts(subject=f"source:{camera}").acts]
    assert names.index("destruction.done") < names.index("destruction.key-destroyed")
    assert names.index("destruction.key-destroyed") < names.index("destruction.decided")


def test_a_hold_keeps_a_segment_with_its_booked_digest_provable(elblag: RecordingOffice) -> None:
    """A wholly covered segment survives under another key; its old header gives back the digest booked first."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    gone = elblag.record(camera, NOON + MINUTE, b"gone")
    hold(elblag, camera, NOON, NOON + MINUTE)
    elblag.go_to(FIXED_END)
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.survivors, done.destroyed_segments) == ([], 1, 1)
    (row,) = elblag.living(camera, NOON, NOON + 2 * MINUTE)
    assert row.state == "held"
    assert b"held@59" in elblag.content(row)
    with elblag.store.open(row.object_name) as sealed:
        present = sealed.read_at(0, sealed.size)
    assert sha256(present).hexdigest() == row.sha256 != kept.sha256
    (survivor,) = queries.survivors(queries.destructions()[0].number)
    assert (survivor.whole, survivor.from_sha256) == (True, kept.sha256)
    with pytest.raises(ObjectMissingError):
        elblag.store.open(gone.object_name)


def test_a_partly_covered_segment_is_cut_to_what_decoding_needs(elblag: RecordingOffice) -> None:
    """A hold from second 32 to 41 keeps seconds 30 to 40 of a segment with a key picture each five seconds, no more."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"part")
    hold(elblag, camera, NOON + timedelta(seconds=32), NOON + timedelta(seconds=41))
    elblag.go_to(FIXED_END)
    assert services.keep_once(elblag.keeping).failed == []
    (row,) = elblag.living(camera, NOON, NOON + MINUTE)
    content = elblag.content(row)
    assert [second for second in range(60) if b"part@%02d" % second in content] == list(range(30, 41))
    assert row.start == NOON + HALF
    assert row.units == 11


def test_several_holds_keep_until_the_last_ends(elblag: RecordingOffice) -> None:
    """Of two holds over one minute the first to end lets nothing go; the second lets it be destroyed with proof."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    first = hold(elblag, camera, NOON, NOON + MINUTE)
    second = hold(elblag, camera, NOON - MINUTE, NOON + MINUTE)
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    services.end_hold(first.number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    assert services.keep_once(elblag.keeping).destroyed_days == 0
    services.end_hold(second.number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.destroyed_segments, done.survivors) == ([], 1, 0)
    assert elblag.living(camera, NOON, NOON + MINUTE) == []
    assert [record for record in elblag.keys.alive() if record.kind == "hold"] == []


def test_a_hold_that_ends_lets_go_of_exactly_what_no_other_keeps(elblag: RecordingOffice) -> None:
    """When a hold over three minutes ends and another keeps the second, the first and third go."""
    camera = elblag.add_camera("Hall")
    for number in range(3):
        elblag.record(camera, NOON + number * MINUTE, b"m%d" % number)
    wide = hold(elblag, camera, NOON, NOON + 3 * MINUTE)
    hold(elblag, camera, NOON + MINUTE, NOON + 2 * MINUTE)
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    assert len(elblag.living(camera, NOON, NOON + 3 * MINUTE)) == 3
    services.end_hold(wide.number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    assert services.keep_once(elblag.keeping).failed == []
    (row,) = elblag.living(camera, NOON, NOON + 3 * MINUTE)
    assert b"m1@00" in elblag.content(row)


def test_a_hold_over_what_is_destroyed_is_refused_with_the_destruction(elblag: RecordingOffice) -> None:
    """The refusal says when the term ended and which destruction followed."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"gone")
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    number = queries.destructions()[0].number
    with pytest.raises(AlreadyDestroyedError, match=f"2026-04-01.*{number}"):
        hold(elblag, camera, NOON, NOON + MINUTE)


def test_a_hold_over_partly_destroyed_time_tells_what_is_gone(elblag: RecordingOffice) -> None:
    """A hold that reaches from a destroyed day into a living one is placed and names the lost part."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"gone")
    elblag.record(camera, NOON + timedelta(days=1), b"here")
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    placed = hold(elblag, camera, NOON, NOON + timedelta(days=2))
    assert [(part.start, part.end) for part in placed.gone] == [(NOON, NOON + MINUTE)]


def test_keys_of_days_without_recordings_die_too(elblag: RecordingOffice) -> None:
    """A day key that sealed nothing ends with its term."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    unused = catalog.recipient(camera, date(2026, 3, 1))
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    assert unused is not None
    with pytest.raises(KeyDestroyedError):
        elblag.keys.identity_by_recipient(unused)


def test_a_segment_booked_after_its_key_died_is_removed(elblag: RecordingOffice) -> None:
    """What comes late out of a spool follows its key: the object goes with the next round."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    late = elblag.record(camera, NOON + MINUTE, b"late", book=False)
    elblag.go_to(FIXED_END)
    services.keep_once(elblag.keeping)
    from rejent.catalog import services as catalog_services

    catalog_services.book_segments([late], elblag.clock)
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.destroyed_segments) == ([], 1)
    with pytest.raises(ObjectMissingError):
        elblag.store.open(late.object_name)


def test_what_went_before_a_hold_was_placed_is_not_said_to_have_been_kept_by_it(
    elblag: RecordingOffice,
) -> None:
    """Once both have ended, each hold is known by what was recorded and there when it was placed."""
    camera = elblag.add_camera("Hall")
    for number in range(2):
        elblag.record(camera, NOON + number * MINUTE, b"seen")
    asked = Interval(NOON, NOON + 2 * MINUTE)
    first = hold(elblag, camera, NOON, NOON + MINUTE)
    begun = elblag.clock.now()
    elblag.go_to(FIXED_END)
    assert services.keep_once(elblag.keeping).destroyed_segments == 1
    elblag.go_to(FIXED_END + HALF)
    second = hold(elblag, camera, asked.start, asked.end)
    for one in (first, second):
        services.end_hold(one.number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    services.keep_once(elblag.keeping)
    assert elblag.living(camera, asked.start, asked.end) == []
    seen = {
        since: recorded_time(camera, asked, clock=elblag.clock, kept_since=since)
        for since in (begun, second.placed_at, None)
    }
    assert [(each.recorded_s, each.gone) for each in seen.values()] == [(120, False), (60, True), (0, True)]
