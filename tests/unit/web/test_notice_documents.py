"""Pages of the documents that tell people: what there is, how it reads, its file, the office's own wording."""

import pytest
from django.urls import reverse
from django.utils import translation

from rejent.kernel.clock import ManualClock
from rejent.notices import queries
from rejent.notices.documents.views import Ask
from rejent.notices.publication.lacking import Lacking
from rejent.notices.wording import wordings
from rejent.web.notices.lacking import LackingLine, wait_words
from tests.printed import words_of
from tests.unit.web.conftest import Browser, regulation_with, text_of

PLATE = "plate.video.Ratusz"
WORDING = ["video", "pl", "controller"]


def test_the_list_says_what_each_document_lacks(browser: Browser) -> None:
    """The plate of an office without a public name lacks the address of the clause; everything else is complete."""
    page = text_of(browser("iod").get(reverse("notice-documents"), {"language": "pl"}))
    assert "Tabliczka: Ratusz" in page
    assert page.count("brakuje 1") == 1
    assert "Brakuje 1 rzeczy, której wymaga prawo." in page


@pytest.mark.parametrize(
    ("role", "sees", "words"),
    [("head", 200, 200), ("iod", 200, 200), ("administrator", 200, 200), ("secretary", 200, 403), ("guard", 403, 403)],
)  # fmt: skip
def test_who_reads_and_who_words(browser: Browser, role: str, sees: int, words: int) -> None:
    """Head, data protection officer and administrator word them; who supervises reads them; guards do neither."""
    client = browser(role)
    assert client.get(reverse("notice-document", args=["pl", "clause.video"])).status_code == sees
    assert client.get(reverse("notice-wordings", args=["video", "pl"])).status_code == words
    assert client.get(reverse("notice-wording", args=WORDING)).status_code == words


def test_a_document_is_shown_as_people_read_it(browser: Browser) -> None:
    """In its own language whatever the reader's; beside it, in the reader's, the items of art. 13 and where it differs from the regulation."""
    page = text_of(browser("iod").get(reverse("notice-document", args=["en", "clause.video"])))
    assert '<article class="told" lang="en"><h2>Information clause: camera monitoring</h2>' in page
    assert "<title>Klauzula informacyjna" in page
    assert "art. 13 ust. 1 lit. a RODO" in page
    assert "GDPR art. 13(1)(a)" not in page
    assert page.count(">jest<") == 10
    assert "wyjaśnianie sytuacji konfliktowych" in page


def test_a_plate_comes_in_three_sizes(browser: Browser) -> None:
    """Of a size that does not exist, and of a clause in A3, there is nothing."""
    client = browser("head")
    for size in ("A3", "A4", "A5"):
        answer = client.get(reverse("notice-document-file", args=["pl", size, PLATE]))
        assert "OBIEKT MONITOROWANY" in words_of(answer.content)
    for size, name in (("A6", PLATE), ("A3", "clause.video"), ("A4", "clause.mail")):
        assert client.get(reverse("notice-document-file", args=["pl", size, name])).status_code == 404


def test_a_wording_is_checked_shown_and_entered(browser: Browser, clock: ManualClock) -> None:
    """Wrong placeholders are named in one line; then the page to check shows every document that changes; then it is entered."""
    client, address = browser("iod"), reverse("notice-wording", args=WORDING)
    given = {"text": "Za dane odpowiada {kto}.", "in_force_from": "21.11.2026"}
    refused = client.post(address, given)
    assert refused.status_code == 422
    assert "Treść zawiera pole {kto}, którego ten fragment nie ma. Dozwolone: {controller}." in text_of(
        refused
    )
    given["text"] = "Za dane odpowiada {controller}."
    check = text_of(client.post(address, given))
    assert "Za dane odpowiada Burmistrz Miasta i Gminy Pleszew." in check
    assert wordings() == ()
    client.post(address, {**given, "confirmed": "1"})
    assert [each.text for each in wordings()] == [given["text"]]
    told = queries.document("clause.video", "pl", clock=clock)
    assert "Za dane odpowiada Burmistrz Miasta i Gminy Pleszew." in str(told)
    assert "{controller}" in text_of(client.get(reverse("notice-wordings", args=["video", "pl"])))


def test_what_the_office_has_not_said_is_proposed_not_stated(browser: Browser, clock: ManualClock) -> None:
    """Where the clause lacks a passage, the program's words are a proposal until somebody enters them."""
    regulation_with(clock, {', "no-third-country-transfer"': ""})
    client, address = browser("iod"), reverse("notice-wording", args=["video", "pl", "transfers"])
    page = text_of(client.get(address))
    assert "Propozycja programu; nigdzie jej nie podano, dopóki urząd nie wpisze treści" in page
    assert "Obecna treść" not in page
    assert "Musi zawierać" not in page
    given = {"text": "Danych nie przekazujemy.", "in_force_from": "21.11.2026", "confirmed": "1"}
    assert client.post(address, given).status_code == 302
    assert "Obecna treść" in text_of(client.get(address))


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ("pl en", "niczego się nie publikuje"),
        ("en", "po angielsku są projektami; te po polsku są publikowane"),
    ],
)
def test_what_waits_is_what_is_not_published(languages: str, said: str) -> None:
    """What lacks English alone keeps nothing in Polish from being published."""
    missing = [LackingLine(Lacking(Ask("x"), "", one), "x", "", "", "", "") for one in languages.split()]
    with translation.override("pl"):
        assert said in wait_words(missing)
