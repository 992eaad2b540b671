"""The process that imports: which lines are its own, how they fare, when it starts anew, and what it may reach."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries, services
from rejent.catalog.models import Gap
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.recording.contract import Cause, GeneralCause, State
from rejent.recording.stream_parts import Reach
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.lines.parts import LineCause
from rejent.streams.calls.catalog.models import Call, CallRecord, PbxFile
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.receiving.imported.process import PATIENCE, CallImports, current_rules
from rejent.streams.calls.receiving.processes import import_reach, imported_lines, own_lines
from rejent.vault.age import Identity
from rejent.vault.errors import StorageError
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import Space
from tests.unit.streams_calls_imported.conftest import measure
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_records import CALLER, OURS

START = datetime(2026, 11, 21, 13, 30, tzinfo=UTC)


class FullStore(DiskStore):
    """A store that can be made full, or gone, between two looks."""

    full = gone = False

    def space(self) -> Space:
        """As slow as a listing of a whole bucket, which nobody asks for at each look."""
        raise NotImplementedError

    def disk(self) -> Space:
        """What is left."""
        if self.gone:
            raise StorageError("The store is gone.")
        told = super().disk()
        return Space(told.used, 0, told.total) if self.full else told


@pytest.fixture
def clock(db: None) -> ManualClock:  # noqa: ARG001 - asked for its effect
    """The clock of an office that records calls from outside, its gates open."""
    made = ManualClock(START)
    office.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 1, 1), clock=made, actor=""
    )
    office.publish_test_gates(clock=made)
    return made


@pytest.fixture
def store(tmp_path: Path) -> FullStore:
    """Where sealed copies go."""
    (tmp_path / "vault").mkdir()
    return FullStore(tmp_path / "vault")


@pytest.fixture
def line(clock: ManualClock, tmp_path: Path) -> str:
    """A line whose PBX records itself and tells of nothing."""
    (tmp_path / "monitor").mkdir()
    stated = StatedLine(
        folder=str(tmp_path / "monitor"), form="csv", numbers=("+48 74 841",), remove="booked"
    )
    made = call_services.add_line(name="Registry", stated=stated, clock=clock, actor="")
    services.store_day_keys(made, {civil_date(START): Identity.generate().recipient.text}, clock=clock)
    return made


def drop(folder: Path) -> None:
    """A recording whose name tells of both parties."""
    path = folder / f"20261121_133000_{CALLER}_{OURS}.wav"
    path.write_bytes(wav(2))


def looked(imports: CallImports, clock: ManualClock, times: int = 2) -> bool:
    """Look so many times; whether the process goes on."""
    goes_on = True
    for _ in range(times):
        goes_on = imports.look()
        clock.advance(timedelta(seconds=5))
    return goes_on


def fares(imports: CallImports) -> tuple[State, Cause]:
    """How the one line fares."""
    (status,) = imports.statuses()
    return status.state, status.cause


def test_each_process_has_its_own_lines(line: str, clock: ManualClock, tmp_path: Path) -> None:
    """The recorder of sessions takes no folder; the import takes folders, and of other lines those whose PBX tells of calls."""
    told = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 842",), records=str(tmp_path / "cdr" / "Master.csv"), form="asterisk")  # fmt: skip
    with_records = call_services.add_line(name="Switchboard", stated=told, clock=clock, actor="")
    without = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 843",))
    silent = call_services.add_line(name="Other", stated=without, clock=clock, actor="")
    assert {each.id for each in own_lines("calls")} == {with_records, silent}
    assert set(imported_lines()) == {line, with_records}
    assert import_reach() == Reach([str(tmp_path / "cdr")], [str(tmp_path / "monitor")])


def test_it_starts_anew_where_lines_are_others(line: str, clock: ManualClock, store: FullStore) -> None:
    """What it may reach is settled at its start, so a line that was added or switched off needs another process."""
    imports = CallImports(store, measure, clock)
    assert imports.look()
    services.switch_source(line, on=False, clock=clock, actor="")
    assert not imports.look()


def test_a_folder_that_is_gone_is_told_and_tried_anew(
    line: str, clock: ManualClock, store: FullStore, tmp_path: Path
) -> None:
    """The line is told as stopped, and once the patience is at an end a new process may find the folder mounted."""
    (tmp_path / "monitor").rmdir()
    imports = CallImports(store, measure, clock)
    assert looked(imports, clock, PATIENCE - 1)
    assert fares(imports) == (State.STOPPED, LineCause.FOLDER_GONE)
    assert not looked(imports, clock, 1)
    assert queries.source(line).started_at is None


@pytest.mark.parametrize(
    "wrong", [("full", GeneralCause.STORAGE_FULL), ("gone", GeneralCause.STORAGE_FAILED)]
)
def test_a_store_that_takes_nothing_leaves_everything_with_the_pbx(
    wrong: tuple[str, Cause], line: str, clock: ManualClock, store: FullStore, tmp_path: Path
) -> None:
    """Nothing is read, booked or removed while the store is full or gone; afterwards all of it is taken over."""
    drop(tmp_path / "monitor")
    imports = CallImports(store, measure, clock)
    setattr(store, wrong[0], True)
    assert looked(imports, clock, 3)
    assert fares(imports) == (State.STOPPED, wrong[1])
    assert len(list((tmp_path / "monitor").iterdir())) == 1
    setattr(store, wrong[0], False)
    assert looked(imports, clock, 3)
    assert fares(imports) == (State.RECORDING, GeneralCause.NONE)
    (call,) = Call.objects.all()
    assert (call.source_id, call.caller, call.called) == (line, f"+48{CALLER}", f"+48{OURS}")
    assert not list((tmp_path / "monitor").iterdir())


def test_a_line_of_sessions_is_compared_with_its_records(
    clock: ManualClock, store: FullStore, tmp_path: Path
) -> None:
    """A call that the PBX told of and no session brought is missing on that line; each line has its own numbers' calls."""
    records = tmp_path / "calls.csv"
    records.write_text("id,start,caller,called,duration\n")
    lines = [
        call_services.add_line(
            name=name,
            stated=StatedLine(siprec="127.0.0.1:5060", numbers=(own,), records=str(records), form="csv"),
            clock=clock,
            actor="",
        )
        for name, own in (("One", "+48 74 841"), ("Two", "+48 74 842"))
    ]
    begun = call_services.BegunCall(
        "d" * 32, lines[1], civil_date(START), START, "incoming", CALLER, "748420001"
    )
    call_services.begin_call(begun, clock=clock)
    call_services.end_call(begun.id, START + timedelta(seconds=60), "bye", clock=clock)
    with records.open("a") as file:
        for number, called in enumerate((OURS, "748420001")):
            file.write(f"{number},2026-11-21T13:30:05Z,{CALLER},{called},50\n")
    clock.advance(timedelta(minutes=2))
    assert CallImports(store, measure, clock).look()
    clock.advance(timedelta(hours=2))
    assert compare_hour(clock=clock) == 1
    told = CallRecord.objects.order_by("record_id").values_list("source", "state")
    assert list(told) == [(lines[0], "missing"), (lines[1], "recorded")]
    assert [gap.source_id for gap in Gap.objects.filter(cause="no-recording")] == [lines[0]]


