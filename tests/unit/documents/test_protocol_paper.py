"""The paper of a protocol: archival, accessible, as long as its texts, and nothing but letters."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rejent.documents.papers import Letterhead, Part, Protocol
from rejent.documents.rendering import render_pdf
from tests.printed import claims_of, fonts_of, opened, tags_of, words_of
from tests.unit.documents.test_rendering import MARKUP

Made = Callable[..., Protocol]


@pytest.fixture
def protocol(letterhead: Letterhead) -> Made:
    """A protocol with two parts and a position, changed as a test wants."""

    def made(**changed: Any) -> Protocol:
        paper = Protocol(
            letterhead=replace(letterhead, title="Protokół odtworzenia O-2026-1"),
            opening="Kto i po co obejrzał nagranie.",
            facts=(("Źródło", ("Hol na parterze",)), ("Obejrzane części", ("11:00:00–11:02:00",))),
            parts=(
                Part("1. Co ustalono", ("Wchodzi jedna osoba.", "Wychodzi.")),
                Part("2. Co z tego wynika", ("Nic.",), "Potwierdzenie w programie."),
                Part("Stanowisko", ("Dalszych czynności nie będzie.",), "Wpis w programie."),
            ),
            signatures=("data i podpis osoby, która otworzyła nagranie", "data i podpis: Burmistrz"),
        )
        return replace(paper, **changed)

    return made


def test_a_protocol_is_archival_accessible_and_in_order(protocol: Made) -> None:
    """PDF/A-2a and PDF/UA-1, a heading for each part, every font inside, the parts as they follow."""
    document = render_pdf(protocol())
    claims = claims_of(document)
    assert (claims["archive"], claims["accessible"]) == ("2A", "1")
    assert all(fonts_of(document).values())
    kinds = tags_of(document)
    assert (kinds.count("H1"), kinds.count("H2")) == (1, 3)
    text = words_of(document)
    wanted = (
        "Hol na parterze",
        "1. Co ustalono",
        "Wychodzi.",
        "Potwierdzenie",
        "Stanowisko",
        "data i podpis",
    )
    places = [text.index(words) for words in wanted]
    assert places == sorted(places)
    assert render_pdf(protocol()) == document


def test_markup_in_a_text_stays_letters(protocol: Made) -> None:
    """Whatever Typst would take for code or files is shown as it was written, in every place of the paper."""
    letterhead = protocol().letterhead
    everywhere = protocol(
        letterhead=replace(letterhead, office=MARKUP, title=MARKUP, marks=(MARKUP,), warning=MARKUP),
        opening=MARKUP,
        facts=((MARKUP, (MARKUP,)),),
        parts=(Part(MARKUP, (MARKUP, MARKUP), MARKUP),),
        signatures=(MARKUP,),
    )
    text = words_of(render_pdf(everywhere)).replace(" ", "")
    assert text.count("#{panic()}") == 12
    assert "root:" not in text


def test_the_longest_protocol_is_printed_whole(protocol: Made) -> None:
    """Seven fields, a position and fifty notes as long as they may be: every one is there, the signatures on the last page."""
    text = ("Osoba wchodzi do holu i wychodzi. " * 120)[:3980]
    parts = [Part(f"{place}. Pole", (f"{text} koniec{place}",)) for place in range(1, 9)]
    notes = [Part(f"Adnotacja {place}", (f"{text[:1980]} nota{place}",), "Dołącza: X") for place in range(50)]
    document = render_pdf(protocol(parts=(*parts, *notes)))
    with opened(document) as pdf:
        count = len(pdf.pages)
    words = words_of(document)
    assert count > 20
    assert all(f"koniec{place}" in words for place in range(1, 9))
    assert all(f"nota{place}" in words for place in range(50))
    assert "podpis: Burmistrz" in words.split(f" z {count}")[-2]


@pytest.mark.parametrize("fill", range(20, 60, 4))
def test_no_signature_stands_on_a_page_without_text(fill: int, protocol: Made) -> None:
    """However full the page before is, the last part's words stand on the page of the signatures."""
    parts = (Part("1. Pole", ("Zdanie.",) * fill), Part("Stanowisko", ("Ostatnie słowo.",)))
    last = words_of(render_pdf(protocol(parts=parts))).split(" z ")[-2]
    assert "Ostatnie słowo." in last
    assert "data i podpis: Burmistrz" in last


def test_a_word_without_end_stays_on_the_page(protocol: Made) -> None:
    """What somebody pasted without a blank is broken, and all of it is there."""
    long = "0123456789abcdef" * 60
    assert long in words_of(render_pdf(protocol(parts=(Part("1. Pole", (long,)),)))).replace(" ", "")
