"""Papers of copies by what each office's regulation says: protocol, receipt, labels of calls."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import hypot
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import translation

from rejent.cases import services as cases
from rejent.cases.copies import queries
from rejent.cases.copies.services import Asked, Handing, make_copy
from rejent.cases.copies.views import CopyView, HandOverView
from rejent.cases.views import Kind, State
from rejent.documents.papers import Book, Deed
from rejent.documents.rendering import render_pdf
from rejent.kernel.clock import civil_date
from rejent.kernel.intervals import Interval
from rejent.office import queries as office
from rejent.office import services as office_services
from rejent.office.regulation.annexes import with_annex
from rejent.office.regulation.loading import example
from rejent.vault.context import VaultContext
from rejent.web.cases.copies.labels import label_paper
from rejent.web.cases.copies.papers import describe_copies, hand_over_paper
from rejent.web.cases.copies.words import content_words
from tests.annexes import BOLESLAWIEC_4, WALBRZYCH_7_6, find_missing
from tests.handing import hand_over
from tests.people import add_person
from tests.printed import claims_of, opened, placed_words, words_of
from tests.unit.cases.application import NOON, entered
from tests.unit.retention.office import MINUTE
from tests.unit.retention.one_call import CALL, office_of_one_call
from tests.unit.web.conftest import text_of

DAY_AFTER = datetime(2026, 3, 2, 11, tzinfo=UTC)
DETAILS = {
    "caller-number": "10 555 01 23",
    "called-number": "10 555 01 00",
    "legal-basis": "art. 15",
    "case-number": "RSD-17/26",
}


@pytest.fixture
def handed(db: None, tmp_path: Path, settings: Any) -> tuple[CopyView, HandOverView]:  # noqa: ARG001
    """A copy of a call that was handed to a policeman, in Wałbrzych."""
    translation.activate("pl")
    recorded = office_of_one_call(tmp_path, ended=True)
    recorded.go_to(DAY_AFTER)
    clock = recorded.clock
    settings.CLOCK = clock
    settings.VAULT = VaultContext(
        "0" * 32, tmp_path / "vault", tmp_path / "keys", tmp_path / "secrets", "", clock
    )
    people = {
        role: add_person(
            f"Osoba {role}",
            post=role,
            roles=[role],
            username=role,
            password="Haslo-do-prob-7",
            clock=clock,
            actor="",
        )
        for role in ("head", "administrator")
    }
    case = entered(clock, kind=Kind.DISCLOSURE, stream="calls", details=DETAILS, times=(NOON, None))
    given: dict[str, Any] = {"reasons": "", "basis": "§ 7", "knowledge": None, "person": people["head"]}
    cases.decide_case(case.number, State.GRANTED, clock=clock, ledger=None, **given)
    asked = Asked(case.number, recorded.sources["line"], Interval(NOON, NOON + MINUTE), item=CALL)
    copy = make_copy(asked, person=people["administrator"], keeping=recorded.keeping)
    handing = Handing(copy.number, case.number, "asp. Jan Testowy", "dzielnicowy", "Komenda Miejska Policji")
    hand_over(handing, maker=people["administrator"], giver=people["administrator"], clock=clock)
    view = queries.hand_over(copy.number)
    assert view is not None
    return queries.copy(copy.number), view


def test_the_page_that_copies_a_call_speaks_of_no_picture(handed: tuple[CopyView, HandOverView]) -> None:
    """A call is copied whole, and nobody listens to it meanwhile; no times are asked that would be passed over."""
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(username="administrator"))
    answer = client.get(reverse("copy-new", args=[handed[0].case]))
    assert {*answer.context["form"].fields} <= {"hold", "stated"}
    page = text_of(answer)
    assert "Cała rozmowa jest kopiowana bez zmian" in page
    assert "obraz" not in page
    assert "ogląda" not in page


def test_a_label_of_a_call_has_its_six_items(handed: tuple[CopyView, HandOverView]) -> None:
    """Wałbrzych § 7 sec. 6: number, day and hour, both numbers, day of making, maker; the code has no number of a telephone."""
    paper = label_paper(handed[0], "a7")
    facts = dict(paper.facts)
    assert facts == {
        "Okres (data i godzina), którego dotyczy nagranie": "01.03.2026 12:00:00–12:01:00",
        "Numer telefonu osoby wykonującej połączenie przychodzące": "+48 10 555 01 23",
        "Numer telefonu MOPS, na który dokonano połączenia": "+48 10 555 01 00",
        "Data wykonania kopii": "02.03.2026",
        "Dane osoby, która sporządziła kopię": "Osoba administrator, administrator",
    }
    assert "K-2026-1" in paper.letterhead.title
    assert "10555" not in paper.code_words
    assert claims_of(render_pdf(paper))["accessible"] == "1"
    assert find_missing(words_of(render_pdf(paper)), WALBRZYCH_7_6) == []


DISC = 120 / 25.4 * 72
"""A disc across, in points."""


@pytest.mark.parametrize("size", ["a7", "disc", "tape"])
def test_the_longest_label_stays_on_its_carrier(
    handed: tuple[CopyView, HandOverView], settings: Any, size: str
) -> None:
    """Six items, the digest and the address of the page that checks it are one page of every size."""
    settings.INSTALLATION = replace(settings.INSTALLATION, hosts=("rejestrator.um.przykladowo.pl",))
    made = render_pdf(label_paper(handed[0], size))
    with opened(made) as drawn:
        assert len(drawn.pages) == 1
    if size == "disc":
        corners = (
            (x, y) for one in placed_words(made) for x in (one.left, one.right) for y in (one.top, one.bottom)
        )
        assert max(hypot(x - DISC / 2, y - DISC / 2) for x, y in corners) < DISC / 2


def test_a_protocol_has_every_field_of_its_annex(handed: tuple[CopyView, HandOverView]) -> None:
    """Bolesławiec annex 4: both parties, the application's day, the list with its titles, declaration, two copies, two signatures."""
    copy, view = handed
    paper = hand_over_paper(copy, replace(view, documents=("protocol",)))
    assert isinstance(paper, Deed)
    assert paper.titles[:3] == ("Data", "Nr telefonu", "Czas nagrania")
    words = words_of(render_pdf(paper))
    for told in (
        "Protokół przekazania P-2026-1", "asp. Jan Testowy", "wniosku z datą wpływu 02.03.2026", "10 555 01 23", "1 minuta",
        "wyłącznie do celów określonych w pisemnym wniosku, stanowiącym załącznik do protokołu", "w dwóch jednobrzmiących egzemplarzach", "Przekazujący",
        "Przyjmujący", copy.digest[:20],
    ):  # fmt: skip
        assert told in words


