"""Files that were taken over are removed where the office says so, and never on the word of a row alone."""

import json
import os
from collections.abc import Callable
from errno import EROFS
from hashlib import sha256
from pathlib import Path

import pytest

from rejent.catalog.models import Segment
from rejent.registers.models import Entry
from rejent.streams.calls.catalog.models import PbxFile
from rejent.streams.calls.receiving.imported.folder import Folder
from rejent.streams.calls.receiving.imported.sealed_copy import REMOVED_AGAIN_S
from tests.unit.streams_calls_imported.conftest import WAITS_S, Pbx
from tests.unit.streams_calls_imported.pbx_sounds import wav


def test_a_file_is_let_go_only_where_the_office_says_so(make: Callable[..., Pbx]) -> None:
    """Once the sealed copy is booked it is removed and that is entered; what was not taken over stays."""
    pbx = make(remove="booked")
    pbx.record("a.wav")
    kept, odd = pbx.drop("deep/a.wav", wav(2)), pbx.drop("page.wav", b"<html>" * 50)
    assert pbx.settle() == 1
    assert not kept.exists()
    assert odd.exists()
    entry = Entry.objects.get(act="call.file-removed")
    assert set(json.loads(entry.facts)) == {"source", "call", "bytes"}
    assert "a.wav" not in str(entry.facts)
    assert PbxFile.objects.get(state="imported").removed_at is not None


def test_a_folder_put_in_anothers_place_is_not_followed(make: Callable[..., Pbx], tmp_path: Path) -> None:
    """A link that takes the place of a folder leads nowhere: nothing behind it is read or removed."""
    pbx = make(remove="booked")
    pbx.record("a.wav")
    path = pbx.drop("deep/a.wav", wav(2))
    pbx.look()
    elsewhere = tmp_path / "elsewhere"
    path.parent.rename(elsewhere)
    path.parent.symlink_to(elsewhere)
    assert pbx.look(WAITS_S) == 0
    assert (elsewhere / "a.wav").exists()


@pytest.mark.parametrize("wrong", ["another call", "no act", "another content", "no object", "torn object"])
def test_a_row_alone_lets_no_file_go(make: Callable[..., Pbx], wrong: str) -> None:
    """After a start a file is removed only if the ledger tells of an object of just this content, and the object is there."""
    pbx = make(remove="booked")
    pbx.record("a.wav")
    kept = pbx.drop("a.wav", wav(2))
    content, written = kept.read_bytes(), kept.stat().st_mtime_ns
    assert pbx.settle() == 1
    kept.write_bytes(content if wrong != "another content" else content[:-2] + b"??")
    os.utime(kept, ns=(written, written))
    if wrong == "another call":
        kept = pbx.drop("only.wav", wav(2, seed=3))
        (seen,) = [
            file for file in Folder(str(pbx.folder), pbx.clock).all(lambda _: True) if file.path == "only.wav"
        ]
        PbxFile.objects.update(mark=seen.mark, digest=sha256(kept.read_bytes()).hexdigest(), removed_at=None)
        (pbx.folder / "a.wav").unlink()
    if wrong == "no act":
        Segment.objects.update(entry=0)
    if wrong == "no object":
        pbx.store.remove([Segment.objects.get().object_name])
    if wrong == "torn object":
        path = pbx.store.root / Segment.objects.get().object_name
        path.write_bytes(path.read_bytes()[:-9] + b"\0" * 9)
    pbx.anew()
    pbx.settle()
    assert kept.exists()


def test_a_file_that_was_booked_goes_after_a_start(make: Callable[..., Pbx]) -> None:
    """A process that ended between the booking and the removal: the next one removes it."""
    pbx = make(remove="booked")
    pbx.record("a.wav")
    kept = pbx.drop("a.wav", wav(2))
    content, written = kept.read_bytes(), kept.stat().st_mtime_ns
    assert pbx.settle() == 1
    kept.write_bytes(content)
    os.utime(kept, ns=(written, written))
    pbx.anew()
    pbx.look()
    assert not kept.exists()


def test_a_file_that_could_not_be_removed_is_tried_again(
    make: Callable[..., Pbx], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger says that it was removed: a folder that was mounted for reading alone makes that wrong for minutes at most."""
    pbx = make(remove="booked")
    pbx.record("a.wav")
    kept = pbx.drop("a.wav", wav(2))

    def read_only(*_args: object, **_more: object) -> None:
        raise OSError(EROFS, "Read-only file system")

    with monkeypatch.context() as mounted:
        mounted.setattr("rejent.streams.calls.receiving.imported.folder.os.unlink", read_only)
        assert pbx.settle() == 1
    assert PbxFile.objects.get().removed_at is not None
    pbx.look(WAITS_S)
    assert kept.exists()
    pbx.look(REMOVED_AGAIN_S)
    assert not kept.exists()
    assert Entry.objects.filter(act="call.file-removed").count() == 1
