"""Set-up in the browser: nothing of it without the code, and no more than the first evening needs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.forms import ChoiceField
from django.test import Client

from rejent.kernel.clock import ManualClock, civil_date
from rejent.notices.regulation_text import own_text_of
from rejent.office import queries
from rejent.office.errors import SetUpRefusedError
from rejent.office.regulation.bounded_toml import read_toml
from rejent.office.regulation.loading import example
from rejent.office.setting_up.founding import issue_code
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.registers import queries as registers
from rejent.web.route_permissions import SETTING_UP, route_permissions
from rejent.web.setup.entrance import COOKIE
from rejent.web.signing_in.first_links import VALID_FOR
from tests.people import quick_passwords
from tests.unit.web.conftest import NOON, text_of

OFFICE = {
    "name": "Urząd Gminy Przykładowo",
    "controller": "Wójt Gminy Przykładowo",
    "address": "ul. Długa 1, 00-001 Przykładowo",
    "head": "Wójt",
    "contact": "iod@przykladowo.example",
    "title": "Regulamin monitoringu wizyjnego",
    "pattern": "pleszew",
}
PEOPLE = {
    "head-name": "Osoba pierwsza",
    "head-username": "wojt",
    "iod-name": "Osoba druga",
    "iod-username": "iod",
    "administrator-name": "Osoba trzecia",
    "administrator-username": "asi",
}
OWN = "piec ciepłych dni lipca"


@pytest.fixture
def bare(db: None, clock: ManualClock, settings: Any, tmp_path: Path) -> Iterator[None]:  # noqa: ARG001 - asked for their effect
    """An installation that `rejent init` made without a regulation."""
    (tmp_path / "secrets").mkdir()
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path, test=False)
    with quick_passwords():
        yield


@pytest.fixture
def visitor(bare: None) -> Client:  # noqa: ARG001 - after the office was made
    """A browser that forgeries are refused from."""
    return Client(headers={"host": "localhost"})


@pytest.fixture
def inside(visitor: Client, settings: Any) -> Client:
    """The browser that used the code."""
    code = issue_code(settings.INSTALLATION, clock=settings.CLOCK)
    assert visitor.post("/setup", {"code": code}).status_code == 302
    return visitor


def fields_of(page: Any) -> dict[str, Any]:
    """What a browser sends back of the form of the regulation, as it is shown."""
    form = page.context["form"]
    sent = {}
    for name in form.fields:
        value = form[name].value()
        if value is None and type(form.fields[name]) is ChoiceField:
            value = form.fields[name].choices[0][0]
        if value not in (None, False, ""):
            sent[name] = value
    return sent


def form_fields(page: Any) -> dict[str, Any]:
    """The fields of the form that a page shows."""
    form = page.context["form"]
    return {name: form[name] for name in form.fields}


def put_in_force(inside: Client, **changed: Any) -> Any:
    """Choose the pattern, change something, and put it in force."""
    assert inside.post("/setup/office", OFFICE).status_code == 302
    sent = fields_of(inside.get("/setup/regulation")) | changed
    return inside.post("/setup/regulation", {**sent, "confirmed": "1"})


def links_of(page: Any) -> dict[str, str]:
    """The one-time addresses that a page shows, by role, without the host."""
    return {
        row["role"]: row["link"].removeprefix("http://localhost")
        for row in page.context["rows"]
        if row["link"]
    }


def test_no_page_of_set_up_exists_without_the_code(visitor: Client, settings: Any) -> None:
    """Neither before a code was made, nor beside the browser that used it, nor for a key that was guessed; and none after its end."""
    pages = [name for name, opens_to in route_permissions().items() if opens_to == SETTING_UP]
    assert len(pages) == 9
    addresses = [
        "/setup/steps",
        "/setup/office",
        "/setup/regulation",
        "/setup/text",
        "/setup/parameters",
        "/setup/people",
        "/setup/end",
        "/setup/people/head/link",
        "/setup/people/head/confirm",
    ]
    assert {visitor.get(address).status_code for address in ["/setup", *addresses]} == {404}
    code = issue_code(settings.INSTALLATION, clock=settings.CLOCK)
    assert visitor.get("/setup").status_code == 200
    assert {visitor.post(address).status_code for address in addresses} == {404}
    visitor.cookies[COOKIE] = "guessed"
    assert {visitor.get(address).status_code for address in addresses} == {404}
    other = Client(headers={"host": "localhost"})
    answer = other.post("/setup", {"code": code})
    key = answer.cookies[COOKIE]
    assert (key["httponly"], key["samesite"], key["path"]) == (True, "Strict", "/setup")
    assert other.get("/setup/steps").status_code == 200
    assert visitor.post("/setup", {"code": code}).status_code == 422
    assert other.post("/setup/end").status_code == 302
    assert {other.get(address).status_code for address in ["/setup", *addresses]} == {404}


def test_opening_the_address_uses_nothing_up_and_forgery_is_refused(bare: None, settings: Any) -> None:
    """A preview that follows the address leaves the code as it is; a form from elsewhere is not taken."""
    del bare
    code = issue_code(settings.INSTALLATION, clock=settings.CLOCK)
    strict = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    page = strict.get(f"/setup?code={code}")
    assert code in text_of(page)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert strict.post("/setup", {"code": code}).status_code == 403
    assert strict.get("/setup").status_code == 200


def test_the_statute_stands_beside_the_field_and_keeps_it_from_force(inside: Client) -> None:
    """120 days of cameras are refused with the provision beside the period; nothing is loaded before it is mended."""
    refused = put_in_force(inside, **{"video-retention-count": "120"})
    page = text_of(refused)
    assert "art. 22² § 3 Kodeksu pracy" in page
    assert (
        page.index('name="video-retention-count"')
        < page.index("art. 22² § 3 Kodeksu pracy")
        < page.index('name="video-retention-kind"')
    )
    assert queries.every_version() == []
    sent = fields_of(inside.get("/setup/regulation")) | {"video-retention-count": "45", "confirmed": "1"}
    assert inside.post("/setup/regulation", sent).status_code == 302
    rules = queries.verified_regulation(civil_date(NOON))
    assert (rules.name, rules.streams["video"].retention.count) == (OFFICE["name"], 45)  # type: ignore[union-attr]  # it has a period
    assert [act.actor for act in registers.entered(["regulation.activated"])] == ["setup"]


def test_the_first_regulation_is_loaded_once(inside: Client) -> None:
    """Once one is in force, set-up changes it no more."""
    put_in_force(inside)
    assert inside.post("/setup/office", OFFICE).status_code == 302
    assert inside.post("/setup/regulation", {"confirmed": "1"}).status_code == 302
    assert len(queries.every_version()) == 1


def test_the_office_s_own_text_is_entered_beside_the_parameters(inside: Client) -> None:
    """After the regulation is in force, by set-up, whoever holds the code; it may wait, and a wrong file is refused beside its field."""
    assert inside.get("/setup/text").status_code == 302
    put_in_force(inside)
    assert (
        'href="/setup/people">Pierwsze trzy osoby' in text_of(inside.get("/setup/steps")).split("buttons")[1]
    )
    given = {"version": "1", "decree": "Zarządzenie nr 1/2026", "adopted_on": "2.01.2026", "compared": "on"}
    wrong = {**given, "file": BytesIO(b"PK\x03\x04")}
    refused = inside.post("/setup/text", wrong)
    assert refused.status_code == 422
    assert "ani PDF, ani zwykłym tekstem" in text_of(refused)
    assert inside.post("/setup/text", {**given, "file": BytesIO(b"%PDF-1.7\nx")}).status_code == 302
    own = own_text_of(1)
    assert own is not None
    assert (own.decree, own.entered_by) == ("Zarządzenie nr 1/2026", "setup")


def test_the_day_of_adoption_is_asked_for_once(inside: Client) -> None:
    """Entered with the office, it is not asked for with the text; left empty there, it is."""
    assert inside.post("/setup/office", OFFICE | {"adopted": "2.11.2026"}).status_code == 302
    inside.post("/setup/regulation", {**fields_of(inside.get("/setup/regulation")), "confirmed": "1"})
    page = text_of(inside.get("/setup/text"))
    assert "Przyjęty dnia 02.11.2026" in page
    assert 'name="adopted_on"' not in page
    given = {"version": "1", "decree": "Zarządzenie nr 1/2026", "compared": "on"}
    assert inside.post("/setup/text", {**given, "file": BytesIO(b"%PDF-1.7\nx")}).status_code == 302
    own = own_text_of(1)
    assert own is not None
    assert own.adopted_on == date(2026, 11, 2)


def test_the_office_s_own_parameters_begin_instead_of_a_pattern(inside: Client) -> None:
    """The file goes through the one check; then the same two forms go on with what it says, and put it in force."""
    own = example("elblag").replace("count = 30", "count = 21")
    taken = inside.post("/setup/parameters", {"file": BytesIO(own.replace("\n", "\r\n").encode())})
    assert taken.headers["Location"] == "/setup/office"
    office = {name: field.value() for name, field in form_fields(inside.get("/setup/office")).items()}
    assert office["name"] == read_toml(own)["name"]
    assert inside.post("/setup/office", {**OFFICE, "pattern": ""}).status_code == 302
    sent = fields_of(inside.get("/setup/regulation"))
    answer = inside.post("/setup/regulation", {**sent, "confirmed": "1"})
    assert answer.status_code == 302, answer.context["form"].errors
    in_force = queries.verified_regulation(civil_date(NOON))
    assert in_force.name == OFFICE["name"]
    assert set(in_force.streams) == set(read_toml(own)["streams"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "', 'nmae = "', "<code>nmae</code>"),
        ("count = 30", "count = 120", "<code>streams.video.retention"),
        ("[streams.video]", "[streams.video", "Wiersz"),
    ],
)
def test_each_finding_of_a_file_names_its_line_and_key(inside: Client, old: str, new: str, said: str) -> None:
    """A file in which something is wrong is not taken: the draft stays as it was."""
    text = example("pleszew")
    assert old in text
    refused = inside.post("/setup/parameters", {"file": BytesIO(text.replace(old, new, 1).encode())})
    page = text_of(refused)
    assert said in page
    assert "Wiersz" in page
    assert "Pliku nie wczytano" in page
    assert text_of(inside.get("/setup/office")).count('value="Urząd') == 0


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfe", "UTF-8"), (b"# " + b"x" * 200_001, "Plik ma ponad"), (b"", "")]
)
def test_a_file_that_is_none_is_refused_in_one_line(inside: Client, content: bytes, said: str) -> None:
    """No text, too large, empty, or nothing at all."""
    refused = inside.post("/setup/parameters", {"file": BytesIO(content)})
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert "Wybierz plik." in text_of(inside.post("/setup/parameters", {"sent": "1"}))


def test_a_purpose_is_changed_added_and_taken_out(inside: Client) -> None:
    """The form holds each purpose and one more; an emptied one is gone, and a new one gets a sign of its own."""
    changed = {
        "video-purposes-0-text": "bezpieczeństwo pracowników",
        "video-purposes-2-text": "",
        "video-purposes-8-text": "ochrona mienia gminy",
        "video-purposes-8-ground": "property",
    }
    assert put_in_force(inside, **changed).status_code == 302
    purposes = queries.verified_regulation(civil_date(NOON)).streams["video"].purposes
    assert [one.id for one in purposes][:2] == ["bezpieczenstwo", "bhp"]
    assert "zachowania-naganne" not in {one.id for one in purposes}
    assert (purposes[0].text, purposes[-1].id, purposes[-1].text) == (
        "bezpieczeństwo pracowników",
        "cel-1",
        "ochrona mienia gminy",
    )


def test_three_people_sign_in_by_addresses_that_work_once(inside: Client, settings: Any) -> None:
    """Each chooses a password; a signed paper confirms it; what set-up entered names set-up, and then it is over."""
    put_in_force(inside)
    links = links_of(inside.post("/setup/people", PEOPLE))
    assert set(links) == {"head", "iod", "administrator"}
    assert links_of(inside.get("/setup/people")) == {}
    for link in links.values():
        theirs = Client(headers={"host": "localhost"})
        assert theirs.post(link, {"password": OWN, "again": OWN + "x"}).status_code == 422
        assert theirs.post(link, {"password": "krotkie", "again": "krotkie"}).status_code == 422
        assert theirs.post(link, {"password": OWN, "again": OWN}).status_code == 302
        assert theirs.post(link, {"password": OWN + "2", "again": OWN + "2"}).status_code == 404
    assert queries.person_by_username("wojt").sign_in is SignIn.CHOSEN
    assert issue_code(settings.INSTALLATION, clock=settings.CLOCK)
    inside.cookies.clear()
    inside.post("/setup", {"code": issue_code(settings.INSTALLATION, clock=settings.CLOCK)})
    for role in links:
        assert inside.post(f"/setup/people/{role}/confirm").status_code == 302
    assert {queries.person_by_username(name).sign_in for name in ("wojt", "iod", "asi")} == {SignIn.CONFIRMED}
    with pytest.raises(SetUpRefusedError, match="is set up"):
        issue_code(settings.INSTALLATION, clock=settings.CLOCK)
    signed_in = Client(headers={"host": "localhost"})
    assert signed_in.post("/account/login/", {"login": "asi", "password": OWN}).status_code == 302
    assert signed_in.get("/sources/new").status_code == 200


def test_nobody_is_confirmed_before_they_chose_a_password(inside: Client) -> None:
    """Whoever made the address could have used it; a paper signed before says nothing."""
    put_in_force(inside)
    inside.post("/setup/people", PEOPLE)
    page = inside.post("/setup/people/head/confirm", follow=True)
    assert "hasło" in text_of(page)
    assert queries.person_by_username("wojt").sign_in is SignIn.GIVEN


def test_a_link_ends_with_a_newer_one_and_by_its_day(inside: Client, clock: ManualClock) -> None:
    """Set-up enters nobody twice: it makes a new address, whose password the former does not know."""
    put_in_force(inside)
    first = links_of(inside.post("/setup/people", PEOPLE))["head"]
    assert inside.post("/setup/people", PEOPLE | {"head-username": "wojt2"}).status_code == 200
    assert len(queries.people()) == 3
    second = links_of(inside.post("/setup/people/head/link"))["head"]
    assert inside.post("/setup/people/guard/link").status_code == 404
    visitor = Client(headers={"host": "localhost"})
    assert visitor.get(first).status_code == 404
    assert visitor.get(second[:-1] + ("A" if second[-1] != "A" else "B")).status_code == 404
    assert visitor.get(second).status_code == 200
    clock.advance(VALID_FOR + timedelta(seconds=1))
    assert visitor.get(second).status_code == 404


def test_a_test_installation_counts_its_gates_as_passed(inside: Client, settings: Any) -> None:
    """As `rejent init --test --regulation` does: streams may start at once."""
    settings.INSTALLATION = replace(settings.INSTALLATION, test=True)
    put_in_force(inside)
    assert queries.gates("video", civil_date(NOON)).open
