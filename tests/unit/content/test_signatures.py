"""The office's seal, as poppler and the program's own check judge it; what a changed byte, a later page and a foreign root do to that."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from rejent.content.pdf_signatures import checked
from rejent.content.signatures import check_signatures, signature_workshop
from rejent.documents.errors import DocumentError
from rejent.documents.papers import Form, Letterhead
from rejent.documents.rendering import render_pdf
from rejent.documents.sealing import open_seal_key, seal_pdf
from rejent.formats.source import BytesSource
from rejent.kernel.errors import InputRefusedError
from rejent.ledger.errors import TimestampUnavailableError
from rejent.ledger.signed.timestamp import ask_authority
from tests.authority import made, running, seal_made
from tests.printed import claims_of, opened

NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
"""What the openssl program makes is valid for two days."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a root, a time-stamping authority, and an office's seal."""
    folder = tmp_path_factory.mktemp("authority")
    made(folder)
    seal_made(folder, "kot")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Where the authority is asked."""
    with running(folder) as address:
        yield address


@pytest.fixture(scope="module")
def paper() -> bytes:
    """A paper of the program's."""
    head = Letterhead("pl", "Urząd", "Pokwitowanie", NOW, ("Wpis 1",), "strona {page} z {pages}")
    return render_pdf(Form(head, "Wydano.", (("Osoba", ("Jan",)),), "Obowiązki", (), "Znam.", ("podpis",)))


@pytest.fixture(scope="module")
def sealed(folder: Path, address: str, paper: bytes) -> bytes:
    """The paper with seal and stamp."""
    key = open_seal_key((folder / "seal.p12").read_bytes(), b"kot", NOW)
    return seal_pdf(paper, key, NOW, partial(ask_authority, address))


def told(content: bytes, roots: bytes = b"", at: datetime = NOW) -> list[dict[str, Any]]:
    """What the check says of each signature."""
    found: list[dict[str, Any]] = json.loads(checked([content, roots], at.isoformat()))["signatures"]
    return found


def judged(content: bytes, folder: Path) -> str:
    """What poppler says of the signatures."""
    (folder / "judged.pdf").write_bytes(content)
    asked = ["pdfsig", "-nocert", "judged.pdf"]
    home = {**os.environ, "HOME": str(folder)}
    return subprocess.run(asked, cwd=folder, env=home, capture_output=True, check=False).stdout.decode()


def test_a_paper_is_sealed_and_stays_what_it_was(sealed: bytes, paper: bytes, folder: Path) -> None:
    """Poppler finds one valid PAdES signature over the whole file; the paper is its beginning and claims what it claimed."""
    said = judged(sealed, folder)
    for words in ("Signature is Valid.", "ETSI.CAdES.detached", "Total document signed", "CN=Office"):
        assert words in said, said
    assert sealed.startswith(paper)
    assert claims_of(sealed) == claims_of(paper)
    with opened(sealed) as pdf:
        (unseen,) = list(pdf.pages[0].Annots)  # type: ignore[call-overload]
        assert (int(unseen.F) & 0b111, str(pdf.pages[0].Tabs)) == (0b100, "/S")
        assert all(float(corner) < 0 for corner in unseen.Rect)


def test_what_the_check_says(sealed: bytes, paper: bytes, folder: Path) -> None:
    """Trust is told only of roots that were given; after the certificate's end it is not trusted."""
    (found,) = told(sealed)
    assert (found["intact"], found["coverage"], found["trusted"]) == (True, "ENTIRE_FILE", None)
    assert (found["subject"], found["issuer"]) == ("Common Name: Office", "Common Name: Root")
    assert datetime.fromisoformat(found["stated_at"]) == NOW
    assert found["stamp_intact"]
    assert datetime.fromisoformat(found["stamped_at"]) < NOW
    root = (folder / "root.pem").read_bytes()
    assert told(sealed, root)[0]["trusted"] is True
    assert told(sealed, root, NOW + timedelta(days=9))[0]["trusted"] is False
    assert told(sealed, (folder / "signer.pem").read_bytes())[0]["trusted"] is False
    assert told(paper) == []


def test_what_was_changed_afterwards_is_found(sealed: bytes, folder: Path) -> None:
    """A byte of the paper or of the signature breaks it; what is added after it is not covered by it."""
    in_signature = int(re.findall(rb"/ByteRange ?\[ ?0 (\d+)", sealed)[0]) + 3000
    in_paper = sealed.index(b"xmp:CreateDate>") + 17
    for place in (in_paper, in_signature):
        broken = sealed[:place] + (b"7" if sealed[place] != ord("7") else b"8") + sealed[place + 1 :]
        assert not told(broken)[0]["intact"], place
    broken = sealed[:in_paper] + b"7" + sealed[in_paper + 1 :]
    assert "Digest Mismatch" in judged(broken, folder)
    added = IncrementalPdfFileWriter(BytesIO(sealed))
    added.root["/PageLayout"] = pdf_name("/SinglePage")
    added.update_root()
    longer = BytesIO()
    added.write(longer)
    (found,) = told(longer.getvalue())
    assert (found["intact"], found["coverage"]) == (True, "ENTIRE_REVISION")


def test_a_seal_without_a_stamp_or_that_cannot_be_used(folder: Path, address: str, paper: bytes) -> None:
    """Level B-B has no stamp; a wrong passphrase, an ended certificate and an authority that refuses are named, and no secret is."""
    content = (folder / "seal.p12").read_bytes()
    key = open_seal_key(content, b"kot", NOW)
    assert told(seal_pdf(paper, key, NOW))[0]["stamped_at"] is None
    with pytest.raises(DocumentError, match="does not open") as wrong:
        open_seal_key(content, b"pies", NOW)
    assert "pies" not in str(wrong.value)
    with pytest.raises(DocumentError, match="valid from"):
        open_seal_key(content, b"kot", NOW + timedelta(days=9))
    seal_pdf(paper, key, NOW, partial(ask_authority, address))
    for path in ("/stale", "/refuse", "/garbage"):
        with pytest.raises(DocumentError, match="the paper was not sealed"):
            seal_pdf(paper, key, NOW, partial(ask_authority, address + path))
    with pytest.raises(TimestampUnavailableError):
        seal_pdf(paper, key, NOW, partial(ask_authority, f"{address}/broken"))


def test_a_child_process_reads_what_came_from_outside(sealed: bytes) -> None:
    """It can do so without files of its own, and what it cannot read is refused in one line."""
    try:
        found = check_signatures(BytesSource(sealed), b"", NOW)
        assert (found.count, found.checked[0].intact) == (1, True)
        for broken in (b"%PDF-1.7\n%%EOF\n", sealed[:9000]):
            with pytest.raises(InputRefusedError, match="not checked"):
                check_signatures(BytesSource(broken), b"", NOW)
    finally:
        signature_workshop().close()
        signature_workshop.cache_clear()
