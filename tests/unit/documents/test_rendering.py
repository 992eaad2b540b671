"""Documents as files: what they claim, what they hold, and what nobody can bring into them."""

import ast
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import rejent
from rejent.documents import rendering
from rejent.documents.errors import DocumentError
from rejent.documents.papers import Book, Form
from rejent.documents.rendering import render_pdf
from rejent.documents.signs import REPLACEMENT
from tests.printed import claims_of, fonts_of, opened, tags_of, words_of

PACKAGE = Path(rejent.__file__).parent
MARKUP = (
    '#read("/etc/passwd") $x^2$ *b* _i_ `c` @a <b> \\ = H #let a = 1 // c "q" #{panic()} https://a.example'
)


def test_a_form_is_archival_accessible_and_says_what_it_is(form: Callable[..., Form]) -> None:
    """PDF/A-2a and PDF/UA-1 in its metadata; language, title, tags and every font in the file."""
    document = render_pdf(form())
    assert claims_of(document) == {
        "archive": "2A",
        "accessible": "1",
        "title": "Upoważnienie U-2026-1",
        "made": "2026-11-21T11:00:00+00:00",
    }
    with opened(document) as pdf:
        assert str(pdf.Root.Lang) == "pl"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert not pdf.is_encrypted
    fonts = fonts_of(document)
    assert fonts
    assert all(fonts.values())
    assert all("Libertinus" in name for name in fonts)
    kinds = tags_of(document)
    assert kinds.count("H1") == 1
    assert {"H2", "P"} <= set(kinds)
    assert kinds.count("L") == 2
    assert kinds.count("LBody") == 4


def test_everything_a_form_says_can_be_read_in_order(form: Callable[..., Form]) -> None:
    """Office, title, facts, duties, signatures, entry and page, with their Polish letters."""
    text = words_of(render_pdf(form()))
    wanted = (
        "Urząd Miasta i Gminy Przykładowo", "Upoważnienie U-2026-1", "Osoba Zażółć Gęślą-Jaźń", "odtwarzanie nagrań",
        "Obowiązki", "Hasła nie przekazuje się nikomu.", "Znam zakres", "data i podpis osoby upoważnionej",
    )  # fmt: skip
    places = [text.index(words) for words in wanted]
    assert places == sorted(places)
    assert "Wpis 17 w rejestrze działań, dziennik rejent/test" in text
    assert "strona 1 z 1" in text


def test_the_same_paper_gives_the_same_bytes(form: Callable[..., Form], book: Callable[..., Book]) -> None:
    """Two renderings are equal to the byte, so that a document can be made again and compared."""
    for paper in (form(), book(40)):
        assert render_pdf(paper) == render_pdf(paper)
    assert render_pdf(form()) != render_pdf(form(opening="Inaczej."))


def test_markup_in_a_name_stays_letters(form: Callable[..., Form], book: Callable[..., Book]) -> None:
    """Whatever Typst would take for code, markup or files is shown as it was written, in every place of a paper."""
    letterhead = form().letterhead
    everywhere = form(
        letterhead=replace(letterhead, office=MARKUP, title=MARKUP, marks=(MARKUP,), warning=MARKUP),
        opening=MARKUP,
        facts=((MARKUP, (MARKUP, MARKUP)),),
        duties_title=MARKUP,
        duties=(MARKUP,),
        undertaking=MARKUP,
        signatures=(MARKUP,),
    )
    text = words_of(render_pdf(everywhere)).replace(" ", "")
    assert text.count("#{panic()}") == 12
    assert text.count("$x^2$*b*_i_`c`@a<b>") == 12
    assert "root:" not in text
    rows = words_of(render_pdf(book(1, rows=[(MARKUP, MARKUP, "")]))).replace(" ", "")
    assert rows.count('#read("/etc/passwd")') == 2


def test_a_name_longer_than_the_page_is_wide_stays_on_it(form: Callable[..., Form]) -> None:
    """A word without a blank is broken, and all of it is there."""
    long = "Nadzwyczajnie" * 40
    document = render_pdf(form(facts=(("Osoba", (long,)),)))
    assert long in words_of(document).replace(" ", "")
    box = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=document, capture_output=True, check=True
    ).stdout.decode()
    assert max(float(part.split('"')[0]) for part in box.split('xMax="')[1:]) < 595 - 60


def test_a_form_of_several_pages_keeps_its_signatures_together(form: Callable[..., Form]) -> None:
    """Two hundred cameras are all named, and both places for signatures stand on the last page."""
    cameras = tuple(f"Kamera {row}." for row in range(200))
    document = render_pdf(form(facts=(("Źródła", cameras),)))
    with opened(document) as pdf:
        count = len(pdf.pages)
    pages = words_of(document).split(f" z {count}")
    assert count > 3
    assert all(camera in "".join(pages) for camera in cameras)
    for words in ("Znam zakres", "podpis wydającego", "podpis osoby upoważnionej"):
        assert words in pages[-2]


def test_a_sign_that_no_font_has_is_shown_as_missing(form: Callable[..., Form]) -> None:
    """An emoji, Chinese, a private sign, a turn of the writing direction: the document comes, and a mark stands there."""
    text = words_of(render_pdf(form(facts=(("Osoba", ("Jan \U0001f600 漢 \ue000 \u202e Nowak",)),))))
    assert f"Jan {REPLACEMENT} {REPLACEMENT} {REPLACEMENT} {REPLACEMENT} Nowak" in text


def test_a_book_repeats_its_titles_and_counts_its_pages(book: Callable[..., Book]) -> None:
    """Every row is there once, in order; titles stand on each page and are header cells; the unprinted column is not."""
    document = render_pdf(book(120))
    text = words_of(document)
    pages = text.count("strona ")
    assert pages > 2
    assert f"strona {pages} z {pages}" in text
    assert text.count("Co zrobiono") == pages
    places = [text.index(f"O-2026-{row} ") for row in range(120)]
    assert places == sorted(places)
    assert "Skrót" not in text
    assert "9c9c" not in text
    kinds = tags_of(document)
    assert kinds.count("Table") == 1
    assert kinds.count("TH") == 2
    assert kinds.count("TR") == 121


def test_a_book_without_rows_says_so(book: Callable[..., Book]) -> None:
    """An empty register is a page that says that it is empty."""
    document = render_pdf(book(0))
    assert "W tym zakresie nie ma wpisów." in words_of(document)
    assert "Table" not in tags_of(document)


def test_an_english_paper_is_english(form: Callable[..., Form]) -> None:
    """The file's language is that of its words."""
    with opened(render_pdf(form(letterhead=replace(form().letterhead, language="en")))) as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_a_press_that_fails_says_so_without_names(
    form: Callable[..., Form], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A press that ends with an error or cannot be started leaves one clear line, and the next order is carried out."""
    for command in (("false",), ("/nowhere",)):
        with monkeypatch.context() as broken:
            broken.setattr(rendering, "_COMMAND", command)
            with pytest.raises(DocumentError) as raised:
                render_pdf(form())
        assert "Zażółć" not in str(raised.value)
        assert raised.value.__cause__ is None
    assert render_pdf(form()).startswith(b"%PDF-")


def test_only_the_press_knows_typst() -> None:
    """No other module of the package imports it."""
    knowing = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and any(name.name.split(".")[0] == "typst" for name in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "typst")
    ]
    assert knowing == ["documents/typesetting.py"]
