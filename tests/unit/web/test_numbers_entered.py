"""Numbers of calls stand on no page unless it is entered that they are shown, and from where the office allows it."""

from django.test import Client
from django.urls import reverse

from rejent.access import services as access
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers import queries as registers
from tests.unit.web.test_call_pages import somebody
from tests.unit.web.test_completeness_page import FILE, TODAY, day, line, main_of

__all__ = ["day", "line"]


def searches() -> list[object]:
    """What was entered as looked for, the oldest first."""
    return [act.facts["facts"] for act in registers.entered(["calls.searched"]) if act.facts is not None]


def supervisor(line: str, clock: ManualClock, *, stations: bool) -> Client:
    """Somebody who supervises and may hear the line's calls, at a computer that nobody listed."""
    text = example("boleslawiec").replace('recordings = ["viewer"]', 'recordings = ["viewer", "secretary"]')
    text = text if stations else text.replace('stations = "listed"\n', "")
    office.activate_regulation(text, in_force_from=TODAY.replace(month=1, day=2), clock=clock, actor="")
    person, client = somebody("secretary", clock)
    access.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="calls", source_ids=[line], valid_from=TODAY, valid_until=None,
        clock=clock, actor="",
    )  # fmt: skip
    client.defaults["REMOTE_ADDR"] = "192.0.2.9"
    return client


def test_names_of_files_are_not_shown_at_a_computer_that_is_not_listed(day: str, clock: ManualClock) -> None:
    """Where recordings open at listed stations, so do the names that hold numbers, and the ways to calls."""
    client = supervisor(day, clock, stations=True)
    page = main_of(client)
    assert FILE not in page
    assert reverse("call-open", args=["0c" * 16]) not in page
    assert searches() == []


def test_names_of_files_are_entered_before_they_are_shown(day: str, clock: ManualClock) -> None:
    """Whoever lists the files of a date saw their names: entered once in ten minutes, as a search by date."""
    client = supervisor(day, clock, stations=False)
    assert FILE in main_of(client)
    assert FILE in main_of(client)
    assert searches() == ["date"]
