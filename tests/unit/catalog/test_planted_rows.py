"""Whoever writes the database and has no key makes no gap vanish, puts no key in a day's place, and is found with what they planted."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import QuerySet

from rejent.catalog import queries, services
from rejent.catalog.acts import DAY_KEY_MADE, GAP_CLOSED, SEGMENT_SEALED
from rejent.catalog.checks import unaccounted_time
from rejent.catalog.coverage import Missing
from rejent.catalog.models import DayKey, Gap, Segment, Source
from rejent.catalog.queries import keys as keys_module
from rejent.catalog.services.gaps import book_gaps
from rejent.kernel.clock import ManualClock
from rejent.recording.day_keys import DayKeys
from rejent.registers.errors import LedgerMismatchError
from rejent.registers.guard.checks import guarded_rows
from rejent.registers.services import enter
from rejent.vault.age import Identity
from tests.planted import with_other_keys
from tests.unit.catalog.conftest import START, OpenBox, finished

SECOND = timedelta(seconds=1)
DAY = date(2026, 11, 21)


@pytest.fixture
def line(source: str, clock: ManualClock) -> str:
    """A source with a gap that is over, one that a late recording cut in two, and one that goes on."""
    booked = [(100, 200, "recorder-stopped"), (300, 400, "no-recording")]
    with transaction.atomic():
        book_gaps(
            (
                (source, Missing(START + first * SECOND, START + last * SECOND, cause))
                for first, last, cause in booked
            ),
            clock,
        )
    services.open_gap(source, START + 500 * SECOND, "stalled", clock=clock)
    services.close_gap(source, START + 600 * SECOND, clock=clock)
    services.open_gap(source, START + 700 * SECOND, "stalled", clock=clock)
    services.open_gap(source, START + 800 * SECOND, "unreachable", clock=clock)
    services.book_segments([finished(source, 330, 350, recovered=True)], clock)
    return source


def found() -> list[tuple[str, str]]:
    """What fsck finds of the catalogue's rows, and of which."""
    return [(each.code, str(each.facts["thing"])) for each in guarded_rows("catalog")]


def test_gaps_that_were_opened_closed_and_cut_are_as_the_ledger_says(line: str, clock: ManualClock) -> None:
    """Whatever becomes of a gap, the last word is what must stand; one that a recording covers whole is not missed."""
    assert Gap.objects.filter(source=line).count() == 6
    assert found() == []
    services.book_segments([finished(line, 99, 201, recovered=True), finished(line, 790, 810)], clock)
    assert Gap.objects.filter(source=line, start__lt=START + 201 * SECOND).count() == 0
    assert found() == []


@pytest.mark.parametrize("gone", range(6))
def test_a_gap_whose_row_is_gone_is_found(line: str, gone: int) -> None:
    """Also of a line, of which nobody expects a recording all the time."""
    row = Gap.objects.filter(source=line).order_by("start")[gone]
    thing = f"gap:{row.pk}"
    row.delete()
    assert found() == [("catalog.row-missing", thing)]


def test_a_gap_that_is_made_shorter_stays_so_and_is_found(line: str, clock: ManualClock) -> None:
    """What a recording that comes late makes of it is not entered on top of what somebody wrote."""
    row = Gap.objects.order_by("start")[0]
    Gap.objects.filter(pk=row.pk).update(end=START + 110 * SECOND)
    services.book_segments([finished(line, 99, 150, recovered=True)], clock)
    assert Gap.objects.get(pk=row.pk).end == START + 110 * SECOND
    assert found() == [("catalog.differs-from-ledger", f"gap:{row.pk}")]


def test_an_open_gap_that_was_altered_is_neither_ended_nor_doubled(line: str, clock: ManualClock) -> None:
    """Recorders go on; fsck names it."""
    Gap.objects.filter(end__isnull=True).update(cause="switched-off")
    services.close_gap(line, START + 900 * SECOND, clock=clock)
    services.open_gap(line, START + 950 * SECOND, "stalled", clock=clock)
    assert Gap.objects.get(end__isnull=True).cause == "switched-off"
    assert [code for code, _ in found()] == ["catalog.differs-from-ledger"]


def test_a_gap_put_back_to_what_it_once_was_is_found(line: str) -> None:
    """That it was open was true once; its newest entry says that it is over."""
    Gap.objects.filter(source=line, end__isnull=True).delete()
    closed = Gap.objects.get(start=START + 500 * SECOND)
    Gap.objects.filter(pk=closed.pk).update(end=None)
    assert ("catalog.differs-from-ledger", f"gap:{closed.pk}") in found()


