"""Signs that a document can show."""

from collections.abc import Callable

import pytest

from rejent.documents.papers import Book, Column, Form
from rejent.documents.rendering import render_pdf
from rejent.documents.signs import REPLACEMENT, SHOWN, printable


def test_every_sign_that_is_let_through_has_a_picture(
    form: Callable[..., Form], book: Callable[..., Book]
) -> None:
    """All of them, light and bold, make a document; the press would refuse one without a picture."""
    signs = [chr(code) for part in SHOWN for code in part] + [REPLACEMENT]
    words = [" ".join(signs[start : start + 40]) for start in range(0, len(signs), 40)]
    assert [printable(word) for word in words] == words
    assert render_pdf(form(facts=tuple((word, (word,)) for word in words))).startswith(b"%PDF-")
    bold = tuple(Column(word, 1) for word in words)
    assert render_pdf(book(1, columns=bold, rows=[words])).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Zażółć gęślą jaźń", "Zażółć gęślą jaźń"),
        ("z\u0307o\u0301ł\u0301", f"żó{'ł'}{REPLACEMENT}"),
        ("dwie\nlinie\tte", "dwie linie te"),
        ("§ 22² – „tak” … 12 €", "§ 22² – „tak” … 12 €"),
        ("a\u200bb\u202ec\x07d", f"a{REPLACEMENT}b{REPLACEMENT}c{REPLACEMENT}d"),
        ("", ""),
    ],
)
def test_text_is_composed_on_one_line_and_nothing_hides(written: str, shown: str) -> None:
    """Accents join their letters, line ends are blanks, and what has no picture is replaced where people see it."""
    assert printable(written) == shown
