"""Messages are opened by two keys from two desks: whom to fetch, what each reads before, and what becomes of a first key."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from rejent.access import queries
from rejent.access.viewings import protocols
from rejent.access.viewings.account import HEADS
from rejent.access.views import SecondRequestView, ViewingView
from rejent.cases import queries as cases
from rejent.cases import services as case_services
from rejent.cases.views import State
from rejent.documents.papers import Protocol
from rejent.kernel.intervals import Interval
from rejent.office.models import Account
from rejent.office.services import change_own_password, change_person
from rejent.office.services.changing import end_sessions
from rejent.registers import queries as registers
from rejent.streams.mail.messages import giving
from rejent.streams.mail.messages.addresses import shown_address
from rejent.streams.mail.messages.first_keys import KEPT, FirstKeys
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.pages.shell import PAGES
from rejent.streams.mail.records.openings import end_opening, opening_of, openings_undecided
from rejent.streams.mail.records.role_keys import role_keys
from rejent.web.registers.protocol_papers import protocol_paper
from rejent.web.signing_in.sessions import is_running
from rejent.web.templatetags.rejent import clock_short
from rejent.web.words.acts import facts_in_words
from rejent.web.words.wording import moment_digits, span_digits
from tests.contract.streams import test_players as showing
from tests.contract.streams.conftest import kind_of
from tests.contract.streams.players import PASSPHRASES, Player, give_key
from tests.streams.mail_steps import ask, enter_case

pytestmark = pytest.mark.usefixtures("nothing_left_open")
GIVEN = ("mail.key-given", "mail.unsealed")


class TwoDesks(showing.Showing):
    """An office whose messages are to be read, with the browsers of who reads and of who watches over it."""

    def sealed(self) -> tuple[Client, Client, ViewingView]:
        """Open a viewing for which no key was given."""
        unlocked, self.player = self.player, _without_keys(self.player)
        try:
            reader, viewing = self.opened()
        finally:
            self.player = unlocked
        return reader, self.browser("iod"), viewing


def _without_keys(player: Player) -> Player:
    return replace(player, unlocked=lambda *_: None)


@pytest.fixture
def desks(tmp_path: Path, settings: Any, db: None) -> TwoDesks:  # noqa: ARG001 - the database is there
    """An office with ten letters."""
    return TwoDesks(kind_of("rejent.streams.mail"), tmp_path, settings)


def shown(client: Client, address: str) -> str:
    """Return a page as it is read."""
    return html.unescape(client.get(address, headers={"accept": "text/html"}).content.decode())


def refused(client: Client, viewing: ViewingView, role: KeyRole, **typed: str) -> str:
    """Give a key in vain; return the page that says why."""
    (key,) = (each for each in role_keys() if each.role is role)
    given = {"key": str(key.id), "passphrase": PASSPHRASES[role], "asked": "opening", **typed}
    answer = client.post(f"/viewings/{viewing.id}/key", given)
    assert answer.status_code == 422
    return html.unescape(answer.content.decode())


def test_each_gives_their_key_at_their_own_desk(desks: TwoDesks) -> None:
    """What is asked is read before a passphrase; the start page leads there and tells the end of the fifteen minutes; both are entered."""
    reader, watching, viewing = desks.sealed()
    key = f"/viewings/{viewing.id}/key"
    page = shown(reader, f"/viewings/{viewing.id}")
    assert "Kogo potrzeba" in page
    assert "/messages/" not in page.replace("/messages/close", "")
    start = shown(watching, "/")
    assert f"Korespondencja w sprawie {viewing.case} czeka na klucz" in start
    assert f'href="{key}"' in start
    asked = shown(watching, key)
    for words in (
        "Osoba viewer",
        viewing.case,
        "anna@urzad.example",
        "wszystkie wiadomości tych osób",
        "02.11.2026",
    ):
        assert words in asked
    assert asked.index("anna@urzad.example") < asked.index('type="password"')

    assert give_key(reader, viewing, KeyRole.CASE) == 302
    start = shown(watching, "/")
    assert "pierwszy klucz: Osoba viewer" in start
    assert f'<span class="due">do {clock_short(desks.clock.now() + KEPT)}</span>' in start
    assert "Kogo jeszcze potrzeba" in shown(reader, f"/viewings/{viewing.id}")
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    assert "10 wiadomości" in shown(reader, f"/viewings/{viewing.id}")
    assert "korespondencję ma otwartą Osoba viewer" in shown(watching, key)
    assert "czeka na klucz" not in shown(watching, "/")

    people = [str(desks.people[name].id) for name in ("viewer", "iod", "iod")]
    entered = list(reversed(registers.acts(names=GIVEN, limit=5).acts))
    assert [(each.act, each.actor) for each in entered] == list(zip((GIVEN[0], *GIVEN), people, strict=True))


def test_nobody_gives_a_key_that_is_not_theirs(desks: TwoDesks) -> None:
    """Not the wrong passphrase, not one's second key, not somebody without the work of the role, nor where its holder is known by name."""
    reader, watching, viewing = desks.sealed()
    assert "nie pasują" in refused(reader, viewing, KeyRole.CASE, passphrase="zgadywane hasło")
    assert "Ten klucz podaje inna osoba" in refused(reader, viewing, KeyRole.CONTROL)
    assert "zmieniło się to, o co prosi" in refused(reader, viewing, KeyRole.CASE, asked="coś innego")
    assert registers.acts(names=GIVEN, limit=5).acts == []
    guard = desks.browser("second")
    change_person(desks.people["iod"].id, {"post": "rola CASE"}, clock=desks.clock, actor="")
    assert "Osoba iod" in shown(reader, f"/viewings/{viewing.id}")
    assert "Ten klucz podaje inna osoba" in refused(reader, viewing, KeyRole.CASE)
    assert guard.get(f"/viewings/{viewing.id}/key").status_code == 404
    assert give_key(watching, viewing, KeyRole.CASE) == 302
    assert "Otwierają dwie osoby" in refused(watching, viewing, KeyRole.CONTROL)
    assert "Otwierają dwie osoby" in refused(desks.browser("iod"), viewing, KeyRole.CONTROL)
    assert giving.FIRST_KEYS.of(viewing.id) is not None


