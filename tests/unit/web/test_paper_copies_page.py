"""Paper copies: none is known to be kept before somebody says where; no page shows or takes a passphrase."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rejent.registers import queries as registers
from rejent.vault.keys.root_key import FileRoot
from tests.unit.web.conftest import Browser, NoBox, text_of

PAGE = "/paper-copies"
GIVEN = {"secret": "key-store", "envelope": "K/1/2026", "place": "sejf kancelarii", "on": "20.11.2026"}


@pytest.fixture
def sealed(settings: Any, clock: object, tmp_path: Path) -> Callable[[str], None]:
    """Puts a key store with a passphrase in place, known by a digest."""
    del clock
    settings.INSTALLATION = replace(settings.INSTALLATION, directory=tmp_path)

    def put(digest: str) -> None:
        settings.VAULT = SimpleNamespace(credentials=NoBox(), root="passphrase", root_digest=digest)

    put("ab" * 32)
    return put


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    ("role", "status"), [("administrator", 200), ("head", 200), ("iod", 403), ("clerk", 403)]
)
def test_who_may_enter_one(browser: Browser, role: str, status: int) -> None:
    """Who runs the system, and who decides."""
    assert browser(role).get(PAGE).status_code == status


def test_it_is_missing_until_somebody_says_where_it_is(
    browser: Browser, sealed: Callable[[str], None]
) -> None:
    """Who, in which envelope, where, since when; of another key store it is missing again."""
    head = browser("head")
    assert "Nie wpisano, że istnieje jego kopia papierowa" in text_of(head.get("/missing"))
    page = text_of(head.get(PAGE))
    assert "rejent keys paper" in page
    assert "Nie wpisano, że istnieje papierowa kopia hasła magazynu kluczy." in page
    page = text_of(head.post(PAGE, GIVEN, follow=True))
    assert "K/1/2026" in page
    assert "Osoba head" in page
    assert "Nie wpisano, że istnieje papierowa kopia hasła" not in page
    kept = text_of(head.get("/missing"))
    assert "Kopia papierowa według wpisu: koperta K/1/2026, sejf kancelarii, od 20.11.2026." in kept
    (act,) = registers.entered(["paper-copy.kept"])
    assert act.facts is not None
    assert act.facts["envelope"] == "K/1/2026"
    sealed("cd" * 32)
    assert "Nie wpisano, że istnieje jego kopia papierowa" in text_of(head.get("/missing"))
    assert "zastąpiona nowszą albo innego magazynu kluczy" in text_of(head.get(PAGE))


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"envelope": ""}, "Wpisz numer koperty."),
        ({"place": " "}, "Wpisz, gdzie jest przechowywana."),
        ({"on": "1.12.2026"}, "Ten dzień jeszcze nie nadszedł."),
        ({"secret": "other"}, "other"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(browser: Browser, changed: dict[str, str], said: str) -> None:
    """Nothing is entered."""
    refused = browser("administrator").post(PAGE, GIVEN | changed)
    assert refused.status_code == 422
    assert said in text_of(refused)
    assert list(registers.entered(["paper-copy.kept"])) == []


def test_without_a_passphrase_there_is_none_to_keep(
    browser: Browser, sealed: Callable[[str], None], settings: Any
) -> None:
    """A key store opened by its file: the page says so, and takes papers of backups alone."""
    del sealed
    settings.VAULT = SimpleNamespace(credentials=NoBox(), root=FileRoot.kind)
    asi = browser("administrator")
    page = text_of(asi.get(PAGE))
    assert "nie ma hasła" in page
    assert 'value="key-store"' not in page
    assert asi.post(PAGE, GIVEN).status_code == 422
    assert asi.post(PAGE, GIVEN | {"secret": "key-backup"}).status_code == 302
