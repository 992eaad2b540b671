"""The page that gives out the verifier of packages: the file, its digest, how it is compared, and the office's key beside it."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rejent.evidence.writing import single_file
from rejent.kernel.clock import ManualClock
from rejent.registers.signing.checkpoints import checkpoint
from rejent.web.registers.letterheads import office_fingerprint
from tests.unit.web.conftest import Browser, text_of

NO_KEY = "rejestr działań nie ma klucza"


def seen(route: str) -> str:
    """The page as a stranger sees it."""
    return text_of(Client(headers={"host": "localhost"}).get(reverse(route)))


@pytest.mark.usefixtures("regulation")
def test_the_verifier_is_given_out_to_anybody_with_its_digest(tmp_path: Path) -> None:
    """The file is the one that packages hold and runs alone; its digest stands on the page, with what counts it on each system."""
    given = Client(headers={"host": "localhost"}).get(reverse("verifier-file"))
    assert given.content == single_file()
    assert given["Content-Disposition"] == 'attachment; filename="verify.py"'
    (tmp_path / "verify.py").write_bytes(given.content)
    told = subprocess.run(
        [sys.executable, "-I", tmp_path / "verify.py", "--help"], capture_output=True, check=True, text=True
    )
    assert "--key" in told.stdout
    page = seen("verifier")
    assert sha256(given.content).hexdigest() in page
    for command in ("sha256sum", "shasum -a 256", "certutil -hashfile"):
        assert f"<code>{command} verify.py" in page


def test_the_offices_key_stands_where_people_compare_it(
    browser: Browser, clock: ManualClock, settings: Any
) -> None:
    """Before the register of actions has a key that is said; then the verifier, the public check of labels and the promises give it."""
    client = browser("iod")
    assert NO_KEY in seen("verifier")
    assert NO_KEY in text_of(client.get(reverse("promises")))
    assert "Odcisk klucza" not in seen("copy-check")
    checkpoint(settings.LEDGER, clock=clock)
    digits = office_fingerprint()
    assert len(digits.split()) == 8
    for page in (seen("verifier"), seen("copy-check"), text_of(client.get(reverse("promises")))):
        assert f"<code>{digits}</code>" in page
    assert f'--key "{digits}"' in seen("verifier")
    for page in (seen("copy-check"), text_of(client.get(reverse("promises")))):
        assert f'href="{reverse("verifier")}"' in page
