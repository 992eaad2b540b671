"""A folder of tables of call records, one of each day or call."""

import os
from pathlib import Path

import pytest
import structlog

from rejent.capture.calls.imported import records
from rejent.capture.calls.imported.records import RecordReader
from rejent.catalog.record_places import PbxFormat, RecordPlace, RecordZone
from tests.unit.imported_calls.test_records import NOW


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
