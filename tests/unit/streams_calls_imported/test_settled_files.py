"""What became of an exchange's files stands in the ledger: no row that was put in or changed by hand hides a recording."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.models import QuerySet

from rejent.catalog import services
from rejent.kernel.clock import civil_date
from rejent.registers.models import Entry
from rejent.streams.calls.catalog.models import PbxFile
from rejent.streams.calls.retention.chores import forget_ended_records
from tests.unit.streams_calls_imported.conftest import START, Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_taken_records import found

STATES = ["imported", "left-out", "refused", "twice"]


@pytest.fixture
def settled(pbx: Pbx) -> Pbx:
    """An exchange that left a file of each fate."""
    pbx.clock.advance(timedelta(hours=1))
    pbx.record("kept.wav")
    pbx.record("out.wav", caller="748410010", called="103000200")
    pbx.drop("kept.wav", wav(2))
    pbx.drop("again.wav", wav(2))
    pbx.drop("out.wav", wav(2, seed=1))
    pbx.drop("page.wav", b"<html>" * 50)
    pbx.settle()
    pbx.look(11 * 60)
    pbx.look()
    assert sorted(PbxFile.objects.values_list("state", flat=True)) == STATES
    return pbx


def test_each_file_is_entered_once_and_none_is_named(settled: Pbx) -> None:
    """What became of it; read again, nothing is entered. Forgotten at the end of the term nothing is found."""
    settled.anew()
    settled.look()
    acts = [json.loads(str(each.facts)) for each in Entry.objects.filter(act="call.file-settled")]
    assert sorted(each["state"] for each in acts) == STATES
    assert ".wav" not in str(acts)
    assert found(settled) == set()
    services.mark_destroyed(settled.line, civil_date(START), settled.identity.recipient.text)
    settled.clock.advance(timedelta(days=400))
    forget_ended_records(clock=settled.clock)
    assert not PbxFile.objects.exclude(name="", digest="").exists()
    assert not {code for code, thing in found(settled) if thing == "pbxfile"}


def test_a_planted_row_that_hides_a_file_is_found(settled: Pbx) -> None:
    """Whoever says of a file that it was left out before it is looked at."""
    settled.clock.advance(timedelta(minutes=5))
    PbxFile.objects.create(
        source_id=settled.line, mark="f" * 64, day=civil_date(START), state="left-out", bytes=1,
        looked_at=settled.clock.now(),
    )  # fmt: skip
    assert ("not-in-ledger", "pbxfile") in found(settled)


EDITS: dict[str, Callable[[QuerySet[PbxFile]], object]] = {
    "another file": lambda rows: rows.update(mark="0" * 64),
    "of another day": lambda rows: rows.update(day=date(2026, 2, 1)),
    "left out": lambda rows: rows.update(state="left-out"),
    "sound": lambda rows: rows.update(cause=""),
    "of another name": lambda rows: rows.update(name="other.wav"),
    "of another time": lambda rows: rows.update(looked_at=START),
    "another commitment": lambda rows: rows.update(commitment="0" * 64, **PbxFile.blanked()),
    "without salt": lambda rows: rows.update(salt=""),
    "gone": lambda rows: rows.delete(),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_found(settled: Pbx, edit: str) -> None:
    """Each column that decides what is looked at, kept, and told of a file."""
    EDITS[edit](PbxFile.objects.filter(state="refused"))
    assert "pbxfile" in {thing for _, thing in found(settled)}
