"""The pages of absences, faults, agreements, statements and renewals, and what they let the deputy and the contractor do."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from rejent.access import authorisation_queries
from rejent.access import services as access_services
from rejent.catalog import services as catalog
from rejent.kernel.clock import ManualClock, local_midnight
from rejent.office import services as office
from rejent.office.people import absences, maintenance, statements
from rejent.office.views import PersonView
from rejent.registers import queries as registers
from rejent.web.route_permissions import KNOWN, SIGNED_IN, route_permissions
from rejent.web.urls import urlpatterns
from tests.people import add_person
from tests.printed import words_of
from tests.unit.web.conftest import Browser, NoBox, regulation_with, text_of

TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


WATCHED = {"live = []  ": 'live = ["guard", "viewer"]  '}
STATED = WATCHED | {"[streams.video.notices]": "[streams.video.notices]\nnew_staff_statement = true"}


@pytest.fixture
def firm(people: dict[str, PersonView], clock: ManualClock) -> PersonView:  # noqa: ARG001 - after the office is set up
    """A maintenance contractor of an office whose regulation lets one come."""
    regulation_with(clock, WATCHED)
    return add_person(
        "Serwisant Przykładowy",
        post="Serwis Przykładowy",
        roles=["contractor"],
        username="serwis",
        password="a long and quiet river",
        clock=clock,
        actor="",
    )


@pytest.fixture
def service(firm: PersonView) -> Callable[[], Client]:
    """A browser in which the contractor has just signed in."""

    def signed_in() -> Client:
        client = Client(headers={"host": "localhost"})
        client.force_login(get_user_model().objects.get(person_id=firm.id))
        return client

    return signed_in


def agreed(browser: Browser, firm: PersonView, until: str = "") -> None:
    """The data protection officer enters an agreement that covers the contractor."""
    sent = {
        "number": "UP/7/2026",
        "party": "Serwis Przykładowy sp. z o.o.",
        "concluded_on": "1.11.2026",
        "valid_from": "1.11.2026",
        "valid_until": until,
        "people": [str(firm.id)],
    }
    assert browser("iod").post(reverse("agreement-new"), sent).status_code == 302


def broken(browser: Browser, source: str = "") -> str:
    """The administrator opens a fault; its number."""
    sent = {"source": source or "machine", "description": "Rejestrator nie zapisuje."}
    assert browser("administrator").post(reverse("fault-new"), sent).status_code == 302
    return maintenance.faults()[0].number


def test_a_contractor_gets_in_by_a_fault_and_an_agreement_and_is_out_at_once(
    browser: Browser, service: Callable[[], Client], firm: PersonView
) -> None:
    """Before, nothing opens and the page says why; meanwhile state and storage; closed, the session itself is over."""
    early = service()
    assert early.get(reverse("sources")).status_code == 403
    assert "otwarta jest awaria" in text_of(early.get(reverse("sources")))
    assert "otwarta jest awaria" in text_of(early.get(reverse("start")))
    agreed(browser, firm)
    assert early.get(reverse("sources")).status_code == 403
    number = broken(browser)
    client = service()
    for door in ("sources", "storage", "faults", "start"):
        assert client.get(reverse(door)).status_code == 200
    assert number in text_of(client.get(reverse("start")))
    closed = browser("administrator").post(
        reverse("fault-close", args=[number]), {"outcome": "Wymieniono dysk."}
    )
    assert closed.status_code == 302
    after = client.get(reverse("sources"))
    assert after.status_code == 302
    assert after.headers["Location"].startswith("/account/login/")


def test_a_contractor_is_out_when_the_agreement_ends(
    browser: Browser, service: Callable[[], Client], firm: PersonView, clock: ManualClock
) -> None:
    """By itself at local midnight, with the next page; by hand at once, and the session is over."""
    agreed(browser, firm, until="21.11.2026")
    broken(browser)
    client = service()
    clock.advance(local_midnight(TODAY + DAY) - clock.now() - timedelta(microseconds=1))
    assert client.get(reverse("sources")).status_code == 200
    clock.advance(timedelta(microseconds=1))
    assert client.get(reverse("sources")).status_code == 403
    assert "wygasła" in text_of(browser("head").get(reverse("faults")))
    clock.advance(-DAY / 2)
    assert client.get(reverse("sources")).status_code == 200
    (entered,) = maintenance.agreements()
    assert browser("iod").post(reverse("agreement-end", args=[entered.id])).status_code == 302
    assert client.get(reverse("sources")).status_code == 302
    assert browser("iod").post(reverse("agreement-end", args=[99])).status_code == 404


def test_a_contractor_sees_no_pictures_no_people_and_no_other_page(
    browser: Browser,
    service: Callable[[], Client],
    firm: PersonView,
    people: dict[str, PersonView],
    source: str,
) -> None:
    """Every door but those of the machine stays shut, live and recordings too; no name of the office stands anywhere."""
    agreed(browser, firm)
    broken(browser)
    client = service()
    open_to_them = {"sources", "storage", "faults"}
    for pattern in urlpatterns:
        door = str(getattr(pattern, "name", ""))
        if (
            door not in route_permissions()
            or route_permissions()[door] in {SIGNED_IN, KNOWN}
            or "<" in str(pattern.pattern)
        ):
            continue
        status = client.get(f"/{pattern.pattern}").status_code
        if route_permissions()[door] not in {"anyone", "nobody"}:
            assert (status == 200) is (door in open_to_them), (door, status)
    assert client.get(reverse("live")).status_code == 403
    assert "Ta rola nigdy nie widzi nagrań" in text_of(client.get(reverse("find")))
    shown = [text_of(client.get(reverse(door))) for door in (*open_to_them, "start")]
    shown.append(text_of(client.get(reverse("source", args=[source]))))
    for text in shown:
        for person in people.values():
            assert person.name not in text
        assert "OR.1431" not in text
    assert "UP/7/2026" not in "".join(shown)


def test_a_fault_of_one_camera_opens_that_camera_only(
    browser: Browser, service: Callable[[], Client], firm: PersonView, source: str
) -> None:
    """Other cameras are not listed, opened or switched; the named one may be switched off, and the ledger says by whom."""
    other = "0" * 32
    agreed(browser, firm)
    broken(browser, source)
    client = service()
    assert "Hol na parterze" in text_of(client.get(reverse("sources")))
    assert client.get(reverse("source", args=[source])).status_code == 200
    assert client.get(reverse("source", args=[other])).status_code == 403
    assert client.post(reverse("source-switch", args=[other]), {"on": "0"}).status_code == 403
    assert client.post(reverse("source-switch", args=[source]), {"on": "0"}).status_code == 302
    (entered,) = registers.acts(names=["source.switched-off"]).acts
    assert entered.actor == str(firm.id)
    assert client.get(reverse("source-address", args=[source])).status_code == 403


def test_a_fault_of_one_camera_names_no_other_where_storage_is_told(
    browser: Browser, service: Callable[[], Client], firm: PersonView, source: str, clock: ManualClock
) -> None:
    """The page of storage names what is at fault; the administrator reads every camera there."""
    catalog.add_source(
        stream="video",
        name="Parking",
        address="rtsp://192.0.2.8:554/parking",
        building="Ratusz",
        place="parking",
        kind="outside",
        clock=clock,
        actor="",
        credentials_box=NoBox(),
    )
    catalog.read_storage(SimpleNamespace(used=10**9, free=10**9), clock)
    agreed(browser, firm)
    broken(browser, source)
    assert "Parking" in text_of(browser("administrator").get(reverse("storage")))
    told = text_of(service().get(reverse("storage")))
    assert "Hol na parterze" in told
    assert "Parking" not in told


def test_who_enters_faults_and_agreements(browser: Browser, firm: PersonView) -> None:
    """The administrator opens a fault but enters no agreement; supervision sees both; what is missing is said at its field."""
    assert browser("administrator").get(reverse("agreement-new")).status_code == 403
    assert browser("secretary").get(reverse("fault-new")).status_code == 403
    assert browser("clerk").get(reverse("faults")).status_code == 403
    refused = browser("iod").post(reverse("agreement-new"), {"number": "UP/7/2026"})
    assert refused.status_code == 422
    assert maintenance.agreements() == []
    for lacking in (
        {"source": "machine", "description": " "},
        {"source": "", "description": "Brak zasilania."},
    ):
        assert browser("administrator").post(reverse("fault-new"), lacking).status_code == 422
    agreed(browser, firm)
    number = broken(browser)
    told = text_of(browser("secretary").get(reverse("faults")))
    for words in (number, "UP/7/2026", "Serwisant Przykładowy", "obowiązuje", "Osoba administrator"):
        assert words in told, words
    address = reverse("fault-close", args=[number])
    assert browser("administrator").post(address, {"outcome": ""}).status_code == 422
    assert browser("administrator").post(address, {"outcome": "Działa."}).status_code == 302
    assert "Zamknięto" in text_of(browser("administrator").get(address))


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
