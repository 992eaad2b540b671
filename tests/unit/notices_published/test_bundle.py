"""The bundle for publication, and its register."""

from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings as program

from rejent.kernel.clock import ManualClock
from rejent.notices.agreement import queries as agreement
from rejent.notices.agreement.rules import Kind
from rejent.notices.documents.views import Document, DocumentKind
from rejent.notices.errors import PublicationRefusedError
from rejent.notices.publication import queries, services
from rejent.notices.publication.bundle import archive_of, digest_of, editions
from rejent.notices.publication.lacking import lacking
from rejent.notices.publication.queries import bundle_of_today
from rejent.notices.publication.views import Accessibility, Assessed, Conformance
from rejent.notices.queries import documents_of_today, truth_of
from rejent.notices.wording import enter_wording
from rejent.office import services as office
from rejent.office.regulation.loading import RegulationRefusedError, example
from rejent.office.regulation.vocabulary import NoticeChannel
from tests.printed import words_of
from tests.unit.notices_published.conftest import TODAY, Hang, add_camera


class Links(HTMLParser):
    """Collects what a page names: links, the language, headings, scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links, self.tags = set[str](), list[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and where it leads."""
        self.tags.append(tag)
        self.links |= {
            value for name, value in attrs if name == "href" and value and not value.startswith("#")
        }


def test_every_page_of_the_bundle_leads_only_into_it(pleszew: None) -> None:  # noqa: ARG001 - asked for its effect
    """In both languages, without scripts; each has one first heading, and nothing is asked of another server."""
    made = bundle_of_today()
    pages = {path: content.decode() for path, content in made.pages.items() if path.endswith(".html")}
    assert {
        "index.html",
        "clause-video.html",
        "areas.html",
        "en/clause-video.html",
        "en/history.html",
    } <= set(pages)
    for path, text in pages.items():
        found = Links(text)
        folder = "en/" if path.startswith("en/") else ""
        assert f'<html lang="{"en" if folder else "pl"}">' in text
        assert found.tags.count("h1") == 1, path
        assert "script" not in found.tags
        for link in found.links:
            there = link.removeprefix("../") if link.startswith("../") else f"{folder}{link}"
            assert (there or "index.html") in made.paths, (path, link)
    assert "pokój 205" in pages["areas.html"]


