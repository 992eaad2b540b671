"""What an exchange told of and left, against what was recorded, as a page: findings first, each with the way to what lies behind."""

import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from rejent.access import services as access
from rejent.catalog import queries, services
from rejent.kernel.clock import ManualClock, civil_date, local_midnight
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.retention.models import Alarm
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.models import FileState, RecordState
from rejent.streams.calls.catalog.queries import pbx
from rejent.streams.calls.catalog.services.completeness import compare_hour
from rejent.streams.calls.catalog.services.pbx import note_file, note_records
from rejent.streams.calls.catalog.views import LookedAt, NotedRecord
from rejent.streams.calls.pages import completeness as view
from rejent.streams.calls.pages.words import count_lines, import_cause
from rejent.streams.calls.receiving.imported.wav_head import HeadFault
from rejent.streams.calls.retention.chores import MISSING
from tests.unit.catalog.conftest import START as EARLIEST
from tests.unit.catalog.conftest import finished
from tests.unit.web.conftest import NOON, text_of
from tests.unit.web.test_call_pages import somebody

TODAY = civil_date(NOON)
CALLER = "+48225550123"
FILE = "in-225550123-20261121.wav"


@pytest.fixture
def line(db: None, clock: ManualClock) -> str:  # noqa: ARG001 - asked for its effect
    """A line whose exchange leaves files and tells of its calls; the clock stands three hours before noon."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    clock.step(timedelta(hours=-3))
    stated = StatedLine(folder="/srv/pbx", form="asterisk", numbers=("+4874555",))
    return call_services.add_line(name="Sekretariat", stated=stated, clock=clock, actor="")


def told(line: str, clock: ManualClock, mark: str, minutes: float, **more: Any) -> None:
    """The exchange tells of a call that began so many minutes after the line was there."""
    state, seconds = more.pop("state", "expected"), more.pop("seconds", 40.0)
    start = NOON - timedelta(hours=3) + timedelta(minutes=minutes)
    record = NotedRecord(
        mark=mark,
        day=TODAY,
        state=state,
        start=start,
        seconds=seconds,
        caller=CALLER,
        called="+48745550100",
        **more,
    )
    note_records(line, [record], clock=clock)


def recorded(line: str, clock: ManualClock, name: str, minutes: float, seconds: float = 40) -> None:
    """A call of the line was recorded, so many seconds of it."""
    start = NOON - timedelta(hours=3) + timedelta(minutes=minutes)
    call_services.begin_call(
        call_services.BegunCall(name, line, TODAY, start, "incoming", CALLER, "+48745550100"), clock=clock
    )
    apart = (start - EARLIEST).total_seconds()
    segment = finished(line, apart, apart + seconds, run=name)
    services.book_segments([segment], clock)
    call_services.end_call(name, start + timedelta(seconds=40), "bye", clock=clock)


@pytest.fixture
def day(line: str, clock: ManualClock) -> str:
    """A morning with a call that is there, one that is missing, one that nobody told of, a faulty file, a call to come."""
    recorded(line, clock, "0a" * 16, 5)
    told(line, clock, "a", 5)
    told(line, clock, "b", 20, seconds=75.0)
    told(line, clock, "c", 21, state="unanswered")
    note_file(line, LookedAt(mark="f", name=FILE, bytes=44, day=TODAY), "refused", "empty", clock=clock)
    clock.advance(timedelta(hours=3))
    recorded(line, clock, "0c" * 16, 90)
    told(line, clock, "d", 178)
    assert compare_hour(clock=clock) == 1
    return line


def main_of(client: Client, **query: str) -> str:
    """What the page says."""
    response = client.get(reverse("completeness"), query)
    assert response.status_code == 200
    return text_of(response).partition("<main")[2]


def test_what_does_not_fit_is_told_with_the_way_to_it(day: str, clock: ManualClock) -> None:
    """The missing call leads to its line's gaps and to its proof, and no telephone number stands on the page."""
    _, client = somebody("iod", clock)
    page = main_of(client)
    assert "1 rozmowa podana przez centralę nie ma nagrania." in page
    assert "09:20:00" in page
    assert "1 min 15 s" in page.replace("\u00a0", " ")
    assert f'href="{reverse("source", args=[day])}#gaps-title"' in page
    (missing,) = pbx.missing_records(TODAY)
    assert f'href="{reverse("entry", args=[missing.entry])}"' in page
    assert "plik jest pusty" in page
    assert "centrala jej nie podała" in page
    assert "225550123" not in page
    assert "09:00–10:00" in page


