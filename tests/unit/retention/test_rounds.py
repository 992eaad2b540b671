"""The other keepers: clock, day keys, mending, alarms, disclosure."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from rejent.catalog import queries as catalog
from rejent.catalog import services as catalog_services
from rejent.formats.mp4.parameters import describe
from rejent.kernel.clock import local_midnight
from rejent.kernel.intervals import Interval
from rejent.ledger.location import LedgerLocation
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.retention import queries, services
from rejent.retention.clock import is_ahead, watch_clock
from rejent.retention.errors import HoldRefusedError, NoKeyError, NothingToConfirmError
from rejent.retention.keys import backups as key_backups
from rejent.retention.models import ClockAnchor
from rejent.retention.rounds.round import Keeping
from rejent.vault.age import Identity, Recipient, SealedReader, SealWriter
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.object_store import Space
from tests.unit.retention.office import MINUTE, PARAMETERS, RecordingOffice, movie

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))
MONTH = timedelta(days=31)


def test_nothing_is_destroyed_after_a_forward_jump_until_confirmed(elblag: RecordingOffice) -> None:
    """A clock set a month ahead stops destruction, raises an alarm and is entered; a person's word lets it go on."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    elblag.clock.confirmed = False
    services.keep_once(elblag.keeping)
    elblag.clock.step(MONTH)
    elblag.clock.advance(MINUTE)
    done = services.keep_once(elblag.keeping)
    assert (done.clock, done.destroyed_days) == ("ahead", 0)
    assert b"seen@00" in elblag.content(segment)
    assert "clock" in {alarm.kind for alarm in queries.alarms()}
    assert len(registers.acts(names=["clock.ahead"]).acts) == 1
    services.keep_once(elblag.keeping)
    assert len(registers.acts(names=["clock.ahead"]).acts) == 1
    services.confirm_clock(elblag.clock, "person")
    assert registers.acts(names=["clock.confirmed"]).acts[0].actor == "person"


PLANTED: dict[str, Callable[[datetime], object]] = {
    "moved": lambda now: ClockAnchor.objects.update(at=now, seen_at=now),
    "said to be steady": lambda _: ClockAnchor.objects.update(verdict="steady", off_by_s=0),
    "of another boot": lambda now: ClockAnchor.objects.update(at=now, seen_at=now, boot="two"),
    "deleted": lambda _: ClockAnchor.objects.all().delete(),
}


@pytest.mark.parametrize("noticed", [False, True])
@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_anchor_lets_nothing_be_destroyed(
    elblag: RecordingOffice, plant: str, noticed: bool
) -> None:
    """Whoever edits what the clock is held against while it is ahead, or before a keeper sees that, brings no destruction forward."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    elblag.clock.confirmed = False
    services.keep_once(elblag.keeping)
    elblag.clock.step(timedelta(hours=1))
    services.keep_once(elblag.keeping)
    elblag.clock.step(MONTH if noticed else -timedelta(hours=1))
    services.keep_once(elblag.keeping)
    elblag.clock.step(timedelta() if noticed else MONTH)
    PLANTED[plant](elblag.clock.now())
    assert is_ahead(elblag.clock)
    for _ in range(2):
        assert services.keep_once(elblag.keeping).clock == "ahead"
    assert b"seen@00" in elblag.content(segment)
    services.confirm_clock(elblag.clock, "person")
    assert services.keep_once(elblag.keeping).destroyed_days == 1


def test_a_jump_that_goes_back_needs_no_confirmation(elblag: RecordingOffice) -> None:
    """When the clock agrees again, destruction goes on by itself and both turns are in the ledger."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    elblag.clock.confirmed = False
    services.keep_once(elblag.keeping)
    elblag.clock.step(MONTH)
    services.keep_once(elblag.keeping)
    elblag.clock.step(-MONTH)
    assert services.keep_once(elblag.keeping).clock == "steady"
    assert queries.alarms() == []
    with pytest.raises(NothingToConfirmError):
        services.confirm_clock(elblag.clock, "person")


def test_a_clock_set_back_gives_nothing_a_second_life(elblag: RecordingOffice) -> None:
    """What has been destroyed stays so, what was due cannot be read again, and the setting back is entered."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    elblag.clock.confirmed = False
    elblag.go_to(END - timedelta(hours=1))
    services.keep_once(elblag.keeping)
    elblag.go_to(END + timedelta(seconds=1))
    services.keep_once(elblag.keeping)
    elblag.clock.step(-timedelta(days=3))
    assert services.keep_once(elblag.keeping).clock == "behind"
    assert elblag.living(camera, NOON, NOON + MINUTE) == []
    assert queries.readable(camera, date(2026, 3, 1), NOON, NOON + MINUTE, elblag.clock) == []
    assert len(registers.acts(names=["clock.behind"]).acts) == 1


def test_the_clock_is_judged_across_boots(elblag: RecordingOffice) -> None:
    """A program that comes back a week later, in another boot, asks for a person's word before it destroys."""
    elblag.clock.confirmed = False
    services.keep_once(elblag.keeping)
    elblag.go_to(NOON + timedelta(days=7))
    elblag.boot = "two"
    assert services.keep_once(elblag.keeping).clock == "ahead"


