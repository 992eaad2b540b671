"""Taking over files, look by look: what is waited for, what is decided, and what is left out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rejent.catalog import queries, services
from rejent.catalog.checks import findings
from rejent.catalog.models import Segment
from rejent.kernel.clock import civil_date
from rejent.streams.calls.catalog.models import Call, CallRecord, PbxFile
from rejent.streams.calls.receiving.imported.folder import FolderError
from rejent.vault.age import Identity, SealedReader
from tests.unit.streams_calls_imported.conftest import START, Pbx, measure
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_records import CALLER, OURS


def test_a_call_is_booked_with_its_numbers_and_its_bytes(pbx: Pbx) -> None:
    """Call, object, file and record come together; the object holds the file's bytes; nothing is at fault."""
    content = wav(2)
    pbx.drop("a.wav", content)
    pbx.record("a.wav")
    assert pbx.settle() == 1
    (call,), (segment,) = Call.objects.all(), Segment.objects.all()
    assert (call.direction, call.caller, call.called, call.ended_by) == (
        "incoming",
        f"+48{CALLER}",
        f"+48{OURS}",
        "imported",
    )
    assert call.end is not None
    assert call.end - call.start == timedelta(seconds=2)
    assert CallRecord.objects.get().state == "recorded"
    with pbx.store.open(segment.object_name) as sealed:
        assert SealedReader(sealed, [pbx.identity]).read(0, len(content) + 1) == content
    assert not list(findings(pbx.store, pbx.clock))


def test_a_file_that_is_still_written_waits(pbx: Pbx) -> None:
    """Neither one that grows nor a WAV whose head says that more is to come is taken before it is whole."""
    pbx.record("grows.wav")
    pbx.record("head.wav")
    whole = wav(2)
    for size in (1000, 2000):
        pbx.drop("grows.wav", whole[:size])
        pbx.drop("head.wav", whole[:20_000])
        assert pbx.settle() == 0
    pbx.drop("grows.wav", whole)
    assert pbx.settle() == 1
    assert pbx.look(11 * 60) == 1


def test_a_file_waits_for_its_record_but_not_for_ever(pbx: Pbx) -> None:
    """A record that comes later decides; without one the name and the time of change tell, and the call is undecided."""
    pbx.drop("late.wav", wav(2, seed=1))
    pbx.drop("alone.wav", wav(2, seed=2))
    assert pbx.settle() == 0
    pbx.record("late.wav", caller=OURS, called=CALLER)
    assert pbx.look(1) == 0
    assert pbx.look(11 * 60) == 1
    (call,) = Call.objects.all()
    assert (call.direction, call.caller) == ("undecided", "")
    assert sorted(PbxFile.objects.values_list("state", flat=True)) == ["imported", "left-out"]


def test_a_line_that_refuses_what_is_undecided_keeps_nothing_of_it(make: Callable[..., Pbx]) -> None:
    """The office's rule holds for files as for live calls; it is counted, and nothing of it is named."""
    pbx = make(undecided="refuse")
    pbx.drop("alone.wav", wav(2), ago=3600)
    assert pbx.settle() == 0
    assert not PbxFile.objects.exists()
    assert pbx.look(11 * 60) == 0
    (file,) = PbxFile.objects.all()
    assert (file.state, file.name) == ("left-out", "")


def test_a_number_that_refused_is_never_taken_over(pbx: Pbx) -> None:
    """Whoever may not be recorded is left out by the record and by the file alike."""
    pbx.rules = replace(pbx.rules, refused_numbers=frozenset({f"+48{CALLER}"}))
    pbx.record("a.wav")
    pbx.drop("a.wav", wav(2))
    assert pbx.settle() == 0
    record = CallRecord.objects.get()
    assert (record.state, record.caller, record.raw, record.file) == ("left-out", "", "", "")


def test_a_record_without_a_name_of_a_file_is_found_by_time_and_length(pbx: Pbx) -> None:
    """Where a PBX does not say which file it means, beginning and length do, if they fit one record alone."""
    pbx.record("", seconds=2)
    pbx.drop("x.wav", wav(2))
    assert pbx.settle() == 1
    assert Call.objects.get().caller == f"+48{CALLER}"


@pytest.mark.parametrize("told", ["1970-01-01 00:00:07", "2031-01-01 12:00:00", "no time"])
def test_a_time_that_cannot_be_true_is_replaced_by_that_of_the_file(pbx: Pbx, told: str) -> None:
    """The stated time is kept beside what was assumed; the call lies where its file was written."""
    pbx.record("a.wav", told=told)
    pbx.drop("a.wav", wav(2))
    assert pbx.settle() == 1
    record, call = CallRecord.objects.get(), Call.objects.get()
    assert (record.stated, record.start) == (told, None)
    assert call.start == START - timedelta(seconds=2)


def test_a_recording_of_a_past_day_waits_for_its_key(pbx: Pbx) -> None:
    """The keeper is asked for the key of its own date, so that it dies when that date's recordings do; one past its term is left."""
    past = (START - timedelta(days=3), START - timedelta(days=40))
    for number, at in enumerate(past):
        pbx.record(f"{number}.wav", told=f"{at:%Y-%m-%d %H:%M:%S}Z")
        pbx.drop(f"{number}.wav", wav(2, seed=number))
    assert pbx.settle() == 0
    wanted = [place for place in queries.missing_day_keys([]) if place[0] == pbx.line]
    assert wanted == [(pbx.line, civil_date(past[0]))]
    services.store_day_keys(
        pbx.line, {civil_date(past[0]): Identity.generate().recipient.text}, clock=pbx.clock
    )
    assert pbx.look() == 1
    assert queries.missing_day_keys([]) == []
    assert Call.objects.get().day == civil_date(past[0])
    assert not list(findings(pbx.store, pbx.clock))


def test_two_calls_of_which_silence_was_recorded_stay_two(pbx: Pbx) -> None:
    """Files alike to the last bit are one recording, unless the PBX tells of two calls at different times."""
    early = START - timedelta(minutes=7)
    pbx.record("one.wav", told=f"{early:%Y-%m-%d %H:%M:%S}Z")
    pbx.record("two.wav")
    for name in ("one.wav", "two.wav"):
        pbx.drop(name, wav(2, silent_side=0))
    assert pbx.settle() == 2
    pbx.drop("copy of one.wav", wav(2, silent_side=0))
    assert pbx.settle() == 0
    assert pbx.look(11 * 60) == 0
    assert [call.start for call in Call.objects.order_by("start")] == [early, START - timedelta(seconds=2)]
    assert PbxFile.objects.get(state="twice").name == "copy of one.wav"


def test_a_folder_that_is_not_there_is_told(pbx: Pbx) -> None:
    """An unmounted share is no empty folder."""
    pbx.folder.rmdir()
    with pytest.raises(FolderError):
        pbx.look()


def test_a_file_dated_ahead_is_measured_once_and_taken_over(pbx: Pbx) -> None:
    """A PBX whose clock is ahead: its file waits as long as any other, and lies where it was seen first."""
    measured: list[bytes] = []
    pbx.folders.measure = lambda content: measured.append(content) or measure(content)  # type: ignore[func-returns-value]  # to count
    pbx.drop("ahead.wav", wav(2), ago=-86_400)
    assert pbx.settle() == pbx.look(60) == pbx.look(60) == 0
    assert pbx.look(9 * 60) == 1
    assert len(measured) == 1
    assert Call.objects.get().start == START - timedelta(seconds=2)
