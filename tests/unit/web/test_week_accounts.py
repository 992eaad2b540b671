"""What the week of supervision tells of accounts: who waits, who set up how others sign in, who confirmed."""

from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.account_checks import against_ledger
from rejent.office.acts import PASSWORD_SET, PERSON_ADDED, SIGN_IN_CONFIRMED
from rejent.office.authenticators import password_digest
from rejent.office.models import Account, Person, PersonRole
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.web.supervision.week_report import MOST_LINES
from tests.unit.web.conftest import Browser

pytestmark = pytest.mark.usefixtures("counters")

NEW = "cztery ciche jasne rzeki"
OWN = "piec ciepłych dni lipca"


def told(browser: Browser) -> str:
    """The section of accounts as the data protection officer reads it."""
    page = unescape(browser("iod").get(reverse("supervision")).content.decode())
    return page.partition('id="accounts')[2].partition("</section>")[0]


def test_the_section_tells_who_waits_who_set_and_who_confirmed(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """A password set by another stands there with both names, first as what waits, then with who confirmed."""
    viewer, administrator, iod = people["viewer"], people["administrator"], people["iod"]
    services.set_password(viewer.id, NEW, clock=clock, actor=str(administrator.id))
    waits = told(browser)
    assert "upoważnienia wstrzymane" in waits
    assert f"{viewer.name}. Nowe hasło; kto: {administrator.name}." in waits
    services.change_own_password(Account.objects.get(person_id=viewer.id), OWN, clock=clock)
    services.confirm_sign_in(viewer.id, clock=clock, actor=str(iod.id))
    settled = told(browser)
    assert "upoważnienia wstrzymane" not in settled
    assert f"; kto: {administrator.name}." in settled
    assert f"; kto: {iod.name}." in settled


def test_many_own_changes_hide_nobody_elses(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """After an administrator set somebody's password, more people than a page holds change their own; it is told all the same."""
    administrator, guard = people["administrator"], str(people["guard"].id)
    services.set_password(people["viewer"].id, NEW, clock=clock, actor=str(administrator.id))
    with transaction.atomic():
        for _ in range(MOST_LINES + 1):
            enter(
                PASSWORD_SET, actor=guard, subject=f"person:{guard}", record={"person": guard}, at=clock.now()
            )
    section = told(browser)
    assert f"; kto: {administrator.name}." in section
    assert f"; kto: {people['guard'].name}." not in section


def test_what_does_not_fit_is_counted(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """A section that is full says how many lines more there are."""
    administrator, guard = str(people["administrator"].id), str(people["guard"].id)
    before = told(browser).count("; kto")
    with transaction.atomic():
        for _ in range(MOST_LINES + 2 - before):
            enter(
                PASSWORD_SET, actor=administrator, subject=f"person:{guard}", record={"person": guard}, at=clock.now()
            )  # fmt: skip
        record, iod = {"person": guard}, str(people["iod"].id)
        enter(SIGN_IN_CONFIRMED, actor=iod, subject=f"person:{guard}", record=record, at=clock.now())
    section = told(browser)
    assert section.count("; kto") == MOST_LINES
    assert "3" in section.rpartition("</li>")[2]


def test_a_token_that_acts_for_somebody_is_told(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Who made it could place holds and read registers in that person's name."""
    services.create_token(people["head"].id, label="Report", days=30, clock=clock, actor="cli")
    assert f"{people['head'].name}. Wydanie tokenu" in told(browser)


@pytest.mark.usefixtures("people")
def test_an_account_of_an_earlier_version_stands_there_until_somebody_confirms_it(
    browser: Browser, clock: ManualClock
) -> None:
    """It opens as before, it is told as confirmed by nobody, and the page behind the line confirms it like any other."""
    clerk = Person.objects.create(name="Osoba wcześniejsza", joined_on=clock.now().date())
    PersonRole.objects.create(person=clerk, role="clerk")
    account = Account.objects.create_user("earlier", password=NEW, person=clerk)
    subject, record = f"person:{clerk.pk}", {"person": str(clerk.pk), "roles": "clerk"}
    with transaction.atomic():
        told_of = {"account": account.pk, "digest": password_digest(account)}
        enter(PERSON_ADDED, actor="cli", subject=subject, record={**record, **told_of}, at=clock.now())
    client = Client(headers={"host": "localhost"})
    client.post(reverse("account_login"), {"login": "earlier", "password": NEW})
    assert client.get(reverse("holds")).status_code == 200
    page = reverse("person-confirm", args=[clerk.pk])
    assert f'href="{page}"' in told(browser)
    assert "bez potwierdzenia" in told(browser)
    shown = browser("iod").get(page).content.decode()
    assert "Nikt nie potwierdził, czyje to konto" in shown
    seen = shown.partition('name="seen" value="')[2].partition('"')[0]
    assert browser("iod").post(page, {"seen": seen}).status_code == 302
    assert "bez potwierdzenia" not in told(browser)
    assert client.get(reverse("holds")).status_code == 302
    assert list(against_ledger()) == []