def test_day_keys_are_made_a_week_ahead_for_every_source(elblag: RecordingOffice) -> None:
    """Each camera finds a public half for today and seven days; the store knows by when each must die."""
    cameras = [elblag.add_camera("Hall"), elblag.add_camera("Stairs")]
    assert services.keep_once(elblag.keeping).keys_made == 16
    assert services.keep_once(elblag.keeping).keys_made == 0
    assert all(catalog.recipient(camera, date(2026, 3, 8)) for camera in cameras)
    record = elblag.keys.day_record(cameras[0], date(2026, 3, 1))
    assert record is not None
    assert record.must_die_by == END
    elblag.go_to(NOON + timedelta(days=1))
    assert services.keep_once(elblag.keeping).keys_made == 2


def test_the_epoch_key_is_replaced_once_a_day(elblag: RecordingOffice) -> None:
    """The file of the epoch key changes with the civil date, and not within it."""
    epoch = elblag.keys.folder / "epoch"
    services.keep_once(elblag.keeping)
    first = epoch.read_bytes()
    services.keep_once(elblag.keeping)
    assert epoch.read_bytes() == first
    elblag.go_to(NOON + timedelta(days=1))
    services.keep_once(elblag.keeping)
    assert epoch.read_bytes() != first


def cut_short(office: RecordingOffice, camera: str, content: bytes) -> catalog_services.FinishedSegment:
    """A segment of whose object only a beginning was sealed, booked as a recorder without keys books it."""
    day = date(2026, 3, 1)
    recipient = catalog.recipient(camera, day)
    assert recipient is not None
    name = f"{camera}/2026-03-01/110000000000-{'0' * 31}1.age"
    sealed = bytearray()
    writer = SealWriter(sealed.extend, [Recipient.parse(recipient)])
    writer.write(content)
    companion = writer.companion()
    with office.store.create(name) as part:
        part.write(sealed)
        part.sync()
        part.write_companion(companion)
        part.leave()
    office.store.recover(name)
    booked = office.record(camera, NOON + timedelta(hours=5), b"other", book=False)
    return catalog_services.FinishedSegment(
        **{
            **{field: getattr(booked, field) for field in booked.__dataclass_fields__},
            "object_name": name,
            "start": NOON,
            "end": NOON + timedelta(seconds=1),
            "recovered": True,
            "tail": True,
            "units": 0,
            "index": b"",
            "bytes": len(sealed),
            "head": writer.head_sha256.hex(),
            "traits": {},
        }
    )


def test_what_a_crash_cut_short_is_finished_under_its_own_key(elblag: RecordingOffice) -> None:
    """The keeper makes a proper object of the beginning and its companion, with end, index and digest, once."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    whole, _ = movie(60, b"crash")
    cut_at = whole.index(b"crash@40") + 3
    catalog_services.book_segments([cut_short(elblag, camera, whole[:cut_at])], elblag.clock)
    done = services.keep_once(elblag.keeping)
    assert (done.failed, done.mended) == ([], 1)
    (row,) = elblag.living(camera, NOON, NOON + MINUTE)
    assert (row.units, row.end, row.recovered, row.tail) == (40, NOON + timedelta(seconds=40), True, False)
    form = describe(PARAMETERS)
    assert row.traits == {"codec": form.codec_string, "width": form.width, "height": form.height}
    content = elblag.content(row)
    assert b"crash@39" in content
    assert b"crash@40" not in content
    assert not elblag.store.open_companions(row.object_name)
    assert services.keep_once(elblag.keeping).mended == 0
    assert len(registers.acts(names=["segment.mended"]).acts) == 1
    assert list(guarded_rows("catalog")) == []


def test_what_cannot_be_mended_is_left_and_not_tried_again(elblag: RecordingOffice) -> None:
    """A beginning without a whole picture stays as it is."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    whole, index = movie(60, b"crash")
    catalog_services.book_segments([cut_short(elblag, camera, whole[: index.head_length])], elblag.clock)
    first, second = services.keep_once(elblag.keeping), services.keep_once(elblag.keeping)
    assert (first.failed, first.mended, second.mended) == ([], 0, 0)
    assert len(elblag.living(camera, NOON, NOON + MINUTE)) == 1


