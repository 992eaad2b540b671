"""A one-time address instead of a password that somebody else knows."""

import re

from django.test import Client

from rejent.office import queries
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from tests.people import quick_passwords
from tests.unit.web.conftest import PASSWORD, Browser, text_of

OWN = "piec ciepłych dni lipca"


def test_somebody_new_chooses_a_password_that_nobody_else_knows(
    browser: Browser, people: dict[str, PersonView]
) -> None:
    """The former password opens nothing any more; what was chosen waits to be confirmed by a third."""
    viewer = people["viewer"].id
    with quick_passwords():
        page = text_of(browser("administrator").post(f"/people/{viewer}/first-link"))
        (link,) = re.findall(r"http://localhost(/welcome/[^<]+)", page)
        theirs = Client(headers={"host": "localhost"})
        assert queries.sign_in(viewer) is SignIn.GIVEN
        assert theirs.post("/account/login/", {"login": "viewer", "password": PASSWORD}).status_code == 200
        assert theirs.post(link, {"password": OWN, "again": OWN}).status_code == 302
        assert theirs.get(link).status_code == 404
        assert theirs.post("/account/login/", {"login": "viewer", "password": OWN}).status_code == 302
    assert queries.sign_in(viewer) is SignIn.CHOSEN


def test_no_address_for_oneself_or_for_who_decides(browser: Browser, people: dict[str, PersonView]) -> None:
    """Whoever runs the machine makes none for the head, and nobody for themselves."""
    administrator = browser("administrator")
    refused = administrator.post(f"/people/{people['head'].id}/first-link")
    assert refused.status_code == 403
    assert "/welcome/" not in text_of(refused)
    own = administrator.post(f"/people/{people['administrator'].id}/first-link")
    assert own.status_code == 302
    assert {queries.sign_in(people[role].id) for role in ("head", "administrator")} == {SignIn.CONFIRMED}
