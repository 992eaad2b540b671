"""Papers of a case hold every field of the regulation's form, bear a number of their own, and stand in the ledger with their digest."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from rejent.cases import services
from rejent.cases.models import CasePaper
from rejent.cases.views import Kind, PaperKind
from rejent.documents.rendering import render_pdf
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.registers import queries as registers
from rejent.retention import queries as retention
from rejent.web.cases.papers import case_letter
from tests.annexes import BOLESLAWIEC_3, PLESZEW_3, find_missing
from tests.printed import claims_of, words_of
from tests.unit.cases.application import application
from tests.unit.cases.conftest import START, staff
from tests.unit.retention.office import RecordingOffice
from tests.unit.retention.one_call import office_of_one_call
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.test_case_pages import ENTER, GIVEN

NUMBERS = {"caller-number": "105550124", "called-number": "105550100", "telephone-number": "105550124"}
FORMS: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    # Annex 3 of each: Bolesławiec (F-2), Pleszew (F-4); Wałbrzych § 7.5 (F-5).
    "boleslawiec": (
        {"kind": Kind.DISCLOSURE, "stream": "calls", "details": NUMBERS | {"purpose": "Postępowanie RSD-1.", "legal-basis": "art. 15 ustawy o Policji", "case-number": "RSD-1/26", "letter-day": "2026-03-01"}},
        (
            "Wniosek o udostępnienie", "Anna Przykładowa", "Data 01.03.2026", "z dnia 01.03.2026",
            "numer telefonu 10 555 01 24", "Postępowanie RSD-1.", "Podpis wnioskodawcy",
            "Decyzja Prezydenta Miasta", "Wyrażam zgodę / nie wyrażam zgody", "art. 15 ustawy o Policji", "RSD-1/26",
        ),
    ),
    "pleszew": (
        {},
        (
            "Miejscowość, dnia", "Anna Przykładowa", "Telefon kontaktowy", "tel. 600 000 000",
            "z dnia 01.03.2026", "zakres czasowy około 12:00", "obszar hol przy wejściu", "Ktoś zabrał rower.",
            "zawiadomienie o przestępstwie", "podpis wnioskodawcy",
        ),
    ),
    "walbrzych-mops": (
        {"stream": "calls", "details": NUMBERS},
        ("Numer, z którego dzwoniono", "10 555 01 24", "Numer wybrany", "10 555 01 00", "około 12:00"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("office", FORMS)
def test_the_form_has_every_field_of_the_annex(db: None, tmp_path: Path, office: str) -> None:  # noqa: ARG001
    """Filled from the case, in Polish; what is not known is a line to write on."""
    changed, told = FORMS[office]
    recording = RecordingOffice.open(tmp_path, START, office)
    camera = [recording.add_camera("Hol")] if "stream" not in changed else []
    clerk = staff(recording)["clerk"]
    view = services.enter_case(
        application(*camera, **changed), clock=recording.clock, ledger=None, actor=str(clerk.id)
    )
    with translation.override("pl"):
        letter = case_letter(view, PaperKind.APPLICATION, f"{view.number}/1", view.entered_at)
        printed = render_pdf(letter)
    words = words_of(printed)
    for each in told:
        assert each in words
    assert find_missing(words, {"boleslawiec": BOLESLAWIEC_3, "pleszew": PLESZEW_3}.get(office, ())) == []
    assert (claims_of(printed)["archive"], claims_of(printed)["accessible"]) == ("2A", "1")


@pytest.mark.parametrize("office", FORMS)
@pytest.mark.parametrize("day", ["", "2026-03-01"])
def test_an_application_bears_its_own_day_or_none(db: None, tmp_path: Path, office: str, day: str) -> None:  # noqa: ARG001
    """The day of receipt stands below it, where the office says so, and nowhere as the letter's; it is told once."""
    changed, _told = FORMS[office]
    recording = RecordingOffice.open(tmp_path, START, office)
    camera = [recording.add_camera("Hol")] if "stream" not in changed else []
    clerk = staff(recording)["clerk"]
    event = {"event_first": date(2026, 2, 27), "times": (datetime(2026, 2, 27, 11, tzinfo=UTC), None)}
    wanted = application(*camera, **changed, **event)
    wanted = replace(wanted, details={**wanted.details, "letter-day": day})
    view = services.enter_case(wanted, clock=recording.clock, ledger=None, actor=str(clerk.id))
    with translation.override("pl"):
        words = words_of(render_pdf(case_letter(view, PaperKind.APPLICATION, "", view.entered_at)))
    assert words.count("01.03.2026") == (1 if day else 0)
    assert words.count("Wpłynął dnia 02.03.2026") == 1
    assert "Data pisma" not in words


