"""Moje dane of who has a telephone number of their own: its calls since it is theirs, and who looked once that may be told."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import ManualClock, civil_date
from rejent.office import services as office
from rejent.office.views import PersonView
from rejent.streams.calls.catalog import services as calls
from rejent.web.people.own_data import LOOKED_AFTER
from tests.unit.web.conftest import NOON, text_of
from tests.unit.web.test_call_pages import call, line, opened, somebody, viewer

__all__ = ["call", "line", "opened", "viewer"]

OWN, OTHERS = "+48745550100", "+48745550199"
CALLER = "+48225550123"


def called(line: str, number: int, at: Any, to: str, clock: ManualClock) -> str:
    """A call of a minute from outside to a number of the office."""
    name = f"{number:032x}"
    begun = calls.BegunCall(name, line, civil_date(at), at, "incoming", CALLER, to)
    calls.begin_call(begun, clock=clock)
    calls.end_call(name, at + timedelta(minutes=1), "bye", clock=clock)
    return name


@pytest.fixture
def clerk(line: str, clock: ManualClock) -> tuple[PersonView, Client]:
    """A clerk whose number is theirs since today."""
    called(line, 1, NOON - timedelta(days=1), OWN, clock)
    person, client = somebody("clerk", clock)
    office.change_person(person.id, {"extension": OWN.removeprefix("+48")}, clock=clock, actor="")
    called(line, 2, NOON - timedelta(hours=2), OWN, clock)
    called(line, 3, NOON - timedelta(hours=1), OTHERS, clock)
    return person, client


def test_only_calls_of_ones_own_number_since_it_is_ones_own_are_tied(
    clerk: tuple[PersonView, Client], clock: ManualClock
) -> None:
    """Not of the day before, not of another number; never who was at the other end, and to nobody else."""
    page = text_of(clerk[1].get(reverse("me")))
    assert page.count("rozmowa, przychodząca") == 1
    assert "21.11.2026" in page
    assert "Program nie rozpoznaje głosów" in page
    assert CALLER[3:] not in page.replace(" ", "")
    _, other = somebody("viewer", clock)
    assert "rozmowa, przychodząca" not in text_of(other.get(reverse("me")))


@pytest.mark.usefixtures("call", "opened")
def test_who_listened_is_told_a_month_after(line: str, clock: ManualClock) -> None:  # noqa: ARG001 - an office
    """Day and purpose, never who: sooner it could give a proceeding away."""
    person, client = somebody("clerk", clock)
    office.change_person(person.id, {"extension": OWN.removeprefix("+48")}, clock=clock, actor="")
    purpose = "jakość obsługi interesantów"
    row = f"21.11.2026, {purpose}"
    assert row not in text_of(client.get(reverse("me")))
    clock.advance(LOOKED_AFTER - timedelta(hours=1))
    client = _again(person)
    assert row not in text_of(client.get(reverse("me")))
    clock.advance(timedelta(days=1))
    page = text_of(_again(person).get(reverse("me")))
    assert row in page
    assert "Osoba viewer" not in page


def _again(person: PersonView) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=person.id))
    return client
