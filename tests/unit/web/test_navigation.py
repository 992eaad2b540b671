"""Where each role is led to see pictures, and what it is told where no authorisation could show it any."""

import re
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.access import services as access
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from tests.people import add_person
from tests.unit.web.conftest import ROLES, Browser

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


PLACES = re.compile(r'<h2 id="side-\d+">([^<]+)</h2>|</use></svg>([^<]+)</a>|/></svg>([^<]+)</a>')


def groups_of(page: str) -> dict[str, list[str]]:
    """The side column's headings with the places under each; what stands before the first has none."""
    found: dict[str, list[str]] = {"": []}
    side = page[page.index('<aside class="side"') : page.index("</nav>", page.index('<aside class="side"'))]
    for title, *places in PLACES.findall(side):
        found |= {title: []} if title else {}
        found[list(found)[-1]] += filter(None, places)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_no_group_of_the_menu_is_longer_than_one_takes_in(role: str, browser: Browser) -> None:
    """What is watched over and what the office keeps are two groups for every role; none has more than seven places."""
    groups = groups_of(browser(role).get(reverse("regulation")).content.decode())
    assert max(map(len, groups.values())) <= 7
    assert "Regulamin" in groups["Urząd"]
    assert all(groups[title] for title in groups if title)


def test_supervision_and_the_office_are_two_groups(browser: Browser) -> None:
    """The data protection officer, to whom most is open, reads what was done under one heading and who may under another."""
    page = browser("iod").get(reverse("regulation")).content.decode()
    groups = groups_of(page)
    assert groups["Nadzór"] == [
        "Tydzień nadzoru",
        "Rejestr działań",
        "Odtworzenia",
        "Protokoły",
        "Podgląd bieżącego obrazu",
        "Obietnice",
    ]
    assert groups["Urząd"][:2] == ["Upoważnienia", "Osoby"]
    assert page.count('aria-labelledby="menu-') == page.count('aria-labelledby="side-') == len(groups) - 1


def viewer_authorised_for(stream: str, clock: ManualClock) -> Client:
    """A browser of somebody whose only authorisation is for recordings of one stream."""
    person = add_person(
        "Osoba Upoważniona", post="", roles=["viewer"], username="inna", password="a long and quiet river",
        clock=clock, actor="",
    )  # fmt: skip
    access.issue_authorisation(
        person_id=person.id, acts=["recordings"], stream=stream, source_ids=None, valid_from=date(2026, 11, 21),
        valid_until=None, clock=clock, actor="cli",
    )  # fmt: skip
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=person.id))
    return client


@pytest.mark.usefixtures("source")
def test_an_authorisation_for_mail_is_no_reason_about_cameras(clock: ManualClock) -> None:
    """Who may read mail reads that nothing of theirs covers cameras; where only calls are prescribed, that cameras are not."""
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 11, 21), clock=clock, actor="")
    client = viewer_authorised_for("mail", clock)
    page = client.get(reverse("find")).content.decode()
    assert "nie obejmuje nagrań z kamer" in page
    office.activate_regulation(
        example("walbrzych-mops"), in_force_from=date(2026, 11, 21), clock=clock, actor=""
    )
    page = client.get(reverse("find")).content.decode()
    assert "nie przewiduje tego rodzaju monitoringu: kamery" in page
    assert "nie przewiduje tego rodzaju monitoringu: kamery" in client.get(reverse("live")).content.decode()
    assert f"{FIND}</a>" not in page
    assert f"{LIVE}</a>" not in page


@pytest.mark.usefixtures("regulation")
def test_where_no_camera_is_entered_nobody_is_told_to_ask_for_an_authorisation(clock: ManualClock) -> None:
    """Who holds an authorisation that covers every camera reads that there is none yet, and who enters them."""
    page = viewer_authorised_for("video", clock).get(reverse("find")).content.decode()
    assert "nie obejmuje żadnej wpisanej kamery" in page
    assert "Żadne ważne upoważnienie" not in page
