"""A reading covers every journal of its opening: two keys, one list, one protocol; the right is asked of both readers for each journal."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from rejent.access import authorisation_queries, queries, services
from rejent.access.checks import findings
from rejent.access.presence import queries as presence_queries
from rejent.access.rules.refusals import VIEWING_ENDED
from rejent.access.supervision import queries as supervision
from rejent.access.supervision.weeks import Week
from rejent.access.viewings import paging, protocols
from rejent.access.views import ViewingView
from rejent.cases import services as cases
from rejent.cases.copies import queries as copies
from rejent.cases.views import Kind, State
from rejent.documents.papers import Protocol
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.registers import queries as registers
from rejent.retention import services as retention
from rejent.streams.mail.messages.sealing import KeyRole
from rejent.streams.mail.models import LeftMessage
from rejent.web.registers.protocol_papers import protocol_paper
from rejent.web.words.acts import act_views, facts_in_words
from tests.contract.streams import test_players as showing
from tests.contract.streams.conftest import kind_of
from tests.contract.streams.players import (
    MINUTE,
    PLAYERS,
    Recorded,
    give_key,
    letter,
    record_in_journal,
    record_letters,
)
from tests.contract.streams.samples import NOON
from tests.contract.streams.test_set_aside import messages_in
from tests.streams.mail_steps import ask, enter_case
from tests.unit.cases.application import entered as disclosure

pytestmark = pytest.mark.usefixtures("nothing_left_open")
MAIL = "rejent.streams.mail"
BOTH, FIRST, SECOND = "O tym, co doszło do obu.", "Tylko w kancelarii.", "Tylko w historii."
TRACES = b"Received: from mx.example\r\nReturn-Path: <anna@urzad.example>\r\nARC-Seal: i=1\r\nDKIM-Signature: v=1\r\n"


class Journals(showing.Showing):
    """An office of two journals that got letters at the same instants, one letter in both, with other traces."""

    def __init__(self, folder: Path, settings: Any) -> None:
        super().__init__(kind_of(MAIL), folder, settings)
        (self.history,) = self.recorded.units
        self.journal = self.recorded.source_id

    def asked(self, client: Client, case: str = "") -> str:
        """Ask on the page of finding messages for everything that the opening of a case of both covers; return the way to the answer."""
        case = case or enter_case(self.journal, self.history)
        opening = ask(client, case)["Location"]
        assert self.browser("iod").post(f"{opening}/agree").status_code == 302
        given = {
            "opening": opening.rpartition("/")[2],
            "purpose": next(iter(queries.purposes("mail", clock=self.clock))),
            "acknowledged": "on",
        }
        return str(client.post("/mail", given)["Location"])

    def agreed(self, client: Client, asked: str) -> ViewingView:
        """Have the second person agree, and open the viewing."""
        request = presence_queries.second_person_request(asked.rpartition("/")[2])
        services.answer_second(
            request.id, second=self.people["second"], session="", agrees=True, clock=self.clock
        )
        opened = client.post(f"{asked}/open")["Location"].partition("?")[0]
        return queries.viewing(opened.rpartition("/")[2])

    def read(self, case: str = "") -> tuple[Client, ViewingView]:
        """Open everything by two people and both keys."""
        client = self.browser("viewer")
        viewing = self.agreed(client, self.asked(client, case))
        assert give_key(client, viewing, KeyRole.CASE) == 302
        assert give_key(self.browser("iod"), viewing, KeyRole.CONTROL) == 302
        return client, viewing

    def narrow(self, name: str) -> str:
        """Leave somebody an authorisation for each journal alone; return the number of the one for the history."""
        for one in authorisation_queries.authorisations(self.people[name].id):
            services.revoke_authorisation(one.number, clock=self.clock, actor="")
        return [
            services.issue_authorisation(
                person_id=self.people[name].id, acts=["recordings"], stream="mail", source_ids=[source], valid_from=civil_date(NOON),
                valid_until=None, clock=self.clock, actor="",
            ).number
            for source in (self.journal, self.history)
        ][1]  # fmt: skip


def _recorded(folder: Path, settings: Any) -> Recorded:
    office, journal = record_letters(folder, settings, (letter("Wspólny", BOTH), letter("Pierwszy", FIRST)))
    others = (letter("Drugi", SECOND), TRACES + letter("Wspólny", BOTH))
    history: Any = record_in_journal(office, others, name="Historia", port=2526)
    return Recorded(office, journal, Interval(NOON, NOON + MINUTE), [history])


@pytest.fixture
def office(tmp_path: Path, settings: Any, db: None, monkeypatch: pytest.MonkeyPatch) -> Journals:  # noqa: ARG001 - the database is there
    """An office of two journals."""
    monkeypatch.setitem(PLAYERS, MAIL, replace(PLAYERS[MAIL], recorded=_recorded))
    return Journals(tmp_path, settings)


def shown(client: Client, address: str) -> str:
    """Return a page as it is read."""
    return html.unescape(client.get(address, headers={"accept": "text/html"}).content.decode())


def texts(client: Client, viewing: ViewingView) -> list[str]:
    """Return which of the letters is shown at each address of the list."""
    base = f"/viewings/{viewing.id}"
    named = dict.fromkeys(messages_in(shown(client, base), viewing))
    pages = [shown(client, f"{base}/messages/{each}") for each in named]
    return ["".join(text for text in (BOTH, FIRST, SECOND) if text in page) for page in pages]


def test_one_reading_covers_every_journal_of_its_opening(office: Journals) -> None:
    """One question to the second person, two keys, one list in which a letter of both stands once, one protocol by journal."""
    client, viewing = office.read()
    page = shown(client, f"/viewings/{viewing.id}")
    assert viewing.source_ids == (office.history, office.journal)
    assert "Historia, Kancelaria" in page
    assert "3 wiadomości" not in page
    assert "2 doręczenia tej samej wiadomości" in page
    assert sorted(texts(client, viewing)) == sorted([BOTH, BOTH, FIRST, SECOND])
    assert "Pominięto" not in page
    client.post(f"/viewings/{viewing.id}/messages/close")
    (protocol,) = protocols.protocols()
    with override("pl"):
        paper = protocol_paper(protocol)
        (closed,) = registers.acts(names=["viewing.closed"], limit=5).acts
        (opened,) = registers.acts(names=["viewing.opened"], limit=5).acts
        (said,) = act_views([opened], links=False)
        seen = str(dict(facts_in_words(closed))["przekazane przeglądarce"])
    assert isinstance(paper, Protocol)
    told = dict(paper.facts)
    assert told["Otwarte wiadomości"] == (
        "Historia:", "02.11.2026 12:00:00", "02.11.2026 12:00:01", "razem: 2",
        "Kancelaria:", "02.11.2026 12:00:00", "02.11.2026 12:00:01", "razem: 2",
    )  # fmt: skip
    assert re.search("„Historia”: 02.11.2026.*; „Kancelaria”: 02.11.2026", seen)
    assert "„Historia”, „Kancelaria”" in said.sentence
    for source in viewing.source_ids:
        assert [one.id for one in paging.viewings(source_id=source).rows] == [viewing.id]
    (use,) = supervision.uses(Week.of(civil_date(office.clock.now())).interval)
    assert (use.source_ids, use.viewings) == (viewing.source_ids, 1)
    assert "Historia, Kancelaria" in shown(client, f"/protocols/{viewing.number}")
    assert list(findings(office.clock)) == []


def test_a_right_that_ends_takes_its_journal_out_of_the_reading(office: Journals) -> None:
    """Of either reader; what was opened of it is gone at once, the others stay, and it is named; with the last one the reading ends."""
    numbers = [office.narrow(name) for name in ("viewer", "second")]
    client, viewing = office.read()
    base = f"/viewings/{viewing.id}"
    assert len(texts(client, viewing)) == 4
    listed = dict.fromkeys(messages_in(shown(client, base), viewing))
    services.revoke_authorisation(numbers[1], clock=office.clock, actor="")
    page = shown(client, base)
    assert "Pominięto w tym odczycie, choć otwarcie to obejmuje: Historia." in page
    left = messages_in(page, viewing)
    assert set(left) < set(listed)
    assert sorted(texts(client, viewing)) == sorted([BOTH, FIRST])
    gone = [client.get(f"{base}/messages/{each}").status_code for each in listed if each not in left]
    assert gone == [404, 404]
    copied = client.post(f"{base}/messages/copy", {"message": [each for each in listed if each not in left]})
    assert copied.status_code == 404
    assert SECOND not in shown(client, f"{base}?words=historii")
    for one in authorisation_queries.authorisations(office.people["viewer"].id):
        services.revoke_authorisation(one.number, clock=office.clock, actor="")
    services.close_ended_viewings(clock=office.clock)
    (closed,) = registers.acts(names=["viewing.closed"], limit=5).acts
    assert closed.facts is not None
    assert closed.facts["reason"] != VIEWING_ENDED.rule.value
    assert {source for *_, source in closed.facts["seen"]} == set(viewing.source_ids)


def test_a_journal_that_one_reader_may_not_see_is_left_out_and_named(office: Journals) -> None:
    """Where the second person has no right to it, or lost it between the asking and the opening, the reading opens the others alone."""
    number = office.narrow("second")
    client = office.browser("viewer")
    asked = office.asked(client)
    assert "Historia, Kancelaria" in shown(client, asked)
    services.revoke_authorisation(number, clock=office.clock, actor="")
    viewing = office.agreed(client, asked)
    assert viewing.source_ids == (office.journal,)
    assert "Pominięto w tym odczycie, choć otwarcie to obejmuje: Historia." in shown(
        client, f"/viewings/{viewing.id}"
    )
    assert "1 wiadomość" not in shown(client, f"/viewings/{viewing.id}")
    assert give_key(client, viewing, KeyRole.CASE) == 302
    assert give_key(office.browser("iod"), viewing, KeyRole.CONTROL) == 302
    assert sorted(texts(client, viewing)) == sorted([BOTH, FIRST])


def test_a_private_letter_is_left_in_every_journal_that_the_reading_opened(office: Journals) -> None:
    """Both deliveries are shown to nobody any more, each named by its journal."""
    client, viewing = office.read()
    base = f"/viewings/{viewing.id}"
    messages = dict.fromkeys(messages_in(shown(client, base), viewing))
    private = next(each for each in messages if BOTH in shown(client, f"{base}/messages/{each}"))
    assert client.post(f"{base}/messages/{private}/private").status_code == 302
    assert set(LeftMessage.objects.values_list("source", flat=True)) == {office.journal, office.history}


def test_chosen_messages_of_two_journals_become_a_copy_of_each(office: Journals) -> None:
    """A copy is of one source: its file names what lies in it alone; a message is named by its journal, whatever its instant."""
    interval = Interval(NOON, NOON + MINUTE)
    case = disclosure(
        office.clock, office.journal, kind=Kind.DISCLOSURE, stream="mail", received_on=civil_date(office.clock.now()), event_first=civil_date(NOON),
        event_last=civil_date(NOON), interval=interval, source_ids=frozenset([office.journal, office.history]),
    ).number  # fmt: skip
    cases.decide_case(
        case, State.GRANTED, reasons="", basis="§ 5", knowledge=True, person=office.people["head"], clock=office.clock, ledger=None,
    )  # fmt: skip
    client, viewing = office.read(case)
    base = f"/viewings/{viewing.id}"
    ticked = dict.fromkeys(re.findall(r'name="message" value="([0-9a-f-]+)"', shown(client, base)))
    assert len(ticked) == 4
    assert client.post(f"{base}/messages/copy", {"message": list(ticked)[:3]}).status_code == 302
    made = copies.of_case(case)
    assert {copy.source_id for copy in made} == {office.journal, office.history}
    assert sorted(copy.chosen for copy in made) == [1, 2]
    entries = registers.acts(names=["mail.message-copied"], limit=5).acts
    assert len({(entry.subject, (entry.facts or {})["at"]) for entry in entries}) == 3


def test_what_somebody_had_restricted_in_one_journal_closes_no_other(office: Journals) -> None:
    """Its messages are opened to nobody, and the page says so."""
    client = office.browser("viewer")
    viewing = office.agreed(client, office.asked(client))
    held = retention.place_hold(
        source_id=office.history, start=NOON, end=NOON + MINUTE, case="W-2026-9", basis="art. 18", review_on=civil_date(NOON) + timedelta(days=9),
        clock=office.clock, ledger=None, actor="", provisional=True,
    )  # fmt: skip
    with transaction.atomic():
        retention.confirm_hold(
            held.number, review_on=civil_date(NOON) + timedelta(days=9), clock=office.clock, actor="", restricted=True
        )  # fmt: skip
    assert give_key(client, viewing, KeyRole.CASE) == 302
    assert give_key(office.browser("iod"), viewing, KeyRole.CONTROL) == 302
    assert sorted(texts(client, viewing)) == sorted([BOTH, FIRST])
    assert "bo ktoś uzyskał ograniczenie albo usunięcie: Historia." in shown(
        client, f"/viewings/{viewing.id}"
    )


def test_an_opening_of_other_journals_is_not_offered(office: Journals) -> None:
    """Who may see none of its journals is told so, and not that no case opens anything."""
    office.narrow("other")
    first, _ = authorisation_queries.authorisations(office.people["other"].id, valid_at=office.clock.now())[
        ::-1
    ]
    services.revoke_authorisation(first.number, clock=office.clock, actor="")
    opening = ask(office.browser("viewer"), enter_case(office.journal))["Location"]
    assert office.browser("iod").post(f"{opening}/agree").status_code == 302
    assert ": Kancelaria</option>" in shown(office.browser("viewer"), "/mail")
    page = shown(office.browser("other"), "/mail")
    assert "Upoważnienie nie obejmuje żadnego dziennika z obowiązujących otwarć." in page
    assert 'name="opening"' not in page