@pytest.mark.parametrize("with_entry", [True, False])
def test_a_planted_gap_is_found(line: str, clock: ManualClock, with_entry: bool) -> None:
    """One that explains away what was not recorded, with an entry that lacks the program's tag, or with none."""
    row = Gap(source_id=line, start=START, end=START + SECOND, cause="no-recording")
    row.save()
    if with_entry:
        with_other_keys(GAP_CLOSED, f"source:{line}", {"source": line}, row, at=clock.now())
    code = "differs-from-ledger" if with_entry else "not-in-ledger"
    assert found() == [(f"catalog.{code}", f"gap:{row.pk}")]


@pytest.mark.parametrize("with_entry", [True, False])
def test_a_planted_segment_is_found_and_nothing_is_made_of_it(
    line: str, clock: ManualClock, with_entry: bool
) -> None:
    """A copy of another one under a name and time of one's own: it is of no call, and neither mended nor held."""
    row = Segment.objects.get()
    row.pk, row.object_name, row.start = uuid4(), f"{line}/other.age", row.start + SECOND
    row.save(force_insert=True)
    if with_entry:
        with_other_keys(SEGMENT_SEALED, f"source:{line}", {"source": line}, row, at=clock.now())
    with pytest.raises(LedgerMismatchError):
        services.note_mended(
            row.pk, end=row.end, bytes=1, sha256="", head="", units=1, index=b"", clock=clock
        )
    services.note_resealed(
        row.pk,
        recipient="age1",
        object_name=row.object_name,
        bytes=1,
        sha256="",
        head="",
        hold="Z-2026-1",
        clock=clock,
    )
    assert queries.verified_run(row.pk) is None
    assert [each.name for each in queries.objects_of_item(line, row.run)] == [finished_name(line)]
    code = "differs-from-ledger" if with_entry else "not-in-ledger"
    assert found() == [(f"catalog.{code}", f"segment:{row.pk.hex}")]


def finished_name(source: str) -> str:
    """The name of the one object that was booked."""
    return Segment.objects.exclude(object_name=f"{source}/other.age").get().object_name


@pytest.mark.usefixtures("line")
def test_a_segment_put_back_to_what_it_once_was_is_found(clock: ManualClock) -> None:
    """Before it was finished it was shorter; nobody takes the rest away again."""
    before = Segment.objects.values("end", "bytes", "sha256", "units").get()
    row = Segment.objects.get()
    with transaction.atomic():
        mended = services.note_mended(
            row.pk, end=START + 351 * SECOND, bytes=9, sha256="ab", head="", units=9, index=b"", clock=clock
        )
        enter(SEGMENT_SEALED, actor="", subject="", record={}, at=clock.now(), row=mended)
    assert found() == []
    Segment.objects.update(**before)
    assert found() == [("catalog.differs-from-ledger", f"segment:{row.pk.hex}")]


def keys_of_recorder(source: str, clock: ManualClock) -> Callable[[date], str | None]:
    """What a recorder that begins now seals to."""
    keys = DayKeys(clock.now)
    keys.look_ahead([source])

    def text(day: date) -> str | None:
        held = keys(source, day)
        return None if held is None else held.text

    return text


def key(source: str, day: date, recipient: str) -> DayKey:
    """A row of one's own."""
    return DayKey(id=f"{source}/{day.isoformat()}", source_id=source, day=day, recipient=recipient)


@pytest.mark.parametrize("with_entry", [True, False])
def test_nothing_is_sealed_to_a_planted_day_key(source: str, clock: ManualClock, with_entry: bool) -> None:
    """A stranger's public half, in a row as the program writes it: no recorder takes it, and fsck names it."""
    stranger, tomorrow = Identity.generate().recipient.text, DAY + timedelta(days=1)
    planted = key(source, tomorrow, stranger)
    planted.save(force_insert=True)
    if with_entry:
        record = {"source": source, "day": tomorrow.isoformat(), "recipient": stranger}
        with_other_keys(DAY_KEY_MADE, f"source:{source}", record, planted, at=clock.now())
    assert keys_of_recorder(source, clock)(tomorrow) is None
    assert queries.recipient(source, tomorrow) is None
    code = "differs-from-ledger" if with_entry else "not-in-ledger"
    assert found() == [(f"catalog.{code}", f"daykey:{planted.pk}")]


