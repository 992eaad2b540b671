"""A maintenance contractor of an office, as the tests of their pages use it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office.people import maintenance
from rejent.office.views import PersonView
from tests.people import add_person
from tests.unit.web.conftest import Browser, regulation_with

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)
WATCHED = {"live = []  ": 'live = ["guard", "viewer"]  '}


@pytest.fixture
def firm(people: dict[str, PersonView], clock: ManualClock) -> PersonView:  # noqa: ARG001 - after the office is set up
    """A maintenance contractor of an office whose regulation lets one come."""
    regulation_with(clock, WATCHED)
    return add_person(
        "Serwisant Przykładowy",
        post="Serwis Przykładowy",
        roles=["contractor"],
        username="serwis",
        password="a long and quiet river",
        clock=clock,
        actor="",
    )


@pytest.fixture
def service(firm: PersonView) -> Callable[[], Client]:
    """A browser in which the contractor has just signed in."""

    def signed_in() -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(person_id=firm.id))
        return client

    return signed_in


def agreed(browser: Browser, firm: PersonView, until: str = "") -> None:
    """The data protection officer enters an agreement that covers the contractor."""
    sent = {
        "number": "UP/7/2026",
        "party": "Serwis Przykładowy sp. z o.o.",
        "concluded_on": "1.11.2026",
        "valid_from": "1.11.2026",
        "valid_until": until,
        "people": [str(firm.id)],
    }
    assert browser("iod").post(reverse("agreement-new"), sent).status_code == 302


def broken(browser: Browser, source: str = "") -> str:
    """The administrator opens a fault; its number."""
    sent = {"source": source or "machine", "description": "Rejestrator nie zapisuje."}
    assert browser("administrator").post(reverse("fault-new"), sent).status_code == 302
    return maintenance.faults()[0].number
