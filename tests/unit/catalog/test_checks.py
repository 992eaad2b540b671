"""What fsck finds of the catalogue, each damage by its own name."""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.db import transaction

from rejent.catalog import checks, queries, services
from rejent.catalog.errors import NoSuchSourceError
from rejent.catalog.models import DayTotal, Gap, Segment, Source
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.registers.services import erase
from rejent.vault.store.disk import DiskStore
from tests.unit.catalog.conftest import START, OpenBox, finished

DAY = date(2026, 11, 21)
Book = Callable[..., services.FinishedSegment]


@pytest.fixture
def store(tmp_path: Path) -> DiskStore:
    """A store of its own on disk."""
    return DiskStore(tmp_path)


@pytest.fixture
def book(source: str, store: DiskStore, clock: ManualClock) -> Book:
    """Writes objects and books them."""
    services.store_day_keys(source, {DAY: "age1day"}, clock=clock)

    def write(start: float, end: float, **changed: object) -> services.FinishedSegment:
        content = f"sealed {start}".encode()
        name = f"{source}/{DAY.isoformat()}/{int((start + 3600) * 1000):09}.age"
        with store.create(name) as writer:
            writer.write(content)
            writer.commit()
        given = {"object_name": name, "bytes": len(content), "sha256": sha256(content).hexdigest()}
        segment = finished(source, start, end, **{**given, **changed})
        services.book_segments([segment], clock)
        return segment

    return write


@pytest.fixture
def found(store: DiskStore, book: Book, clock: ManualClock) -> Callable[..., list[str]]:
    """Two minutes that are as they must be, then what fsck says of them."""
    book(0, 60)
    book(60, 120)
    clock.advance(timedelta(minutes=4))
    services.sweep_gaps(clock)

    def codes(*, deep: bool = True) -> list[str]:
        return sorted(finding.code for finding in checks.findings(store, clock, deep=deep))

    return codes


def test_what_was_booked_and_kept_has_no_finding(found: Callable[..., list[str]]) -> None:
    """A catalogue at rest is clean, deep or not."""
    assert found() == found(deep=False) == []


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ((120, 241), "too-long"),
        ((290, 340), "ahead"),
        ((9_000, 9_060), "ahead"),
        ((-60, -1), "before-added"),
    ],
)
def test_a_segment_at_a_time_at_which_nothing_was_recorded_is_found(
    found: Callable[..., list[str]], book: Book, span: tuple[float, float], code: str
) -> None:
    """What lasts too long, has not happened yet, or lies before its source was added has its finding."""
    book(*span)
    assert [each for each in found(deep=False) if "segments-" in each] == [f"catalog.segments-{code}"]


def test_seconds_that_a_recorder_grants_a_camera_are_no_finding(
    found: Callable[..., list[str]], book: Book
) -> None:
    """A run may begin with what the camera had kept, and end a little ahead of the clock."""
    book(-5, -1)
    book(240, 245)
    assert not [each for each in found(deep=False) if "segments-" in each]


def test_a_missing_object_is_found(found: Callable[..., list[str]], store: DiskStore) -> None:
    """One removed behind the catalogue's back, and a whole folder too."""
    names = [stored.name for stored in store.objects()]
    store.remove(names[:1])
    assert found(deep=False) == ["catalog.object-missing"]
    store.remove(names)
    assert found(deep=False) == ["catalog.object-missing"] * 2


def test_a_changed_object_is_found_by_its_digest(found: Callable[..., list[str]], store: DiskStore) -> None:
    """A flipped byte needs a deep look, another length does not."""
    name = next(iter(store.objects())).name
    store.replace_head(name, 1, b"S")
    assert found(deep=False) == []
    assert found() == ["catalog.object-changed"]
    store.replace_head(name, 1, b"longer")
    assert found(deep=False) == ["catalog.object-length"]


