"""Pages on plates, on what differs, and on what is published."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings as program
from django.test import Client
from django.utils import translation

from rejent.kernel.clock import ManualClock
from rejent.notices.plates import queries
from rejent.notices.plates.views import Condition
from rejent.notices.queries import documents_of_today, plates_by_digest
from rejent.office import queries as office
from rejent.web.notices import public
from tests.unit.web.conftest import Browser, text_of

TODAY = "21.11.2026"
SITE = "https://urzad.example.pl/monitoring"


ACCESSIBLE: dict[str, Any] = {
    "site": "Strony o monitoringu", "published_on": TODAY, "changed_on": TODAY, "conformance": "full", "assessed": "office",
    "made_on": TODAY, "reviewed_on": TODAY, "contact": "Sekretariat", "phone": "62 000 00 00",
    "mail": "sekretariat@pleszew.example", "building": "Wejście bez progu.",
}  # fmt: skip


@pytest.fixture
def clerk(browser: Browser) -> Client:
    """Who looks at plates, but enters none."""
    return browser("clerk")


@pytest.fixture
def plate(browser: Browser) -> str:
    """A plate that the program prints, hanging in the hall; entered on the pages, once its clause is published."""
    head = browser("head")
    told = {"channel": "website", "address": SITE, "streams": "video", "published_on": TODAY}
    assert head.post("/notices/publications/new", told).status_code == 302
    (digest, *_) = plates_by_digest(documents_of_today(program.CLOCK))
    place = office.places()[0].id
    made = head.post(
        "/notices/plates/new", {"place": place, "spot": "przy drzwiach", "size": "A4", "document": digest}
    )
    assert made.headers["Location"] == "/notices/plates/T-2026-1"
    assert "do zawieszenia" in text_of(head.get("/notices/plates/T-2026-1"))
    head.post("/notices/plates/T-2026-1/up", {"up_since": TODAY})
    return "T-2026-1"


def test_what_lacks_leads_to_the_form_with_its_place_or_channel(browser: Browser) -> None:
    """Of a plate the place is chosen there already, of a publication where it goes."""
    head = browser("head")
    place = office.places()[0].id
    assert f'href="/notices/plates/new?place={place}"' in head.get("/notices").content.decode()
    filled = head.get(f"/notices/plates/new?place={place}").content.decode()
    assert f'<option value="{place}" selected>' in filled
    assert (
        '<option value="bip" selected>' in head.get("/notices/publications/new?channel=bip").content.decode()
    )


def test_what_differs_stands_on_the_start_page_of_who_must_act(browser: Browser, clerk: Client) -> None:
    """With the law; who cannot mend it is not told, and a plate that is hung takes it away."""
    words = "Żadna tabliczka nie oznacza miejsca: Ratusz, hol"
    for role, told in (("head", True), ("administrator", True), ("clerk", False), ("viewer", False)):
        assert (words in text_of(browser(role).get("/"))) is told, role
    page = text_of(browser("iod").get("/notices"))
    assert words in page
    assert "art. 22² § 9 Kodeksu pracy" in page
    assert words not in text_of(clerk.get("/notices"))


def test_a_plate_of_the_program_marks_its_place_and_leads_to_its_page(
    browser: Browser, clerk: Client, plate: str
) -> None:
    """Printed from the text of today; a telephone that is signed in gets its page, everybody else what is published."""
    assert "Żadna tabliczka nie oznacza" not in text_of(browser("head").get("/notices"))
    printed = clerk.get(f"/notices/plates/{plate}/plate.pdf")
    assert printed.content.startswith(b"%PDF-")
    assert clerk.get(f"/p/{plate}").headers["Location"] == f"/notices/plates/{plate}"
    assert Client().get(f"/p/{plate}").headers["Location"] == "/public/clause-video.html"
    assert Client().get("/p/T-2026-9").headers["Location"] == "/public/"
    assert "T-2026-1" in text_of(clerk.get("/registers/plates"))


def test_somebody_walks_and_looks_at_plates(
    browser: Browser, clerk: Client, plate: str, clock: ManualClock
) -> None:
    """What is due is listed; the look goes on to the list, and what was found stands on the start page."""
    assert "Żadna tabliczka nie czeka" in text_of(clerk.get("/notices/plates/walk"))
    clock.advance(timedelta(days=365))
    clerk = browser("clerk")
    for role in ("clerk", "head"):
        assert "1 tabliczka do sprawdzenia" in text_of(browser(role).get("/")), role
    assert plate in text_of(clerk.get("/notices/plates/walk"))
    page = text_of(clerk.get(f"/notices/plates/{plate}"))
    assert 'capture="environment"' in page
    assert "Sprawdzono dziś" in page
    assert "Zdjęto" not in page
    done = clerk.post(f"/notices/plates/{plate}/check", {"found": "damaged", "next_check_on": "1.12.2027"})
    assert done.headers["Location"] == "/notices/plates/walk"
    assert queries.plate(plate).condition is Condition.DAMAGED
    assert "nie da się odczytać w całości" in text_of(browser("head").get("/"))
    assert clerk.post(f"/notices/plates/{plate}/down", {"down_on": TODAY, "reason": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"document": "other"}, "Wskaż, o jakim monitoringu informuje tabliczka."),
        ({"document": "other", "streams": "calls"}, ""),
        (
            {"document": "other", "streams": "video", "areas": "hol\u200b"},
            "niewidocznych",
        ),
        ({"place": ""}, "Wybierz miejsce, w którym wisi tabliczka."),
        ({}, "Wybierz, która to tabliczka."),
    ],
)
def test_a_plate_that_cannot_be_is_refused_beside_its_field(
    browser: Browser, given: dict[str, str], words: str
) -> None:
    """Nothing is entered."""
    place = str(office.places()[0].id)
    answer = browser("head").post("/notices/plates/new", {"place": place, "size": "A4", **given})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert queries.plates() == ()


def test_everybody_reads_what_is_published_and_nobody_floods_it(
    source: str,  # noqa: ARG001 - asked for its effect
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without sign-in or cookies, in both languages, kept by browsers; what is not of the bundle is not there."""
    stranger = Client()
    assert stranger.get("/public").headers["Location"] == "/public/"
    page = stranger.get("/public/")
    assert page.status_code == 200
    assert not page.cookies
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert "script-src" not in page.headers["Content-Security-Policy"]
    for path in ("clause-video.html", "en/", "en/clause-video.html", "regulation-video.pdf", "style.css"):
        assert stranger.get(f"/public/{path}").status_code == 200, path
    again = stranger.get("/public/", headers={"if-none-match": page.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    for path in ("../rejent.toml", "clause-calls.html", "regulation.toml"):
        assert stranger.get(f"/public/{path}").status_code == 404, path
    monkeypatch.setattr(public, "MOST_A_MINUTE", 1)
    assert stranger.get("/public/").status_code == 429


def test_publications_are_entered_and_the_bundle_is_handed_out(browser: Browser, plate: str) -> None:  # noqa: ARG001 - asked for its effect
    """The archive holds what stands at the public address; its making is entered."""
    head = browser("head")
    entered = head.post(
        "/notices/publications/new",
        {
            "channel": "bip",
            "address": "https://bip.example.pl/monitoring",
            "streams": "video",
            "published_on": TODAY,
        },
    )
    assert entered.headers["Location"] == "/notices/publications"
    page = text_of(head.get("/notices/publications"))
    assert "aktualna wersja" in page
    assert "bip.example.pl" in text_of(Client().get("/public/history.html"))
    assert "dane do deklaracji dostępności" in text_of(head.post("/notices/bundle.zip", follow=True))
    assert head.post("/notices/accessibility", ACCESSIBLE).status_code == 302
    archive = ZipFile(BytesIO(head.post("/notices/bundle.zip").content))
    assert archive.read("clause-video.html") == Client().get("/public/clause-video.html").content
    with translation.override("pl"):
        assert "pakiet do publikacji" in text_of(head.get("/ledger"))
    head.post("/notices/publications/OG-2026-2/end", {"ended_on": TODAY})
    assert "zakończona 21.11.2026" in text_of(head.get("/notices/publications"))
    assert "OG-2026-2" in text_of(head.get("/registers/publications"))


def test_the_facts_of_accessibility_are_asked_from_the_office(browser: Browser) -> None:
    """What was stated is filled in again, what was not is listed with its field; a review before the statement is refused."""
    head = browser("head")
    facts = {**ACCESSIBLE, "assessed": ""}
    assert head.post("/notices/accessibility", facts).status_code == 302
    assert "62 000 00 00" in text_of(head.get("/notices/accessibility"))
    assert "62 000 00 00" not in text_of(Client().get("/public/accessibility.html"))
    listed = text_of(head.get("/notices"))
    assert "/notices/accessibility#id_assessed" in listed
    assert "/notices/accessibility#id_phone" not in listed
    head.post("/notices/accessibility", ACCESSIBLE)
    assert "62 000 00 00" in text_of(Client().get("/public/accessibility.html"))
    refused = head.post("/notices/accessibility", {**facts, "reviewed_on": "1.11.2026"})
    assert refused.status_code == 422
    assert "Przegląd następuje po sporządzeniu deklaracji." in text_of(refused)