def test_overdue_recordings_raise_an_alarm_that_ends_with_them(elblag: RecordingOffice) -> None:
    """While the clock stops destruction beyond the alarm, the day is overdue; confirmed, it is destroyed and the alarm ends."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    elblag.clock.confirmed = False
    services.keep_once(elblag.keeping)
    elblag.clock.step(MONTH + timedelta(hours=2))
    assert services.keep_once(elblag.keeping).overdue == 1
    assert {alarm.kind for alarm in queries.alarms()} == {"clock", "overdue"}
    elblag.clock.confirmed = True
    assert services.keep_once(elblag.keeping).overdue == 0
    assert queries.alarms() == []
    assert len(queries.alarms(ended=True)) == 2


def test_storage_too_small_for_the_period_raises_an_alarm_and_destroys_nothing(
    elblag: RecordingOffice,
) -> None:
    """A day that fills the disk many times over within the period is told days ahead; everything is still there."""
    camera = elblag.add_camera("Hall")
    segments = [elblag.record(camera, NOON + number * MINUTE, b"full") for number in range(60)]
    room = Space(used=sum(each.bytes for each in segments), free=1000, total=None)
    catalog_services.read_storage(room, elblag.clock)
    forecast = catalog.storage_forecast(clock=elblag.clock)
    assert not forecast.enough
    from rejent.retention.clock import watch_clock
    from rejent.retention.rounds.alarms import update_alarms

    update_alarms(elblag.clock, watch_clock(elblag.clock, "one"), 0)
    (alarm,) = queries.alarms()
    assert alarm.kind == "capacity"
    assert len(elblag.living(camera, NOON, NOON + timedelta(hours=1))) == 60


def test_a_hold_whose_review_has_come_raises_an_alarm(elblag: RecordingOffice) -> None:
    """The alarm names the hold, and ends with it."""
    camera = elblag.add_camera("Hall")
    placed = services.place_hold(
        source_id=camera,
        start=NOON,
        end=NOON + MINUTE,
        case="OR.1431.1.2026",
        basis="proceedings",
        review_on=date(2026, 3, 5),
        clock=elblag.clock,
        ledger=None,
        actor="cli",
    )
    services.keep_once(elblag.keeping)
    assert queries.alarms() == []
    elblag.go_to(local_midnight(date(2026, 3, 5)))
    services.keep_once(elblag.keeping)
    assert [alarm.subject for alarm in queries.alarms()] == [placed.number]
    services.end_hold(placed.number, reason="concluded", clock=elblag.clock, ledger=None, actor="cli")
    services.keep_once(elblag.keeping)
    assert queries.alarms() == []


def test_due_tells_what_must_go_by_an_instant(elblag: RecordingOffice) -> None:
    """Nothing is due while the term runs; a date ahead tells the day, its rule, its size and the holds over it."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    assert queries.due(elblag.clock.now(), elblag.clock) == []
    (item,) = queries.due(END, elblag.clock)
    assert (item.source_name, item.day, item.segments, item.bytes) == (
        "Kamera 1",
        date(2026, 3, 1),
        1,
        segment.bytes,
    )
    assert (item.term.key_dead_by, item.held_parts) == (END, 0)


def test_a_disclosed_key_opens_the_day_and_is_entered(elblag: RecordingOffice) -> None:
    """The identity opens the object by itself; the act says for what; without a purpose, or too late, there is none."""
    camera = elblag.add_camera("Hall")
    segment = elblag.record(camera, NOON, b"seen")
    given = {"source_id": camera, "day": date(2026, 3, 1), "clock": elblag.clock, "actor": "cli"}
    with pytest.raises(HoldRefusedError):
        services.disclose_key(elblag.keys, purpose=" ", **given)
    text = services.disclose_key(elblag.keys, purpose="court", **given)
    with elblag.store.open(segment.object_name) as sealed:
        assert b"seen@00" in SealedReader(sealed, [Identity.parse(text)]).read()
    assert registers.acts(names=["key.disclosed"]).acts[0].facts["purpose"] == "court"
    elblag.go_to(END)
    with pytest.raises(NoKeyError):
        services.disclose_key(elblag.keys, purpose="court", **given)


def test_a_clock_set_back_discloses_no_key_past_its_term(elblag: RecordingOffice) -> None:
    """A key that waits for its destruction is not handed out because the clock was set back behind the term."""
    camera = elblag.add_camera("Hall")
    elblag.record(camera, NOON, b"seen")
    elblag.go_to(END + timedelta(hours=1))
    watch_clock(elblag.clock, "one")
    elblag.clock.step(-timedelta(days=3))
    with pytest.raises(NoKeyError):
        services.disclose_key(
            elblag.keys,
            source_id=camera,
            day=date(2026, 3, 1),
            purpose="court",
            clock=elblag.clock,
            actor="cli",
        )
    assert registers.acts(names=["key.disclosed"]).acts == []


