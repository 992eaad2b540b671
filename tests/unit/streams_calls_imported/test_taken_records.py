"""Call records that are edited in the database before or after they are compared: the act of their taking in tells."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import QuerySet

from rejent.catalog import services
from rejent.catalog.checks import findings
from rejent.catalog.models import Source
from rejent.kernel.clock import civil_date
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.models import Entry
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import Call, CallRecord, RecordBatch
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.retention.chores import forget_ended_records
from tests.unit.streams_calls_imported.conftest import START, Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_records import CALLER, OURS

HOUR = timedelta(hours=1)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def found(pbx: Pbx) -> set[tuple[str, str]]:
    """What is found, and of what kind of thing."""
    return {
        (each.code.partition(".")[2], str(each.facts.get("thing", "")).partition(":")[0])
        for each in findings(pbx.store, pbx.clock)
    }


@pytest.fixture
def told(pbx: Pbx) -> Pbx:
    """An exchange that told of three calls, as `tell` says."""
    return tell(pbx)


def tell(pbx: Pbx) -> Pbx:
    """A call that was recorded, one that was not, and one that nobody answered, none of them compared yet."""
    pbx.clock.advance(HOUR)
    pbx.record("kept.wav")
    pbx.record("never.wav", caller="103000201", seconds=30)
    pbx.record("", caller="103000202", seconds=0)
    pbx.drop("kept.wav", wav(2))
    assert pbx.settle() == 1
    assert list(CallRecord.objects.order_by("pk").values_list("state", flat=True)) == [
        "recorded",
        "expected",
        "unanswered",
    ]
    return pbx


def test_what_becomes_of_records_by_itself_has_no_finding(told: Pbx) -> None:
    """Compared, left out because the line was not there yet, forgotten at the end of their term, and read again."""
    early = told.clock.now() - timedelta(days=2)
    told.record("", told=f"{early:%Y-%m-%d %H:%M:%S}Z", caller="103000203", seconds=9)
    told.record("out.wav", caller=OURS, called=CALLER)
    told.look()
    assert found(told) == set()
    told.clock.advance(2 * HOUR)
    assert compare_hour(clock=told.clock) == 1
    assert CallRecord.objects.filter(state="left-out").count() == 2
    assert found(told) == set()
    told.anew()
    told.look()
    assert found(told) == set()
    services.mark_destroyed(told.line, civil_date(START), told.identity.recipient.text)
    told.clock.advance(timedelta(days=400))
    assert forget_ended_records(clock=told.clock) > 0
    assert not CallRecord.objects.exclude(salt="").exists()
    assert not {code for code, thing in found(told) if thing in {"callrecord", "recordbatch"}}


def test_the_act_tells_how_many_and_nobody_s_number(told: Pbx) -> None:
    """One act for all that came at once; the same rows, read again, make none."""
    told.anew()
    told.look()
    (entry,) = Entry.objects.filter(act="call.records-taken")
    assert '"records":3' in str(entry.facts)
    assert '"unanswered":1' in str(entry.facts)
    assert "10300020" not in str(entry.facts)
    assert entry.thing == f"recordbatch:{RecordBatch.objects.get().pk}"
    assert not CallRecord.objects.filter(batch=None).exists()


def test_what_is_left_out_is_in_no_act(pbx: Pbx) -> None:
    """Nothing of it stands in the ledger for ever."""
    pbx.record("out.wav", caller=OURS, called=CALLER)
    pbx.look()
    assert CallRecord.objects.get().state == "left-out"
    assert not Entry.objects.filter(act="call.records-taken").exists()


EDITS: dict[str, Callable[[QuerySet[CallRecord]], object]] = {
    "unanswered": lambda rows: rows.update(state="unanswered"),
    "left out": lambda rows: rows.update(state="left-out"),
    "left out and emptied": lambda rows: rows.update(
        state="left-out", emptied=True, caller="", called="", raw="", file="", record_id="", linked_id="", salt=""
    ),
    "recorded": lambda rows: rows.update(state="recorded"),
    "postponed": lambda rows: rows.update(arrived_at=FAR),
    "of another day": lambda rows: rows.update(day=date(2026, 2, 1)),
    "of another time": lambda rows: rows.update(start=FAR),
    "shorter": lambda rows: rows.update(seconds=0.0),
    "of another caller": lambda rows: rows.update(caller="+48105550000"),
    "called elsewhere": lambda rows: rows.update(called=""),
    "the other way": lambda rows: rows.update(direction="outgoing"),
    "another row": lambda rows: rows.update(raw="nothing"),
    "another file": lambda rows: rows.update(file="kept.wav"),
    "stated otherwise": lambda rows: rows.update(stated="never"),
    "of no act": lambda rows: rows.update(batch=None),
    "under another mark": lambda rows: rows.update(mark="0" * 64),
    "another commitment": lambda rows: rows.update(commitment="0" * 64),
    "gone": lambda rows: rows.delete(),
}  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("compared", [False, True])
def test_a_record_that_was_edited_is_found(told: Pbx, edit: str, compared: bool) -> None:
    """Before its hour is judged, so that it never is, and behind that, so that it is seen in no hour."""
    if compared:
        told.clock.advance(2 * HOUR)
        assert compare_hour(clock=told.clock) == 1
    EDITS[edit](CallRecord.objects.filter(file="never.wav"))
    assert {thing for _, thing in found(told)} & {"callrecord", "recordbatch"}


EXCUSES: dict[str, Callable[[Pbx], object]] = {
    "the line was added later": lambda _: Source.objects.update(added_at=FAR),
    "its own time was before the line": lambda _: CallRecord.objects.filter(file="never.wav").update(
        start=START - timedelta(days=30)
    ),
    "a party refused": lambda told: Call.objects.create(
        id="d" * 32, source_id=told.line, day=civil_date(told.clock.now()), start=told.clock.now(),
        end=told.clock.now(), direction="incoming", ended_by="refused", destroyed=True,
    ),
    "it was recorded": lambda told: Call.objects.create(
        id="d" * 32, source_id=told.line, day=civil_date(told.clock.now()), start=told.clock.now(),
        end=told.clock.now(), direction="incoming", ended_by="bye", caller="+48103000201", called=f"+48{OURS}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("excuse", EXCUSES)
def test_whoever_writes_the_database_alone_excuses_no_missing_call(told: Pbx, excuse: str) -> None:
    """Nothing is emptied, left out or called recorded on the word of a row that was edited or planted."""
    EXCUSES[excuse](told)
    told.clock.advance(2 * HOUR)
    with suppress(LedgerMismatchError):
        compare_hour(clock=told.clock)
    row = CallRecord.objects.get(file="never.wav")
    assert (row.state in {"expected", "missing"}, row.emptied, row.caller != "") == (True, False, True)


def test_one_altered_record_keeps_no_other_from_being_compared(told: Pbx) -> None:
    """It stays as it is, the others of other batches are judged, and the chore says that something is wrong."""
    told.record("later.wav", caller="103000209", seconds=30)
    told.settle()
    CallRecord.objects.filter(file="never.wav").update(seconds=1.0)
    told.clock.advance(2 * HOUR)
    with pytest.raises(LedgerMismatchError):
        compare_hour(clock=told.clock)
    assert CallRecord.objects.get(file="never.wav").state == "expected"
    assert CallRecord.objects.get(file="later.wav").state == "missing"


def test_a_record_that_is_joined_with_a_call_of_another_time_is_found(told: Pbx) -> None:
    """Whoever lets it tell of any call on the line."""
    begun = call_services.BegunCall("a" * 32, told.line, civil_date(START), START, "incoming", CALLER, OURS)
    call_services.begin_call(begun, clock=told.clock)
    call_services.end_call(begun.id, START + timedelta(seconds=9), "bye", clock=told.clock)
    told.clock.advance(timedelta(days=4))
    told.record("never.wav", caller="103000204")
    told.look()
    row = CallRecord.objects.order_by("pk").last()
    assert row is not None
    row.calls.add(Call.objects.get(pk=begun.id))
    CallRecord.objects.filter(pk=row.pk).update(state="recorded")
    assert ("differs-from-ledger", "callrecord") in found(told)


def test_a_record_that_was_planted_is_found(told: Pbx) -> None:
    """It may not excuse a gap, or make one."""
    told.clock.advance(HOUR)
    CallRecord.objects.create(
        source_id=told.line, mark="f" * 64, day=civil_date(START), arrived_at=told.clock.now(), start=START
    )
    assert found(told) == {("not-in-ledger", "callrecord")}


def test_records_that_nobody_compares_are_told(told: Pbx) -> None:
    """A day behind their hour; once they are compared, no more."""
    told.clock.advance(timedelta(days=1) + 2 * HOUR)
    assert ("records-waiting", "") in found(told)
    assert compare_hour(clock=told.clock) == 1
    assert ("records-waiting", "") not in found(told)


def test_a_missing_call_is_not_moved_to_another_date(told: Pbx) -> None:
    """What its own entry tells of it is compared with its row; so is that it is missing."""
    told.clock.advance(2 * HOUR)
    assert compare_hour(clock=told.clock) == 1
    assert found(told) == set()
    rows = CallRecord.objects.filter(state="missing")
    for edit in ({"start": FAR}, {"seconds": 1.0}, {"day": date(2026, 2, 1)}, {"cause": "other"}):
        before = rows.values(*edit).get()
        rows.update(**edit)
        assert ("differs-from-ledger", "callrecord") in found(told)
        rows.update(**before)


@pytest.mark.parametrize("withheld", [False, True])
def test_a_missing_call_is_not_talked_away_by_another(told: Pbx, withheld: bool) -> None:
    """Joined with a call of other parties, or of the same at another hour, a record counts as recorded and is found."""
    call = Call.objects.get()
    row = CallRecord.objects.get(file="never.wav")
    if withheld:
        start, far = told.clock.now() + 5 * HOUR, told.clock.now() + 6 * HOUR
        begun = call_services.BegunCall("b" * 32, told.line, civil_date(start), start, "incoming", "", OURS)
        told.clock.advance(6 * HOUR)
        call_services.begin_call(begun, clock=told.clock)
        call_services.end_call(begun.id, far, "bye", clock=told.clock)
        call = Call.objects.get(pk=begun.id)
    row.calls.add(call)
    CallRecord.objects.filter(pk=row.pk).update(state="recorded")
    told.clock.advance(2 * HOUR)
    assert compare_hour(clock=told.clock) == 0
    assert ("differs-from-ledger", "callrecord") in found(told)


def test_a_missing_call_that_is_said_to_be_awaited_again_is_found(told: Pbx) -> None:
    """Put back to what it was before it was compared, and one that nobody found missing."""
    told.clock.advance(2 * HOUR)
    assert compare_hour(clock=told.clock) == 1
    CallRecord.objects.filter(state="missing").update(state="expected", cause="", entry=None)
    assert ("differs-from-ledger", "callrecord") in found(told)
    CallRecord.objects.filter(state="unanswered").update(state="missing")
    assert ("not-in-ledger", "callrecord") in found(told)


def test_a_batch_that_was_planted_or_taken_away_is_found(told: Pbx) -> None:
    """With the records that it would vouch for."""
    told.clock.advance(HOUR)
    now = told.clock.now()
    batch = RecordBatch.objects.create(source_id=told.line, arrived_at=now)
    CallRecord.objects.create(
        source_id=told.line, mark="f" * 64, day=civil_date(START), arrived_at=now, batch=batch
    )
    assert found(told) == {("not-in-ledger", "recordbatch")}
    CallRecord.objects.all().update(batch=batch)
    RecordBatch.objects.exclude(pk=batch.pk).delete()
    assert found(told) >= {("not-in-ledger", "recordbatch"), ("row-missing", "recordbatch")}
