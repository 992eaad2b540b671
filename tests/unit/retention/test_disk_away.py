"""A disk that is not mounted: on the empty folder everything looks removed, and nothing is done or said for that."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from rejent.catalog import services as catalog
from rejent.catalog.checks import findings as in_catalogue
from rejent.retention import services
from rejent.retention.checks import findings
from rejent.retention.destruction.proof import MISSING_FOR
from rejent.retention.models import Destruction, DestructionStage, Mending, Survivor
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.models import Call
from rejent.streams.calls.catalog.views import REFUSED
from tests.spoken_call import finished, recorded
from tests.unit.retention.office import MINUTE, RecordingOffice, restated
from tests.unit.retention.one_call import CALL, NOON, PAST_TERM, office_of_one_call


@pytest.fixture
def office(db: None, tmp_path: Path) -> RecordingOffice:  # noqa: ARG001 - asked for its effect
    """An office with a minute of a call that is under way."""
    return office_of_one_call(tmp_path)


def away(office: RecordingOffice) -> None:
    """The disk goes; what stays is the folder it was mounted on."""
    (office.folder / "vault").rename(office.folder / "disk")
    (office.folder / "vault").mkdir()


def back(office: RecordingOffice) -> None:
    """It is mounted again."""
    (office.folder / "vault").rmdir()
    (office.folder / "disk").rename(office.folder / "vault")


def held(office: RecordingOffice) -> str:
    """Somebody needs the call; the hold's number."""
    return services.place_hold(
        source_id=office.sources["line"], start=NOON, end=NOON + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    ).number  # fmt: skip


def test_a_refused_call_is_not_said_to_be_withdrawn(office: RecordingOffice) -> None:
    """It keeps its numbers and its rows until its object is really gone."""
    call_services.refuse_call(office.sources["line"], CALL, "key", 70, clock=office.clock)
    call_services.end_call(CALL, NOON + MINUTE, REFUSED, clock=office.clock)
    away(office)
    done = services.keep_once(office.keeping)
    assert done.withdrawn == 0
    assert [told.partition(":")[0] for told in done.failed] == ["refusals"]
    assert not Call.objects.get().destroyed
    back(office)
    assert services.keep_once(office.keeping).withdrawn == 1
    assert list(office.store.objects()) == []


def test_another_disk_is_none_of_ours(office: RecordingOffice) -> None:
    """What lies on one that belongs to another installation is left alone, too."""
    call_services.refuse_call(office.sources["line"], CALL, "key", 70, clock=office.clock)
    call_services.end_call(CALL, NOON + MINUTE, REFUSED, clock=office.clock)
    mark = office.store.read_mark()
    assert mark is not None
    office.store.write_mark(mark.replace(b"0" * 32, b"1" * 32))
    assert services.keep_once(office.keeping).withdrawn == 0
    assert len(list(office.store.objects())) == 1


