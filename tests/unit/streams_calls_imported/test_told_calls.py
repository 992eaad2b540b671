"""Calls that a PBX tells of, compared with those that were recorded."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rejent.catalog import services
from rejent.catalog.acts import SOURCE_CHANGED
from rejent.catalog.checks import findings
from rejent.catalog.models import Gap, Source
from rejent.kernel.clock import civil_date
from rejent.registers.guard.rows import verified
from rejent.registers.models import Entry
from rejent.registers.services import enter
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import CallRecord, PbxFile
from rejent.streams.calls.catalog.queries import pbx as told
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.commands import calls as call_imports
from rejent.streams.calls.retention.chores import forget_ended_records
from tests.unit.streams_calls_imported.conftest import START, Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_records import CALLER, OURS


def test_an_hour_is_compared_once(pbx: Pbx) -> None:
    """A call that was told of and not recorded is a gap and an act; comparing again, or reading again, changes nothing."""
    pbx.clock.advance(timedelta(minutes=5))
    pbx.record("never.wav", seconds=30)
    pbx.record("kept.wav")
    pbx.drop("kept.wav", wav(2))
    pbx.settle()
    assert compare_hour(clock=pbx.clock) == 0
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == 1
    pbx.anew()
    pbx.settle()
    assert compare_hour(clock=pbx.clock) == 0
    (gap,) = Gap.objects.all()
    assert gap.cause == "no-recording"
    assert gap.end is not None
    assert timedelta(seconds=25) < gap.end - gap.start <= timedelta(seconds=30)
    entry = Entry.objects.get(act="call.missing")
    assert CALLER not in str(entry.facts)
    assert told.missing_since(pbx.clock.now() - timedelta(days=1)) == {pbx.line: 1}
    assert not list(findings(pbx.store, pbx.clock))


def test_what_was_entered_cannot_be_talked_away(make: Callable[..., Pbx]) -> None:
    """A missing call set to recorded, or a file said to be removed without an act, is found by the checks."""
    pbx = make(remove="booked")
    pbx.clock.advance(timedelta(minutes=5))
    pbx.record("never.wav")
    pbx.record("kept.wav", caller="103000201")
    pbx.drop("kept.wav", wav(2))
    assert pbx.settle() == 1
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == 1
    assert not list(findings(pbx.store, pbx.clock))
    CallRecord.objects.filter(state="missing").update(state="recorded")
    PbxFile.objects.update(bytes=1)
    assert {found.facts["thing"].partition(":")[0] for found in findings(pbx.store, pbx.clock)} == {
        "callrecord",
        "pbxfile",
    }


def test_a_recorded_call_is_recognised_by_numbers_and_time(pbx: Pbx) -> None:
    """Of a call recorded in another way, or told of two hours off, nothing is missing; an extension is the end of its number."""
    pbx.clock.advance(timedelta(hours=3))
    begun = call_services.BegunCall(
        "c" * 32, pbx.line, civil_date(START), pbx.clock.now(), "incoming", CALLER, OURS
    )
    call_services.begin_call(begun, clock=pbx.clock)
    call_services.end_call(begun.id, begun.start + timedelta(seconds=9), "bye", clock=pbx.clock)
    off = begun.start - timedelta(hours=2) + timedelta(seconds=20)
    pbx.record("", told=f"{off:%Y-%m-%d %H:%M:%S}Z", called=OURS[-4:], seconds=9)
    pbx.look()
    record = CallRecord.objects.get()
    assert record.state in {"expected", "left-out"}
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == 0
    assert [call.pk for call in CallRecord.objects.get().calls.all()] == [begun.id]
    assert told.calls_without_record(civil_date(START)) == []


def test_a_call_that_was_refused_by_a_key_is_not_missing(pbx: Pbx) -> None:
    """What a party refused to have recorded is left out, and of its record nothing is kept; the next call is missing all the same."""
    pbx.clock.advance(timedelta(minutes=5))
    begun = call_services.BegunCall(
        "e" * 32, pbx.line, civil_date(START), pbx.clock.now(), "incoming", CALLER, OURS
    )
    call_services.begin_call(begun, clock=pbx.clock)
    call_services.end_call(begun.id, begun.start + timedelta(seconds=4), "refused", clock=pbx.clock)
    pbx.clock.advance(timedelta(seconds=10))
    pbx.record("", seconds=9)
    pbx.record("", seconds=8, caller="103000201")
    pbx.look()
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == 1
    left, missing = CallRecord.objects.order_by("pk")
    assert (left.state, left.caller, missing.state) == ("left-out", "", "missing")


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (OURS, True),
        (OURS[-4:], True),
        ("0048" + OURS, True),
        ("9" + OURS, True),
        ("", True),
        ("748410011", False),
    ],
)
def test_a_number_is_the_same_in_every_spelling(pbx: Pbx, written: str, same: bool) -> None:
    """With or without the country, with a digit for the outside line, as an extension, or withheld."""
    pbx.clock.advance(timedelta(minutes=5))
    begun = call_services.BegunCall(
        "f" * 32, pbx.line, civil_date(START), pbx.clock.now(), "incoming", CALLER, OURS
    )
    call_services.begin_call(begun, clock=pbx.clock)
    call_services.end_call(begun.id, begun.start + timedelta(seconds=9), "bye", clock=pbx.clock)
    pbx.record("", called=written, seconds=9)
    pbx.look()
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == (0 if same else 1)


def test_what_was_told_goes_with_the_recording_or_its_term(pbx: Pbx) -> None:
    """Numbers and rows go when the last recording does; without a recording, when its term would have ended.

    Then nothing is left either from which they could be guessed, and nothing comes back where the PBX still tells of it.
    """
    pbx.record("a.wav")
    pbx.record("never.wav")
    pbx.drop("a.wav", wav(2))
    pbx.settle()
    day = civil_date(START)
    services.mark_destroyed(pbx.line, day, pbx.identity.recipient.text)
    recorded, never = CallRecord.objects.order_by("pk")
    assert (recorded.caller, recorded.raw, recorded.emptied) == ("", "", True)
    assert PbxFile.objects.get().name == ""
    assert never.caller
    assert forget_ended_records(clock=pbx.clock) == 0
    assert never.emptied is False
    pbx.clock.advance(timedelta(days=400))
    assert forget_ended_records(clock=pbx.clock) == 1
    assert forget_ended_records(clock=pbx.clock) == 0
    assert not CallRecord.objects.exclude(caller="", called="", raw="", file="", record_id="").exists()
    gone = {f"gone {recorded.pk}", f"gone {never.pk}"}
    assert set(CallRecord.objects.values_list("mark", flat=True)) == gone
    pbx.rules = replace(pbx.rules, ended=lambda _: True)
    pbx.anew()
    pbx.look()
    assert set(CallRecord.objects.values_list("mark", flat=True)) == gone


def test_an_identifier_that_all_calls_share_hides_no_missing_call(pbx: Pbx) -> None:
    """Legs of one call touch one another; a call hours later of the same identifier is missing if it was not recorded."""
    pbx.records.write_text("id,start,caller,called,duration,file,linkedid\n")
    with pbx.records.open("a") as file:
        for number, (hours, seconds, name) in enumerate([(3, 2, ""), (0, 60, ""), (0, 2, "b.wav")]):
            at = START - timedelta(hours=hours, seconds=seconds + 2)
            file.write(f"{number},{at:%Y-%m-%d %H:%M:%S}Z,10300020{number},{OURS},{seconds},{name},600\n")
    pbx.drop("b.wav", wav(2))
    line = verified(Source.objects.get())
    line.added_at = START - timedelta(hours=12)
    line.save()
    enter(SOURCE_CHANGED, actor="", subject=f"source:{line.pk}", record={}, at=pbx.clock.now(), row=line)
    assert pbx.settle() == 1
    pbx.clock.advance(timedelta(hours=2))
    assert compare_hour(clock=pbx.clock) == 1
    assert CallRecord.objects.get(state="missing").record_id == "0"


def test_what_is_left_out_is_counted_and_not_marked(pbx: Pbx) -> None:
    """Nothing of its numbers, times and identifiers can be guessed from what is kept; read again it is counted once."""
    for number in range(3):
        pbx.record(f"{number}.wav", caller=OURS, called=CALLER)
    marks = {f"left-out {civil_date(START)} {number}" for number in (1, 2, 3)}
    for _ in range(2):
        pbx.look()
        assert set(CallRecord.objects.values_list("mark", flat=True)) == marks
        pbx.anew()


def test_a_record_left_out_later_is_not_counted_anew(pbx: Pbx) -> None:
    """A number that refuses after its call was told of makes no second call of it."""
    pbx.record("a.wav")
    pbx.look()
    pbx.rules = replace(pbx.rules, refused_numbers=frozenset({f"+48{CALLER}"}))
    pbx.anew()
    pbx.look()
    assert CallRecord.objects.count() == 1


def test_the_report_says_what_waits_and_calls_nothing_complete_before(
    pbx: Pbx, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is not compared yet is counted in the words of the page; from then on nothing is missing."""
    monkeypatch.setattr(call_imports, "open_installation", lambda *_given: None)
    pbx.clock.advance(timedelta(minutes=5))
    pbx.record("kept.wav")
    pbx.drop("kept.wav", wav(2))
    pbx.look()
    call_imports.import_report(Path(), on=civil_date(START).isoformat())
    waiting = capsys.readouterr().out
    assert "records not compared yet: 1\n" in waiting
    assert waiting.endswith("No call is known to be missing; the newest are not compared yet.\n")
    assert pbx.settle() == 1
    call_imports.import_report(Path(), on=civil_date(START).isoformat())
    assert capsys.readouterr().out == "files taken over: 1\nrecords recorded: 1\nNothing is missing.\n"
