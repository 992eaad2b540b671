"""An office whose regulation prescribes calls and no cameras: no page speaks of cameras as if there could be any."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.access import services as access
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation import example
from rejent.office.views import PersonView

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
    person = office.add_person(
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


def test_a_contractor_reads_that_the_regulation_too_must_let_one_in(clock: ManualClock) -> None:
    """An open fault and an agreement are not all it takes; the start page and the refusal both say so."""
    _, client = somebody("contractor", clock)
    refused = client.get(reverse("sources"))
    assert refused.status_code == 403
    for page in (refused, client.get(reverse("start"))):
        assert "gdy regulamin go dopuszcza" in page.content.decode()
