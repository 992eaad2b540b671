"""Where each role is led to see pictures, and what it is told where no authorisation could show it any."""

import pytest
from django.urls import reverse

from tests.unit.web.conftest import Browser

LIVE, FIND = "Bieżący obraz", "Znajdź nagranie"


@pytest.mark.parametrize(
    ("role", "led_to"),
    [
        ("guard", [LIVE]),
        ("viewer", [LIVE, FIND]),
        ("clerk", []),
        ("head", []),
        ("iod", []),
        ("employee", []),
    ],
)
def test_the_menu_leads_to_pictures_only_whom_an_authorisation_could_let_see_them(
    role: str, led_to: list[str], browser: Browser
) -> None:
    """Whom the law or the regulation keeps from pictures finds no way to them in the menu."""
    page = browser(role).get(reverse("regulation")).content.decode()
    assert [name for name in (LIVE, FIND) if f"{name}</a>" in page] == led_to


@pytest.mark.parametrize(("door", "status"), [("live", 403), ("find", 200)])
def test_an_excluded_role_is_told_that_there_is_nothing_to_apply_for(
    door: str, status: int, browser: Browser
) -> None:
    """The data protection officer reads the rule that bars the role, and no advice to ask for an authorisation."""
    refused = browser("iod").get(reverse(door))
    page = refused.content.decode()
    assert refused.status_code == status
    assert "Ta rola nigdy nie widzi" in page
    assert "Nie ma o co występować" in page
    assert "Wystąp o upoważnienie" not in page


def test_a_role_that_the_regulation_leaves_out_reads_who_changes_it(browser: Browser) -> None:
    """Where the regulation bars a role from the live picture, it is the regulation that is named."""
    page = browser("head").get(reverse("live")).content.decode()
    assert "Regulamin zmienia" in page
    assert "Nie ma o co występować" in page