def test_nothing_is_decided_before_all_records_are_read(
    clock: ManualClock, store: FullStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call that is left out by the last of many records is not taken over while only the first were read."""
    monkeypatch.setattr("rejent.streams.calls.receiving.imported.records.MAX_READ", 200)
    records, folder = tmp_path / "calls.csv", tmp_path / "monitor"
    folder.mkdir()
    told = [f"{number},2026-11-21T13:20:00Z,{CALLER},{OURS},50,{number}.wav\n" for number in range(40)]
    told.append(f"99,2026-11-21T13:29:50Z,{OURS},{CALLER},2,out.wav\n")
    records.write_text("id,start,caller,called,duration,file\n" + "".join(told))
    (folder / "out.wav").write_bytes(wav(2))
    stated = StatedLine(folder=str(folder), form="csv", numbers=("+48 74 841",), records=str(records))
    made = call_services.add_line(name="Registry", stated=stated, clock=clock, actor="")
    services.store_day_keys(made, {civil_date(START): Identity.generate().recipient.text}, clock=clock)
    imports = CallImports(store, measure, clock)
    for _ in range(15):
        imports.look()
        clock.advance(timedelta(minutes=6))
    assert not Call.objects.exists()
    assert list(PbxFile.objects.values_list("state", flat=True)) == ["left-out"]


def another(clock: ManualClock, folder: Path, records: Path) -> str:
    """A second PBX, which tells of its calls."""
    stated = StatedLine(folder=str(folder), form="csv", numbers=("+48 74 842",), records=str(records))
    return call_services.add_line(name="Annexe", stated=stated, clock=clock, actor="")


def test_records_of_one_exchange_without_end_keep_no_other_waiting(
    line: str, clock: ManualClock, store: FullStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that grows quicker than it is read holds up the calls of its own line alone."""
    monkeypatch.setattr("rejent.streams.calls.receiving.imported.records.MAX_READ", 200)
    (tmp_path / "annexe").mkdir()
    records = tmp_path / "calls.csv"
    row = f"7,2026-11-21T13:20:00Z,{CALLER},{OURS},50,a.wav\n"
    records.write_text("id,start,caller,called,duration,file\n" + row * 1000)
    beside = another(clock, tmp_path / "annexe", records)
    for name in ("annexe", "monitor"):
        drop(tmp_path / name)
    imports = CallImports(store, measure, clock)
    assert looked(imports, clock, 3)
    assert imports.behind
    assert set(Call.objects.values_list("source", flat=True)) == {line} != {beside}


def test_a_folder_that_is_gone_keeps_no_file_of_another_exchange_waiting_for_ever(
    line: str, clock: ManualClock, store: FullStore, tmp_path: Path
) -> None:
    """A file waits for its record longer than a new process is waited with, for a new one would let it wait anew."""
    records, folder = tmp_path / "calls.csv", tmp_path / "annexe"
    records.write_text("id,start,caller,called,duration,file\n")
    folder.mkdir()
    beside = another(clock, folder, records)
    services.store_day_keys(beside, {civil_date(START): Identity.generate().recipient.text}, clock=clock)
    drop(folder)
    (tmp_path / "monitor").rmdir()
    imports, looks = CallImports(store, measure, clock), 0
    while imports.look():
        clock.advance(timedelta(seconds=2))
        looks += 1
    assert looks > PATIENCE
    assert [call.source_id for call in Call.objects.all()] == [beside]
    assert line in {status.source_id for status in imports.statuses() if status.state is State.STOPPED}


def test_nothing_is_taken_over_without_a_regulation(db: None) -> None:  # noqa: ARG001 - asked for its effect
    """Where no regulation is in force there are no rules."""
    assert current_rules(ManualClock(START)) is None
