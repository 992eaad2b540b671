"""An office whose regulation prescribes calls and no cameras, or more than cameras: pages speak of what there can be."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.access import authorisation_queries
from rejent.access import services as access
from rejent.access.supervision.weeks import Week
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from tests.people import add_person
from tests.printed import words_of
from tests.unit.web.conftest import NoBox

TODAY = date(2026, 11, 21)

pytestmark = pytest.mark.usefixtures("calls_only")


@pytest.fixture
def calls_only(regulation: int, clock: ManualClock) -> int:
    """The number of the version by which calls are recorded and nothing else."""
    number = office.activate_regulation(example("walbrzych-mops"), in_force_from=TODAY, clock=clock, actor="")
    assert number > regulation
    return number


def somebody(role: str, clock: ManualClock) -> tuple[PersonView, Client]:
    """Somebody of a role, and a browser in which they are signed in."""
    person = add_person(
        f"Osoba {role}", post="", roles=[role], username=role, password="a long and quiet river", clock=clock, actor="",
    )  # fmt: skip
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=person.id))
    return person, client


def test_no_camera_is_offered_to_be_added(clock: ManualClock) -> None:
    """Who adds cameras elsewhere reads that the regulation prescribes none, and is led to it instead of to the form."""
    _, client = somebody("administrator", clock)
    page = client.get(reverse("sources")).content.decode()
    assert "nie przewiduje kamer" in page
    assert reverse("source-new") not in page
    assert "pierwszą kamerę" not in page


def test_an_authorisation_for_calls_is_not_told_as_one_for_every_camera(clock: ManualClock) -> None:
    """Register and page of the person name the stream."""
    person, _ = somebody("viewer", clock)
    _, client = somebody("head", clock)
    access.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream="calls", source_ids=None, valid_from=TODAY,
        valid_until=None, clock=clock, actor="cli",
    )  # fmt: skip
    for page in (reverse("authorisations"), reverse("person", args=[person.id])):
        text = client.get(page).content.decode()
        assert "rozmowy telefoniczne" in text
        assert "wszystkie kamery" not in text


def test_the_head_authorises_for_calls_where_there_is_nothing_else(clock: ManualClock) -> None:
    """The form asks neither what the authorisation is of nor for cameras; what it issues is for calls."""
    person, _ = somebody("viewer", clock)
    _, client = somebody("head", clock)
    form = client.get(reverse("authorisation-new")).content.decode()
    assert 'name="stream"' not in form
    assert 'name="sources"' not in form
    sent = {
        "person": str(person.id),
        "acts": ["recordings"],
        "valid_from": "21.11.2026",
        "valid_until": "",
        "confirmed": "1",
    }
    assert client.post(reverse("authorisation-new"), sent).status_code == 302
    (issued,) = authorisation_queries.authorisations(person.id)
    assert (issued.stream, issued.source_ids) == ("calls", None)


def test_where_there_is_more_than_one_stream_the_form_asks_which(clock: ManualClock) -> None:
    """Cameras are chosen first; mail can be, without cameras; a stream that is not prescribed is refused at its field."""
    office.activate_regulation(example("elblag"), in_force_from=TODAY, clock=clock, actor="")
    source = add_camera(clock)
    person, _ = somebody("viewer", clock)
    _, client = somebody("head", clock)
    assert (
        '<option value="video" selected>kamery</option>'
        in client.get(reverse("authorisation-new")).content.decode()
    )
    sent = {
        "person": str(person.id),
        "acts": ["recordings"],
        "valid_from": "21.11.2026",
        "valid_until": "",
        "confirmed": "1",
    }
    for refused in ({}, {"stream": "calls"}, {"stream": "mail", "sources": [source]}):
        page = client.post(reverse("authorisation-new"), {**sent, **refused}).content.decode()
        assert "Popraw" in page, refused
    assert authorisation_queries.authorisations(person.id) == []
    client.post(reverse("authorisation-new"), {**sent, "stream": "mail"})
    client.post(reverse("authorisation-new"), {**sent, "stream": "video", "sources": [source]})
    told = {one.stream: one.source_ids for one in authorisation_queries.authorisations(person.id)}
    assert told == {"mail": None, "video": frozenset({source})}


def add_camera(clock: ManualClock) -> str:
    """Add a camera; its identifier."""
    return catalog.add_source(
        stream="video", name="Kamera 1", address="rtsp://192.0.2.7:554/hol", building="Ratusz", place="hol", kind="hall",
        clock=clock, actor="", credentials_box=NoBox(),
    )  # fmt: skip


def test_a_contractor_reads_that_the_regulation_too_must_let_one_in(clock: ManualClock) -> None:
    """An open fault and an agreement are not all it takes; the start page and the refusal both say so."""
    _, client = somebody("contractor", clock)
    refused = client.get(reverse("sources"))
    assert refused.status_code == 403
    for page in (refused, client.get(reverse("start"))):
        assert "gdy regulamin go dopuszcza" in page.content.decode()


def test_a_fault_of_a_line_is_opened_where_there_are_no_cameras(clock: ManualClock) -> None:
    """The form offers the line, and its words and those of the list fit what is heard."""
    _, client = somebody("administrator", clock)
    stated = StatedLine(siprec="127.0.0.1:5060", numbers=("+48 74 841",))
    line = call_services.add_line(name="Centrala", stated=stated, clock=clock, actor="")
    form = client.get(reverse("fault-new")).content.decode()
    assert f'value="{line}"' in form
    assert "tej kamery albo linii" in form
    sent = {"source": line, "description": "Nie odbiera."}
    assert client.post(reverse("fault-new"), sent).status_code == 302
    assert "Centrala" in client.get(reverse("faults")).content.decode()


def test_the_page_of_a_line_says_where_its_calls_come(clock: ManualClock) -> None:
    """A folder is named as people write it, without how the catalogue keeps it."""
    _, client = somebody("administrator", clock)
    stated = StatedLine(folder="/srv/moja centrala", form="asterisk", numbers=("+48 74 841",))
    line = call_services.add_line(name="Centrala", stated=stated, clock=clock, actor="")
    page = client.get(reverse("source", args=[line])).content.decode()
    assert '<dd class="code">/srv/moja centrala</dd>' in page
    assert "folder://" not in page


def test_nothing_is_offered_or_told_of_live_pictures(clock: ManualClock) -> None:
    """Neither by the form of an authorisation, nor by the week of supervision, nor by the places to go."""
    _, head = somebody("head", clock)
    form = head.get(reverse("authorisation-new")).content.decode()
    assert 'value="recordings"' in form
    assert 'value="live"' not in form
    _, officer = somebody("iod", clock)
    page = officer.get(reverse("supervision")).content.decode()
    assert "bieżącego obrazu" not in page
    assert "Bieżący obraz" not in page
    assert "otwarte przez 0 osób" in page
    report = officer.post(reverse("supervision-digest", args=[str(Week.at(clock.now()))])).content
    assert "Bieżący obraz" not in words_of(report)
    assert "Odmowy: 0." in words_of(report)
