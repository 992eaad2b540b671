"""What is held does not die although the database tells of it wrongly: erased acts, another name, a key of a stranger, a disk that is away."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from rejent.catalog import services as booked
from rejent.catalog.checks import findings as catalogued
from rejent.catalog.models import DayKey, DayTotal, Segment
from rejent.catalog.services import FinishedSegment
from rejent.kernel.clock import local_midnight
from rejent.registers.models import Entry
from rejent.retention import services
from rejent.retention.acts import SEGMENT_CUT, SURVIVOR_LOST
from rejent.retention.checks import findings
from rejent.retention.destruction.proof import MISSING_FOR
from rejent.retention.errors import NoKeyError
from rejent.retention.models import Destruction, Mending
from rejent.vault.age import Identity, SealedReader
from rejent.vault.errors import KeyDestroyedError
from tests.unit.retention.office import MINUTE, RecordingOffice, movie, restated

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))


def hold(office: RecordingOffice, camera: str, start: datetime = NOON) -> None:
    """A minute is needed for a case."""
    services.place_hold(
        source_id=camera, start=start, end=start + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip


def opens(office: RecordingOffice, kept: FinishedSegment, recipient: str = "") -> bool:
    """Whether the held object opens under a key of the office: its date's, unless another is named."""
    with office.store.open(kept.object_name) as sealed:
        identity = office.keys.identity_by_recipient(recipient or kept.recipient)
        return b"held@59" in SealedReader(sealed, [identity]).read()


def erase(act: str) -> None:
    """Take away the record of an act, which the guards of the table allow."""
    Entry.objects.filter(act=act).update(facts=None, salt=None)


def test_the_erased_act_of_what_was_booked_late_is_missed(elblag: RecordingOffice) -> None:
    """What came six days after its date, out of a backlog, counts as held although neither act nor row tells of it."""
    camera = elblag.add_camera("Hall")
    elblag.go_to(NOON + timedelta(days=6))
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    erase("segment.sealed")
    Segment.objects.all().delete()
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed
    assert opens(elblag, kept)


def test_the_erased_act_that_told_a_length_is_missed(elblag: RecordingOffice) -> None:
    """Of what a killed recorder left only the mending tells how long it is; without that word all of it may be held."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held", book=False)
    torn = replace(
        kept,
        end=NOON + timedelta(milliseconds=1),
        units=0,
        run="",
        recovered=True,
        index=b"",
        traits={},
    )
    booked.book_segments([torn], elblag.clock)
    assert services.keep_once(elblag.keeping).mended == 1
    hold(elblag, camera, NOON + timedelta(seconds=10))
    erase("segment.mended")
    Segment.objects.all().delete()
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed
    assert opens(elblag, kept)


def missing(kept: FinishedSegment) -> str:
    """A name that nothing in the store has."""
    return kept.object_name.replace(".age", "x.age")


def anothers(kept: FinishedSegment) -> str:
    """The name of another source's object, whose own row is put aside."""
    other = Segment.objects.exclude(pk=kept.id).get()
    name = other.object_name
    other.object_name = "aside"
    other.save()
    return name


@pytest.mark.parametrize("name", [missing, anothers])
def test_a_row_that_names_another_object_loses_none(
    elblag: RecordingOffice, name: Callable[[FinishedSegment], str]
) -> None:
    """However long it is looked for under that name, the object is not told to be lost, and its key lives."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    elblag.record(elblag.add_camera("Door"), NOON + timedelta(days=3), b"other")
    hold(elblag, camera)
    Segment.objects.filter(pk=kept.id).update(object_name=name(kept))
    for at in (END, END + 2 * MISSING_FOR):
        elblag.go_to(at)
        assert any("rejent fsck" in each for each in services.keep_once(elblag.keeping).failed)
    assert not Entry.objects.filter(act=SURVIVOR_LOST.name).exists()
    assert opens(elblag, kept)


def test_an_object_that_is_away_is_waited_for(elblag: RecordingOffice) -> None:
    """Where the disk of a held object is not mounted its key lives for a day; brought back, the object is kept."""
    camera = elblag.add_camera("Hall")
    kept, other = elblag.record(camera, NOON, b"held"), elblag.record(camera, NOON + 5 * MINUTE, b"m1")
    hold(elblag, camera)
    place = elblag.folder / "vault" / kept.object_name
    aside = elblag.folder / "aside"
    place.rename(aside)
    elblag.go_to(END)
    assert any(kept.object_name in each for each in services.keep_once(elblag.keeping).failed)
    aside.rename(place)
    assert services.keep_once(elblag.keeping).failed == []
    assert opens(elblag, kept, Segment.objects.get(pk=kept.id).recipient)
    with pytest.raises(KeyDestroyedError):
        elblag.keys.identity_by_recipient(other.recipient)


def test_an_object_that_stays_away_is_lost_after_a_day(elblag: RecordingOffice) -> None:
    """What cannot be kept does not keep the rest of its date for ever; the ledger tells of the loss."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    (elblag.folder / "vault" / kept.object_name).unlink()
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed
    elblag.go_to(END + MISSING_FOR)
    assert services.keep_once(elblag.keeping).failed == []
    assert Entry.objects.filter(act=SURVIVOR_LOST.name).count() == 1
    with pytest.raises(KeyDestroyedError):
        elblag.keys.identity_by_recipient(kept.recipient)


