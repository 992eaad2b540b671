"""An erasure of recordings on the pages: its decision, what its answer says, and whom the office told of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from rejent.cases import queries as cases
from rejent.cases import services
from rejent.cases.views import Kind, State
from rejent.kernel.clock import ManualClock, civil_date
from rejent.retention import queries as retention
from tests.printed import words_of
from tests.unit.cases.application import application
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.web.conftest import Browser, text_of
from tests.unit.web.copied import START, TAKER, copy, decided, office

__all__ = ["copy", "decided", "office"]
TOLD = {"told_on": "21.11.2026", "channel": "e-delivery"}


def wanted(sources: list[str], minutes: int, clock: ManualClock) -> Any:
    """An application for erasure of the first so many minutes of cameras."""
    today = civil_date(clock.now())
    return application(
        *sources, kind=Kind.RIGHT, right="erasure", identity="document", event_first=today, received_on=today,
        times=(START, START + minutes * MINUTE),
    )  # fmt: skip


@pytest.fixture
def asked(copy: str, decided: str, source: str, office: RecordingOffice, browser: Browser) -> str:
    """The number of an erasure of what the police were handed and of another camera's recording, corrected once."""
    other = office.add_camera("Korytarz")
    office.record(other, START, b"OTHER")
    clock = office.clock
    browser("clerk").post(
        reverse("copy-hand-over", args=[copy]), {**TAKER, "case": decided, "confirmed": "1"}
    )
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