def test_what_a_killed_recorder_left_is_mended_once_it_is_back(office: RecordingOffice) -> None:
    """Neither a disk that was away nor a key that was put back later leaves it as it was for ever."""
    line = office.sources["line"]
    recipient = office.keys.make_keys(line, [NOON.date()])[NOON.date()].text
    (kept,) = recorded("cd" * 16, NOON, 20)
    sealed = office.sealed(kept.content[: len(kept.content) * 2 // 3], recipient)
    torn = finished(line, kept, sealed, recipient)
    with office.store.create(torn.object_name) as writer:
        writer.write(sealed)
        writer.commit()
    end = torn.start + timedelta(milliseconds=1)
    catalog.book_segments([replace(torn, run="", end=end, units=0, recovered=True)], office.clock)
    away(office)
    done = services.keep_once(office.keeping)
    assert (done.mended, Mending.objects.count()) == (0, 0)
    back(office)
    (office.folder / "vault" / torn.object_name).rename(office.folder / "aside")
    assert services.keep_once(office.keeping).mended == 0
    (office.folder / "aside").rename(office.folder / "vault" / torn.object_name)
    assert services.keep_once(office.keeping).mended == 0
    office.clock.advance(timedelta(days=1))
    assert services.keep_once(office.keeping).mended == 1
    assert services.keep_once(office.keeping).mended == 0


def test_no_destruction_is_proven_of_what_is_away(office: RecordingOffice) -> None:
    """The key dies in time, and it is said that the objects are gone when they are."""
    call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    office.go_to(PAST_TERM)
    away(office)
    done = services.keep_once(office.keeping)
    assert (done.destroyed_segments, len(done.failed)) == (0, 1)
    assert Destruction.objects.get().stage == DestructionStage.KEY_DEAD
    back(office)
    assert services.keep_once(office.keeping).destroyed_segments == 1
    assert list(office.store.objects()) == []
    assert list(findings(office.keeping)) == []


def test_held_evidence_is_not_lost_for_a_disk_that_is_away(office: RecordingOffice) -> None:
    """However long ago the end of its key was decided, and however long the disk is away."""
    call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    held(office)
    office.go_to(PAST_TERM)
    away(office)
    for _ in range(3):
        assert len(services.keep_once(office.keeping).failed) == 1
        office.clock.advance(MISSING_FOR + MINUTE)
    back(office)
    assert services.keep_once(office.keeping).failed == []
    assert list(Survivor.objects.values_list("lost", flat=True)) == [False]
    assert list(findings(office.keeping)) == []


def test_a_held_object_is_waited_for_since_it_was_missed(office: RecordingOffice) -> None:
    """Not since the end of its key was decided: the keeper may have been stopped in between."""
    call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    held(office)
    (stored,) = office.store.objects()
    office.go_to(PAST_TERM)
    (office.folder / "vault" / stored.name).rename(office.folder / "aside")
    assert len(services.keep_once(office.keeping).failed) == 1
    restated(Destruction.objects.get(), decided_at=office.clock.now() - timedelta(days=9))
    office.clock.advance(MISSING_FOR - MINUTE)
    assert len(services.keep_once(office.keeping).failed) == 1
    (office.folder / "aside").rename(office.folder / "vault" / stored.name)
    assert services.keep_once(office.keeping).failed == []
    assert list(Survivor.objects.values_list("lost", flat=True)) == [False]


def test_what_was_saved_by_a_clock_that_was_set_back_counts_as_saved(office: RecordingOffice) -> None:
    """What the ledger tells is found by its place in it: the destruction ends though its decision bears a later time."""
    call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    held(office)
    (stored,) = office.store.objects()
    office.go_to(PAST_TERM + timedelta(days=6))
    (office.folder / "vault" / stored.name).rename(office.folder / "aside")
    assert len(services.keep_once(office.keeping).failed) == 1
    (office.folder / "aside").rename(office.folder / "vault" / stored.name)
    office.clock.step(-timedelta(days=3))
    assert services.keep_once(office.keeping).failed == []
    assert Destruction.objects.get().stage == DestructionStage.DONE
    assert list(Survivor.objects.values_list("lost", flat=True)) == [False]
    office.clock.step(timedelta(days=3))
    assert list(findings(office.keeping)) == []


def test_of_a_disk_that_is_away_fsck_says_that_and_no_more(office: RecordingOffice) -> None:
    """It does not call every object missing, nor evidence gone, and is clean once the disk is back."""
    call_services.end_call(CALL, NOON + MINUTE, "bye", clock=office.clock)
    held(office)
    office.go_to(PAST_TERM)
    assert services.keep_once(office.keeping).failed == []
    away(office)
    found = [*findings(office.keeping), *in_catalogue(office.store, office.clock)]
    assert {each.code for each in found} == {"retention.check-unfinished", "catalog.check-unfinished"}
    assert all("identity file" in each.sentence() for each in found)
    back(office)
    assert [*findings(office.keeping), *in_catalogue(office.store, office.clock)] == []