def test_hours_count_what_should_be_recorded(day: str) -> None:
    """Of each hour and line: told of, recorded, missing; what is not over waits, what nobody answered is not counted."""
    hours = pbx.recordable_by_hour(TODAY)
    assert [(one.source_id, one.recordable, one.recorded, one.missing, one.waiting) for one in hours] == [
        (day, 2, 1, 1, 0),
        (day, 1, 0, 0, 1),
    ]
    assert [(one.start - NOON) / timedelta(hours=1) for one in hours] == [-3, -1]


def test_names_of_files_and_calls_open_to_who_may_hear_them(day: str, clock: ManualClock) -> None:
    """A file's name may hold a number: it is shown to a supervisor who is authorised, and so is the way to the call."""
    person, client = somebody("secretary", clock)
    way = reverse("call-open", args=["0c" * 16])
    assert FILE not in main_of(client)
    assert way not in main_of(client)
    text = example("boleslawiec").replace('recordings = ["viewer"]', 'recordings = ["viewer", "secretary"]')
    office.activate_regulation(text, in_force_from=date(2026, 1, 2), clock=clock, actor="")
    access.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="calls", source_ids=[day], valid_from=TODAY,
        valid_until=None, clock=clock, actor="",
    )  # fmt: skip
    assert FILE in main_of(client)
    assert f'href="{way}"' in main_of(client)


@pytest.mark.parametrize("role", ["viewer", "guard", "clerk"])
@pytest.mark.usefixtures("line")
def test_the_page_is_for_who_oversees_or_runs_the_program(role: str, clock: ManualClock) -> None:
    """Nobody else opens it, or is led to it."""
    _, client = somebody(role, clock)
    assert client.get(reverse("completeness")).status_code == 403
    assert reverse("completeness") not in text_of(client.get(reverse("start")))


