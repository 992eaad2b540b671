"""A second person who agrees from their own session: asking, answering, and what others see of it, as pages."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.access import queries as access_queries
from rejent.access import services as access
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.unit.web.conftest import PASSWORD, Browser, text_of
from tests.unit.web.test_viewing_pages import _asked, _finish

pytestmark = pytest.mark.usefixtures("counters")


def asking(client: Client, source: str) -> str:
    """Ask for a second person; the address of the page that waits."""
    answer = client.post(reverse("find"), _asked(source, second_way="apart"))
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def proved(client: Client, address: str) -> Client:
    """Prove once more who one is, as the page at an address asks of who answers."""
    assert client.post(address, {"agree": "1"}).headers["Location"] == address
    answer = client.get(address)
    assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(answer.headers["Location"], {"password": PASSWORD}).status_code == 302
    return client


def answer_page(asked_page: str) -> str:
    """Where a second person answers."""
    return f"{asked_page}/answer"


@pytest.mark.usefixtures("recording")
def test_a_second_person_agrees_from_their_own_session(
    browser: Browser, together: dict[str, PersonView], source: str
) -> None:
    """Asked, seen on the start page, answered after proving who one is, and opened by who asked."""
    first, second = browser("viewer"), browser("second")
    page = asking(first, source)
    waiting = text_of(first.get(page))
    assert "data-refresh" in waiting
    assert "Otwórz nagranie" not in waiting
    start = text_of(second.get(reverse("start")))
    assert "Osoba viewer" in start
    assert answer_page(page) in start
    assert re.search(r"do \d\d:\d\d\b", start)
    assert "dziś do końca dnia" not in start
    told = text_of(second.get(answer_page(page)))
    assert "Otwarcie wymaga dwóch osób upoważnionych razem." in told
    assert "(z regulaminu, § " in told
    for words in ("Osoba viewer", "Hol na parterze", "OR.1431.17.2026", "bezpiecze"):
        assert words in told, words
    assert "najpierw do potwierdzenia tożsamości" in told
    proved(second, answer_page(page))
    assert "Odpowiedzi jeszcze nie ma" in text_of(second.get(answer_page(page)))
    assert "Odpowiedzi jeszcze nie ma" not in text_of(second.get(answer_page(page)))
    assert second.post(answer_page(page), {"agree": "1"}).status_code == 302
    agreed = text_of(first.get(page))
    assert "Osoba druga" in agreed
    assert "data-refresh" not in agreed
    opened = first.post(f"{page}/open")
    assert re.fullmatch(r"/viewings/[0-9a-f-]+\?t=39630", opened.headers["Location"])
    assert first.get(opened.headers["Location"]).status_code == 200
    assert first.post(f"{page}/open").headers["Location"] == page
    assert list(registers.entered(["access.refused"])) == []
    _finish(first)
    assert first.post(f"{page}/open").headers["Location"] == page
    assert len(registers.acts(names=["viewing.opened"]).acts) == 1
    assert access_queries.viewings()[0].second_id == together["second"].id


@pytest.mark.usefixtures("recording", "together")
def test_who_asked_finds_the_way_back_on_their_start_page(
    browser: Browser, source: str, clock: ManualClock
) -> None:
    """While it waits, and once it is agreed to; in the session that asked alone, and no longer than it can be used."""
    first, second = browser("viewer"), browser("second")
    start = reverse("start")
    page = asking(first, source)
    way = f'href="{page}"'
    shown = text_of(first.get(start))
    assert way in shown
    assert "Prośba o drugą osobę czeka na odpowiedź" in shown
    assert way not in text_of(second.get(start))
    assert way not in text_of(browser("viewer").get(start))
    proved(second, answer_page(page)).post(answer_page(page), {"agree": "1"})
    shown = text_of(first.get(start))
    assert way in shown
    assert "Jest zgoda drugiej osoby: można otwierać" in shown
    assert first.post(f"{page}/open").status_code == 302
    assert way not in text_of(first.get(start))
    _finish(first)
    again = asking(first, source)
    second.post(answer_page(again), {})
    assert f'href="{again}"' not in text_of(first.get(start))
    last = asking(first, source)
    assert f'href="{last}"' in text_of(first.get(start))
    clock.advance(timedelta(minutes=11))
    assert f'href="{last}"' not in text_of(first.get(start))


@pytest.mark.usefixtures("recording")
def test_whom_others_vouch_for_signs_in_anew_to_agree(
    browser: Browser, together: dict[str, PersonView], source: str, clock: ManualClock
) -> None:
    """Without a password or second step of ours only a fresh signing in proves anything; by an old one no way in is added either."""
    person = together["second"].id
    office.link_identity(person, way="ldap", issuer="", subject="second", clock=clock, actor="cli")
    office.turn_password_off(person, clock=clock, actor="cli")
    office.confirm_sign_in(person, clock=clock, actor="cli")
    account = get_user_model().objects.get(person_id=person)
    first, second = browser("viewer"), browser("second")
    page = answer_page(asking(first, source))
    for age, status in ((None, 403), (301, 403), (-1, 403), (299, 302)):
        session, now = second.session, clock.now().timestamp()
        made = [] if age is None else [{"method": "ldap", "at": now, "vouched": now - age}]
        session["account_authentication_methods"] = made
        session["account_authentication_methods_user"] = str(account.pk)
        session.save()
        assert second.get(page).status_code == 200, age
        assert second.post(page, {"agree": "1"}).status_code == status, age
        keys = second.get(reverse("mfa_activate_totp")).status_code
        assert keys == (200 if status == 302 else status), age
    assert len(registers.acts(names=["viewing.second-answered"]).acts) == 1


@pytest.mark.usefixtures("recording", "together")
def test_who_does_not_prove_who_they_are_agrees_to_nothing(browser: Browser, source: str) -> None:
    """An unattended session shows what is asked, and takes no answer before the password was given again."""
    first, second = browser("viewer"), browser("second")
    page = asking(first, source)
    assert "OR.1431.17.2026" in text_of(second.get(answer_page(page)))
    early = second.post(answer_page(page), {"agree": "1"})
    assert early.headers["Location"] == answer_page(page)
    asked_for = second.get(answer_page(page)).headers["Location"]
    assert asked_for.startswith(reverse("account_reauthenticate"))
    shown = second.post(asked_for, {"password": PASSWORD}, follow=True)
    assert "Zgadzam się" in text_of(shown)
    assert registers.acts(names=["viewing.second-answered"]).acts == []


@pytest.mark.parametrize("role", ["viewer", "head", "guard", "iod", "administrator"])
@pytest.mark.usefixtures("recording", "together")
def test_who_may_not_see_the_recording_is_shown_nothing_of_the_asking(
    role: str, browser: Browser, source: str
) -> None:
    """Neither on the start page nor at the address: the refusal tells neither case nor camera, an answer is refused and entered."""
    page = asking(browser("viewer"), source)
    other = browser(role)
    assert answer_page(page) not in text_of(other.get(reverse("start")))
    shown = other.get(answer_page(page))
    assert shown.status_code == 403
    assert "OR.1431" not in text_of(shown)
    proved(other, answer_page(page))
    assert other.post(answer_page(page), {"agree": "1"}).status_code == 403
    assert registers.acts(names=["access.refused"]).acts
    assert registers.acts(names=["viewing.second-answered"]).acts == []


@pytest.mark.usefixtures("recording", "together")
def test_the_page_that_waits_is_its_persons_and_its_sessions(browser: Browser, source: str) -> None:
    """Neither the second person nor the first one's other browser sees it or opens what was agreed to."""
    first, second = browser("viewer"), browser("second")
    page = asking(first, source)
    proved(second, answer_page(page)).post(answer_page(page), {"agree": "1"})
    for client in (second, browser("viewer"), browser("head")):
        assert client.get(page).status_code == 404
        assert client.post(f"{page}/open").status_code == 404
    assert registers.acts(names=["viewing.opened"]).acts == []
    assert first.get(f"{page}/open").status_code == 405


