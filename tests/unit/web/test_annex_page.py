"""An office's own forms are taken in on a page: mistakes beside their lines, the papers as they will be printed, a version from a day."""

import re
from base64 import b64decode
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from rejent.office import queries
from rejent.office.regulation.forms import FormPaper
from rejent.web.regulation import annex
from tests.unit.office.test_forms import ANNEX
from tests.unit.web.conftest import Browser, text_of

PAGE = "/regulation/annex"
CLAUSE = """[[streams.video.forms]]
papers = ["clause"]
title = "KLAUZULA URZĘDU"
lines = [{ text = "Administratorem jest {controller}." }]
"""


def sent(text: str = "", **more: Any) -> dict[str, Any]:
    """What a browser sends: the text, or a file."""
    return {"annex": text, "in_force_from": "1.12.2026", **more}


@pytest.mark.parametrize(
    ("role", "status"), [("head", 200), ("administrator", 403), ("iod", 403), ("clerk", 403)]
)
def test_who_may_change_the_forms(browser: Browser, role: str, status: int) -> None:
    """Who may change the regulation."""
    assert browser(role).get(PAGE).status_code == status


def test_a_file_is_shown_as_it_will_be_printed_and_then_entered(browser: Browser) -> None:
    """The text of the file stands in the form; confirmed, it is a version from its day, and all other provisions stay."""
    head = browser("head")
    checked = head.post(PAGE, sent(file=BytesIO(ANNEX.encode()), check="1"))
    page = text_of(checked)
    assert checked.status_code == 200
    assert "wniosek o zabezpieczenie nagrania" in page.lower()
    (picture, *_) = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    assert b64decode(picture).startswith(b"\x89PNG")
    assert "Chodzi o dzień {event_day}." in page
    before = queries.every_version()
    done = head.post(PAGE, sent(ANNEX.replace("\n", "\r\n"), confirmed="1"))
    assert done.headers["Location"] == "/regulation"
    newest = queries.every_version()[0]
    assert (newest.version, f"{newest.in_force_from:%d.%m.%Y}") == (before[0].version + 1, "01.12.2026")
    rules = queries.verified_version(newest.version).streams["video"]
    form = rules.form(FormPaper.DISCLOSURE)
    assert form is not None
    assert form.title == "Wniosek o nagranie"
    assert rules.copies == queries.verified_version(before[0].version).streams["video"].copies


def test_the_page_has_an_example_that_it_takes_itself(browser: Browser) -> None:
    """A form as it is written stands on the page, with every paper that may have one; sent as it stands nothing is found in it."""
    head = browser("head")
    told = head.get(PAGE)
    sample = str(told.context["sample"])
    assert sample.startswith("[[streams.video.forms]]")
    assert sample in unescape(told.content.decode())
    assert [name for name, _ in told.context["papers"]] == [*FormPaper]
    checked = head.post(PAGE, sent(sample.replace('title = "', 'title = "Nowy '), check="1"))
    assert (checked.status_code, checked.context["findings"]) == (200, [])
    assert checked.context["previews"]


def test_a_notice_is_shown_with_what_is_true_today(browser: Browser) -> None:
    """A clause on the office's form, from the regulation that it would be part of."""
    page = text_of(browser("head").post(PAGE, sent(CLAUSE, check="1")))
    assert "Klauzula informacyjna" in page
    assert "data:image/png" in page


BOOKS = """[[streams.video.forms]]
papers = ["copies"]
title = "Rejestr kopii"
lines = [
    { field = "number", name = "Nr kopii" }, { field = "period" }, { field = "source" }, { field = "made-on" },
    { field = "maker" }, { field = "signature" }, { field = "outcome" },
]

[[streams.video.forms]]
papers = ["label"]
title = "Etykieta"
lines = [
    { field = "number", name = "Nr kopii" }, { field = "period" }, { field = "source" },
    { field = "made-on", name = "Kiedy zgrano" },
]
"""


def test_registers_and_labels_are_shown_as_such(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """A register with its columns, a label with its lines: in the office's names, and the program's where the file has none."""
    shown: list[Any] = []
    monkeypatch.setattr(annex, "render_pictures", lambda paper: shown.append(paper) or [b""])
    page = browser("head").post(PAGE, sent(BOOKS, check="1"))
    assert page.status_code == 200, text_of(page)
    book, label = shown
    assert [column.title for column in book.columns][:3] == [
        "Nr kopii",
        "Okres, którego dotyczy nagranie",
        "Źródło",
    ]
    assert list(book.rows) == [[""] * 7]
    assert label.letterhead.title.startswith("Nr kopii ...")
    assert label.facts[-1] == ("Kiedy zgrano", "." * 20)
    assert "made-on" not in str(shown)


def test_a_mistake_is_said_with_what_stands_in_each_field(browser: Browser) -> None:
    """The register by its name, its fields as the file writes them, each with its words."""
    page = text_of(browser("head").post(PAGE, sent(BOOKS.replace('"made-on"', '"made-by"'), check="1")))
    assert "Wiersz" in page
    assert "made-on (Data wykonania kopii)" in page
    assert "outcome (Informacje o udostępnieniu lub zniszczeniu / Sposób załatwienia wniosku)" in page


def test_a_file_that_is_too_long_is_refused_and_never_cut(browser: Browser) -> None:
    """However much of it could be read: what lies behind the cut would be missing in silence."""
    before = len(queries.every_version())
    file = BytesIO(f"{ANNEX}# {'x' * 900_000}\n{CLAUSE}".encode())
    refused = browser("head").post(PAGE, sent(file=file, confirmed="1"))
    assert refused.status_code == 422
    assert "Plik ma ponad 200000 znaków" in text_of(refused)
    assert len(queries.every_version()) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (ANNEX.replace("{event_day}", "{event_dya}"), "Wiersz 6:"),
        ("name = 'Inny'\n", "są tylko formularze"),
        ("[[streams.video.forms", "wiersz 1"),
        ("", "Wybierz plik."),
    ],
)
def test_a_mistake_stands_beside_its_line_and_nothing_is_entered(
    browser: Browser, text: str, words: str
) -> None:
    """Whoever sends a confirmation all the same."""
    before = len(queries.every_version())
    page = text_of(browser("head").post(PAGE, sent(text, confirmed="1")))
    assert words in page
    assert "data:image/png" not in page
    assert len(queries.every_version()) == before