@pytest.mark.parametrize("planted", [True, False])
def test_survivors_are_sealed_to_no_key_but_the_key_stores(elblag: RecordingOffice, planted: bool) -> None:
    """A row that names a stranger's key, put there before or changed after the decision, gives nobody anything."""
    thief = Identity.generate()
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    theirs = {"survivor_key": "k", "survivor_recipient": thief.recipient.text}
    if planted:
        key = elblag.keys.ids_by_recipient([kept.recipient])[kept.recipient]
        Destruction.objects.create(
            number="N-2026-9", source_id=camera, day=NOON.date(), recipient=kept.recipient, key=key,
            rule="x", stage="decided", due_at=NOON, decided_at=NOON, decided_entry=0, **theirs,
        )  # fmt: skip
    else:
        place = elblag.folder / "vault" / kept.object_name
        place.rename(elblag.folder / "aside")
        elblag.go_to(END)
        services.keep_once(elblag.keeping)
        (elblag.folder / "aside").rename(place)
        Destruction.objects.update(**theirs)
    elblag.go_to(END + MINUTE)
    services.keep_once(elblag.keeping)
    recipient = Segment.objects.get(pk=kept.id).recipient
    assert recipient != thief.recipient.text
    assert opens(elblag, kept, recipient)


@pytest.mark.parametrize("name", ["a stranger's", "none"])
def test_no_destruction_is_certified_of_what_was_sealed_to_no_such_key(
    elblag: RecordingOffice, name: str
) -> None:
    """Rows that give a recording to an old date and a key nobody ever sealed to end nothing, and that is told."""
    camera = elblag.add_camera("Hall")
    elblag.go_to(END)
    kept = elblag.record(camera, END, b"held")
    recipient = "age1" if name == "none" else Identity.generate().recipient.text
    Segment.objects.update(day=NOON.date(), recipient=recipient)
    DayTotal.objects.update(day=NOON.date())
    elblag.go_to(END + MINUTE)
    assert any(camera in each for each in services.keep_once(elblag.keeping).failed)
    assert not Destruction.objects.exists()
    assert opens(elblag, kept)


def test_a_day_key_that_is_not_the_key_stores_is_put_right_and_told(elblag: RecordingOffice) -> None:
    """Whoever puts a public half of their own into the database has it for no longer than a round, and is noticed."""
    camera = elblag.add_camera("Hall")
    assert services.keep_once(elblag.keeping).failed == []
    before = list(DayKey.objects.order_by("day").values_list("day", "recipient"))
    DayKey.objects.filter(day=before[3][0]).update(recipient=Identity.generate().recipient.text)
    (failed,) = services.keep_once(elblag.keeping).failed
    assert camera in failed
    assert str(before[3][0]) in failed
    assert list(DayKey.objects.order_by("day").values_list("day", "recipient")) == before
    assert services.keep_once(elblag.keeping).failed == []


def emptied(_: RecordingOffice, __: FinishedSegment, whole: bytes) -> bytes:
    """As on a disk that gives zeroes."""
    return bytes(len(whole))


def with_another_head(_: RecordingOffice, __: FinishedSegment, whole: bytes) -> bytes:
    """Damaged at its first byte."""
    return b"x" + whole[1:]


def of_a_stranger(office: RecordingOffice, _: FinishedSegment, __: bytes) -> bytes:
    """Sealed to a key that nobody here has."""
    return office.sealed(movie(60, b"fake")[0], Identity.generate().recipient.text)