def test_an_object_nobody_booked_is_reported_and_left(
    found: Callable[..., list[str]], store: DiskStore, source: str
) -> None:
    """The catalogue does not know it; that is said, and nothing is removed."""
    for name in (f"{source}/{DAY.isoformat()}/zzz.age", "other/2026-01-01/aaa.age"):
        with store.create(name) as writer:
            writer.write(b"?")
            writer.commit()
    assert found() == ["catalog.object-unknown"] * 2
    assert len(list(store.objects())) == 4


def test_what_is_destroyed_is_not_missed(
    found: Callable[..., list[str]], store: DiskStore, source: str
) -> None:
    """After a destruction neither its objects nor its day are looked for; an object that is left is found."""
    services.mark_destroyed(source, DAY, "age1day")
    assert found() == ["catalog.object-left"] * 2
    store.remove([stored.name for stored in store.objects()])
    assert found() == []


@pytest.mark.parametrize(
    "edit",
    [
        {"sha256": "0" * 64},
        {"bytes": 1},
        {"recipient": "age1attacker"},
        {"units": 1},
        {"start": START + timedelta(seconds=1)},
        {"end": START + timedelta(seconds=59)},
        {"day": date(2026, 11, 20)},
        {"run": "another"},
        {"traits": {"width": 1}},
        {"recovered": True},
    ],
)
def test_a_segment_that_is_not_what_was_entered_is_found(
    found: Callable[..., list[str]], edit: dict[str, object]
) -> None:
    """Whatever is edited of its row, the ledger still says what was booked."""
    Segment.objects.filter(start=START).update(**edit)
    assert "catalog.differs-from-ledger" in found(deep=False)


def test_a_segment_whose_record_was_erased_is_believed(found: Callable[..., list[str]]) -> None:
    """What the ledger no longer tells cannot be held against its row."""
    segment = Segment.objects.get(start=START)
    with transaction.atomic():
        erase(segment.entry, actor="", reason="test", at=START)
    Segment.objects.filter(pk=segment.pk).update(units=1)
    assert found(deep=False) == []


def test_a_segment_whose_row_is_gone_is_found(found: Callable[..., list[str]]) -> None:
    """Its act still tells of it."""
    Segment.objects.filter(start=START).delete()
    assert "catalog.row-missing" in found(deep=False)


def test_a_resealed_segment_is_held_against_its_last_word(
    found: Callable[..., list[str]], clock: ManualClock
) -> None:
    """What was sealed anew for a hold is compared with that act, not with the first."""
    segment = Segment.objects.get(start=START)
    name, digest = segment.object_name, segment.sha256
    services.note_resealed(
        segment.pk,
        recipient="age1held",
        object_name=name,
        bytes=segment.bytes,
        sha256=digest,
        head="",
        hold="Z-2026-1",
        clock=clock,
    )
    assert found() == []
    Segment.objects.filter(pk=segment.pk).update(recipient="age1day")
    assert found() == ["catalog.differs-from-ledger"]


@pytest.mark.parametrize(
    "edit",
    [
        {"switched_on": False},
        {"removed_at": START},
        {"stream": "audio"},
        {"address": "rtsp://192.0.2.99/other"},
        {"traits": {"transport": "udp"}},
        {"credentials": b"other"},
        {"name": "Other"},
    ],
)
def test_a_source_that_is_not_what_was_entered_is_found(
    found: Callable[..., list[str]], edit: dict[str, object]
) -> None:
    """A source switched off or struck off behind the ledger's back, or another camera put in its place."""
    Source.objects.update(**edit)
    assert "catalog.differs-from-ledger" in found(deep=False)


@pytest.mark.usefixtures("as_after_a_restart")
def test_a_camera_at_another_address_is_not_read_and_its_stream_is_nobodys(source: str) -> None:
    """Whoever writes the database alone lets no recorder read another device, nor a source count as one of another stream."""
    assert [each.id for each in queries.recorder_sources(stream="video")] == [source]
    assert queries.verified_stream_of(source) == "video"
    Source.objects.update(address="rtsp://192.0.2.99/other")
    assert queries.recorder_sources(stream="video") == []
    with pytest.raises(NoSuchSourceError):
        queries.verified_stream_of(source)


