"""Records and files of an exchange whose rows say that they are of a later date: nothing of them outlives the term of when they came."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import QuerySet

from rejent.catalog import services
from rejent.catalog.checks import findings
from rejent.catalog.models import Source
from rejent.kernel.clock import civil_date
from rejent.office import services as office
from rejent.office.models import RegulationVersion
from rejent.office.regulation.loading import example
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import Call, CallRecord, PbxFile
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.retention.chores import forget_ended_records, records_against_terms
from tests.unit.streams_calls_imported.conftest import Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav

FAR = datetime(2099, 1, 1, tzinfo=UTC)
LAST = date(9999, 12, 31)


@pytest.fixture
def told(pbx: Pbx) -> Pbx:
    """A call that was not recorded, one that was, and a file of which nothing could be taken over; compared."""
    pbx.clock.advance(timedelta(hours=1))
    pbx.record("never.wav", caller="103000201", seconds=30)
    pbx.record("kept.wav")
    pbx.drop("kept.wav", wav(2))
    pbx.drop("103000203.wav", b"no sound")
    assert pbx.settle() == 1
    for _ in range(5):
        pbx.look(5)
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == 1
    assert PbxFile.objects.get(state="refused").name
    assert found(pbx) == []
    return pbx


def found(pbx: Pbx) -> list[tuple[str, str]]:
    """What is found of records and files, and of which kind."""
    every = [*findings(pbx.store, pbx.clock), *records_against_terms(pbx.clock)]
    return sorted({(each.code, str(each.facts.get("thing", "")).partition(":")[0]) for each in every})


def forgotten(pbx: Pbx, after: timedelta) -> int:
    """How many name nobody any more after so long."""
    pbx.clock.advance(after)
    return forget_ended_records(clock=pbx.clock)


def test_a_line_that_a_row_gives_to_another_stream_for_a_moment_keeps_its_records(told: Pbx) -> None:
    """No term is counted by a stream that was not entered, were it shorter; such a line is named by the check of rows."""
    calls, video = RegulationVersion.objects.get().text, example("elblag")
    longer = calls.replace("[streams.calls.retention]\ncount = 30", "[streams.calls.retention]\ncount = 60")
    both = longer + "\n" + video[video.index("[streams.video]") :]
    office.activate_regulation(both, in_force_from=told.clock.now().date(), clock=told.clock, actor="")
    assert forgotten(told, timedelta(days=40)) == 0
    Source.objects.filter(pk=told.line).update(stream="video")
    assert forgotten(told, timedelta(hours=2)) == 0
    Source.objects.filter(pk=told.line).update(stream="calls")
    assert forgotten(told, timedelta(days=40)) == 2


@pytest.mark.parametrize("day", [date(2026, 12, 24), date(2099, 1, 1), LAST])
def test_a_later_date_keeps_nobody_s_number(told: Pbx, day: date) -> None:
    """It is found at once, and goes with the term of the latest date that a call of which was told then can have."""
    never, refused = CallRecord.objects.filter(state="missing"), PbxFile.objects.filter(state="refused")
    never.update(day=day)
    refused.update(day=day)
    assert ("catalog.record-misdated", "callrecord") in found(told)
    assert ("catalog.record-misdated", "pbxfile") in found(told)
    assert forgotten(told, timedelta(days=3)) == 0
    assert forgotten(told, timedelta(days=40)) == 2
    assert never.get().caller == never.get().raw == ""
    assert never.get().mark.startswith("gone")
    assert refused.get().name == ""
    kept = CallRecord.objects.get(state="recorded")
    assert kept.caller
    assert kept.raw


def test_a_date_beyond_the_calendar_stops_no_other(told: Pbx) -> None:
    """Where a row says that it came later, too, it stays, and is found; the others go."""
    PbxFile.objects.filter(state="refused").update(
        day=LAST, looked_at=FAR.replace(year=9999, month=12, day=31)
    )
    assert ("catalog.record-misdated", "pbxfile") in found(told)
    assert forgotten(told, timedelta(days=40)) == 1
    assert CallRecord.objects.get(state="missing").caller == ""


def test_a_date_within_what_another_zone_makes_of_it_is_as_it_was_told(pbx: Pbx) -> None:
    """A clock that goes ahead by a day gives a call that date and its term."""
    ahead = pbx.clock.now() + timedelta(hours=25)
    pbx.record("", told=f"{ahead:%Y-%m-%d %H:%M:%S}Z", seconds=9)
    pbx.look()
    assert CallRecord.objects.get().day == civil_date(ahead)
    assert found(pbx) == []


def test_a_file_that_says_to_be_of_another_week_is_its_record_s(pbx: Pbx) -> None:
    """Where the clock of a folder is slow, a call has the time of its file; that its record names the file joins them."""
    pbx.clock.advance(timedelta(days=6))
    services.store_day_keys(
        pbx.line,
        {civil_date(pbx.clock.now() - timedelta(days=4)): pbx.identity.recipient.text},
        clock=pbx.clock,
    )
    pbx.record("kept.wav")
    pbx.drop("kept.wav", wav(2), ago=4 * 86_400)
    assert pbx.settle() == 1
    row = CallRecord.objects.get(state="recorded")
    assert row.start is not None
    assert abs(row.calls.get().start - row.start) > timedelta(days=3)
    assert found(pbx) == []


EDITS: dict[str, Callable[[QuerySet[PbxFile]], object]] = {
    "looked at later": lambda rows: rows.update(looked_at=FAR),
    "of a call": lambda rows: rows.update(call=Call.objects.get()),
    "taken over": lambda rows: rows.update(call=Call.objects.get(), state="imported"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_that_would_keep_its_name_is_found(told: Pbx, edit: str) -> None:
    """By another time, or by a call that is not its own; that it is not what was entered is found besides."""
    EDITS[edit](PbxFile.objects.filter(state="refused"))
    codes = {code for code, thing in found(told) if thing == "pbxfile"}
    assert codes - {"calls.differs-from-ledger"} in (
        {"catalog.record-misdated"},
        {"catalog.record-misjoined"},
    )


@pytest.mark.parametrize("other", [False, True])
def test_a_record_that_would_live_by_another_call_is_found(told: Pbx, other: bool) -> None:
    """Of another time; it may not be kept by it."""
    name, start = "a" * 32, told.clock.now() + timedelta(days=4)
    call_services.begin_call(
        call_services.BegunCall(name, told.line, civil_date(start), start, "incoming", "1", "2"),
        clock=told.clock,
    )
    call_services.end_call(name, start + timedelta(seconds=9), "bye", clock=told.clock)
    if other:
        CallRecord.objects.get(state="recorded").calls.add(Call.objects.get(pk=name))
    else:
        CallRecord.objects.get(state="missing").calls.add(Call.objects.get(pk=name))
    assert ("catalog.record-misjoined", "callrecord") in found(told)


def test_what_the_keeper_left_behind_its_term_is_told(told: Pbx) -> None:
    """From the alarm of the term on; once it is taken, no more."""
    told.clock.advance(timedelta(days=40))
    assert ("retention.records-overdue", "") in found(told)
    assert forget_ended_records(clock=told.clock) == 2
    assert ("retention.records-overdue", "") not in found(told)


def test_a_record_that_names_nobody_before_its_term_is_told(told: Pbx) -> None:
    """Whoever empties it hides which call is missing."""
    nothing = dict.fromkeys(("caller", "called", "raw", "file", "record_id", "linked_id", "salt"), "")
    CallRecord.objects.filter(state="missing").update(emptied=True, **nothing)
    assert found(told) == [("retention.records-nameless", "")]
    told.clock.advance(timedelta(days=40))
    assert ("retention.records-nameless", "") not in found(told)
