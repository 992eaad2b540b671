"""A folder of tables of call records, one of each day or call."""

import os
from pathlib import Path

import pytest
import structlog

from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordPlace, RecordZone
from rejent.streams.calls.receiving.imported import records
from rejent.streams.calls.receiving.imported import records as cel
from rejent.streams.calls.receiving.imported.records import RecordReader
from tests.unit.streams_calls_imported.test_records import NOW


def test_of_too_many_tables_the_newest_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those whose names come last, and it is told, once."""
    monkeypatch.setattr(records, "_MOST_FILES", 3)
    reader = RecordReader(RecordPlace(str(tmp_path), PbxFormat.CSV, RecordZone.UTC))
    for number in (8, 9, 10, 11):
        table = tmp_path / f"cdr{number}.csv"
        table.write_text(f"id,start,caller,called,duration,file\n{number},2026-11-21 10:00:00,101,102,5,\n")
        os.utime(table, ns=(0, number * 10**9))
    with structlog.testing.capture_logs() as told:
        assert {call.record_id for call in reader.new(NOW)} == {"9", "10", "11"}
        assert list(reader.new(NOW)) == []
    assert [(one["event"], one["tables"]) for one in told] == [("import.too-many-tables", 4)]


def test_a_table_that_cannot_be_read_keeps_no_other_from_being_read(tmp_path: Path) -> None:
    """A link that leads nowhere, or out of the folder, is not followed; it is told once, and again where there are more."""
    reader = RecordReader(RecordPlace(str(tmp_path / "cdr"), PbxFormat.CSV, RecordZone.UTC))
    row = "id,start,caller,called,duration,file\n{},2026-11-21 10:00:00,101,102,5,\n"
    (tmp_path / "cdr" / "b.csv").mkdir(parents=True)
    (tmp_path / "cdr" / "c.csv").write_text(row.format(3))
    (tmp_path / "others.csv").write_text(row.format(9))
    (tmp_path / "cdr" / "a.csv").symlink_to(tmp_path / "nowhere.csv")
    with structlog.testing.capture_logs() as told:
        assert [call.record_id for call in reader.new(NOW)] == ["3"]
        assert list(reader.new(NOW)) == []
        (tmp_path / "cdr" / "d.csv").symlink_to(tmp_path / "others.csv")
        assert list(reader.new(NOW)) == []
    assert [(one["event"], one["tables"]) for one in told] == [
        ("import.tables-unread", 1),
        ("import.tables-unread", 2),
    ]


def test_a_table_that_is_named_may_be_a_link(tmp_path: Path) -> None:
    """Whoever states the place answers for where it leads."""
    (tmp_path / "cdr.csv").write_text(
        "id,start,caller,called,duration,file\n7,2026-11-21 10:00:00,101,102,5,\n"
    )
    (tmp_path / "link.csv").symlink_to(tmp_path / "cdr.csv")
    reader = RecordReader(RecordPlace(str(tmp_path / "link.csv"), PbxFormat.CSV, RecordZone.UTC))
    assert [call.record_id for call in reader.new(NOW)] == ["7"]


def test_events_without_an_end_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of calls whose end is never told the oldest are told as they are, by how much was said of all of them."""
    monkeypatch.setattr(cel, "_MAX_HELD", 5_000)
    events = cel.ChannelEvents(RecordZone.UTC)
    long = ["CHAN_START", "2026-11-21 10:00:00", "", "101", *[""] * 10, "1.1"]
    rows = [[*long, f"1.{number}", "x" * 1_000] for number in range(20)]
    told = [call.linked_id for call in events.calls(rows, NOW)]
    assert told == [f"1.{number}" for number in range(16)]
    ended = [["LINKEDID_END", *long[1:], f"1.{number}"] for number in range(16, 20)]
    assert len(list(events.calls(ended, NOW))) == 4
    assert events._held == 0
