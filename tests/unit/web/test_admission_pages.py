"""Admission: before the statement an account opens the statement alone; given in the browser or on paper, it opens the rest."""

import io
import time
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from rejent.kernel.clock import ManualClock
from rejent.notices.documents.staff import information, statement
from rejent.notices.queries import truth_of
from rejent.notices.wording import enter_wording
from rejent.office import checks, queries
from rejent.office import services as office
from rejent.office.models import SignedStatement
from rejent.office.people import statements
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.guarded_rows import unguarded
from tests.people import carry_codes
from tests.printed import words_of
from tests.unit.web.conftest import Browser, regulation_with, text_of
from tests.unit.web.contracted import TODAY
from tests.unit.web.test_duty_pages import STATED

OPEN = ("own-statement", "preferences", "regulation", "account_change_password", "mfa_index")
SHUT = ("people", "cases", "sources", "ledger", "registers", "statements", "find", "live")


def proved_just_now(client: Client, method: str = "password") -> None:
    """As the pages of signing in leave it."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": method, "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def shown(client: Client) -> str:
    """The digest of what the page of one's own statement shows."""
    text = text_of(client.get(reverse("own-statement")))
    return text.partition('name="shown" value="')[2].partition('"')[0]


def given(client: Client, **more: str) -> int:
    """Give the statement, with what the page shows."""
    sent = {"shown": shown(client), "known": "on", **more}
    return client.post(
        reverse("own-statement"), {name: value for name, value in sent.items() if value}
    ).status_code


