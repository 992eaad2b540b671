"""Moje dane: to each person their own, with what the program does not know, and nobody else's anything."""

import pytest
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.views import PersonView
from tests.unit.web.conftest import ROLES, Browser, text_of


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_their_own_and_nobody_elses(
    role: str, browser: Browser, people: dict[str, PersonView], source: str
) -> None:
    """The account, the areas recorded, and what no camera knows; no other person's name."""
    assert source
    shown = text_of(browser(role).get(reverse("me")))
    for said in (people[role].name, "nie rozpoznaje twarzy", "Moje logowania", "hol"):
        assert said in shown
    assert not [one.name for other, one in people.items() if other != role and f">{one.name}<" in shown]


def test_an_account_that_is_not_confirmed_shows_nobody_anything(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Whoever set the password could be reading."""
    office.set_password(people["clerk"].id, "a longer and quieter river", clock=clock, actor="")
    assert browser("clerk").get(reverse("me")).status_code == 403