def test_the_same_facts_make_the_same_bundle(pleszew: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Byte for byte, a day later too; a new camera makes another edition."""
    first = bundle_of_today().files()
    assert all(content for _, content in first)
    assert dict(first)["clause-video.pdf"].startswith(b"%PDF-")
    before = editions(documents_of_today(clock))
    clock.advance(timedelta(days=1))
    again = bundle_of_today().files()
    assert archive_of(first) == archive_of(again)
    assert digest_of(first) == digest_of(again)
    add_camera("Schody", "schody", "stairs", clock)
    assert editions(documents_of_today(clock)).keys() == before.keys()
    assert editions(documents_of_today(clock)) != before


SECRET = "korytarz przy skarbcu"


@pytest.mark.usefixtures("db")
def test_secret_places_stand_in_no_file_for_everybody(clock: ManualClock) -> None:
    """Under a regulation that keeps them secret: neither the place nor the camera, in pages, papers, or the regulation; areas do, by their kind."""
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    add_camera("Kamera-tajna", SECRET, "corridor", clock)
    for path, content in bundle_of_today().files():
        told = words_of(content) if path.endswith(".pdf") else content.decode()
        for word in (SECRET, "Kamera-tajna"):
            assert word not in told, path
    assert "korytarze" in bundle_of_today().pages["areas.html"].decode()
    listed = example("elblag").replace('shown = "secret"', f'shown = "secret"\nareas = ["{SECRET}"]')
    with pytest.raises(RegulationRefusedError):
        office.activate_regulation(listed, in_force_from=date(2026, 3, 1), clock=clock, actor="")


def test_what_people_write_stays_text_in_the_bundle(pleszew: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Markup in a wording, in the name of a place, in the address of a publication; a path leads nowhere else."""
    evil = "<img src=x onerror=alert(1)>"
    add_camera("Zła", evil, "office", clock)
    truth = truth_of("video", "pl", clock=clock)
    enter_wording(
        truth, "complaint", f'{evil} #read("/etc/passwd")', in_force_from=TODAY, clock=clock, actor=""
    )
    told = services.NewPublication(
        channel=NoticeChannel.WEBSITE, address=f"https://x.example/{evil}", editions=editions(documents_of_today(clock)),
        published_on=TODAY,
    )  # fmt: skip
    services.enter_publication(told, clock=clock, ledger=None, actor="")
    made = bundle_of_today()
    for path, content in made.files():
        assert b"<img" not in content, path
        assert ".." not in path
        assert not path.startswith("/")
    assert "&lt;img" in made.pages["areas.html"].decode()
    assert "read(" in words_of(dict(made.files())["clause-video.pdf"])
    for path in (
        "../rejent.toml",
        "/etc/passwd",
        "en/../../x",
        "clause-video.html/",
        "CLAUSE-VIDEO.HTML",
        "",
    ):
        assert made.read(path) is None, path


def test_a_publication_is_entered_grows_old_and_ends(hang: Hang, clock: ManualClock) -> None:
    """Older than what should be told once a camera is added; a day that has not come is refused."""
    hang("hol", "hol", "pokój 205")
    given: dict[str, Any] = {"clock": clock, "ledger": None, "actor": ""}
    told = services.NewPublication(
        channel=NoticeChannel.WEBSITE,
        address="https://pleszew.example/monitoring",
        editions=editions(documents_of_today(clock)),
        published_on=TODAY,
    )
    made = services.enter_publication(told, **given)
    assert made.number == "OG-2026-1"
    assert agreement.found(program.CLOCK) == []
    add_camera("Schody", "schody", "stairs", clock)
    kinds = {each.kind: each for each in agreement.found(program.CLOCK)}
    assert set(kinds) == {Kind.PLACE_UNMARKED, Kind.PUBLICATION_OUTDATED}
    assert kinds[Kind.PUBLICATION_OUTDATED].publication == made.number
    assert "pleszew.example" in str(kinds[Kind.PUBLICATION_OUTDATED].sentence)
    services.end_publication(made.number, TODAY, **given)
    assert queries.standing(TODAY) == []
    with pytest.raises(PublicationRefusedError, match="ended before"):
        services.end_publication(made.number, TODAY, **given)


def test_the_statement_of_accessibility_says_only_what_the_office_stated(
    pleszew: None,  # noqa: ARG001 - asked for its effect
    clock: ManualClock,
) -> None:
    """Nothing of it, and no bundle, before all of it is stated, whose assessment it rests on too; the newest facts count."""
    started = Accessibility(phone="62 000 00 00", conformance=Conformance.PARTIAL)
    services.state_accessibility(started, clock=clock, ledger=None, actor="")
    assert {"site", "lacking", "assessed"} <= set(queries.accessibility().lacks)
    page = bundle_of_today().pages["accessibility.html"].decode()
    for words in ("62 000 00 00", "częściowo", "ocenie"):
        assert words not in page
    assert "Deklaracja jest przygotowywana" in page
    with pytest.raises(PublicationRefusedError, match="dane do deklaracji dostępności"):
        services.note_bundle(1, "0", clock=clock, ledger=None, actor="")
    stated = Accessibility(
        site="Monitoring w Ratuszu", published_on=TODAY, changed_on=TODAY, conformance=Conformance.PARTIAL,
        lacking="Skany starszych regulaminów", assessed=Assessed.OTHERS, assessed_by="Firma Ocena", made_on=TODAY, reviewed_on=TODAY, contact="Sekretariat",
        phone="62 000 00 00", mail="sekretariat@pleszew.example", building="Wejście bez progu.",
    )  # fmt: skip
    services.state_accessibility(stated, clock=clock, ledger=None, actor="")
    assert queries.accessibility() == stated
    assert queries.accessibility().lacks == ()
    services.note_bundle(1, "0", clock=clock, ledger=None, actor="")
    page = bundle_of_today().pages["accessibility.html"].decode()
    for words in ("62 000 00 00", "Skany starszych regulaminów", "częściowo zgodna", "Firma Ocena"):
        assert words in page


def test_what_is_worded_in_each_language_is_missing_in_each(pleszew: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Whether data leave the area is said in two languages: both stand on the list from the beginning."""
    text = example("pleszew").replace(', "no-third-country-transfer"', "")
    office.activate_regulation(text, in_force_from=TODAY, clock=clock, actor="")
    assert [each.language for each in lacking(clock) if each.ask.key == "transfers"] == ["pl", "en"]


def test_a_document_that_lacks_something_is_published_by_nobody(pleszew: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Its page says who tells meanwhile, there is no paper of it, and no publication of it is entered; the list has it once."""
    text = example("pleszew").replace('contact = "iod@pleszew.example"\n', "")
    office.activate_regulation(text, in_force_from=TODAY, clock=clock, actor="")
    made = bundle_of_today()
    page = made.pages["clause-video.html"].decode()
    assert "Ten dokument jest przygotowywany" in page
    assert "ul. Rynek 1, 63-300 Pleszew" in page
    assert "Cele" not in page
    assert "clause-video.pdf" not in made.paths
    asked = [each for each in lacking(clock) if each.ask.key == "contact"]
    assert [each.kinds[:2] for each in asked] == [(DocumentKind.PLATE, DocumentKind.CLAUSE)]
    told = services.NewPublication(
        channel=NoticeChannel.NOTICE_BOARD, address="Ratusz", editions=editions(documents_of_today(clock)),
        published_on=TODAY,
    )  # fmt: skip
    with pytest.raises(PublicationRefusedError, match="kontakt do inspektora ochrony danych"):
        services.enter_publication(told, clock=clock, ledger=None, actor="")


def test_without_pages_of_its_own_the_plate_leads_to_where_the_clause_was_published(
    pleszew: None,  # noqa: ARG001 - asked for its effect
    clock: ManualClock,
    settings: Any,
) -> None:
    """An office without a public name publishes first; then its plates are finished, and the publication is still that of today."""
    settings.INSTALLATION = replace(settings.INSTALLATION, hosts=())
    assert [each.key for each in _plate(clock).asks] == ["published"]
    told = services.NewPublication(
        channel=NoticeChannel.BULLETIN, address="https://bip.example/monitoring", editions=editions(documents_of_today(clock)),
        published_on=TODAY,
    )  # fmt: skip
    services.enter_publication(told, clock=clock, ledger=None, actor="")
    assert _plate(clock).address == "https://bip.example/monitoring"
    assert _plate(clock).missing == ()
    assert Kind.PUBLICATION_OUTDATED not in {each.kind for each in agreement.found(program.CLOCK)}


def _plate(clock: ManualClock) -> Document:
    return next(each for each in documents_of_today(clock) if each.kind is DocumentKind.PLATE)
