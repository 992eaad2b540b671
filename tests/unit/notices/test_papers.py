"""Documents as files: PDF/A and PDF/UA, the same bytes again, one page a plate; HTML that says the same."""

import re
from dataclasses import replace

import pytest

from rejent.documents.rendering import render_pdfs
from rejent.notices.documents.paper import SIZES, page, paper_of
from rejent.office.regulation.loading import example
from tests.printed import claims_of, fonts_of, opened, words_of
from tests.unit.notices.conftest import Place, documents, of_example, words_in


@pytest.mark.parametrize("language", ["pl", "en"])
def test_a_plate_is_one_page_in_every_size(language: str) -> None:
    """Also with twenty areas, in A5: archived, accessible, with the address of the clause, its fonts inside."""
    many = [
        Place(number, "Ratusz", f"korytarz na piętrze {number}, strona wschodnia", "corridor")
        for number in range(20)
    ]
    plate = documents(example("pleszew"), "video", language, places=many)["plate.video.Ratusz"]  # type: ignore[arg-type]
    papers = [paper_of(plate, size=size) for size in SIZES]
    made = render_pdfs(papers)
    widths = {"A3": 297, "A4": 210, "A5": 148}
    for size, content in zip(SIZES, made, strict=True):
        with opened(content) as pdf:
            assert len(pdf.pages) == 1
            assert round(float(pdf.pages[0].mediabox[2]) / 72 * 25.4) == widths[size]
        claims, words = claims_of(content), words_of(content)
        assert (claims["archive"], claims["accessible"], claims["title"]) == ("2A", "1", plate.title)
        assert "piętrze 19" in words
        assert "public/clause-video.html" in words.replace(" ", "")
        assert all(fonts_of(content).values())
    assert render_pdfs(papers[:1]) == made[:1]


def test_every_document_of_an_office_is_a_file_that_says_all_of_it() -> None:
    """Each word of the document stands in the PDF and in the HTML; what is filled in by hand has its line."""
    found = list(of_example("boleslawiec").values())
    for each, content in zip(found, render_pdfs([paper_of(one, test=True) for one in found]), strict=True):
        printed, shown = _bare(words_of(content)), page(each)
        assert "Instalacjapróbna" in printed
        for word in words_in(each).split():
            assert _bare(word) in printed, (each.name, word)
        text = re.sub(
            r"<[^>]+>", " ", shown.replace("&amp;", "&").replace("&quot;", '"').replace("&#x27;", "'")
        )
        assert _bare(words_in(each).split()[-1]) in _bare(text)
        assert '<html lang="pl">' in shown
        assert "<script" not in shown


def _bare(text: str) -> str:
    """Return a text without blanks and what typesetting adds at the ends of lines."""
    return re.sub("[\\s\u00ad\u200b\\-\u2010]+", "", text)


def test_words_of_an_office_are_no_markup() -> None:
    """A bracket in a name is shown as a bracket."""
    each = next(iter(of_example("pleszew").values()))
    shown = page(replace(each, title="<b>Tabliczka</b>"))
    assert "<b>" not in shown
    assert "&lt;b&gt;Tabliczka" in shown