EDITS: dict[str, Callable[[QuerySet[DayKey], str], Any]] = {
    "another's": lambda rows, _: rows.update(recipient=Identity.generate().recipient.text),
    "an earlier one": lambda rows, earlier: rows.update(recipient=earlier),
}


@pytest.mark.parametrize("edit", EDITS)
def test_nothing_is_sealed_to_an_altered_day_key(source: str, clock: ManualClock, edit: str) -> None:
    """Neither to a stranger's, nor to one of the program's own that was replaced since."""
    first, second = (Identity.generate().recipient.text for _ in range(2))
    services.store_day_keys(source, {DAY: first}, clock=clock)
    services.replace_day_key(source, DAY, second, clock=clock)
    assert (keys_of_recorder(source, clock)(DAY), found()) == (second, [])
    EDITS[edit](DayKey.objects.all(), first)
    keys_module._verified._held.clear()  # as in a recorder that begins now
    assert keys_of_recorder(source, clock)(DAY) is None
    assert found() == [("catalog.differs-from-ledger", f"daykey:{source}/{DAY.isoformat()}")]


def test_a_key_that_was_forgotten_is_not_missed_and_not_put_back(source: str, clock: ManualClock) -> None:
    """What the ledger says to be gone is gone."""
    theirs = Identity.generate().recipient.text
    services.store_day_keys(source, {DAY: theirs}, clock=clock)
    services.forget_day_key(source, DAY, clock=clock)
    assert found() == []
    key(source, DAY, theirs).save(force_insert=True)
    assert keys_of_recorder(source, clock)(DAY) is None
    assert found() == [("catalog.differs-from-ledger", f"daykey:{source}/{DAY.isoformat()}")]


@pytest.mark.parametrize("edit", ["planted", "altered", "put back"])
@pytest.mark.usefixtures("as_after_a_restart")
def test_no_recorder_reads_an_address_that_was_not_entered(
    source: str, clock: ManualClock, edit: str
) -> None:
    """Neither a camera that somebody put in, nor another address, nor one that was true before it was changed."""
    before = Source.objects.get()
    services.change_source(
        source, address="rtsp://192.0.2.8/new", clock=clock, actor="", credentials_box=OpenBox()
    )
    assert ([each.id for each in queries.recorder_sources(stream="video")], found()) == ([source], [])
    if edit == "planted":
        planted = Source.objects.get()
        planted.pk, planted.name, planted.position = "f" * 32, "Planted", 1
        planted.save(force_insert=True)
        assert [each.id for each in queries.recorder_sources(stream="video")] == [source]
        assert found() == [("catalog.not-in-ledger", f"source:{planted.pk}")]
        return
    Source.objects.update(address=before.address if edit == "put back" else "rtsp://192.0.2.99/other")
    assert queries.recorder_sources(stream="video") == []
    assert found() == [("catalog.differs-from-ledger", f"source:{source}")]


AHEAD = START + timedelta(hours=9)


@pytest.mark.parametrize(
    "edit",
    [
        {"accounted_until": AHEAD},
        {"accounted_until": None},
        {"started_at": AHEAD, "accounted_until": AHEAD},
        {"started_at": None, "accounted_until": None},
        {"started_at": START + timedelta(minutes=30), "accounted_until": START + timedelta(minutes=30)},
    ],
)
def test_a_time_in_which_nobody_recorded_is_not_talked_away(
    source: str, clock: ManualClock, edit: dict[str, object]
) -> None:
    """Whatever stands beside a source of how far it is accounted for, the gap is entered; where it is not yet, fsck finds it."""
    services.book_segments([finished(source, 0, 60)], clock)
    clock.advance(timedelta(minutes=40))
    Source.objects.update(**edit)
    assert services.sweep_gaps(clock) == 1
    (gap,) = queries.gaps(source, START, AHEAD)
    assert (gap.start, gap.end) == (START + 60 * SECOND, None)
    Source.objects.update(**edit)
    assert services.sweep_gaps(clock) == 0
    assert list(unaccounted_time(clock.now())) == []
    Gap.objects.filter(end__isnull=True).update(start=START + timedelta(minutes=39))
    assert "catalog.uncovered" in {each.code for each in unaccounted_time(clock.now())}
