"""Entries by which something was sealed, hidden from the database's selections: what a hold keeps does not die with its key."""

from collections.abc import Callable

import pytest
from django.db import OperationalError
from django.db.models import QuerySet

from rejent.catalog.models import Segment
from rejent.registers.guard.rollback import rollback_guard
from rejent.registers.models import Entry, TreeHead
from rejent.registers.stretches import Stretch, first_place_since
from rejent.retention import services
from rejent.retention.models import Destruction, Hold
from tests.guarded_rows import unguarded
from tests.lying_index import lying
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.test_edited_rows import END, NOON, hold, names

HIDDEN: dict[str, Callable[[str], object]] = {
    "another act": lambda name: _of(name).update(act="segment.looked-at"),
    "another subject": lambda name: _of(name).update(subject="source:none"),
    "another record": lambda name: _of(name).update(facts="{}"),
    "no record": lambda name: _of(name).update(facts=None, salt=None),
    "another act and no record": lambda name: _of(name).update(act="gap.opened", facts=None, salt=None),
    "another place": lambda name: _of(name).update(index=900_000),
    "deleted": lambda name: _of(name).delete(),
}


def _of(name: str) -> QuerySet[Entry]:
    return Entry.objects.filter(act="segment.sealed", facts__contains=name)


@pytest.mark.parametrize("how", HIDDEN)
def test_what_is_held_lives_though_its_entry_is_hidden(elblag: RecordingOffice, how: str) -> None:
    """Neither row nor selection tells of it any more: the entry that cannot be read blocks, by its place, until it is as it was."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    elblag.record(camera, NOON + MINUTE, b"gone")
    hold(elblag, camera)
    entry = Entry.objects.get(act="segment.sealed", facts__contains=kept.object_name)
    row = Segment.objects.get(pk=kept.id)
    with unguarded():
        HIDDEN[how](kept.object_name)
        Segment.objects.filter(pk=kept.id).delete()
    elblag.go_to(END)
    for _ in range(2):
        done = services.keep_once(elblag.keeping)
        assert done.destroyed_days == 0
        (failed,) = done.failed
        assert f"Entry {entry.index} " in failed
        assert "rejent fsck" in failed
    assert b"held@59" in elblag.content(kept)
    with unguarded():
        Entry.objects.filter(pk=900_000).delete()
        entry.save()
        row.save()
    assert services.keep_once(elblag.keeping).failed == []
    (left,) = elblag.living(camera, NOON, NOON + 10 * MINUTE)
    assert b"held@59" in elblag.content(left)


LIES: dict[str, dict[str, str]] = {
    "of segments": {"segment_by_source_start": "true"},
    "of entries by subject": {"segment_by_source_start": "true", "entry_by_subject": "true"},
    "of entries by subject and act": {
        "segment_by_source_start": "true",
        "entry_by_subject": "true",
        "entry_by_act": "true",
        "entry_by_time": "true",
    },
    "of holds": {
        "hold_by_source_start": "true",
        "entry_by_act": "act LIKE 'hold.%'",
        "entry_by_thing": "thing LIKE 'hold:%'",
    },
}


@pytest.mark.usefixtures("as_after_a_restart", "newest_places")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("which", LIES)
def test_what_is_held_lives_though_indexes_lie(elblag: RecordingOffice, which: str) -> None:
    """Sealings are read by their places, and so are the acts of holds: neither needs an index that somebody may have made of no row."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    elblag.go_to(END)
    if which == "of holds":
        Hold.objects.all().delete()
    with lying(**LIES[which]):
        done = services.keep_once(elblag.keeping)
        assert kept.object_name in names(elblag)
    assert done.failed or done.survivors
    (left,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert b"held@59" in elblag.content(left)


def test_an_object_kept_for_a_hold_stays_though_its_entry_is_called_another(elblag: RecordingOffice) -> None:
    """A row gives it to the dead key again, and the act that kept it is hidden: it is no leftover of its date while an entry is unreadable."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    hold(elblag, camera)
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed == []
    with unguarded():
        assert Entry.objects.filter(act="segment.resealed").update(act="gap.opened", subject="") == 1
    Segment.objects.update(recipient=kept.recipient, state="sealed")
    Destruction.objects.update(stage="key-dead")
    services.keep_once(elblag.keeping)
    assert names(elblag) == {kept.object_name}


def _call_it(size: int) -> None:
    """The database says another size, and an edge of as many hashes as it demands."""
    with unguarded():
        TreeHead.objects.update(size=size, edge=bytes(32 * size.bit_count()))


@pytest.mark.parametrize("ends", [False, True])
def test_a_size_that_somebody_lowered_hides_no_entry(elblag: RecordingOffice, *, ends: bool) -> None:
    """What stands beyond the size that the database says is read, or its place cannot be; once the size is right, all is."""
    camera = elblag.add_camera("Hall")
    for minute in range(3):
        elblag.record(camera, NOON + minute * MINUTE, b"seen")
    sealed = [each.pk for each in Entry.objects.filter(act="segment.sealed")]
    stretch = Stretch(
        0,
        sealed[-1] + 1 if ends else None,
        names={"segment.sealed"},
        subjects={f"source:{camera}"},
        wanted=lambda _: True,
    )
    head = TreeHead.objects.get()
    size = head.size
    for told in (sealed[-1], size + 10**12):
        _call_it(told)
        stretch.read_on()
        assert bool(stretch.unreadable) is not ends
        assert sorted(stretch.acts) == sealed or (stretch.unreadable and told < size)
    with unguarded():
        head.save()
    stretch.read_on()
    assert not stretch.unreadable
    assert sorted(stretch.acts) == sealed


def test_newest_entries_that_are_deleted_with_the_size_are_missed(
    elblag: RecordingOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever saw a longer ledger, or reads that one was published, proves nothing by a shorter one."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    size, told = TreeHead.objects.get().size, list[str]()
    monkeypatch.setattr(rollback_guard, "_newest", {})
    monkeypatch.setattr(rollback_guard, "_size", 0)
    monkeypatch.setattr(rollback_guard, "on_shrunk", lambda: told.append("shrunk"))
    monkeypatch.setattr(rollback_guard, "published", lambda: size)
    with unguarded():
        Entry.objects.filter(pk=size - 1).delete()
    _call_it(size - 1)
    stretch = Stretch(0, names={"segment.sealed"}, subjects={f"source:{camera}"}, wanted=lambda _: True)
    with pytest.raises(OperationalError):
        stretch.read_on()
    assert told == ["shrunk"]


def test_a_place_is_found_by_the_entries_themselves(elblag: RecordingOffice) -> None:
    """Nothing since an instant stands before it; an entry whose instant somebody changed counts as a later one."""
    camera = elblag.add_camera("Hall")
    for minute in range(20):
        elblag.record(camera, NOON + minute * MINUTE, b"seen")
    rows = list(Entry.objects.order_by("pk"))
    for row in rows:
        assert first_place_since(row.at) == min(each.pk for each in rows if each.at >= row.at)
    middle = rows[len(rows) // 2]
    with unguarded():
        Entry.objects.filter(pk=middle.pk).update(at=NOON - 60 * MINUTE)
    assert first_place_since(NOON + 600 * MINUTE) <= middle.pk
