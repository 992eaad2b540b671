"""What a caller, or the sheer number of calls, could make the import overlook."""

import os
import shutil
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from rejent.streams.calls.catalog.models import Call, PbxFile
from tests.unit.streams_calls_imported.conftest import Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav
from tests.unit.streams_calls_imported.test_records import CALLER, OURS


def test_a_caller_does_not_hide_a_recording_with_a_dot(pbx: Pbx) -> None:
    """Where a PBX lets names begin with the caller, one who begins with a dot is recorded as any other; copies under way are not."""
    pbx.record(".7.wav")
    pbx.drop(".7.wav", wav(2))
    pbx.drop(".b.wav.Xy12Zw", wav(2, seed=1))
    pbx.drop(".old/c.wav", wav(2, seed=2))
    assert pbx.settle() == 1
    assert pbx.look(11 * 60) == 0
    assert Call.objects.get().caller == f"+48{CALLER}"


def test_folders_that_cannot_be_looked_into_are_told(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies too deep, or where we may not read, is not passed over silently; the rest is taken over, and what a system keeps is its own."""
    pbx.drop("1/2/3/4/5/6/7/8/deep.wav", wav(2))
    assert pbx.settle() == 0
    assert pbx.look(11 * 60) == 1
    assert not pbx.folders.in_part
    pbx.drop("1/2/3/4/5/6/7/8/9/deeper.wav", wav(2, seed=1))
    pbx.look()
    assert pbx.folders.in_part
    shutil.rmtree(pbx.folder / "1")
    pbx.drop("ours/a.wav", wav(2, seed=2))
    pbx.drop("theirs/b.wav", wav(2, seed=3))
    pbx.drop("lost+found/c.wav", wav(2, seed=4))
    scandir = os.scandir

    def forbidden(path: str) -> object:
        if path.endswith(("/theirs", "/lost+found")):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr("rejent.streams.calls.receiving.imported.folder.os.scandir", forbidden)
    pbx.look()
    assert pbx.folders.in_part
    assert pbx.look(11 * 60) == 1
    monkeypatch.undo()
    pbx.look()
    assert not pbx.folders.in_part
    assert Call.objects.count() == 2


def test_however_many_are_left_out_the_newest_is(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was left out long ago is forgotten first, for its file was decided on then; the next call's file is not taken over."""
    monkeypatch.setattr("rejent.streams.calls.receiving.imported.record_intake._MOST_LEFT_OUT", 4)
    for number in range(10):
        pbx.record(f"{number}.wav", caller=OURS, called=CALLER)
    pbx.look()
    pbx.drop("9.wav", wav(2))
    assert pbx.settle() == 0
    pbx.clock.advance(timedelta(minutes=11))
    assert pbx.look() == 0
    assert PbxFile.objects.get().state == "left-out"
    assert len(pbx.intake.left_out) == 4


def test_who_refused_is_left_out_by_any_record_of_the_file(pbx: Pbx) -> None:
    """A second record of the same file that names another party, as one before the call was passed on, does not bring it back."""
    pbx.rules = replace(pbx.rules, refused_numbers=frozenset({f"+48{CALLER}"}))
    pbx.record("a.wav", caller="103000299")
    pbx.record("a.wav", caller=CALLER)
    pbx.drop("a.wav", wav(2))
    assert pbx.settle() == 0
    assert pbx.look(11 * 60) == 0
    assert PbxFile.objects.get().state == "left-out"


@pytest.mark.parametrize("first", [False, True])
def test_who_refused_is_left_out_by_any_leg_of_the_call(pbx: Pbx, first: bool) -> None:
    """A leg without a file that names who refused, as one by which the call was passed on, tells whose voice the recording may hold."""
    refused = "+48225559999"
    pbx.rules = replace(pbx.rules, refused_numbers=frozenset({refused}))
    pbx.records.write_text("uniqueid,linkedid,start,src,dst,duration,recordingfile\n")
    pbx.anew()
    begun = f"{pbx.clock.now() - timedelta(seconds=3):%Y-%m-%d %H:%M:%S}Z"
    legs = [
        f"1.1,L1,{begun},{CALLER},{OURS},2,a.wav\n",
        f"1.2,L1,{begun},{refused},{OURS},2,\n",
        f"2.1,L2,{begun},{CALLER},{OURS},2,b.wav\n",
    ]
    with pbx.records.open("a") as records:
        records.writelines(legs[::-1] if first else legs)
    pbx.drop("a.wav", wav(2, seed=1))
    pbx.drop("b.wav", wav(2, seed=2))
    assert pbx.settle() == 1
    assert [(file.name, file.state) for file in PbxFile.objects.order_by("state")] == [
        ("b.wav", "imported"),
        ("", "left-out"),
    ]


def test_lines_that_tell_of_no_call_are_told_of_once(pbx: Pbx) -> None:
    """How many there are and of which lines they would be, without a word of what stands in them."""
    with pbx.records.open("a") as file:
        file.write(f"{CALLER}\nno record at all\n")
    with capture_logs() as told:
        pbx.look()
        pbx.look()
    (line,) = [each for each in told if each["event"] == "import.records-unread"]
    assert (line["lines"], line["sources"]) == (2, [pbx.line])
    assert CALLER not in str(line)
