"""An application about a time of which all, a part or nothing was recorded: pages and papers say which."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from rejent.cases.views import Kind
from rejent.office.views import PersonView
from rejent.retention.services import keep_once
from tests.printed import words_of
from tests.unit.cases.application import entered
from tests.unit.retention.office import MINUTE, RecordingOffice
from tests.unit.web.conftest import NOON, Browser, text_of
from tests.unit.web.copied import office
from tests.unit.web.test_case_pages import ENTER, GIVEN

__all__ = ["office"]

ASKED = {**GIVEN, "event_first": "20.11.2026", "start": "12:00", "end": "12:02"}
YESTERDAY = NOON - timedelta(days=1)
CONSENT = {"outcome": "granted", "basis": "§ 6 ust. 3", "reasons": ""}
NOTHING = "W tym czasie nic nie nagrano; nie ma czego zabezpieczyć."
HELD = "Nagrania, których wniosek może dotyczyć, są zabezpieczone przed usunięciem do czasu rozstrzygnięcia."
PART = "Z tego czasu nagrano część; to, co nagrano, jest zabezpieczone przed usunięciem do rozstrzygnięcia"
OF_THE_HOLD = {
    0: "20.11.2026 12:00:00–12:02:00 – w tym czasie nic nie nagrano",
    1: "20.11.2026 12:00:00–12:02:00 – nagrano: 1 minuta, czas wniosku: 2 minuty",
    2: "20.11.2026 12:00:00–12:02:00 – nagrano całość",
}


@pytest.fixture
def minutes(request: pytest.FixtureRequest, source: str, office: RecordingOffice) -> int:
    """So many of the two minutes that are asked for are recorded."""
    for place in range(request.param):
        office.record(source, YESTERDAY + place * MINUTE, b"MARK%d" % place)
    return int(request.param)


def posted(client: Client, source: str) -> str:
    """The page that follows an entered application."""
    return text_of(
        client.post(reverse("case-enter", args=ENTER), {**ASKED, "sources": [source]}, follow=True)
    )


@pytest.mark.parametrize("minutes", [0, 1, 2], indirect=True)
def test_what_is_recorded_is_said_from_the_entry_to_the_decision(
    browser: Browser, source: str, minutes: int
) -> None:
    """After entering, on the page of the case, on the applicant's paper, where it is decided and checked, and in the decision."""
    clerk, head = browser("clerk"), browser("head")
    page = posted(clerk, source)
    held = {0: NOTHING, 1: PART, 2: "Wniosek W-2026-1 jest wpisany, a nagranie zabezpieczone."}[minutes]
    assert held in page
    assert OF_THE_HOLD[minutes] in page
    for words in ("a nagranie zabezpieczone", "Do tego czasu zabezpieczenie trwa"):
        assert (words in page) is (minutes == 2), words
    receipt = words_of(clerk.post(reverse("case-paper", args=["W-2026-1", "receipt"])).content)
    assert {0: NOTHING, 1: PART, 2: HELD}[minutes] in receipt
    assert (HELD in receipt) is (minutes == 2)
    address = reverse("case-decide", args=["W-2026-1"])
    assert OF_THE_HOLD[minutes] in text_of(head.get(address))
    checked = text_of(head.post(address, CONSENT))
    assert OF_THE_HOLD[minutes] in checked
    assert (NOTHING in checked) is (minutes == 0)
    decided = text_of(head.post(address, {**CONSENT, "confirmed": "1"}, follow=True))
    assert "Decyzja jest wpisana." in decided
    assert ("nie ma czego kopiować" in decided) is (minutes == 0)
    decision = words_of(head.post(reverse("case-paper", args=["W-2026-1", "decision"])).content)
    assert (NOTHING in decision) is (minutes == 0)
    assert ("Zabezpieczone do prawomocnego" in decision) is (minutes > 0)