def test_an_annex_of_the_office_is_a_file_and_its_paper_is_printed_by_it(
    handed: tuple[CopyView, HandOverView], settings: Any
) -> None:
    """Bolesławiec's annex 4, loaded in an office that had none: title, fields in order, its list alone; what the program knows besides stands below."""
    copy, view = handed
    forms = example("boleslawiec").split("[[streams.calls.forms]]")
    annex = next(f"[[streams.calls.forms]]{each}" for each in forms if 'papers = ["hand-over"]' in each)
    today = civil_date(settings.CLOCK.now())
    text = with_annex(office.verified_text(today), annex)
    office_services.activate_regulation(text, in_force_from=today, clock=settings.CLOCK, actor="")
    clock = settings.CLOCK
    dated = DETAILS | {"letter-day": "2026-03-01"}
    case = entered(clock, kind=Kind.DISCLOSURE, stream="calls", details=dated, times=(NOON, None))
    paper = hand_over_paper(copy, replace(view, documents=("protocol",), case=case.number))
    words = words_of(render_pdf(paper))
    assert find_missing(words, BOLESLAWIEC_4) == []
    assert "01.03.2026 +48 10 555 01 00, +48 10 555 01 23 1 minuta" in words
    assert copy.digest[:20] in words
    assert "wniosku z dnia 01.03.2026" in words
    unknown = entered(clock, kind=Kind.DISCLOSURE, stream="calls", details=DETAILS, times=(NOON, None))
    paper = hand_over_paper(copy, replace(view, documents=("protocol",), case=unknown.number))
    assert "wniosku z dnia ...................., dane" in words_of(render_pdf(paper))


