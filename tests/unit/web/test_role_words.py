"""Every role can be given on a page, survives its form, and is told in words."""

import pytest
from django.utils import translation

from rejent.kernel.clock import ManualClock
from rejent.office import queries
from rejent.office.models import Role
from rejent.office.people.role_words import ROLES
from rejent.office.regulation.vocabulary import RoleName
from rejent.office.views import PersonView
from tests.people import add_person
from tests.unit.web.conftest import PASSWORD, Browser, text_of


def test_there_are_words_for_every_role_that_a_regulation_names() -> None:
    """What a regulation's file may name, the program can give to somebody, and says in Polish."""
    assert {str(role) for role in RoleName} <= set(Role.values) == set(ROLES)
    with translation.override("pl"):
        assert [role for role, words in ROLES.items() if str(words) in {"", role}] == []


@pytest.mark.parametrize("role", Role.values)
def test_a_role_survives_saving_the_form_and_is_shown_in_words(
    role: str, browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Whoever saves the roles as the page shows them changes nothing; the lists say what the role is called."""
    del people
    held = add_person(
        "Osoba nowa", post="", roles=[role], username="nowa", password=PASSWORD, clock=clock, actor=""
    )
    head = browser("head")
    page = f"/people/{held.id}"
    shown = text_of(head.get(page))
    assert f'value="{role}"' in shown
    assert head.post(f"{page}/roles", {"roles": [role]}).status_code == 302
    assert queries.person(held.id).roles == {role}
    with translation.override("pl"):
        words = str(ROLES[role])
    row = text_of(head.get("/people")).partition(page)[2].partition("</tr>")[0]
    assert f">{words}</td>" in row
