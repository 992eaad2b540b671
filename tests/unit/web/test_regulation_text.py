"""The page on which the office's own text of its regulation is entered, and where it is handed out."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from rejent.notices.regulation_text import own_text_of
from tests.unit.web.conftest import Browser, text_of

PAGE = "/regulation/text"
GIVEN: dict[str, Any] = {
    "version": "1",
    "decree": "Zarządzenie nr 12/2026 Burmistrza",
    "adopted_on": "2.01.2026",
    "remark": "Tekst mówi o 206, wykaz o 205.",
    "compared": "on",
}


@pytest.mark.parametrize(
    ("role", "status"),
    [("head", 200), ("iod", 200), ("administrator", 200), ("secretary", 403), ("clerk", 403)],
)
def test_who_may_enter_the_text(browser: Browser, role: str, status: int) -> None:
    """Head, data protection officer and IT administrator."""
    assert browser(role).get(PAGE).status_code == status


def test_the_text_is_entered_shown_and_published(browser: Browser) -> None:
    """By somebody who says that they compared it; then everybody reads it, and what the comparison found stays in the office."""
    iod = browser("iod")
    assert "nie ma na liście ustawowej" in text_of(iod.get(PAGE))
    refused = iod.post(PAGE, {**GIVEN, "compared": "", "file": BytesIO(b"%PDF-1.7\nx")})
    assert refused.status_code == 422
    assert own_text_of(1) is None
    done = iod.post(PAGE, {**GIVEN, "file": BytesIO(b"%PDF-1.7\nx")})
    assert done.headers["Location"] == "/regulation"
    page = text_of(iod.get("/regulation"))
    for words in (GIVEN["decree"], "Tekst mówi o 206", "Wpisz tekst"):
        assert words in page
    assert browser("clerk").get("/regulation/text/file").content == b"%PDF-1.7\nx"
    public = text_of(Client().get("/public/regulation.html"))
    assert GIVEN["decree"] in public
    assert "206" not in public
    assert Client().get("/public/regulation-text.pdf").content == b"%PDF-1.7\nx"
    again = iod.post(PAGE, {**GIVEN, "remark": ""})
    assert again.status_code == 302
    assert "Tekst mówi o 206" not in text_of(iod.get("/regulation"))
