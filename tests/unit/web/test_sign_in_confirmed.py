"""Whoever sets a viewer's password, or links one, does not look as that viewer: it is confirmed first whose account it is."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from rejent.kernel.clock import ManualClock
from rejent.office import queries, services
from rejent.office.models import Account
from rejent.office.sign_in.own_sign_in import SignIn
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.web.signing_in.accounts import ClosedAccountAdapter
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


def shown(page: str) -> dict[str, str]:
    """What the button sends with it: the digest of what the page shows."""
    found = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    assert found is not None
    return {"seen": found[1]}


def test_an_administrator_who_signs_in_as_a_viewer_sees_nothing(
    browser: Browser, people: People, clock: ManualClock
) -> None:
    """Neither with the password they set, nor after changing it in the viewer's name, nor by confirming it themselves."""
    confirm = taken_over(browser, people)
    theirs = browser("viewer")
    for page in ("/find", "/live", "/protocols", "/holds"):
        answer = theirs.get(page)
        assert answer.status_code == 403
        told = "Ta rola nigdy" if page == "/live" else "Sposób logowania na to konto ustawił ktoś inny"
        assert told in answer.content.decode()
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
    assert 'name="seen"' not in page
    assert own.post(confirm).status_code == 422
    choose(people, clock)
    assert f'href="{confirm}"' in own.get("/").content.decode()
    assert f'href="{confirm}"' in own.get(confirm.removesuffix("/confirm")).content.decode()
    page = own.get(confirm).content.decode()
    assert page.index(people["administrator"].name) < page.index("osoba zalogowana na to konto")
    assert own.post(confirm, shown(page)).status_code == 302
    assert f'href="{confirm}"' not in own.get("/").content.decode()
    assert "Potwierdzone; nic nie czeka." in own.get(confirm).content.decode()
    assert browser("viewer").get("/find").status_code == 200
    entered = registers.acts(names=["person.sign-in-confirmed"], limit=1).acts[0]
    assert (entered.actor, entered.subject) == (str(people[role].id), f"person:{people['viewer'].id}")


def test_what_changes_while_the_page_is_looked_at_is_not_confirmed(
    browser: Browser, people: People, clock: ManualClock
) -> None:
    """The administrator waits until the head has looked, and sets the password once more."""
    confirm, head = taken_over(browser, people), browser("head")
    choose(people, clock)
    seen = shown(head.get(confirm).content.decode())
    taken_over(browser, people)
    choose(people, clock)
    answer = head.post(confirm, seen)
    assert answer.status_code == 422
    assert "Od wyświetlenia tej strony coś się zmieniło." in answer.content.decode()
    assert queries.sign_in(people["viewer"].id) is SignIn.CHOSEN


def test_who_decides_does_nothing_in_an_account_with_a_password_that_was_given(
    browser: Browser, people: People, clock: ManualClock
) -> None:
    """Who typed a new head's password can neither issue, nor supervise, nor confirm as the head; only change the password."""
    confirm = taken_over(browser, people)
    choose(people, clock)
    services.set_password(people["head"].id, NEW, clock=clock, actor="cli")
    head = browser("head")
    for page in ("/authorisations/new", "/supervision", "/people", confirm, "/ledger"):
        assert head.get(page).status_code == 403
    assert head.post(confirm).status_code == 403
    assert head.get("/account/password/change/").status_code in {200, 302}
    assert "Ustal własne hasło" in head.get("/").content.decode()


def test_a_given_password_is_not_chosen_again(browser: Browser, people: People, clock: ManualClock) -> None:
    """Whoever gave it would know the chosen one too."""
    taken_over(browser, people)
    adapter, account = ClosedAccountAdapter(), Account.objects.get(person_id=people["viewer"].id)
    with pytest.raises(ValidationError, match="ustawione przez kogoś innego"), translation.override("pl"):
        adapter.clean_password(NEW, account)
    assert adapter.clean_password(OWN, account) == OWN
    services.change_own_password(account, OWN, clock=clock)
    assert adapter.clean_password(OWN, account) == OWN


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
