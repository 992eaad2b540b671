"""The office's own text of its regulation: kept as it was adopted, with the version that was compared with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from rejent.kernel.clock import ManualClock
from rejent.notices import checks
from rejent.notices.errors import RegulationTextRefusedError
from rejent.notices.models import RegulationText
from rejent.notices.publication.lacking import lacking
from rejent.notices.publication.queries import bundle_of_today
from rejent.notices.regulation_text import LARGEST, OwnText, content_of, enter_own_text, own_text_of
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers.errors import LedgerMismatchError
from tests.unit.notices_published.conftest import TODAY

PROSE = "§ 1. Monitoring obejmuje hol.\n".encode()
Enter = Callable[..., OwnText]


@pytest.fixture
def enter(pleszew: None, clock: ManualClock) -> Enter:  # noqa: ARG001 - asked for its effect
    """Enters a text as that of a version, compared."""

    def entered(content: bytes = PROSE, **changed: Any) -> OwnText:
        facts = {
            "version": 1,
            "decree": "Zarządzenie nr 12/2026",
            "adopted_on": date(2026, 1, 1),
            "compared": True,
        }
        return enter_own_text(content, **{**facts, **changed}, clock=clock, actor="")

    return entered


def test_the_text_is_published_as_it_is_beside_the_provisions(enter: Enter) -> None:
    """Under its own name, with the act that adopted it; never the file of the parameters."""
    before = bundle_of_today()
    assert "Postanowienia regulaminu" in before.pages["regulation.html"].decode()
    enter()
    made = bundle_of_today()
    assert made.pages["regulation-text.txt"] == PROSE
    page = made.pages["regulation.html"].decode()
    for words in (
        "Zarządzenie nr 12/2026, 01.01.2026",
        "Monitoring obejmuje hol.",
        "nie dłużej niż",
        "regulation-video.pdf",
    ):
        assert words in page
    for paths in (before.paths, made.paths):
        assert [path for path in paths if path.endswith(".toml")] == []
    assert all(b"[streams" not in content for content in made.pages.values())


def test_a_new_version_asks_for_the_comparison_anew(enter: Enter, clock: ManualClock) -> None:
    """Until then the provisions are a draft and nothing of the regulation is published; the same file may be entered again."""
    enter(b"%PDF-1.7\nx")
    office.activate_regulation(example("pleszew"), in_force_from=TODAY, clock=clock, actor="")
    assert [each.ask.key for each in lacking(clock) if not each.stream or each.ask.about == "2"][:1] == [
        "own-text"
    ]
    made = bundle_of_today()
    assert "regulation-text.pdf" not in made.paths
    assert "Ten dokument jest przygotowywany" in made.pages["regulation.html"].decode()
    again = enter(b"", version=2)
    assert content_of(again) == b"%PDF-1.7\nx"
    assert "regulation-text.pdf" in bundle_of_today().paths


@pytest.mark.parametrize(
    ("content", "changed", "why"),
    [
        (b"", {}, "Choose the file"),
        (b"PK\x03\x04", {}, "neither a PDF nor plain text"),
        (b"<html><body>x</body></html>", {}, "neither a PDF nor plain text"),
        (example("pleszew").encode(), {}, "file of parameters"),
        ("gęś".encode("iso-8859-2"), {}, "not UTF-8"),
        (b"%PDF-" + bytes(LARGEST), {}, "larger than 2 MB"),
        (PROSE, {"decree": " "}, "act that adopted it"),
        (PROSE, {"adopted_on": date(2030, 1, 1)}, "not come yet"),
        (PROSE, {"compared": False}, "compares it with the parameters"),
    ],
)
def test_what_is_no_text_of_a_regulation_is_refused(
    enter: Enter, content: bytes, changed: dict[str, Any], why: str
) -> None:
    """In one line; nothing is entered."""
    with pytest.raises(RegulationTextRefusedError, match=why):
        enter(content, **changed)
    assert not RegulationText.objects.exists()


def test_a_text_never_changes_and_another_file_is_found(enter: Enter) -> None:
    """Triggers keep the row; a file put in its place without them is no text, and `fsck` names it."""
    enter()
    for change in ("UPDATE notices_regulationtext SET decree = 'x'", "DELETE FROM notices_regulationtext"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    with connection.cursor() as cursor:
        table = " ON notices_regulationtext" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER notices_regulationtext_fixed{table}")
    RegulationText.objects.update(content=b"inna")
    own = own_text_of(1)
    assert own is not None
    with pytest.raises(LedgerMismatchError):
        content_of(own)
    assert "notices.regulation-text-changed" in {each.code for each in checks.findings()}