def test_a_paper_is_numbered_and_its_digest_entered(browser: Browser, source: str) -> None:
    """The same facts make the same bytes under the same number; a decision makes another paper, not another of the old one."""
    clerk = browser("clerk")
    clerk.post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    first = [clerk.post(reverse("case-paper", args=["W-2026-1", "receipt"])) for _ in range(2)]
    assert first[0].content == first[1].content
    assert "4 grudnia 2026" in words_of(first[0].content)
    assert clerk.post(reverse("case-paper", args=["W-2026-1", "decision"])).status_code == 404
    refusal = {"outcome": "refused", "basis": "§ 6 ust. 3", "reasons": "Brak interesu.", "knowledge": "no"}
    browser("head").post(reverse("case-decide", args=["W-2026-1"]), {**refusal, "confirmed": "1"})
    decision = clerk.post(reverse("case-paper", args=["W-2026-1", "decision"])).content
    for told in (
        "Rozstrzygnięcie wniosku W-2026-1",
        "rozstrzyga wniosek z datą wpływu",
        "odmowa",
        "§ 6 ust. 3",
        "Brak interesu.",
        "Pismo W-2026-1/2",
    ):
        assert told in words_of(decision)
    acts = registers.acts(names=["case.paper-made", "case.paper-taken"]).acts
    entered = [(act.act, act.facts["paper"], act.facts["sha256"]) for act in acts if act.facts]
    digests = [sha256(content).hexdigest() for content in (decision, first[1].content, first[0].content)]
    assert entered == [
        ("case.paper-made", "W-2026-1/2", digests[0]),
        ("case.paper-taken", "W-2026-1/1", digests[1]),
        ("case.paper-made", "W-2026-1/1", digests[2]),
    ]
    CasePaper.objects.filter(number="W-2026-1/1").update(sha256="0" * 64)
    refused = clerk.post(reverse("case-paper", args=["W-2026-1", "receipt"]))
    assert "W-2026-1" not in str(refused.get("Content-Disposition", ""))
    assert refused.status_code >= 400, text_of(refused)


def test_the_letter_of_a_decision_says_what_follows_and_a_late_receipt_what_was_decided(
    browser: Browser, source: str
) -> None:
    """Under which number the police ask, how long a copy is kept, where to complain; a receipt printed afterwards puts nothing off."""
    clerk = browser("clerk")
    clerk.post(reverse("case-enter", args=ENTER), {**GIVEN, "sources": [source]})
    before = words_of(clerk.post(reverse("case-paper", args=["W-2026-1", "receipt"])).content)
    assert "Rozstrzyga Burmistrz" in before
    granted = {
        "outcome": "granted",
        "basis": "§ 6 ust. 3",
        "reasons": "",
        "knowledge": "yes",
        "confirmed": "1",
    }
    browser("head").post(reverse("case-decide", args=["W-2026-1"]), granted)
    letter = words_of(clerk.post(reverse("case-paper", args=["W-2026-1", "decision"])).content)
    for told in (
        "Co dalej", "pod numerem W-2026-1, Z-2026-1", "Policji, prokuraturze, sądowi", "przez 3 miesiące od nagrania",
        "Prezesa Urzędu Ochrony Danych Osobowych", "rada gminy",
    ):  # fmt: skip
        assert told in letter
    after = words_of(clerk.post(reverse("case-paper", args=["W-2026-1", "receipt"])).content)
    assert "Rozstrzyga Burmistrz" not in after
    assert "Decyzja zgoda" in after
    assert "przed usunięciem do" not in after


@pytest.mark.django_db
def test_a_hold_of_an_application_rests_on_a_provision_and_never_on_a_number(tmp_path: Path) -> None:
    """Bolesławiec says nothing of such applications: the hold of a call rests on its § 2 ust. 5, neither on the case nor on an article about cameras."""
    recorded = office_of_one_call(tmp_path, ended=True)
    recorded.go_to(START + timedelta(days=1))
    text = example("boleslawiec")
    office.activate_regulation(text, in_force_from=START.date(), clock=recorded.clock, actor="")
    view = services.enter_case(
        application(
            kind=Kind.PRESERVATION,
            stream="calls",
            details=NUMBERS | {"caller-number": "105550123", "telephone-number": ""},
        ),
        clock=recorded.clock,
        ledger=None,
        actor="",
    )
    assert view.holds
    assert {retention.hold(number).basis for number in view.holds} == {"§ 2 ust. 5"}
