"""The office's seal on papers of a case, and what the page about an attached PDF's signatures says."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rejent.catalog import services as catalog
from rejent.content.signatures import signature_workshop
from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.vault.context import VaultContext
from tests.certificates import office_seal
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_case_pages import ENTER, GIVEN

SEALED = "Opatrz pieczęcią"


@pytest.fixture(autouse=True)
def sealing(source: str, clock: ManualClock, tmp_path: Path, settings: Any) -> Iterator[None]:  # noqa: ARG001 - after the office
    """A vault for files and a seal; the process that reads signed files ends with the test."""
    settings.VAULT = VaultContext(
        "0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", clock
    )
    (tmp_path / "vault").mkdir()
    catalog.adopt_volume(settings.VAULT.create())
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path, seal=office_seal(tmp_path))
    yield
    signature_workshop().close()
    signature_workshop.cache_clear()


def test_a_paper_of_a_case_is_sealed_and_its_signature_told(
    browser: Browser, source: str, settings: Any, tmp_path: Path
) -> None:
    """It is kept with the case, its act names the certificate, and the page says what was checked: whole file, intact, trust not."""
    clerk, page = browser("clerk"), reverse("case", args=["W-2026-1"])
    clerk.post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    seal = settings.INSTALLATION.seal
    settings.INSTALLATION = replace(settings.INSTALLATION, seal=None)
    paper = reverse("case-paper", args=["W-2026-1", "receipt"])
    assert SEALED not in text_of(clerk.get(page))
    assert clerk.post(paper, {"seal": "1"}).status_code == 404
    settings.INSTALLATION = replace(settings.INSTALLATION, seal=seal)
    assert SEALED in text_of(clerk.get(page))
    (tmp_path / "passphrase").chmod(0o644)
    assert "mogą czytać inni" in text_of(clerk.post(paper, {"seal": "1"}, follow=True))
    (tmp_path / "passphrase").chmod(0o600)
    told = text_of(clerk.post(paper, {"seal": "1"}, follow=True))
    assert "zawiera niezmienione pismo W-2026-1/1" in told
    (act,) = registers.acts(names=["case.paper-sealed"]).acts
    assert act.facts is not None
    assert (act.facts["paper"], act.facts["stamped"]) == ("W-2026-1/1", False)
    (checked,) = re.findall(r'href="(/files/[^"]+/signatures)"', told)
    shown = text_of(clerk.get(checked))
    for words in ("Podpis 1", "Nienaruszony", "cały plik", "Pieczęć Urzędu Testowego", "nie sprawdzono"):
        assert words in shown
    assert browser("guard").get(checked).status_code == 403


def test_a_file_that_is_no_good_pdf_is_not_checked(browser: Browser, source: str) -> None:
    """One line says so; a picture has no such page."""
    clerk, page = browser("clerk"), reverse("case", args=["W-2026-1"])
    clerk.post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    for name, content in (("a.pdf", b"%PDF-1.7\nx\n%%EOF\n"), ("a.jpg", b"\xff\xd8\xff" + bytes(50))):
        sent = {"about": "case:W-2026-1", "role": "filed", "file": SimpleUploadedFile(name, content)}
        clerk.post(reverse("file-attach"), sent)
    told = text_of(clerk.get(page))
    (checked,) = re.findall(r'href="(/files/[^"]+/signatures)"', told)
    assert "jego podpisów nie sprawdzono" in text_of(clerk.get(checked))
    (picture,) = (each for each in re.findall(r'href="(/files/[^"/]+)"', told) if each not in checked)
    assert clerk.get(f"{picture}/signatures").status_code == 404
