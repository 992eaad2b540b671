"""What the week of supervision tells of accounts: who waits, who set up how others sign in, who confirmed."""

from html import unescape

import pytest
from django.db import transaction
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.acts import PASSWORD_SET, SIGN_IN_CONFIRMED
from rejent.office.models import Account
from rejent.office.views import PersonView
from rejent.registers.services import enter
from rejent.web.stream_parts import MOST_LINES
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
