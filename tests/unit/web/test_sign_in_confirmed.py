"""Whoever sets a viewer's password, or links one, does not look as that viewer: it is confirmed first whose account it is."""

import pytest

from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.models import Account
from rejent.office.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.web.conftest import Browser

NEW = "cztery ciche jasne rzeki"
OWN = "piec ciepłych dni lipca"
People = dict[str, PersonView]


def taken_over(browser: Browser, people: People) -> str:
    """Set the viewer's password as the administrator; the address of the page that confirms."""
    address = f"/people/{people['viewer'].id}"
    assert browser("administrator").post(f"{address}/password", {"password": NEW}).status_code == 302
    return f"{address}/confirm"


def choose(people: People, clock: ManualClock) -> None:
    """Choose a password as whoever is signed in as the viewer."""
    services.change_own_password(Account.objects.get(person_id=people["viewer"].id), OWN, clock=clock)


def test_an_administrator_who_signs_in_as_a_viewer_sees_nothing(
    browser: Browser, people: People, clock: ManualClock
) -> None:
    """Neither with the password they set, nor after changing it in the viewer's name, nor by confirming it themselves."""
    confirm = taken_over(browser, people)
    theirs = browser("viewer")
    for page in ("/find", "/live"):
        answer = theirs.get(page)
        assert answer.status_code == 403
        assert "Sposób logowania na to konto ustawił ktoś inny" in answer.content.decode()
    assert "Ustal własne hasło" in theirs.get("/").content.decode()
    choose(people, clock)
    theirs = browser("viewer")
    assert theirs.get("/find").status_code == 403
    assert browser("administrator").post(confirm).status_code == 403
    assert theirs.post(confirm).status_code == 403
    assert queries.sign_in(people["viewer"].id) is SignIn.CHOSEN


@pytest.mark.parametrize("role", ["head", "iod"])
def test_who_decides_or_supervises_is_told_looks_and_confirms(
    browser: Browser, people: People, clock: ManualClock, role: str
) -> None:
    """The start page leads to everything that signs in; the button comes once the given password is changed."""
    confirm, own = taken_over(browser, people), browser(role)
    page = own.get(confirm).content.decode()
    assert "Obowiązuje jeszcze hasło ustawione przez kogoś innego." in page
    assert "Potwierdź: loguje się tylko ta osoba" not in page
    assert own.post(confirm).status_code == 422
    choose(people, clock)
    assert f'href="{confirm}"' in own.get("/").content.decode()
    assert f'href="{confirm}"' in own.get(confirm.removesuffix("/confirm")).content.decode()
    page = own.get(confirm).content.decode()
    assert people["administrator"].name in page
    assert "zmienione po zalogowaniu" in page
    assert own.post(confirm).status_code == 302
    assert f'href="{confirm}"' not in own.get("/").content.decode()
    assert "Potwierdzone; nic nie czeka." in own.get(confirm).content.decode()
    assert browser("viewer").get("/find").status_code == 200
    entered = registers.acts(names=["person.sign-in-confirmed"], limit=1).acts[0]
    assert (entered.actor, entered.subject) == (str(people[role].id), f"person:{people['viewer'].id}")


def test_every_means_of_signing_in_stands_on_the_page(
    browser: Browser, people: People, clock: ManualClock
) -> None:
    """An identity that was linked besides is seen before anybody confirms."""
    confirm = taken_over(browser, people)
    choose(people, clock)
    services.link_identity(
        people["viewer"].id, way="oidc", issuer="https://provider.example", subject="somebody-elses", clock=clock,
        actor=str(people["administrator"].id),
    )  # fmt: skip
    assert "somebody-elses" in browser("head").get(confirm).content.decode()
