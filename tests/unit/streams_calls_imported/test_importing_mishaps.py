"""Taking over files while something fails: tried again, nothing lost, nothing doubled, no other kept waiting."""

from datetime import datetime, timedelta
from errno import EIO
from itertools import pairwise
from typing import Any

import pytest
from django.db import DataError, OperationalError

from rejent.catalog.checks import findings
from rejent.kernel.clock import ManualClock
from rejent.streams.calls.catalog.models import Call, CallRecord, PbxFile
from rejent.streams.calls.catalog.services import pbx as books
from rejent.streams.calls.catalog.views import NotedRecord
from rejent.streams.calls.player.errors import SoundError
from rejent.streams.calls.receiving.imported.folder import Folder, SeenFile
from rejent.vault.errors import StorageError
from tests.unit.streams_calls_imported.conftest import START, WAITS_S, Pbx, measure
from tests.unit.streams_calls_imported.pbx_sounds import wav


def test_a_store_that_is_gone_loses_nothing(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be sealed is taken over once the store is there again; nothing of the attempt is left."""
    pbx.record("a.wav")
    path = pbx.drop("a.wav", wav(2))
    pbx.look()

    def gone(*_: object) -> None:
        raise OSError(EIO, "gone")

    with monkeypatch.context() as broken:
        broken.setattr(pbx.store._calls, "fsync", gone)
        with pytest.raises(StorageError):
            pbx.look(WAITS_S)
    assert not Call.objects.exists()
    assert path.exists()
    assert pbx.look() == 1
    assert not list(findings(pbx.store, pbx.clock))


def test_what_was_sealed_and_not_booked_is_sealed_anew(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ended between the store and the books leaves one call and one object in the end."""
    pbx.record("a.wav")
    pbx.drop("a.wav", wav(2))
    pbx.look()

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("rejent.streams.calls.catalog.services.pbx.begin_call", killed)
        with pytest.raises(KeyboardInterrupt):
            pbx.look(WAITS_S)
    assert len(list(pbx.store.objects())) == 1
    pbx.anew()
    assert pbx.settle() == 1
    assert len(list(pbx.store.objects())) == Call.objects.count() == 1
    assert not list(findings(pbx.store, pbx.clock))
    pbx.anew()
    assert pbx.settle() == 0


@pytest.mark.parametrize("anew", [True, False])
def test_an_attempt_is_removed_though_its_call_began_at_another_time(
    pbx: Pbx, monkeypatch: pytest.MonkeyPatch, *, anew: bool
) -> None:
    """A record that comes between the sealing and the next try gives another start; no second copy stays until its key dies."""

    def failed(*_: Any, **__: Any) -> None:
        raise OperationalError

    pbx.drop("a.wav", wav(2))
    pbx.look()
    with monkeypatch.context() as broken:
        broken.setattr("rejent.streams.calls.catalog.services.pbx.begin_call", failed)
        with pytest.raises(OperationalError):
            pbx.look(11 * 60)
    (attempt,) = pbx.store.objects()
    pbx.record("a.wav", told=f"{START - timedelta(seconds=9):%Y-%m-%d %H:%M:%S}Z")
    if anew:
        pbx.anew()
    assert pbx.settle() == 1
    (kept,) = pbx.store.objects()
    assert kept.name != attempt.name
    assert not list(findings(pbx.store, pbx.clock))


def test_a_file_whose_decoder_hangs_is_tried_later(pbx: Pbx) -> None:
    """Children that are slow or die are no fault of the file: it is tried less and less often, but never refused for that."""
    pbx.record("a.wav")
    pbx.drop("a.wav", wav(2))
    answers = iter([SoundError("busy", advice="")] * 5)
    tried: list[datetime] = []

    def busy(content: bytes) -> bytes:
        tried.append(pbx.clock.now())
        if error := next(answers, None):
            raise error
        return measure(content)

    pbx.folders.measure = busy
    taken = [pbx.look(WAITS_S) for _ in range(120)]
    assert sum(taken) == 1
    assert [round((later - one).total_seconds()) for one, later in pairwise(tried)] == [15, 30, 60, 120, 240]
    assert PbxFile.objects.get().state == "imported"


@pytest.mark.parametrize("year", [12_000, -1])
def test_a_file_of_a_time_that_cannot_be_keeps_no_other_waiting(
    pbx: Pbx, monkeypatch: pytest.MonkeyPatch, year: int
) -> None:
    """Beside one written beyond the year 9999, or before the year 1, every other is taken over."""
    seconds = (year - 1970) * 366 * 86_400
    odd = SeenFile("odd.wav", 10_000, seconds * 10**9)
    all_of = Folder.all
    monkeypatch.setattr(Folder, "all", lambda folder, wanted: [odd, *all_of(folder, wanted)])
    pbx.record("a.wav")
    pbx.record("odd.wav")
    pbx.drop("a.wav", wav(2))
    assert pbx.settle() == 1


def test_a_database_that_fails_costs_no_record(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read while nothing could be booked is read again."""

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError

    pbx.record("a.wav")
    with monkeypatch.context() as broken:
        broken.setattr("rejent.streams.calls.catalog.services.pbx.note_records", gone)
        with pytest.raises(OperationalError):
            pbx.look()
    pbx.look()
    assert CallRecord.objects.get().file == "a.wav"


def test_a_record_that_no_database_takes_costs_itself_alone(
    pbx: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others of its batch are booked, and it is not read for ever."""
    booked = books.note_records

    def refusing(source: str, noted: list[NotedRecord], *, clock: ManualClock) -> None:
        if any(each.file == "odd.wav" for each in noted):
            raise DataError
        booked(source, noted, clock=clock)

    monkeypatch.setattr(books, "note_records", refusing)
    for name in ("a.wav", "odd.wav", "b.wav"):
        pbx.record(name)
    pbx.look()
    assert set(CallRecord.objects.values_list("file", flat=True)) == {"a.wav", "b.wav"}


def test_settled_files_take_no_room_from_new_ones(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files stay in a folder, new ones are seen; that more wait than are looked at is known."""
    monkeypatch.setattr("rejent.streams.calls.receiving.imported.folder.MAX_FILES", 2)
    for number in range(3):
        pbx.record(f"{number}.wav")
        pbx.drop(f"{number}.wav", wav(2, seed=number), ago=30 - number)
    assert pbx.settle() == 2
    assert pbx.folders._reported_too_many
    assert pbx.settle() == 1
    assert not pbx.folders._reported_too_many
