"""Taking registers out of the program in a real browser."""

from pathlib import Path

import pytest

from tests.browser.conftest import SignIn, Site
from tests.printed import words_of

pytestmark = pytest.mark.browser


def test_both_files_are_taken_from_one_page_by_keyboard(visit: SignIn, site: Site) -> None:
    """The table, the paper and the table again, one after the other; the page stays, and tells of all three."""
    page = visit("iod").page
    page.goto(f"{site.base}/ledger")
    taken = []
    for button in ("Pobierz CSV", "Pobierz PDF", "Pobierz CSV"):
        page.get_by_role("button", name=button).focus()
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        taken.append((download.value.suggested_filename, Path(download.value.path()).read_bytes()))
    assert [name.rpartition(".")[2] for name, _ in taken] == ["csv", "pdf", "csv"]
    assert all(name.startswith("rejestr-dzialan-") for name, _ in taken)
    assert taken[0][1].startswith(b"\xef\xbb\xbfWpis w dzienniku;")
    assert len(taken[2][1]) > len(taken[0][1])
    assert "Rejestr działań" in words_of(taken[1][1])
    page.goto(f"{site.base}/ledger?kind=registers.exported")
    assert page.get_by_role("row").count() == 4


def test_an_authorised_person_finds_their_paper(visit: SignIn, site: Site) -> None:
    """From the settings the document of one's own authorisation is taken."""
    page = visit("viewer").page
    page.goto(f"{site.base}/preferences")
    with page.expect_download() as download:
        page.get_by_role("link", name="Dokument U-").first.click()
    assert download.value.suggested_filename.startswith("upowaznienie-u-")
    assert "Obowiązki osoby upoważnionej" in words_of(Path(download.value.path()).read_bytes())