def test_a_first_key_that_is_gone_is_asked_for_again_with_the_reason(
    desks: TwoDesks, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After fifteen minutes, after its giver has signed out, after a restart, also of what was open; nothing is in the database."""
    reader, watching, viewing = desks.sealed()
    page = f"/viewings/{viewing.id}"
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    desks.clock.advance(KEPT)
    assert "minęło piętnaście minut" in shown(reader, page)
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    assert "minęło" not in shown(reader, page)
    assert watching.post(reverse("account_logout")).status_code < 400
    assert "nie jest już zalogowana" in shown(reader, page)
    watching = desks.browser("iod")
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    anew = FirstKeys(giving.reading.is_over, is_running, giving.is_theirs, lambda: desks.clock)
    monkeypatch.setattr(giving, "FIRST_KEYS", anew)
    assert "Program uruchomiono na nowo" in shown(reader, page)
    assert give_key(reader, viewing, KeyRole.CASE) == 302
    assert "Program uruchomiono" not in shown(reader, page)
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    assert "10 wiadomości" in shown(reader, page)
    anew = FirstKeys(giving.reading.is_over, is_running, giving.is_theirs, lambda: desks.clock)
    monkeypatch.setattr(giving, "FIRST_KEYS", anew)
    giving.reading.WORKSPACES.forget(viewing.id)
    assert "Program uruchomiono na nowo" in shown(reader, page)


def test_a_first_key_of_somebody_whose_role_or_post_changed_opens_nothing(desks: TwoDesks) -> None:
    """Though they are still signed in; the page says why both are asked for again."""
    reader, watching, viewing = desks.sealed()
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    change_person(desks.people["head"].id, {"post": "rola CONTROL"}, clock=desks.clock, actor="")
    assert give_key(reader, viewing, KeyRole.CASE) == 302
    assert giving.reading.WORKSPACES.of(viewing.id) is None
    change_person(desks.people["other"].id, {"post": "rola CASE"}, clock=desks.clock, actor="")
    assert "zmieniono konto, stanowisko albo rolę" in shown(reader, f"/viewings/{viewing.id}")


@pytest.mark.parametrize("ended", ["password", "by others"])
def test_a_first_key_dies_with_sessions_that_were_ended(desks: TwoDesks, ended: str) -> None:
    """By another password, or by somebody who ended them: their rows are in the database still."""
    reader, watching, viewing = desks.sealed()
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    person = desks.people["iod"].id
    if ended == "password":
        account = Account.objects.get(person_id=person)
        change_own_password(account, "zupełnie inne hasło", clock=desks.clock)
    else:
        end_sessions([person])
    assert giving.FIRST_KEYS.of(viewing.id) is None
    assert give_key(reader, viewing, KeyRole.CASE) == 302
    assert giving.reading.WORKSPACES.of(viewing.id) is None


def test_one_human_with_two_accounts_gives_one_key(desks: TwoDesks) -> None:
    """Accounts that share a mail address are taken for one human's, here as for every second person; the first key waits on."""
    reader, watching, viewing = desks.sealed()
    assert give_key(reader, viewing, KeyRole.CASE) == 302
    both = Account.objects.filter(person_id__in=[desks.people[name].id for name in ("viewer", "iod")])
    both.update(email="jan@urzad.example")
    assert "mają wspólny adres" in refused(watching, viewing, KeyRole.CONTROL)
    assert giving.reading.WORKSPACES.of(viewing.id) is None
    Account.objects.filter(person_id=desks.people["iod"].id).update(email="iod@urzad.example")
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302


def test_nobody_agrees_to_an_opening_that_their_other_account_asked_for(desks: TwoDesks) -> None:
    """By a mail address that both accounts have; somebody of another role and human does."""
    _, watching, viewing = desks.sealed()
    opening = ask(desks.browser("viewer"), enter_case(str(viewing.source_id)))["Location"]
    both = Account.objects.filter(person_id__in=[desks.people[name].id for name in ("viewer", "iod")])
    both.update(email="jan@urzad.example")
    watching.post(f"{opening}/agree")
    assert "Zgadzam się" not in shown(watching, opening)
    (waits,) = openings_undecided()
    assert waits.agreed_at is None
    Account.objects.filter(person_id=desks.people["iod"].id).update(email="")
    watching.post(f"{opening}/agree")
    assert openings_undecided() == []


def test_guessing_a_passphrase_makes_wait(desks: TwoDesks) -> None:
    """After five wrong ones not even the right one is tried, until the wait is over; what others give is not delayed."""
    reader, watching, viewing = desks.sealed()
    for _ in range(5):
        assert "nie pasują" in refused(reader, viewing, KeyRole.CASE, passphrase="zgadywane hasło")
    assert "Za dużo błędnych haseł" in refused(reader, viewing, KeyRole.CASE)
    assert give_key(watching, viewing, KeyRole.CONTROL) == 302
    desks.clock.advance(timedelta(seconds=11))
    assert give_key(reader, viewing, KeyRole.CASE) == 302
    assert giving.reading.WORKSPACES.of(viewing.id) is not None


def test_an_opening_says_whom_to_fetch_before_anything_is_asked(desks: TwoDesks) -> None:
    """Who else may read, and the holders of both keys; nobody signs in at somebody else's computer."""
    desks.sealed()
    change_person(desks.people["head"].id, {"post": "rola case"}, clock=desks.clock, actor="")
    page = shown(desks.browser("other"), "/mail")
    assert "Osoba second" in page
    assert "Osoba head" in page
    assert "stanowiska o tej nazwie" in page
    assert 'type="password"' not in page
    assert 'name="second_way"' not in page


def test_what_was_lost_long_ago_is_not_kept(desks: TwoDesks) -> None:
    """A day after, this process knows of no key that was given and lost."""
    _, watching, viewing = desks.sealed()
    give_key(watching, viewing, KeyRole.CONTROL)
    desks.clock.advance(KEPT)
    assert giving.FIRST_KEYS.of(viewing.id) is None
    assert giving.FIRST_KEYS.lost(viewing.id) is not None
    desks.clock.advance(timedelta(days=1))
    giving.FIRST_KEYS.sweep()
    assert giving.open_readings(desks.clock) == []


def test_no_page_or_paper_of_a_reading_calls_a_letter_a_recording(desks: TwoDesks) -> None:
    """Before the keys, between them, while it is read, at its end, in its protocol on screen and on paper."""
    reader, watching, viewing = desks.sealed()
    page = f"/viewings/{viewing.id}"
    said = [shown(reader, page)]
    give_key(reader, viewing, KeyRole.CASE)
    said += [shown(reader, page), shown(watching, f"{page}/key")]
    give_key(watching, viewing, KeyRole.CONTROL)
    message = re.search(rf'href="({page}/messages/[0-9a-f-]+)"', shown(reader, page))
    assert message is not None
    said += [shown(reader, page), shown(reader, message[1]), shown(reader, "/")]
    ended = reader.post(f"{page}/messages/close", headers={"accept": "text/html"})
    said.append(shown(reader, ended["Location"]))
    for each in said:
        main = each[each.index("<main") : each.index("</main")].partition('id="happened"')[0]
        assert not re.search("(?<!Znajdź )nagra", re.sub("<[^>]+>", " ", main), re.IGNORECASE)
    with override("pl"):
        paper = protocol_paper(protocols.protocol(viewing.number))
    assert isinstance(paper, Protocol)
    assert {"Dzień wiadomości", "Odczyt"} <= {label for label, *_ in paper.facts}
    assert not re.search("odtworz", str(paper), re.IGNORECASE)
    assert not re.search("nagra", str(paper), re.IGNORECASE)


def test_a_letter_that_was_only_listed_is_not_said_to_be_opened(desks: TwoDesks) -> None:
    """Protocol, paper and closing tell the one letter that was opened, twice, from the nine of which a line was shown, however often."""
    reader, watching, viewing = desks.sealed()
    page = f"/viewings/{viewing.id}"
    give_key(reader, viewing, KeyRole.CASE)
    give_key(watching, viewing, KeyRole.CONTROL)
    links = [shown(reader, page) for _ in range(2)][-1]
    message = re.search(rf'href="({page}/messages/[0-9a-f-]+)"', links)
    assert message is not None
    for _ in range(2):
        shown(reader, message[1])
    rows = queries.seen(viewing.id)
    (opened,) = [each.start for each in rows if each.kind != HEADS]
    only = sorted({each.start for each in rows} - {opened})
    assert len(only) == 9
    reader.post(f"{page}/messages/close", headers={"accept": "text/html"})
    span = span_digits(only[0], only[-1])
    with override("pl"):
        paper = protocol_paper(protocols.protocol(viewing.number))
    assert isinstance(paper, Protocol)
    told = dict(paper.facts)
    assert told["Otwarte wiadomości"] == (moment_digits(opened),)
    assert told["Tylko na liście: nadawca, temat i czas"] == (f"9, z czasu {span}",)
    assert "Przekazane przeglądarce" not in told
    shown_page = shown(reader, f"/protocols/{viewing.number}")
    assert f"9, z czasu {span}" in shown_page
    (closed,) = registers.acts(names=["viewing.closed"], limit=5).acts
    assert closed.facts is not None
    assert len(closed.facts["seen"]) == 1
    assert closed.facts["only_listed"] == 9
    with override("pl"):
        facts = dict(facts_in_words(closed))
    assert facts["pokazane tylko na liście, nieotwarte"] == 9
    assert str(facts["przekazane przeglądarce"]).startswith(moment_digits(opened))
    week = shown(watching, "/supervision")
    assert "sekund" not in week
    assert "otwarte przez 1 osobę" in week


def test_a_case_of_which_nothing_was_found_names_no_hold_and_says_what_to_correct(desks: TwoDesks) -> None:
    """Of a day without letters nothing is secured; the case of the day with letters names its hold; once it is decided nothing is to be corrected."""
    _, _, viewing = desks.sealed()
    day = viewing.start.date() - timedelta(days=1)
    wanted = replace(cases.case(viewing.case).application, event_first=day, event_last=day, interval=Interval(viewing.start - timedelta(days=1), viewing.end - timedelta(days=1)))  # fmt: skip
    empty = case_services.enter_case(wanted, clock=desks.clock, ledger=None, actor="").number
    head = desks.browser("head")
    page, held = shown(head, f"/cases/{empty}"), shown(head, f"/cases/{viewing.case}")
    assert "Nie było czego zabezpieczyć" in page
    assert "Sprawdź we wniosku, czego i jakiego czasu dotyczy" in page
    assert "w tym czasie nic nie nagrano" in page
    assert "Wstępne zabezpieczenie" not in page
    assert "Wstępne zabezpieczenie" in held
    assert "Nie było czego zabezpieczyć" not in held
    assert "Sprawdź we wniosku" not in held
    case_services.decide_case(
        empty, State.REFUSED, reasons="Nic nie ma.", basis="§ 4", knowledge=False, person=desks.people["head"],
        clock=desks.clock, ledger=None,
    )  # fmt: skip
    page = shown(head, f"/cases/{empty}")
    assert "Nie było czego zabezpieczyć" in page
    assert "Sprawdź we wniosku" not in page


def test_a_second_person_is_told_which_messages_they_agree_to(desks: TwoDesks) -> None:
    """Addresses, words, on whose word and the opening, before they agree; once the opening ended, nothing."""
    _, _, viewing = desks.sealed()
    now = desks.clock.now()
    asked = SecondRequestView(
        id=viewing.id,
        person_id=viewing.person_id,
        source_id=viewing.source_id,
        source_ids=viewing.source_ids,
        item="",
        start=viewing.start,
        end=viewing.end,
        position=viewing.start,
        purpose=viewing.purpose,
        case=viewing.case,
        session="",
        asked_at=now,
        expires_at=now,
        second_id=None,
        answered_at=None,
        agreed=False,
        used_at=None,
    )
    opening = opening_of(viewing, desks.clock)
    with override("pl"):
        told = dict(PAGES.scope_of(asked))
    assert told["Adresy osób"] == tuple(map(shown_address, opening.scope.addresses))
    assert told["Słowa"] == (", ".join(opening.scope.words) or "wszystkie wiadomości tych osób",)
    assert opening.paper in told["Z czyjego polecenia"][0]
    end_opening(opening.number, clock=desks.clock, actor="")
    assert PAGES.scope_of(asked) == ()