def test_a_source_in_another_place_is_found(found: Callable[..., list[str]], clock: ManualClock) -> None:
    """A place is entered with the source and never changes."""
    other = office.add_place("Ratusz", "schody", "hall", clock=clock, actor="")
    Source.objects.update(place_id=other)
    assert found(deep=False) == ["catalog.differs-from-ledger"]


@pytest.mark.parametrize(
    "edit",
    [
        {"cause": "switched-off"},
        {"start": START + timedelta(seconds=121)},
        {"end": START + timedelta(seconds=149)},
    ],
)
def test_a_gap_that_is_not_what_was_entered_is_found(
    found: Callable[..., list[str]], source: str, book: Book, clock: ManualClock, edit: dict[str, object]
) -> None:
    """Why nothing was recorded, and when, stands in the ledger too, also once a late segment has cut the gap in two."""
    services.open_gap(source, START + timedelta(seconds=120), "stalled", clock=clock)
    assert found() == []
    services.close_gap(source, clock.now(), clock=clock)
    book(150, 160)
    assert Gap.objects.count() == 2
    assert found() == []
    Gap.objects.filter(pk=Gap.objects.order_by("start")[0].pk).update(**edit)
    assert "catalog.differs-from-ledger" in found(deep=False)


def test_sources_switched_and_removed_by_the_program_have_no_finding(
    found: Callable[..., list[str]], source: str, clock: ManualClock
) -> None:
    """Each act is replayed as it was meant."""
    services.switch_source(source, on=False, clock=clock, actor="")
    assert found() == []
    services.switch_source(source, on=True, clock=clock, actor="")
    assert found() == []
    services.change_source(
        source, address="rtsp://192.0.2.8/hol", clock=clock, actor="", credentials_box=OpenBox()
    )
    assert found() == []
    services.remove_source(source, clock=clock, actor="")
    assert found() == []


def test_time_that_nobody_accounts_for_is_found(found: Callable[..., list[str]]) -> None:
    """A removed row of a gap leaves a hole."""
    Gap.objects.all().delete()
    assert found() == []
    Segment.objects.filter(start=START + timedelta(seconds=60)).update(start=START + timedelta(seconds=70))
    assert "catalog.uncovered" in found()


def test_time_that_is_counted_twice_is_found(
    found: Callable[..., list[str]], source: str, book: Book
) -> None:
    """A gap over a recording, and one recorder that recorded an instant twice; two recorders at once are no fault."""
    book(30, 90, run="another.1")
    assert found() == []
    book(89, 95, run="another.2")
    assert found() == ["catalog.segments-overlap"]
    Gap.objects.create(source_id=source, start=START, end=START + timedelta(seconds=10), cause="stalled")
    assert {"catalog.gap-overlaps", "catalog.not-in-ledger"} <= set(found())


def test_a_recorder_that_goes_back_in_time_is_found(found: Callable[..., list[str]], book: Book) -> None:
    """A segment of one recorder that was booked behind a later one."""
    book(100, 110, run="another.1")
    book(90, 95, run="another.2")
    assert "catalog.segments-out-of-order" in found()


def test_totals_and_keys_that_disagree_are_found(found: Callable[..., list[str]]) -> None:
    """Sums by day against their rows, the booked day key against the one that was used."""
    DayTotal.objects.update(kept_bytes=1)
    assert found() == ["catalog.total-differs"]
    DayTotal.objects.all().delete()
    Segment.objects.update(recipient="age1other")
    assert sorted(set(found())) == [
        "catalog.day-key-differs",
        "catalog.differs-from-ledger",
        "catalog.total-differs",
    ]


def test_a_stranger_in_the_store_is_found(found: Callable[..., list[str]], store: DiskStore) -> None:
    """Something that is no object of ours is named."""
    (store.root / "notes.txt").write_text("x")
    assert found() == ["catalog.stranger"]