def a_fake(office: RecordingOffice, kept: FinishedSegment, _: bytes) -> bytes:
    """Sealed to the same key, of which everybody may know the public half."""
    return office.sealed(movie(60, b"fake")[0], kept.recipient)


@pytest.mark.parametrize("put", [emptied, with_another_head, of_a_stranger, a_fake])
@pytest.mark.parametrize("held", [MINUTE, MINUTE / 2])
def test_what_lies_in_the_place_of_a_held_object_is_not_taken_for_it(
    elblag: RecordingOffice, put: Callable[..., bytes], held: timedelta
) -> None:
    """Its key lives while the object is waited for; brought back, it is kept."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera, NOON + MINUTE - held)
    place = elblag.folder / "vault" / kept.object_name
    whole = place.read_bytes()
    place.write_bytes(put(elblag, kept, whole))
    elblag.go_to(END)
    assert any(kept.object_name in each for each in services.keep_once(elblag.keeping).failed)
    place.write_bytes(whole)
    assert services.keep_once(elblag.keeping).failed == []
    (left,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert b"held@59" in elblag.content(left)


def test_a_fake_that_stays_is_kept_as_what_it_is(elblag: RecordingOffice) -> None:
    """Nothing is cut out of it in the name of what was booked, so that it is found for as long as it is kept."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera, NOON + MINUTE / 2)
    place = elblag.folder / "vault" / kept.object_name
    place.write_bytes(a_fake(elblag, kept, b""))
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed
    restated(Destruction.objects.get(), decided_at=END - 2 * MISSING_FOR)
    assert services.keep_once(elblag.keeping).failed
    elblag.go_to(END + MISSING_FOR)
    services.keep_once(elblag.keeping)
    assert not Entry.objects.filter(act=SEGMENT_CUT.name).exists()
    assert "retention.held-origin" in {each.code for each in findings(elblag.keeping)}


def test_a_row_that_says_cut_short_brings_no_fake_into_the_ledger(elblag: RecordingOffice) -> None:
    """What was booked whole is not mended to what lies in its place; the row is told of, and so is the object."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    elblag.go_to(NOON + MINUTE)
    (elblag.folder / "vault" / kept.object_name).write_bytes(a_fake(elblag, kept, b""))
    Segment.objects.update(recovered=True)
    (failed,) = services.keep_once(elblag.keeping).failed
    assert kept.object_name in failed
    assert not Entry.objects.filter(act="segment.mended").exists()
    assert "catalog.object-changed" in {each.code for each in catalogued(elblag.store, elblag.clock)}


def test_what_was_mended_is_not_mended_again(elblag: RecordingOffice) -> None:
    """Also where the row that tells of it is taken away and another recording put in the place of the mended one."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held", book=False)
    torn = replace(kept, end=NOON + timedelta(milliseconds=1), units=0, recovered=True, index=b"", traits={})
    booked.book_segments([torn], elblag.clock)
    assert services.keep_once(elblag.keeping).mended == 1
    (elblag.folder / "vault" / kept.object_name).write_bytes(a_fake(elblag, kept, b""))
    Mending.objects.all().delete()
    assert kept.object_name in str(services.keep_once(elblag.keeping).failed)
    assert Entry.objects.filter(act="segment.mended").count() == 1


def test_no_row_lets_the_key_of_another_date_be_disclosed(elblag: RecordingOffice) -> None:
    """What is given out is the key that the key store made for what holds keep of that date; by an edited row none is."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    other = next(each for each in elblag.keys.alive() if each.source_id == camera)
    day = NOON.date()
    request = {"source_id": camera, "day": day, "purpose": "court", "clock": elblag.clock, "actor": "cli"}
    disclosed = services.disclose_key(elblag.keys, **request)
    assert Segment.objects.get(pk=kept.id).recipient == Identity.parse(disclosed).recipient.text
    entered = Destruction.objects.values("survivor_key", "survivor_recipient").get()
    for edit in ({"survivor_recipient": other.recipient.text}, {"survivor_key": other.id}):
        Destruction.objects.update(**edit)
        with pytest.raises(NoKeyError):
            services.disclose_key(elblag.keys, **request)
        Destruction.objects.update(**entered)
    assert services.disclose_key(elblag.keys, **request) == disclosed