@pytest.mark.usefixtures("recording", "together")
def test_after_declining_and_after_its_time_the_page_says_so(
    browser: Browser, source: str, clock: ManualClock
) -> None:
    """Who waits reads what became of it and can ask anew; who answers late reads that it is over."""
    first, second = browser("viewer"), browser("second")
    declined = asking(first, source)
    proved(second, answer_page(declined)).post(answer_page(declined), {"decline": "1"})
    assert "odmówiła" not in text_of(first.get(declined))
    assert "Odmowa drugiej osoby" in text_of(first.get(declined))
    lapsed = asking(first, source)
    clock.advance(access.presence.WAITS)
    assert "Nikt nie zgodził się na czas" in text_of(first.get(lapsed))
    assert first.post(f"{lapsed}/open").headers["Location"] == lapsed
    late = second.post(answer_page(lapsed), {"agree": "1"}, follow=True)
    assert "jej czas minął" in text_of(late)
    assert "zapytaj ponownie" in text_of(first.get(lapsed)).casefold()


@pytest.mark.usefixtures("recording", "together")
def test_an_asking_that_was_guessed_is_not_there(browser: Browser) -> None:
    """A made-up identifier is answered like any wrong address, to whoever asks."""
    nobody = "00000000-0000-0000-0000-000000000000"
    second = browser("second")
    page = reverse("second-asked", args=[nobody])
    proved(second, answer_page(page))
    for address in (page, answer_page(page)):
        assert second.get(address).status_code == 404
    assert second.post(f"{page}/open").status_code == 404
