"""Whoever reads or writes the database, or a copy of it, does not become somebody who is signed in."""

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from rejent.access.models import LiveWatch, Viewing
from rejent.kernel.clock import ManualClock
from rejent.office import services
from rejent.office.models import Account, PersonRole
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.registers.guard.checks import guarded_rows
from rejent.web.signing_in.sessions import SessionStore, kept_as
from tests.one_time_codes import code_of
from tests.people import carry_codes
from tests.unit.web.conftest import PASSWORD, Browser
from tests.unit.web.test_live_socket import scope
from tests.unit.web.test_viewing_pages import _asked

pytestmark = pytest.mark.usefixtures("counters")

People = dict[str, PersonView]
NEW = "cztery ciche jasne rzeki"
SECRET = "JBSWY3DPEHPK3PXP"


def shows(key: str) -> Client:
    """A browser that shows this key."""
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def let_in(client: Client) -> bool:
    """Whether the pages know somebody there."""
    return client.get(reverse("start")).status_code == 200


def sign_in(password: str = PASSWORD, name: str = "viewer") -> Client:
    """A browser that gave a name and a password."""
    client = Client(headers={"host": "localhost"})
    client.post(reverse("account_login"), {"login": name, "password": password})
    return client


@pytest.mark.usefixtures("people")
def test_what_the_database_keeps_of_a_session_opens_nothing(browser: Browser) -> None:
    """The row is found by a digest of what the cookie shows, and the digest shown is no session."""
    client = browser("viewer")
    key = client.session.session_key or ""
    (row,) = Session.objects.all()
    assert row.session_key == kept_as(key) != key
    assert (let_in(shows(key)), let_in(shows(row.session_key))) == (True, False)
    SessionStore().delete(key)
    assert not let_in(client)


@pytest.mark.usefixtures("recording")
def test_nothing_that_was_opened_bears_the_key_of_its_session(browser: Browser, source: str) -> None:
    """A viewing and a watching tell one session from another, and neither lets anybody into it."""
    from rejent.streams.cameras.pages import live_socket as live

    client = browser("viewer")
    assert client.post(reverse("find"), _asked(source)).status_code == 302
    wall = live._wall(scope(browser("guard"), source))
    assert wall is not None
    live._begin(wall)
    kept = [Viewing.objects.get().session, LiveWatch.objects.get().session]
    assert kept == [kept_as(client.session.session_key or ""), kept_as(wall.session)]
    assert not any(let_in(shows(key)) for key in kept)


@pytest.mark.usefixtures("people")
def test_what_stands_in_somebody_elses_session_is_not_read_in_ones_own(browser: Browser) -> None:
    """The content of the head's session put into the row of the clerk's lets nobody in at all."""
    head, clerk = browser("head"), browser("clerk")
    of_head = Session.objects.get(pk=kept_as(head.session.session_key or ""))
    Session.objects.filter(pk=kept_as(clerk.session.session_key or "")).update(
        session_data=of_head.session_data
    )
    assert (let_in(head), let_in(clerk)) == (True, False)


def test_an_account_pointed_to_somebody_else_takes_no_session_along(browser: Browser, people: People) -> None:
    """Who is signed in as a clerk and makes the account the head's in the database is signed out, and stays out."""
    client, account = browser("clerk"), Account.objects.get(person_id=people["clerk"].id)
    Account.objects.filter(pk=account.pk).update(person_id=people["head"].id)
    assert not let_in(client)
    client.post(reverse("account_login"), {"login": account.username, "password": PASSWORD})
    assert not let_in(client)


def test_what_was_put_into_the_database_lets_nobody_in(people: People) -> None:
    """Another password in the viewer's row opens nothing, the attempt is entered as refused, and the viewer's own opens again."""
    account = Account.objects.get(person_id=people["viewer"].id)
    Account.objects.filter(pk=account.pk).update(password=make_password(NEW))
    client = sign_in(NEW)
    assert not let_in(client)
    assert [each.code for each in guarded_rows("office")] == ["office.differs-from-ledger"]
    assert "nie są tym, co wpisano" in client.get(reverse("account_login")).content.decode()
    (refused,) = registers.acts(names=["session.refused"]).acts
    assert refused.subject == f"person:{people['viewer'].id}"
    Account.objects.filter(pk=account.pk).update(password=account.password)
    assert let_in(sign_in())
    assert list(guarded_rows("office")) == []


def test_a_sign_in_that_waits_for_its_second_step_ends_with_a_new_password(
    people: People, clock: ManualClock
) -> None:
    """Whoever knew the old one and has the telephone too is not let in any more once it was changed."""
    account = Account.objects.get(person_id=people["viewer"].id)
    carry_codes(account, SECRET)
    waiting = sign_in()
    services.set_password(people["viewer"].id, NEW, clock=clock, actor="cli")
    answer = waiting.post(reverse("mfa_authenticate"), {"code": code_of(SECRET)})
    assert answer.headers["Location"] == reverse("account_login")
    assert not let_in(waiting)


@pytest.mark.usefixtures("people")
def test_a_role_that_was_put_in_by_hand_enters_nothing(
    browser: Browser, people: People, clock: ManualClock
) -> None:
    """A clerk who made themselves the head in the database issues, confirms and gives nothing, and comes in no more."""
    clerk, viewer = browser("clerk"), people["viewer"]
    services.set_password(viewer.id, NEW, clock=clock, actor="cli")
    services.change_own_password(Account.objects.get(person_id=viewer.id), f"{NEW} 2", clock=clock)
    planted = PersonRole.objects.create(person_id=people["clerk"].id, role="head")
    page = reverse("person-confirm", args=[viewer.id])
    seen = clerk.get(page).content.decode().partition('name="seen" value="')[2].partition('"')[0]
    size = registers.tree_head().size
    refused = clerk.post(page, {"seen": seen})
    assert "nie są tym, co wpisano" in refused.content.decode()
    assert clerk.post(reverse("person-roles", args=[viewer.id]), {"roles": ["head"]}).status_code == 403
    (entered,) = registers.entered(["access.refused"])
    assert registers.tree_head().size == size + 1
    assert entered.facts is not None
    assert (entered.facts["person"], entered.facts["rule"]) == (str(people["clerk"].id), "not-as-entered")
    assert not let_in(sign_in(name="clerk"))
    planted.delete()
    assert let_in(sign_in(name="clerk"))