def test_a_clock_set_back_brings_no_key_past_its_term_back(elblag: RecordingOffice, tmp_path: Path) -> None:
    """Of a backup that is too old by what was seen, only keys whose term still runs come back."""
    camera, path, holder = elblag.add_camera("Hall"), tmp_path / "keys.age", Identity.generate()
    elblag.record(camera, NOON, b"seen")
    elblag.go_to(NOON + timedelta(days=20))
    elblag.record(camera, NOON + timedelta(days=20), b"later")
    key_backups.back_up_keys(
        elblag.keeping, to=path, dies_at=END - timedelta(days=1), recipients=[holder.recipient], actor="cli"
    )
    first, later = (elblag.keys.day_record(camera, date(2026, 3, day)) for day in (1, 21))
    assert first is not None
    assert later is not None
    elblag.go_to(END + timedelta(hours=1))
    watch_clock(elblag.clock, "one")
    elblag.clock.step(-timedelta(days=3))
    elblag.keys = KeyStore.create(tmp_path / "new-keys", FileRoot(), elblag.clock)
    done = key_backups.restore_keys(elblag.keeping, path=path, openers=[holder], actor="cli")
    assert (done.restored, done.expired) == ((later.id,), (first.id,))


@pytest.mark.parametrize("past", [timedelta(seconds=-1), timedelta(0)])
def test_past_its_term_only_what_is_held_may_be_opened(elblag: RecordingOffice, past: timedelta) -> None:
    """While the term runs all of an interval may be opened, from its end the held second of it alone."""
    camera = elblag.add_camera("Hall")
    held = Interval(NOON + timedelta(seconds=10), NOON + timedelta(seconds=11))
    services.place_hold(
        source_id=camera, start=held.start, end=held.end, case="OR.1", basis="proceedings",
        review_on=date(2026, 12, 31), clock=elblag.clock, ledger=None, actor="cli",
    )  # fmt: skip
    elblag.go_to(END + past)
    opened = queries.readable(camera, date(2026, 3, 1), NOON, NOON + MINUTE, elblag.clock)
    assert opened == ([held] if past == timedelta(0) else [Interval(NOON, NOON + MINUTE)])


def test_a_round_signs_a_checkpoint_each_minute(elblag: RecordingOffice, tmp_path: Path) -> None:
    """The ledger is signed by the first round, and again when a minute has passed."""
    place = LedgerLocation(folder=tmp_path / "ledger", key=tmp_path / "ledger-key", origin="rejent/test")
    keeping = Keeping(clock=elblag.clock, store=elblag.store, keys=elblag.keys, ledger=place, boot="one")
    assert services.keep_once(keeping).failed == []
    first = place.log.checkpoint()
    elblag.add_camera("Hall")
    services.keep_once(keeping)
    assert place.log.checkpoint() == first
    elblag.go_to(elblag.clock.now() + MINUTE)
    services.keep_once(keeping)
    assert place.log.checkpoint() != first


def test_a_date_whose_key_was_destroyed_keeps_no_other_from_its_key(elblag: RecordingOffice) -> None:
    """It never gets another, and that is said in each round; every other date and source is recorded."""
    first, second = elblag.add_camera("Hall"), elblag.add_camera("Office")
    today = NOON.date()
    for camera in (first, second):
        elblag.keys.make_keys(camera, [today])
    record = elblag.keys.day_record(first, today)
    assert record is not None
    elblag.keys.destroy([record.id])
    assert any(told.startswith("day keys:") for told in services.keep_once(elblag.keeping).failed)
    days = [today + timedelta(days=number) for number in range(8)]
    made = {(camera, day) for camera in (first, second) for day in days if catalog.recipient(camera, day)}
    assert made == {(camera, day) for camera in (first, second) for day in days} - {(first, today)}


def test_nothing_is_sealed_to_a_key_that_a_clock_ahead_had_destroyed(elblag: RecordingOffice) -> None:
    """Once it is put right the dates of those keys have none, so that recorders say so; later ones have."""
    camera = elblag.add_camera("Hall")
    services.keep_once(elblag.keeping)
    elblag.go_to(NOON + timedelta(days=60))
    assert services.keep_once(elblag.keeping).destroyed_days == 8
    elblag.clock.step(-timedelta(days=60))
    assert any(told.startswith("day keys:") for told in services.keep_once(elblag.keeping).failed)
    assert catalog.recipient(camera, NOON.date()) is None
    elblag.clock.advance(timedelta(days=8))
    services.keep_once(elblag.keeping)
    assert catalog.recipient(camera, NOON.date() + timedelta(days=8)) is not None
