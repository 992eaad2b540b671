"""Entries whose record somebody takes away, to call them another act or another row's, bring no destruction forward."""

from datetime import timedelta

from django.db import connection

from rejent.registers.models import Entry
from rejent.retention import services
from rejent.retention.holds.standing import standing_holds
from rejent.retention.models import ClockAnchor, Destruction, Hold
from tests.guarded_rows import unguarded
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.retention.test_edited_rows import END, NOON, hold


def test_no_relabelled_act_makes_a_clock_believed(elblag: RecordingOffice) -> None:
    """While the clock runs ahead nothing is destroyed, though an entry without a record says that it is steady again."""
    elblag.record(elblag.add_camera("Hall"), NOON, b"seen")
    elblag.clock.confirmed = False
    services.keep_once(elblag.keeping)
    elblag.clock.step(timedelta(days=31))
    assert services.keep_once(elblag.keeping).clock == "ahead"
    last = Entry.objects.order_by("-pk").first()
    assert last is not None
    ClockAnchor.objects.all().delete()
    with unguarded():
        Entry.objects.filter(pk=last.pk).update(
            act="clock.steady", at=elblag.clock.now(), facts=None, salt=None
        )
    assert services.keep_once(elblag.keeping).destroyed_days == 0


def test_no_relabelled_act_ends_a_hold(elblag: RecordingOffice) -> None:
    """A hold stands, though the entry that placed it is called its end and has no record any more."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"held")
    elblag.go_to(END - timedelta(hours=1))
    hold(elblag, camera)
    with unguarded():
        Entry.objects.filter(act="hold.placed").update(act="hold.ended", facts=None, salt=None)
    Hold.objects.update(ended_at=elblag.clock.now())
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    done = Destruction.objects.filter(stage="done").first()
    assert done is None or done.survivors


def test_a_planted_hold_does_not_stand(elblag: RecordingOffice) -> None:
    """A row whose newest entry was planted without a record is none whose record was erased."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    row = Hold.objects.create(
        number="Z-2026-9", source_id=camera, start=NOON, end=NOON + MINUTE, case="x", basis="x",
        review_on=END.date(), placed_at=NOON,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO registers_entry ("index", at, act, actor, subject, thing, digest, leaf, tag) '
            "VALUES (900000, %s, 'x', '', '', %s, %s, %s, %s)",
            [NOON, f"hold:{row.pk}", bytes(32), bytes(32), bytes(32)],
        )
    assert standing_holds() == []
