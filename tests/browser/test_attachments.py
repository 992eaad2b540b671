"""Files of any size go with a case, piece by piece, and are shown so that nothing in them runs."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from rejent.documents.papers import Letterhead, Report, ReportSection
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import SystemClock
from tests.browser.conftest import SignIn, Site
from tests.browser.test_cases import entered

pytestmark = pytest.mark.browser


def paper() -> bytes:
    """A scan, as good as."""
    head = Letterhead("pl", "Urząd", "Wniosek", SystemClock().now(), (), "{page}")
    return render_pdf(Report(head, ("Treść",), (ReportSection("A", (("b", "c"),), ""),)))


def test_a_large_file_comes_in_pieces_and_goes_on_where_it_broke_off(
    visit: SignIn, site: Site, tmp_path: Path
) -> None:
    """The server is away in the middle; whatever had come is not sent again."""
    shown = visit("clerk")
    page = shown.page
    number = entered(page, site)
    large = tmp_path / "nagranie \u202efdp.wav"
    large.write_bytes(b"RIFF\0\0\0\0WAVEfmt " + bytes(7 << 20))
    places: list[str] = []
    page.on("request", lambda asked: "/pieces/" in asked.url and places.append(asked.url.rsplit("/", 1)[1]))
    page.route("**/pieces/3", lambda route: route.abort(), times=1)
    page.set_input_files("main input[type=file]", large)
    page.click("main form[data-attach] button")
    expect(page.locator("main [aria-labelledby=files] .lines")).to_contain_text("nagranie fdp.wav")
    assert places == ["1", "2", "3", "3", "4"]
    assert page.url.endswith(f"/cases/{number}")
    refused = tmp_path / "wniosek.pdf"
    refused.write_bytes(b"<html><script>alert(1)</script></html>")
    page.click("main [aria-labelledby=files] summary")
    page.set_input_files("main input[type=file]", refused)
    page.click("main form[data-attach] button")
    expect(page.locator("main [data-wrong]")).to_contain_text("Takiego pliku nie można załączyć")
    assert len(shown.complaints) == 2, "the request that was lost, and the refusal"
    shown.complaints.clear()


def test_what_is_opened_runs_nothing(visit: SignIn, site: Site, tmp_path: Path) -> None:
    """A picture and a PDF open in the browser, under a policy that lets nothing run; each opening is an act."""
    page = visit("clerk").page
    entered(page, site)
    file = tmp_path / "skan.pdf"
    file.write_bytes(paper())
    page.set_input_files("main input[type=file]", file)
    page.select_option("main [name=role]", "application")
    page.click("main form[data-attach] button")
    link = page.locator("main [aria-labelledby=files] .lines .main > a")
    expect(link).to_have_text("skan.pdf")
    told = page.request.get(site.base + (link.get_attribute("href") or ""))
    assert "sandbox" in told.headers["content-security-policy"]
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["content-type"] == "application/pdf"
    assert told.body() == file.read_bytes()
