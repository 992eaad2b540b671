"""An erasure of recordings on the pages: its decision, what its answer says, and whom the office told of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from rejent.cases import queries as cases
from rejent.cases import services
from rejent.cases.views import Kind, State
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office.views import PersonView
from rejent.retention import queries as retention
from rejent.retention import services as retention_services
from tests.printed import words_of
from tests.unit.cases.application import application, entered
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.copied import START, copy, decided, hand_over, office, written

__all__ = ["copy", "decided", "office", "written"]
TOLD = {"told_on": "21.11.2026", "channel": "e-delivery"}


def wanted(sources: list[str], minutes: int, clock: ManualClock) -> Any:
    """An application for erasure of the first so many minutes of cameras."""
    today = civil_date(clock.now())
    return application(
        *sources, kind=Kind.RIGHT, right="erasure", identity="document", event_first=today, received_on=today,
        times=(START, START + minutes * MINUTE),
    )  # fmt: skip


@pytest.fixture
def asked(written: str, decided: str, source: str, office: RecordingOffice, browser: Browser) -> str:
    """The number of an erasure of what the police were handed and of another camera's recording, corrected once."""
    other = office.add_camera("Korytarz")
    office.record(other, START, b"OTHER")
    clock = office.clock
    hand_over(browser("clerk"), written, decided, clock)
    acting: dict[str, Any] = {"clock": clock, "ledger": None, "actor": "clerk"}
    number = services.enter_case(wanted([source, other], 3, clock), **acting).number
    services.correct_case(number, wanted([source, other], 2, clock), reason="pomyłka", **acting)
    clock.advance(MINUTE)
    return number


def test_what_is_erased_is_chosen_checked_and_told(browser: Browser, asked: str) -> None:
    """The form offers what is asked for now; a consent in part names some of it, and the check page says that it is destroyed."""
    head, address = browser("head"), reverse("case-decide", args=[asked])
    former, also, now, rest = (one.number for one in retention.erasures_of(asked))
    form = text_of(head.get(address))
    assert "Co zostanie usunięte" in form
    assert f"{now}: " in form
    assert f"{rest}: " in form
    assert f"{former}: " not in form
    given = {"outcome": "partly", "basis": "art. 17 RODO", "reasons": "x", "knowledge": "no"}
    assert head.post(address, given).status_code == 422
    check = text_of(head.post(address, {**given, "kept": [now]}))
    assert "zostanie trwale zniszczone przed terminem" in check
    assert [one.state for one in retention.erasures_of(asked)] == ["dropped", "dropped", "asked", "asked"]
    head.post(address, {**given, "kept": [now], "confirmed": "1"})
    assert cases.case(asked).state is State.PARTLY
    page = text_of(head.get(reverse("case", args=[asked])))
    letter = words_of(head.post(reverse("case-paper", args=[asked, "decision"])).content)
    for told in (page, letter):
        assert all(each in told for each in (now, rest))
        assert not any(each in told for each in (former, also))


def test_what_is_erased_is_not_called_held(browser: Browser, source: str) -> None:
    """The form says for which rights recordings are held, and its button promises no hold; another form's does."""
    assert source
    clerk = browser("clerk")
    right = text_of(clerk.get(reverse("case-enter", args=["right", "video"])))
    assert "Wpisz i zabezpiecz nagranie" not in right
    assert "tylko przy dostępie, ograniczeniu i przeniesieniu danych" in right
    assert "Wpisz i zabezpiecz nagranie" in text_of(
        clerk.get(reverse("case-enter", args=["disclosure", "video"]))
    )


def test_who_decides_on_an_erasure_sees_what_holds_keep(
    browser: Browser, asked: str, source: str, office: RecordingOffice, people: dict[str, PersonView]
) -> None:
    """Hold, case and its word on evidence stand on both pages and on the case; the letter names no hold of another case."""
    head, address = browser("head"), reverse("case-decide", args=[asked])
    today = civil_date(office.clock.now())
    times = (START, START + MINUTE)
    other = entered(office.clock, source, event_first=today, received_on=today, times=times).number
    services.decide_case(
        other, State.REFUSED, reasons="x", basis="§ 6", knowledge=True, person=people["head"],
        clock=office.clock, ledger=None,
    )  # fmt: skip
    evidence = f"W decyzji w sprawie {other} stwierdzono, że nagranie może być dowodem."
    form = text_of(head.get(address))
    consent = {"outcome": "granted", "basis": "art. 17 RODO", "knowledge": "no"}
    check = text_of(head.post(address, consent))
    for page in (form, check):
        assert evidence in page
        for hold in retention.holds():
            assert f"zabezpieczenie {hold.number} (sprawa {hold.case}) chroni" in page
    assert "Zabezpieczone wstępnie" not in form
    head.post(address, {**consent, "confirmed": "1"})
    case = text_of(head.get(reverse("case", args=[asked])))
    assert evidence in case
    letter = words_of(head.post(reverse("case-paper", args=[asked, "decision"])).content)
    assert "po zakończeniu zabezpieczenia" in letter
    for hold in retention.holds():
        assert hold.number not in letter
        assert hold.case not in letter


def test_a_case_has_not_ended_while_somebody_is_to_be_told(
    browser: Browser, asked: str, office: RecordingOffice
) -> None:
    """The next step is to tell the recipient, then to wait for what is not erased yet; then nothing."""
    head, clerk = browser("head"), browser("clerk")
    address, over = reverse("case", args=[asked]), "sprawa jest zakończona"
    head.post(
        reverse("case-decide", args=[asked]),
        {"outcome": "granted", "basis": "art. 17 RODO", "knowledge": "no", "confirmed": "1"},
    )
    page = text_of(clerk.get(address))
    assert "Zawiadom o decyzji tych, którzy otrzymali nagranie" in page
    assert over not in page
    clerk.post(reverse("case-tell", args=[asked, "P-2026-1"]), TOLD)
    page = text_of(clerk.get(address))
    assert "Zawiadom o decyzji" not in page
    assert "jeszcze nie wszystko" in page
    assert over not in page
    (hold,) = retention.holds()
    retention_services.end_hold(hold.number, reason="x", clock=office.clock, ledger=None, actor="")
    office.clock.advance(timedelta(hours=2))
    retention_services.keep_once(office.keeping)
    assert over in text_of(clerk.get(address))


def test_who_got_a_copy_is_told_once(browser: Browser, asked: str, clock: ManualClock) -> None:
    """The case leads to it, with the day and the channel; a wrong day, a second time and another hand-over are refused."""
    head, clerk = browser("head"), browser("clerk")
    consent = {"outcome": "granted", "basis": "art. 17 RODO", "knowledge": "no", "confirmed": "1"}
    address = reverse("case-tell", args=[asked, "P-2026-1"])
    assert clerk.get(address).status_code == 404
    head.post(reverse("case-decide", args=[asked]), consent)
    assert address in text_of(clerk.get(reverse("case", args=[asked])))
    assert "Komenda Powiatowa Policji" in text_of(clerk.get(address))
    assert browser("guard").get(address).status_code == 403
    assert clerk.get(reverse("case-tell", args=[asked, "P-2026-9"])).status_code == 404
    later = civil_date(clock.now()) + timedelta(days=1)
    for wrong in ("20.11.2025", f"{later:%d.%m.%Y}"):
        assert clerk.post(address, {**TOLD, "told_on": wrong}).status_code == 422
    page = text_of(clerk.post(address, TOLD, follow=True))
    assert "Zawiadomienie odbiorcy jest wpisane" in page
    assert address not in page
    assert clerk.post(address, TOLD).status_code == 422
