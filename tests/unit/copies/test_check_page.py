"""The public page that holds a label against the books: what it tells, to whom, and how fast somebody may guess."""

import pytest
from django.test import Client
from django.urls import reverse

from rejent.cases.copies.models import Copy
from rejent.cases.copies.rules import label_code
from rejent.cases.copies.views import CopyView
from rejent.web.cases.copies.labels import label_paper
from rejent.web.signing_in.attempts import HERE
from tests.unit.copies.conftest import CopyingOffice
from tests.unit.web.conftest import text_of


@pytest.fixture
def made(pleszew: CopyingOffice, settings: object) -> CopyView:
    """A copy, while the pages go by the office's clock."""
    settings.CLOCK = pleszew.office.clock  # type: ignore[attr-defined]
    return pleszew.copy(pleszew.decided().number)


def told(number: str, code: str) -> str:
    """What the page says to a stranger who types this."""
    answer = Client().post(reverse("copy-check"), {"number": number, "code": code})
    assert answer.status_code == 200
    return text_of(answer)


def test_the_page_is_found_and_asks_by_the_labels_words(made: CopyView) -> None:
    """The way to sign in leads there, for police with the carrier; the field is called as the label calls it."""
    assert f'href="{reverse("copy-check")}"' in text_of(Client().get(reverse("account_login")))
    assert "Kod z etykiety" in text_of(Client().get(reverse("copy-check")))
    assert len(label_paper(made, "a7").check) == 1


def test_a_label_of_the_office_is_confirmed_and_nobody_is_named(made: CopyView) -> None:
    """Number and sixteen digits, typed or scanned, give the whole digest and the state; no camera, case or person."""
    code = label_code(made.number, made.digest)
    spaced = f"{code[:8]} {code[8:]}".upper()
    for page in (
        told(made.number.lower(), spaced),
        text_of(Client().get(reverse("copy-check"), {"number": made.number, "code": code})),
    ):
        assert made.digest in page
        assert "Tę kopię sporządził urząd" in page
        assert all(word not in page for word in ("Hol", made.case, "Osoba", made.source_id))


def test_another_digest_is_answered_as_no_copy(made: CopyView) -> None:
    """So that numbers alone tell nobody what exists; a code that is too short, or the digest itself, is not looked up."""
    wrong = "0" * 16
    assert "nie sporządzono tu kopii" in told(made.number, wrong).lower()
    assert "nie sporządzono tu kopii" in told("K-2026-999", label_code("K-2026-999", made.digest)).lower()
    assert "16 znaków" in told(made.number, made.digest[:15])
    assert "16 znaków" in told(made.number, made.digest)


def test_a_siblings_code_confirms_nothing(pleszew: CopyingOffice, made: CopyView) -> None:
    """Two copies of one recording have one digest; the code of one, on the carrier of the other, is answered as no copy."""
    sibling = pleszew.copy(made.case)
    assert sibling.digest == made.digest
    assert sibling.number != made.number
    code = label_code(sibling.number, sibling.digest)
    assert "Tę kopię sporządził urząd" in told(sibling.number, code)
    assert "nie sporządzono tu kopii" in told(made.number, code).lower()
    assert "nie sporządzono tu kopii" in told(made.number, made.digest[:16]).lower()


def test_an_edited_row_is_not_confirmed(made: CopyView) -> None:
    """Whose row is not as it was entered, that copy is not confirmed."""
    Copy.objects.filter(number=made.number).update(stated="2031-01-01")
    page = told(made.number, label_code(made.number, made.digest))
    assert "nie może teraz potwierdzić" in page
    assert made.digest not in page


def test_guessing_is_slowed_down(made: CopyView) -> None:
    """After a few wrong labels from one place even the right one has to wait."""
    for _ in range(HERE.free + 1):
        Client().post(reverse("copy-check"), {"number": made.number, "code": "1" * 16})
    answer = Client().post(
        reverse("copy-check"), {"number": made.number, "code": label_code(made.number, made.digest)}
    )
    assert answer.status_code == 429
    assert made.digest not in text_of(answer)


def test_guessing_over_ipv6_is_slowed_down_by_network(made: CopyView) -> None:
    """Whoever has one address has its whole /64; another network is not held up by it."""

    def tried(address: str, code: str) -> int:
        given = {"number": made.number, "code": code}
        return Client().post(reverse("copy-check"), given, REMOTE_ADDR=address).status_code

    for host in range(HERE.free + 1):
        tried(f"2001:db8:1:2::{host:x}", "1" * 16)
    assert tried("2001:db8:1:2:ffff::1", label_code(made.number, made.digest)) == 429
    assert tried("2001:db8:1:3::1", label_code(made.number, made.digest)) == 200
