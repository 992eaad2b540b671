"""Lines: their addresses, how they are added and changed, and which of their time is missing."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from rejent.catalog import queries, services
from rejent.catalog.checks import findings
from rejent.catalog.errors import AddressRefusedError, SourceNameTakenError, SourceRefusedError
from rejent.catalog.lines import Undecided, line_address, read_line
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation import example
from rejent.vault.store.disk import DiskStore
from tests.unit.catalog.conftest import START, OpenBox, finished
from tests.unit.catalog.test_sweep import gaps, report

LOOPBACK = "127.0.0.1:5060"


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line of an office that records calls."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return added("Switchboard", clock)


def added(name: str, clock: ManualClock) -> str:
    """Add a line."""
    return services.add_line(
        name=name,
        siprec=LOOPBACK,
        numbers=["+48 75 734"],
        callers=[],
        undecided="record",
        clock=clock,
        actor="",
    )


@pytest.mark.parametrize(
    ("siprec", "numbers", "callers", "text"),
    [
        (LOOPBACK, ["+48 75 734"], [], "siprec://127.0.0.1:5060?numbers=+4875734&from=127.0.0.1"),
        ("localhost:1", ["0048 (75) 734-1"], [], "siprec://127.0.0.1:1?numbers=+48757341&from=127.0.0.1"),
        ("[2001:db8::5]:5060", ["12", "12"], ["2001:db8::/64"], "siprec://[2001:db8::5]:5060?numbers=12&from=2001:db8::/64"),
        ("192.0.2.5:5060", ["075 734"], ["192.0.2.7/24 "], "siprec://192.0.2.5:5060?numbers=75734&from=192.0.2.0/24"),
    ],
)  # fmt: skip
def test_whatever_the_spelling_a_line_has_one_address(
    siprec: str, numbers: list[str], callers: list[str], text: str
) -> None:
    """Numbers, networks and hosts come to one spelling, and the address reads back as what it was made of."""
    address = line_address(siprec, numbers, callers)
    assert address.text == text
    assert read_line(text) == address


def test_the_rule_for_undecided_calls_stands_in_the_address() -> None:
    """Refusing them is told by the address; recording them is what an address without a word about it means."""
    refusing = line_address(LOOPBACK, ["12"], [], Undecided.REFUSE)
    assert refusing.text.endswith("&undecided=refuse")
    assert read_line(refusing.text).undecided is Undecided.REFUSE


@pytest.mark.parametrize(
    "stated",
    [
        (LOOPBACK, [], []),
        (LOOPBACK, [""], []),
        (LOOPBACK, ["7x"], []),
        (LOOPBACK, ["+"], []),
        (LOOPBACK, ["1" * 16], []),
        (LOOPBACK, ["12"], ["pbx"]),
        (LOOPBACK, [str(number) for number in range(100, 300)], []),
        ("192.0.2.5:5060", ["12"], []),
        ("0.0.0.0:5060", ["12"], ["192.0.2.1"]),
        ("224.0.0.1:5060", ["12"], ["192.0.2.1"]),
        ("pbx.example.org:5060", ["12"], ["192.0.2.1"]),
        ("127.0.0.1", ["12"], []),
        ("127.0.0.1:0", ["12"], []),
        ("127.0.0.1:65536", ["12"], []),
        ("::1:5060", ["12"], []),
    ],
)
def test_what_is_no_line_is_refused(stated: tuple[str, list[str], list[str]]) -> None:
    """A place nobody can send to, a number that is none and callers that are no addresses are refused."""
    with pytest.raises(AddressRefusedError):
        line_address(*stated)


def test_a_line_needs_no_place(line: str, clock: ManualClock) -> None:
    """It is listed without building, place and kind, shows its address, and its name is taken."""
    found = queries.source(line, with_secret_places=True)
    assert (found.stream, found.building, found.place, found.kind) == ("calls", "", "", "")
    assert found.address_shown == "siprec://127.0.0.1:5060?numbers=+4875734&from=127.0.0.1"
    with pytest.raises(SourceNameTakenError):
        added("Switchboard", clock)


def test_only_what_is_stated_of_a_line_is_changed(line: str, clock: ManualClock) -> None:
    """Other callers leave address, numbers and rule; nothing at all is refused, and so is a change without a word."""
    change = partial(services.change_line, line, clock=clock, actor="")
    change(callers=["192.0.2.1"])
    assert queries.source(line).address_shown == "siprec://127.0.0.1:5060?numbers=+4875734&from=192.0.2.1"
    change(siprec="127.0.0.1:5080", undecided="refuse")
    assert queries.source(line).address_shown.startswith(
        "siprec://127.0.0.1:5080?numbers=+4875734&from=192.0.2.1"
    )
    with pytest.raises(SourceRefusedError):
        change()
    with pytest.raises(SourceRefusedError):
        services.change_source(
            line, address="rtsp://192.0.2.7/", clock=clock, actor="", credentials_box=OpenBox()
        )


def test_lines_have_a_recorder_of_their_own(line: str) -> None:
    """A line is given to the recorder of calls and to no recorder of cameras."""
    assert [each.id for each in queries.recorder_sources(stream="calls")] == [line]
    assert queries.recorder_sources() == []
    assert queries.recorder_slots(32) == 0


def heard(line: str, clock: ManualClock) -> None:
    """Its recorder says that it listens."""
    services.report_health([report(line, codec="", width=0, height=0)], clock)


def test_a_line_that_nobody_calls_has_no_gap(line: str, clock: ManualClock) -> None:
    """While its recorder speaks nothing is missing, neither booked nor said to be about to be."""
    heard(line, clock)
    for _ in range(20):
        clock.advance(timedelta(minutes=1))
        heard(line, clock)
        services.sweep_gaps(clock)
    assert queries.gaps(line, START, clock.now(), clock=clock) == []
    assert queries.totals(line, clock=clock) == (0, 0)


def test_a_line_that_nobody_listens_to_has_a_gap_from_the_last_word_on(line: str, clock: ManualClock) -> None:
    """Two minutes after its recorder's last word the gap is told and booked from there, and ends when it listens again."""
    heard(line, clock)
    clock.advance(timedelta(seconds=110))
    services.sweep_gaps(clock)
    assert queries.gaps(line, START, clock.now(), clock=clock) == []
    clock.advance(timedelta(minutes=3))
    (told,) = queries.gaps(line, START, clock.now(), clock=clock)
    assert told.start == START
    services.sweep_gaps(clock)
    assert gaps(line, clock) == [(0, None, "recorder-stopped")]
    services.close_gap(line, clock.now(), clock=clock)
    heard(line, clock)
    clock.advance(timedelta(minutes=1))
    services.sweep_gaps(clock)
    assert gaps(line, clock) == [(0, 290, "recorder-stopped")]


