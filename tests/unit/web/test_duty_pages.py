"""The pages of absences, faults, agreements, statements and renewals, and what they let the deputy and the contractor do."""

import re

import pytest
from django.urls import reverse

from rejent.access import authorisation_queries
from rejent.access import services as access_services
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.people import absences, statements
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from tests.printed import words_of
from tests.unit.web.conftest import Browser, regulation_with, text_of
from tests.unit.web.contracted import DAY, TODAY, WATCHED, firm, service

__all__ = ["firm", "service"]


STATED = WATCHED | {"[streams.video.notices]": "[streams.video.notices]\nnew_staff_statement = true"}


def test_the_deputy_decides_in_the_heads_absence_and_the_papers_say_so(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Before, the page names the rule; during it an authorisation is issued, and register and ledger say in whose place."""
    regulation_with(clock, WATCHED)
    sent = {
        "person": str(people["viewer"].id),
        "acts": ["live"],
        "valid_from": "21.11.2026",
        "confirmed": "1",
    }
    refused = browser("deputy").post(reverse("authorisation-new"), sent)
    assert refused.status_code == 403
    assert "tylko w razie nieobecności" in text_of(refused)
    absence = {"person": str(people["head"].id), "first_day": "21.11.2026", "last_day": ""}
    assert browser("deputy").post(reverse("absence-new"), absence).status_code == 403
    assert browser("secretary").post(reverse("absence-new"), absence).status_code == 302
    assert "decydujesz w zastępstwie" in text_of(browser("deputy").get(reverse("start")))
    assert "Wpisano nieobecność dotyczącą tego konta" in text_of(browser("head").get(reverse("start")))
    assert browser("deputy").post(reverse("authorisation-new"), sent).status_code == 302
    issued = authorisation_queries.authorisations()[0]
    assert (issued.issued_by, issued.in_place_of) == (str(people["deputy"].id), str(people["head"].id))
    assert "Osoba deputy, w zastępstwie" in text_of(browser("iod").get(reverse("ledger")))
    paper = browser("iod").get(reverse("authorisation-document", args=[issued.number]))
    assert "w zastępstwie: Osoba head" in words_of(paper.content)
    opened = browser("deputy").post(
        reverse("fault-new"), {"source": "machine", "description": "Brak zasilania."}
    )
    assert opened.status_code == 302
    (act,) = registers.acts(names=["fault.opened"]).acts
    assert act.facts is not None
    assert act.facts["in_place_of"] == str(people["head"].id)
    (entered,) = absences.absences()
    assert browser("head").post(reverse("absence-end", args=[entered.id])).status_code == 302
    assert browser("deputy").get(reverse("authorisation-new")).status_code == 403
    assert "zakończona przed terminem" in text_of(browser("deputy").get(reverse("absences")))


@pytest.mark.parametrize("ticked", [True, False])
def test_what_an_authorisation_lets_be_seen_is_checked_before_it_is_issued(
    browser: Browser, people: dict[str, PersonView], source: str, ticked: bool
) -> None:
    """The page says that none ticked means every camera, and that no last day means no end; nothing is issued before the second yes."""
    head, address = browser("head"), reverse("authorisation-new")
    before = authorisation_queries.authorisations()
    asked = {"person": str(people["viewer"].id), "acts": ["recordings"], "valid_from": "21.11.2026"}
    asked |= {"sources": [source]} if ticked else {}
    text = text_of(head.post(address, asked))
    assert ("wszystkie kamery, bo żadnej nie zaznaczono" in text) != ticked
    assert ("<dd>Hol na parterze</dd>" in text) == ticked
    assert "bezterminowo, aż zostanie cofnięte" in text
    assert f'<input type="hidden" name="person" value="{people["viewer"].id}">' in text
    assert 'name="person"' in text_of(head.post(address, {**asked, "change": "1"}))
    assert authorisation_queries.authorisations() == before
    assert head.post(address, {**asked, "confirmed": "1"}).status_code == 302
    issued = authorisation_queries.authorisations()[0]
    assert issued.source_ids == (frozenset({source}) if ticked else None)


def test_the_deputy_who_acts_authorises_not_themselves(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Neither on the page, which does not offer it, nor by renewing what somebody else issued."""
    regulation_with(clock, WATCHED)
    office.set_roles(people["deputy"].id, ["deputy", "viewer"], clock=clock, actor="")
    held = access_services.issue_authorisation(
        person_id=people["deputy"].id, acts=["live"], stream="video", source_ids=None, valid_from=TODAY,
        valid_until=TODAY + DAY, clock=clock, actor=str(people["head"].id),
    )  # fmt: skip
    office.enter_absence(people["head"].id, TODAY, None, clock=clock, actor="")
    client = browser("deputy")
    offered = text_of(client.get(reverse("authorisation-new")))
    assert str(people["deputy"].id) not in offered
    sent = {
        "person": str(people["deputy"].id),
        "acts": ["live"],
        "valid_from": "21.11.2026",
        "confirmed": "1",
    }
    client.post(reverse("authorisation-new"), sent)
    renewed = client.post(
        reverse("authorisation-renew", args=[held.number]),
        {"valid_from": "23.11.2026", "valid_until": "", "confirmed": "1"},
    )
    assert renewed.status_code == 403
    assert "Nikt nie nadaje upoważnienia samemu sobie." in text_of(renewed)
    assert authorisation_queries.authorisations(person_id=people["deputy"].id) == [held]


def test_an_authorisation_is_renewed_from_the_reminder(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Thirty days before its end the start page tells of it; renewed, both rows name each other and nothing reminds."""
    held = access_services.issue_authorisation(
        person_id=people["viewer"].id, acts=["live"], stream="video", source_ids=None, valid_from=TODAY,
        valid_until=TODAY + 31 * DAY, clock=clock, actor=str(people["head"].id),
    )  # fmt: skip
    head, address = browser("head"), reverse("authorisation-renew", args=[held.number])
    assert address not in text_of(head.get(reverse("start")))
    clock.advance(DAY)
    assert address in text_of(head.get(reverse("start")))
    assert "wkrótce się kończy" in text_of(head.get(reverse("authorisations")))
    assert "23.12.2026" in text_of(head.get(address))
    renewal = {"valid_from": "23.12.2026", "valid_until": "31.12.2027"}
    checked = text_of(head.post(address, renewal))
    assert "Sprawdź przed wydaniem" in checked
    assert "Osoba viewer" in checked
    assert head.post(address, {**renewal, "confirmed": "1"}).status_code == 302
    told = text_of(head.get(reverse("authorisations")))
    assert f"następuje po {held.number}" in told
    assert "odnowione: U-2026-4" in told
    assert address not in text_of(head.get(reverse("start")))
    again = head.post(address, {"valid_from": "23.12.2026", "valid_until": "", "confirmed": "1"})
    assert again.status_code == 422
    assert "jest już odnowione" in text_of(again)
    paper = words_of(head.get(reverse("authorisation-document", args=["U-2026-4"])).content)
    assert f"Następuje po {held.number}" in paper
    assert "bez upoważnienia" not in paper
    assert "art. 29 i art. 32 ust. 4 RODO" in paper
    row = re.search(rf'"/authorisations/{held.number}/[^"]*"', told)
    assert row is not None
    assert row[0] == f'"{reverse("authorisation-document", args=[held.number])}"', "the document comes first"
    assert browser("clerk").get(address).status_code == 403


def test_the_week_tells_of_an_ending_authorisation_as_the_start_page_does(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Told to supervision while it ends within thirty days and nothing follows; once renewed, no more."""
    held = access_services.issue_authorisation(
        person_id=people["viewer"].id, acts=["live"], stream="video", source_ids=None, valid_from=TODAY,
        valid_until=TODAY + 30 * DAY, clock=clock, actor=str(people["head"].id),
    )  # fmt: skip
    ending = "Ważne do 21.12.2026"
    assert ending in text_of(browser("iod").get(reverse("supervision")))
    access_services.renew_authorisation(
        held.number, valid_until=None, clock=clock, actor=str(people["head"].id)
    )
    assert ending not in text_of(browser("iod").get(reverse("supervision")))


def test_nobody_sees_anything_before_the_statement_that_is_asked_for(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """The refusal names the rule and what to do; entered, the page opens; the list tells who has not signed."""
    regulation_with(clock, STATED)
    viewer = browser("viewer")
    refused = viewer.get(reverse("find"))
    assert refused.status_code == 403
    assert "oświadczenie" in text_of(refused)
    assert "oświadczenie" in text_of(viewer.get(reverse("live")))
    assert viewer.get(reverse("live")).status_code == 403
    secretary = browser("secretary")
    assert secretary.get(reverse("statements")).status_code == 403
    for enters in ("secretary", "iod"):
        office.enter_statement(people[enters].id, TODAY, clock=clock, actor="")
    listed = text_of(secretary.get(reverse("statements")))
    assert "Osoba viewer" in listed
    assert "jeszcze niedopuszczona" in listed
    assert reverse("statement-enter", args=[people["secretary"].id]) not in listed
    address = reverse("statement-enter", args=[people["viewer"].id])
    assert secretary.post(address, {"on": "22.11.2026"}).status_code == 422
    assert secretary.post(address, {"on": "20.11.2026"}).status_code == 302
    assert viewer.get(reverse("find")).status_code == 200
    assert viewer.get(reverse("live")).status_code == 200
    assert address not in text_of(secretary.get(reverse("statements")))
    assert viewer.get(reverse("statements")).status_code == 403
    own = reverse("statement-enter", args=[people["iod"].id])
    assert browser("iod").post(own, {"on": "20.11.2026"}).status_code == 422
    assert "Brakuje" in text_of(secretary.get(reverse("start")))


def test_after_a_change_everybody_signs_again_and_sees_meanwhile(
    browser: Browser, people: dict[str, PersonView], clock: ManualClock
) -> None:
    """Who signed when they came is reminded of the new version, and not shut out by it."""
    regulation_with(clock, STATED)
    for one in ("viewer", "iod"):
        office.enter_statement(people[one].id, TODAY, clock=clock, actor="")
    assert "Osoba viewer" not in missing(browser)
    regulation_with(clock, STATED)
    assert "Osoba viewer" in missing(browser)
    (one,) = [one for one in statements.outstanding(TODAY) if one.person_id == people["viewer"].id]
    assert one.ever
    assert browser("viewer").get(reverse("find")).status_code == 200


def missing(browser: Browser) -> str:
    """The part of the page that lists who has not signed."""
    return text_of(browser("iod").get(reverse("statements"))).split("Rejestr oświadczeń")[0]