def test_the_papers_name_the_letters_own_day_where_it_is_known(
    handed: tuple[CopyView, HandOverView], settings: Any
) -> None:
    """A protocol and a receipt say "of" its day; of one without, when it came in."""
    copy, view = handed
    details = DETAILS | {"letter-day": "2026-03-01"}
    dated = entered(
        settings.CLOCK, kind=Kind.DISCLOSURE, stream="calls", details=details, times=(NOON, None)
    ).number
    for number, told in ((dated, "z dnia 01.03.2026"), (view.case, "z datą wpływu 02.03.2026")):
        for document, words in (("protocol", f"pisemnego wniosku {told}:"), ("receipt", f"{number} {told}")):
            paper = hand_over_paper(copy, replace(view, documents=(document,), case=number))
            assert words in words_of(render_pdf(paper))


def test_a_receipt_and_a_row_are_signed_elsewhere(handed: tuple[CopyView, HandOverView]) -> None:
    """Miedziana Góra § 5.8 wants a receipt, Pleszew annex 4 both signatures in the register's row, which stand empty."""
    copy, view = handed
    receipt = hand_over_paper(copy, replace(view, documents=("receipt",)))
    assert isinstance(receipt, Deed)
    assert receipt.letterhead.title == "Pokwitowanie P-2026-1"
    assert len(receipt.signatures) == 2
    row = hand_over_paper(copy, replace(view, documents=("register",), signed_at=None))
    assert isinstance(row, Book)
    assert row.remarks[0] == "Przekazanie P-2026-1, do podpisu."
    after = hand_over_paper(copy, replace(view, documents=("register",), signed_at=NOON))
    assert isinstance(after, Book)
    assert after.remarks[0] == "Przekazanie P-2026-1, podpisane."
    assert not [each for each in after.remarks if "projekt" in each]
    titles = [column.title for column in row.columns]
    assert titles == [
        "Lp.", "Wnioskodawca", "Data złożenia wniosku", "Cel udostępnienia", "Sposób załatwienia wniosku",
        "Podpis odbierającego nośnik", "Podpis wydającego nośnik", "Uwagi",
    ]  # fmt: skip
    cells = dict(zip(titles, row.rows[0], strict=True))
    assert (cells["Podpis odbierającego nośnik"], cells["Podpis wydającego nośnik"]) == ("", "")
    assert cells["Sposób załatwienia wniosku"] == "zgoda; kopię K-2026-1 przekazano 02.03.2026"


def test_a_length_is_that_between_the_times_beside_it(handed: tuple[CopyView, HandOverView]) -> None:
    """From 12:00:00.2 until 12:00:15.9 it is 15 seconds on the page and on the paper, as its clock times say, and 16 nowhere."""
    copy, view = handed
    part = replace(
        copy.parts[0], interval=Interval(NOON + timedelta(seconds=0.2), NOON + timedelta(seconds=15.9))
    )
    cut = replace(copy, parts=(part,), interval=part.interval)
    assert "; 15 sekund;" in content_words(cut)
    words = words_of(render_pdf(hand_over_paper(cut, replace(view, documents=("protocol",)))))
    assert "15 sekund" in words
    assert "16 sekund" not in words


@pytest.mark.parametrize(
    ("count", "words"), [(1, "w 1 egzemplarzu"), (3, "w 3 jednobrzmiących egzemplarzach")]
)
def test_a_protocol_says_as_many_copies_as_the_regulation_has(count: int, words: str) -> None:
    """An office that draws up one copy, or three, reads no sentence about two."""
    with translation.override("pl"):
        assert words in describe_copies(count)