def test_a_line_struck_off_has_no_gap_behind_its_last_word(line: str, clock: ManualClock) -> None:
    """The seconds between a recorder's last word and the end of a line are no gap."""
    heard(line, clock)
    clock.advance(timedelta(seconds=5))
    services.remove_source(line, clock=clock, actor="")
    clock.advance(timedelta(minutes=10))
    services.sweep_gaps(clock)
    assert gaps(line, clock) == []


def test_hours_between_calls_are_no_finding(line: str, clock: ManualClock, tmp_path: Path) -> None:
    """A call of eight minutes, hours of silence and two calls at once are as they should be."""
    heard(line, clock)
    for start, end, run in ((60, 540, "a"), (300, 420, "b"), (20_000, 20_100, "c")):
        services.book_segments([finished(line, start, end, run=run)], clock)
    clock.advance(timedelta(hours=8))
    heard(line, clock)
    services.sweep_gaps(clock)
    store = DiskStore(tmp_path)
    codes = {each.code for each in findings(store, clock)}
    assert codes <= {"catalog.object-missing", "catalog.day-key-differs"}
    assert queries.day_summary(line, datetime.date(START), clock=clock).recorded_s == 580


def test_the_forecast_counts_the_calls_that_come(line: str, clock: ManualClock) -> None:
    """A minute of calls on a line's first day is a minute's bytes a day, not those of a day full of calls."""
    heard(line, clock)
    booked = finished(line, 60, 120, run="a")
    services.book_segments([booked], clock)
    assert queries.storage_forecast(clock=clock).per_day == booked.bytes
