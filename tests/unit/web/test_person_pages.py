"""What the IT administrator does for people, and what only who decides does: entering, roles, passwords, leaving."""

import pytest
from django.contrib.auth import authenticate

from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.web.conftest import Browser

NEW = "cztery ciche jasne rzeki"


def by_others(*acts: str) -> list[registers.EnteredAct]:
    """Acts that somebody did to somebody else."""
    return [one for one in registers.acts(names=acts).acts if one.subject != f"person:{one.actor}"]


def test_a_forgotten_password_is_set_anew_by_the_administrator(
    browser: Browser, people: dict[str, PersonView]
) -> None:
    """The person's own sessions end, the new password opens, and the register says who set it."""
    viewer = people["viewer"]
    theirs, own = browser("viewer"), browser("administrator")
    address = f"/people/{viewer.id}/password"
    assert viewer.username in own.get(f"/people/{viewer.id}").content.decode()
    assert own.post(address, {"password": NEW}).status_code == 302
    assert authenticate(username=viewer.username, password=NEW) is not None
    assert theirs.get("/").status_code == 302
    (entered,) = by_others("person.password-set")
    assert entered.actor == str(people["administrator"].id)
    assert own.get("/").status_code == 200


@pytest.mark.parametrize(
    ("role", "who", "status"), [("administrator", "administrator", 200), ("iod", "viewer", 403)]
)
def test_nobody_else_sets_passwords_and_nobody_their_own_this_way(
    browser: Browser, people: dict[str, PersonView], role: str, who: str, status: int
) -> None:
    """One's own password needs the old one; supervision sets none."""
    own = browser(role)
    assert own.post(f"/people/{people[who].id}/password", {"password": NEW}).status_code == status
    assert by_others("person.password-set") == []
    assert authenticate(username=people[who].username, password=NEW) is None


def test_a_weak_password_is_refused_at_its_field(browser: Browser, people: dict[str, PersonView]) -> None:
    """The page says why in its title, above and at the field, and the old one stays."""
    page = browser("administrator").post(f"/people/{people['viewer'].id}/password", {"password": "krótkie"})
    assert page.status_code == 422
    told = page.content.decode()
    for mark in ("<title>Błąd:", 'class="summary" role="alert"', 'id="id_password_error"'):
        assert mark in told, mark
    assert by_others("person.password-set") == []


@pytest.mark.parametrize("role", ["head", "deputy", "secretary", "iod"])
def test_the_administrator_cannot_make_up_who_decides_or_supervises(
    browser: Browser, people: dict[str, PersonView], role: str
) -> None:
    """Nobody invents a data protection officer who confirms the clock: the page names the rule and who decides."""
    own, form = browser("administrator"), {"name": "Nowa", "post": "x", "username": "nowa", "password": NEW}
    page = own.post("/people/new", {**form, "roles": [role]})
    assert page.status_code == 403
    assert "decyduje kierownik urzędu" in page.content.decode()
    assert authenticate(username="nowa", password=NEW) is None
    held = f"/people/{people[role].id}"
    for act, sent in (("roles", {"roles": ["clerk"]}), ("password", {"password": NEW}), ("left", {})):
        assert own.post(f"{held}/{act}", sent).status_code == 403
    assert by_others("person.roles-set", "person.left", "person.password-set") == []


def test_a_page_offers_only_what_its_reader_may_do(browser: Browser, people: dict[str, PersonView]) -> None:
    """Boxes of roles and forms that would be refused are not shown; the head is shown them all."""
    own, head = browser("administrator"), browser("head")
    offered = own.get("/people/new").content.decode()
    assert 'value="viewer"' in offered
    assert 'value="iod"' not in offered
    assert "/left" in own.get(f"/people/{people['viewer'].id}").content.decode()
    assert "/left" not in own.get(f"/people/{people['iod'].id}").content.decode()
    assert 'value="iod"' in head.get("/people/new").content.decode()
    assert "/left" in head.get(f"/people/{people['iod'].id}").content.decode()


def test_the_head_enters_the_data_protection_officer(browser: Browser) -> None:
    """There is always somebody with a page who may appoint, so that no office needs the machine's shell for it."""
    form = {"name": "Nowa", "post": "IOD", "roles": ["iod"], "username": "nowa", "password": NEW}
    assert browser("head").post("/people/new", form).status_code == 302
    assert authenticate(username="nowa", password=NEW) is not None


@pytest.mark.parametrize("address", ["/people/new", "/authorisations/new"])
def test_an_empty_form_is_refused_as_such(browser: Browser, address: str) -> None:
    """What lacks everything is answered with 422, a summary and a title that says so."""
    page = browser("head").post(address, {"name": "", "person": ""})
    assert page.status_code == 422
    assert "<title>Błąd:" in page.content.decode()
    assert 'class="summary" role="alert"' in page.content.decode()


def test_a_refused_change_says_that_nothing_was_saved(
    browser: Browser, people: dict[str, PersonView]
) -> None:
    """The page of a refusal without a form of its own is headed by what became of it, not by how it was read."""
    page = browser("head").post(f"/people/{people['viewer'].id}/roles", {"roles": []})
    assert page.status_code == 400
    assert "Nic nie zapisano</h1>" in page.content.decode()