@pytest.mark.parametrize("minutes", [0, 1], indirect=True)
def test_a_copy_is_offered_only_of_what_is_recorded(
    browser: Browser, source: str, people: dict[str, PersonView], office: RecordingOffice, minutes: int
) -> None:
    """Where nothing is, neither the work list nor the case leads to a form that would be refused; the case says why."""
    today = NOON.date()
    case = entered(
        office.clock, source, kind=Kind.DISCLOSURE, event_first=YESTERDAY.date(), received_on=today,
        times=(YESTERDAY, YESTERDAY + 2 * MINUTE),
    )  # fmt: skip
    assert people
    browser("head").post(reverse("case-decide", args=[case.number]), {**CONSENT, "confirmed": "1"})
    administrator = browser("administrator")
    form = reverse("copy-new", args=[case.number])
    for page in (reverse("start"), reverse("copies")):
        assert (form in text_of(administrator.get(page))) is (minutes > 0)
    for client, address in ((browser("clerk"), reverse("case", args=[case.number])), (administrator, form)):
        assert ("nie ma czego kopiować" in text_of(client.get(address))) is (minutes == 0)
    assert ('name="hold"' in text_of(administrator.get(form))) is (minutes > 0)


@pytest.mark.parametrize("minutes", [0, 1], indirect=True)
def test_a_hold_of_nothing_is_said_to_keep_nothing(
    browser: Browser, source: str, people: dict[str, PersonView], office: RecordingOffice, minutes: int
) -> None:
    """Of a refused application whose recording may be evidence the hold stays; where nothing was recorded, it is to be lifted."""
    assert people
    case = entered(
        office.clock, source, event_first=YESTERDAY.date(), received_on=NOON.date(),
        times=(YESTERDAY, YESTERDAY + 2 * MINUTE),
    )  # fmt: skip
    refusal = {"outcome": "refused", "basis": "§ 6", "reasons": "Brak interesu.", "knowledge": "yes"}
    browser("head").post(reverse("case-decide", args=[case.number]), {**refusal, "confirmed": "1"})
    page = text_of(browser("head").get(reverse("case", args=[case.number])))
    assert ("zabezpieczenie nic nie zachowuje" in page) is (minutes == 0)
    assert ("Zabezpieczenie trwa do prawomocnego" in page) is (minutes > 0)


@pytest.mark.parametrize("minutes", [0], indirect=True)
def test_what_may_still_be_recorded_is_not_said_to_lack(browser: Browser, source: str, minutes: int) -> None:
    """Of the minutes just now nothing is booked yet: that is said, and that what comes is held."""
    assert not minutes
    given = {**ASKED, "event_first": "21.11.2026", "start": "11:58", "end": "12:00", "sources": [source]}
    page = text_of(browser("clerk").post(reverse("case-enter", args=ENTER), given, follow=True))
    assert "Na razie nic z tego czasu nie nagrano" in page
    assert NOTHING not in page
    browser("head").post(reverse("case-decide", args=["W-2026-1"]), {**CONSENT, "confirmed": "1"})
    form = text_of(browser("administrator").get(reverse("copy-new", args=["W-2026-1"])))
    for shown in (form, text_of(browser("clerk").get(reverse("case", args=["W-2026-1"])))):
        assert "na razie nic nie nagrano: zajrzyj" in shown
        assert "nie ma czego kopiować" not in shown


@pytest.mark.parametrize("minutes", [1], indirect=True)
def test_what_was_destroyed_after_the_decision_is_still_known_to_have_been_recorded(
    browser: Browser, source: str, office: RecordingOffice, minutes: int
) -> None:
    """The applicant's paper says what followed the decision, and never that nothing was recorded, after the hold was lifted and what it kept went."""
    assert minutes
    clerk, head = browser("clerk"), browser("head")
    posted(clerk, source)
    refusal = {"outcome": "refused", "basis": "§ 6", "reasons": "Brak interesu.", "knowledge": "no"}
    head.post(reverse("case-decide", args=["W-2026-1"]), {**refusal, "confirmed": "1"})
    office.clock.advance(timedelta(days=100))
    keep_once(office.keeping)
    receipt = words_of(browser("clerk").post(reverse("case-paper", args=["W-2026-1", "receipt"])).content)
    assert "To, co nie zostało zabezpieczone, podlega zwykłemu terminowi przechowywania." in receipt
    assert NOTHING not in receipt
    assert NOTHING not in receipt