def test_many_findings_are_counted_beyond_what_one_reads(
    day: str, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first are shown, the rest counted; the sentence at the head counts all."""
    for number in range(3):
        note_file(
            day, LookedAt(mark=f"g{number}", name="", bytes=44, day=TODAY), "refused", "empty", clock=clock
        )
    monkeypatch.setattr(view, "MOST_ROWS", 2)
    _, client = somebody("iod", clock)
    page = main_of(client)
    assert page.count("plik jest pusty") == 2
    assert "i jeszcze 2" in page


@pytest.mark.parametrize(("role", "told"), [("administrator", True), ("iod", True), ("clerk", False)])
def test_the_start_page_says_that_calls_are_missing(
    day: str, clock: ManualClock, role: str, told: bool
) -> None:
    """To who may see which, while the alarm is on."""
    assert day
    _, client = somebody(role, clock)
    Alarm.objects.create(kind=MISSING, subject="", raised_at=clock.now())
    start = text_of(client.get(reverse("start")))
    assert ("Brakuje nagrań rozmów" in start) is told


def test_other_days_are_a_step_away(day: str, clock: ManualClock) -> None:
    """The day before says that nothing came; a date that is none is said so; the future is today."""
    assert day
    _, client = somebody("administrator", clock)
    assert "?day=20.11.2026" in main_of(client)
    assert "Tego dnia nic nie przyszło" in main_of(client, day="20.11.2026")
    assert "Nie ma dnia 31.11.2026" in main_of(client, day="31.11.2026")
    assert "rozmowa podana przez centralę" in main_of(client, day="1.1.2030")


def test_a_day_on_which_all_is_there_says_so(line: str, clock: ManualClock) -> None:
    """In one sentence, without any finding."""
    recorded(line, clock, "0a" * 16, 5)
    told(line, clock, "a", 5)
    clock.advance(timedelta(hours=3))
    compare_hour(clock=clock)
    _, client = somebody("administrator", clock)
    page = main_of(client)
    assert "Każda rozmowa podana przez centralę, którą należało nagrać, jest nagrana." in page
    assert "Rozmowy bez nagrania" not in page


def test_a_recording_of_six_seconds_is_no_call_of_ten_minutes(line: str, clock: ManualClock) -> None:
    """That there is a recording does not make the day complete: its length and the one that was told are shown, and the tolerance."""
    recorded(line, clock, "0a" * 16, 5, seconds=6)
    told(line, clock, "a", 5, seconds=600.0)
    clock.advance(timedelta(hours=3))
    compare_hour(clock=clock)
    _, client = somebody("administrator", clock)
    page = main_of(client).replace("\u00a0", " ")
    assert "Nagrania o innej długości niż podała centrala" in page
    assert "nagrano 6 s, centrala podaje 10 min" in page
    assert "krótszego o najwyżej 30 s" in page
    assert "Każda rozmowa podana przez centralę" not in page
    assert "Nie brakuje żadnej rozmowy, ale coś się nie zgadza." in page
    assert "inna długość" in page
    assert "komplet" not in page.partition("Godzina po godzinie")[2].partition("</table>")[0]


def test_an_office_whose_exchange_tells_nothing_reads_what_to_do(line: str, clock: ManualClock) -> None:
    """Without records nobody can know what is missing; without lines there is nothing to compare."""
    services.remove_source(line, clock=clock, actor="")
    siprec = StatedLine(siprec="127.0.0.1:5060", numbers=("+4874555",))
    call_services.add_line(name="Centrala", stated=siprec, clock=clock, actor="")
    _, client = somebody("administrator", clock)
    assert "Żadna centrala nie podaje swoich rozmów" in main_of(client)
    assert queries.sources("calls")


def test_every_state_and_cause_has_words() -> None:
    """What becomes of a file or a record, and why, is told in Polish, not as it stands in the database."""
    counts = {("file", state.value): 1 for state in FileState} | {
        ("record", state.value): 1 for state in RecordState
    }
    with translation.override("pl"):
        assert sum(len(lines) for _, lines in count_lines(counts)) == len(counts)
        for cause in (
            "too-large",
            "no-file",
            "too-long",
            "past-term",
            "empty",
            "no-sound",
            "unreadable",
            "one-sided",
            *HeadFault,
        ):
            assert import_cause(cause) not in {cause, import_cause("nothing-known")}
        both = import_cause("one-sided head-short")
        assert both == f"{import_cause('one-sided')}; {import_cause('head-short')}"


@pytest.mark.usefixtures("day")
def test_calls_that_the_report_counts_as_unannounced_are_listed(clock: ManualClock) -> None:
    """The figure of the week leads to as many calls, each with its time and line and without a number; who may not hear them is not led on."""
    _, client = somebody("secretary", clock)
    week = html.unescape(text_of(client.get(reverse("supervision"))))
    (address,) = re.findall(rf'href="({reverse("calls-unannounced")}[^"]*)"', week)
    page = text_of(client.get(address)).partition("<main")[2]
    assert call_queries.unannounced(local_midnight(TODAY), clock.now()) == 2
    assert (page.count('<th scope="row"'), page.count("Sekretariat")) == (2, 2)
    assert "555" not in page.partition("<table")[2]
    assert client.get(reverse("calls-unannounced"), {"from": "never"}).status_code == 200
    assert reverse("call-open", args=["0c" * 16]) not in page
    _, viewer = somebody("viewer", clock)
    assert viewer.get(address).status_code == 403