def test_an_account_opens_the_statement_alone_until_it_is_given(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """R-INF-2: whoever it is; the start leads to it, and it is told of the regulation in force and bound to its text."""
    regulation_with(clock, STATED)
    head = browser("head")
    assert head.get(reverse("start"))["Location"] == reverse("own-statement")
    assert {head.get(reverse(name)).status_code for name in OPEN} <= {200, 302}
    for name in SHUT:
        refused = head.get(reverse(name))
        assert refused.status_code == 403, name
        assert reverse("own-statement") in text_of(refused)
    assert not statements.admitted(people["head"].id, TODAY)
    proved_just_now(head)
    assert given(head, shown="0" * 64) == 422
    assert given(head, known="") == 422
    assert given(head) == 302
    assert head.get(reverse("people")).status_code == 200
    (one,) = statements.statements(people["head"].id)
    assert (one.way, one.second_factor, len(one.text), one.signed_on) == ("browser", False, 64, TODAY)
    (told,) = registers.entered_on(f"person:{people['head'].id}", ["statement.entered"])
    assert told.actor == str(people["head"].id)
    assert list(checks.findings(clock)) == []


def test_the_page_says_what_the_document_to_sign_says(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """One truth: purpose, scope and manner as they are handed out on paper, with the office's own wording; a new one is read anew."""
    regulation_with(clock, STATED)
    head = browser("head")
    before, page = shown(head), text_of(head.get(reverse("own-statement")))
    truth = truth_of("video", "pl", clock=clock)
    with translation.override("pl"):
        known, told = statement(truth).section("known"), information(truth)
    assert known is not None
    for words in (*known.text, *(line for each in told.sections for line in (*each.text, *each.points))):
        assert words in page, words
    text = "Wiem, że w urzędzie jest {monitoring}: „{title}”, od {day}. Cele:"
    enter_wording(truth, "statement", text, in_force_from=TODAY, clock=clock, actor="")
    assert "Wiem, że w urzędzie jest monitoring wizyjny" in text_of(head.get(reverse("own-statement")))
    proved_just_now(head)
    assert given(head, shown=before) == 422
    assert given(head) == 302
    (one,) = statements.statements(people["head"].id)
    assert "Wiem, że w urzędzie jest" in words_of(
        head.get(reverse("statement-document", args=[one.id])).content
    )


def test_a_statement_planted_in_the_database_is_nobodys(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """It admits nobody, is printed for nobody's personal file, and the person stays on the list of those who wait."""
    regulation_with(clock, STATED)
    clerk, about = people["clerk"], queries.version_in_force(TODAY).version
    with unguarded():
        planted = SignedStatement.objects.create(
            person_id=clerk.id, version=about, signed_on=TODAY, entered_at=clock.now(), entered_by=str(people["head"].id),
        )  # fmt: skip
    assert not statements.admitted(clerk.id, TODAY)
    assert statements.statements(clerk.id) == []
    assert clerk.id in {one.person_id for one in statements.outstanding(TODAY)}
    office.enter_statement(people["secretary"].id, TODAY, clock=clock, actor="")
    answer = browser("secretary").get(reverse("statement-document", args=[planted.pk]))
    assert answer.status_code in {403, 404}
    assert [each.code for each in checks.findings(clock)]


def test_without_fresh_proof_nothing_is_given(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """A screen left alone gives no statement: the password or the code is asked for first."""
    regulation_with(clock, STATED)
    head = browser("head")
    answer = head.post(reverse("own-statement"), {"shown": shown(head), "known": "on"}, follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_reauthenticate"))
    assert not statements.statements(people["head"].id)
    proved_just_now(head)
    said = "Oświadczenie nie jest jeszcze złożone"
    assert said in text_of(head.get(reverse("own-statement")))
    assert said not in text_of(head.get(reverse("own-statement")))


def test_whose_account_it_is_must_be_known_and_a_second_factor_used_where_there_is_one(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """A password that somebody else set gives nobody's statement; an account with codes gives it with them."""
    regulation_with(clock, STATED)
    made = office.add_person(
        "Nowa", post="", roles=["employee"], username="nowa", password="a long and quiet river", clock=clock, actor=""
    )  # fmt: skip
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(person_id=made.id))
    assert "potwierdz" in text_of(client.get(reverse("own-statement")))
    assert shown(client) == ""
    carry_codes(get_user_model().objects.get(person_id=people["head"].id), "JBSWY3DPEHPK3PXP")
    head = browser("head")
    proved_just_now(head)
    assert given(head) == 302
    assert head.get(reverse("own-statement"))["Location"].startswith(reverse("mfa_reauthenticate"))
    assert not statements.statements(people["head"].id)
    proved_just_now(head, "mfa")
    assert given(head) == 302
    assert statements.statements(people["head"].id)[0].second_factor


def test_a_new_version_demands_a_new_statement_and_locks_nobody_out(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Who has not is listed, the oldest first and those not admitted before all; the own page says why."""
    regulation_with(clock, STATED)
    head = browser("head")
    proved_just_now(head)
    assert given(head) == 302
    regulation_with(clock, STATED)
    assert head.get(reverse("people")).status_code == 200
    assert "zmieni" in text_of(head.get(reverse("own-statement")))
    waiting = statements.outstanding(TODAY)
    assert [one.ever for one in waiting] == [False] * (len(waiting) - 1) + [True]
    assert waiting[-1].person_id == people["head"].id
    assert "oświadczenie" in text_of(head.get(reverse("start")))


def test_a_token_opens_nothing_before_the_statement(
    people: dict[str, PersonView], clock: ManualClock, client: Client
) -> None:
    """The interface asks the same gate."""
    regulation_with(clock, STATED)
    token = office.create_token(people["administrator"].id, label="", days=9, clock=clock, actor="")
    asked = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_HOST": "localhost"}
    assert client.get("/api/v1/sources", **asked).status_code == 403  # type: ignore[arg-type]
    office.enter_statement(people["administrator"].id, TODAY, clock=clock, actor="")
    assert client.get("/api/v1/sources", **asked).status_code == 200  # type: ignore[arg-type]


def test_the_document_goes_to_the_personal_files(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """For its person and for who sees all of them; a paper has a line to sign on, the browser's says how it was confirmed."""
    regulation_with(clock, STATED)
    for who in ("head", "secretary", "clerk"):
        office.enter_statement(people[who].id, TODAY, clock=clock, actor="")
    (one,) = statements.statements(people["head"].id)
    address = reverse("statement-document", args=[one.id])
    printed = words_of(browser("secretary").get(address).content)
    assert "akt osobowych" in printed
    assert people["head"].name in printed
    assert browser("head").get(address).status_code == 200
    assert browser("clerk").get(address).status_code == 403


def test_a_list_is_shown_checked_and_applied_whole(browser: Browser) -> None:
    """A file with a bad line is shown with it and without a button; mended, it is applied, and the first passwords are shown once."""
    administrator = browser("administrator")
    page = reverse("people-import")
    wrong = text_of(
        administrator.post(page, {"file": _file("login;imię i nazwisko;e-mail\nanna;Anna;bez małpy\n")})
    )
    assert "NAZWA@SERWER" in wrong
    assert 'name="confirmed"' not in wrong
    told = text_of(administrator.post(page, {"file": _file("login;imię i nazwisko\nanna;Anna Nowa\n")}))
    sent = {
        name: told.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("seen", "content")
    }
    done = administrator.post(page, {**sent, "confirmed": "1"})
    assert "Anna Nowa" in text_of(done)
    assert queries.person_by_username("anna").roles == {"employee"}
    assert administrator.post(page, {**sent, "confirmed": "1"}).status_code == 422
    assert browser("clerk").get(page).status_code == 403


def _file(text: str) -> io.BytesIO:
    content = io.BytesIO(text.encode())
    content.name = "ludzie.csv"
    return content


@pytest.mark.parametrize("day", [date(2026, 11, 21)])
def test_without_a_demand_everybody_is_admitted(people: dict[str, PersonView], day: date) -> None:
    """A regulation that asks for no statement admits without one."""
    assert statements.admitted(people["clerk"].id, day)
