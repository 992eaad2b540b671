"""Where each role is led to see pictures, and what it is told where no authorisation could show it any."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import resolve, reverse

from rejent.access import services as access
from rejent.kernel.clock import ManualClock
from rejent.office import queries as office_queries
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.people import add_person
from tests.unit.web.conftest import PASSWORD, ROLES, Browser, regulation_with, text_of

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


@pytest.mark.parametrize(
    ("door", "refusal"), [("live", "Ta rola nigdy nie widzi"), ("find", "Ta rola nigdy nie ma wglądu")]
)
def test_an_excluded_role_is_told_that_there_is_nothing_to_apply_for(
    door: str, refusal: str, browser: Browser
) -> None:
    """The data protection officer reads the rule that bars the role, and no advice to ask for an authorisation."""
    refused = browser("iod").get(reverse(door))
    page = refused.content.decode()
    assert refused.status_code == 403
    assert refusal in page
    assert "Nie ma o co występować" in page
    assert "Wystąp o upoważnienie" not in page


def test_a_role_that_the_regulation_leaves_out_reads_who_changes_it(browser: Browser) -> None:
    """Where the regulation bars a role from the live picture, it is the regulation that is named."""
    page = browser("head").get(reverse("live")).content.decode()
    assert "Regulamin zmienia" in page
    assert "Nie ma o co występować" in page


def test_a_head_is_told_who_else_authorises_and_how(
    people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Nobody authorises themselves: the head reads that, and what to do where nobody else issues; others read the head's name."""
    regulation_with(clock, {'recordings = ["viewer"]': 'recordings = ["viewer", "head"]'})
    page = text_of(signed_in(people["head"]).get(reverse("find")))
    assert "nikt nie upoważnia samego siebie" in page
    assert "rejent authorise" in page
    assert "§" in page
    add_person(
        "Osoba Bez", post="", roles=["viewer"], username="bez", password=PASSWORD, clock=clock, actor=""
    )
    other = text_of(signed_in(office_queries.person_by_username("bez")).get(reverse("find")))
    assert f"Upoważnienia wydaje: {people['head'].name} (head)" in other
    assert "na stronie „Upoważnienia”" in other


def signed_in(person: PersonView) -> Client:
    """A browser of a person."""
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=person.id))
    return client


ICON = re.compile(r"sprite\.svg#([a-z0-9-]+)")
FOLD = re.compile(r"<details class=\"group\".*?</details>", re.DOTALL)


def side_of(page: str) -> str:
    """The places of the side column."""
    start = page.index('<aside class="side"')
    return page[page.index("<nav", start) : page.index("</nav>", start)]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", ["start", "regulation"])
def test_nine_entries_are_in_view(role: str, route: str, browser: Browser) -> None:
    """Places and titles of folded groups together; only the group of the page itself is open, and no icon stands twice."""
    side = side_of(browser(role).get(reverse(route)).content.decode())
    folds = FOLD.findall(side)
    assert FOLD.sub("", side).count("<a ") + len(folds) <= 9
    opened = [fold for fold in folds if "open>" in fold]
    assert all('aria-current="page"' in fold for fold in opened)
    assert len(opened) == (1 if folds and route == "regulation" else 0)
    icons = [icon for icon in ICON.findall(side) if icon != "chevron-right"]
    assert len(icons) == len(set(icons))
    assert "Regulamin</a>" in side


def test_daily_pages_stand_above_the_folds(browser: Browser) -> None:
    """The data protection officer has the week and the register in view; every other page is in a group, none twice."""
    side = side_of(browser("iod").get(reverse("start")).content.decode())
    places = re.findall(r"</svg>([^<]+)</a>", side)
    assert places[:3] == ["Start", "Tydzień nadzoru", "Rejestr działań"]
    assert len(places) == len(set(places))
    assert {"Odtworzenia", "Protokoły", "Obietnice", "Upoważnienia", "Osoby"} <= set(places)


LINK = re.compile(r'href="(/[^"#]*)"')


@pytest.mark.parametrize("role", ["guard", "clerk", "head", "administrator", "iod"])
@pytest.mark.usefixtures("recording")
def test_no_link_leads_to_a_refusal(role: str, browser: Browser) -> None:
    """Whatever a role clicks on, from the start page on, opens; of the pages of one route one is enough."""
    client, routes, left = browser(role), set[str](), [reverse("start")]
    while left:
        address = left.pop(0)
        path = address.partition("?")[0]
        if path.startswith("/static/") or (route := resolve(path).view_name) in routes:
            continue
        routes.add(route)
        answer = client.get(address)
        assert answer.status_code != 403, address
        if answer.headers["Content-Type"].startswith("text/html") and not answer.streaming:
            left += [unescape(found) for found in LINK.findall(answer.content.decode())]


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
    assert "Nie ma upoważnienia do wglądu" in page
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


def test_what_is_kept_is_called_by_a_word_that_fits_every_kind(browser: Browser, clock: ManualClock) -> None:
    """An office of cameras has recordings; beside letters, which last no time, they are all records, in the menu and over mixed lists."""
    pages = [reverse(route) for route in ("ledger", "storage", "destructions")]
    client = browser("iod")
    for page in pages:
        assert re.search(r">\s*Nagrania\s*<", text_of(client.get(page))), page
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 2, 1), clock=clock, actor="")
    for page in pages:
        told = text_of(client.get(page))
        assert re.search(r">\s*Zapisy\s*<", told), page
        assert not re.search(r">\s*Nagrania\s*<", told), page
