"""A hold from the form over the page that checks it to its end with a reason."""

from datetime import datetime

from django.urls import reverse

from rejent.retention import queries
from tests.unit.web.conftest import Browser

Span = tuple[datetime, datetime]
GIVEN = {
    "day": "21.11.2026", "start": "11:00", "end": "11:01:30", "case": "OR.1431.17.2026",
    "basis": "Wniosek z 20 listopada.", "review_on": "15.02.2027",
}  # fmt: skip


def test_a_hold_is_checked_before_it_is_placed(browser: Browser, source: str, recording: Span) -> None:  # noqa: ARG001
    """The first submission shows what will be held and how much of it was recorded; the second holds it."""
    client = browser("clerk")
    checked = client.post(reverse("hold-new"), {**GIVEN, "source": source})
    assert "1 minuta 30 sekund" in checked.content.decode()
    assert queries.holds() == []
    placed = client.post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    assert placed.status_code == 302
    assert [hold.case for hold in queries.holds()] == ["OR.1431.17.2026"]


def test_a_hold_that_ends_before_it_begins_is_refused(browser: Browser, source: str) -> None:
    """The times are put right by the person, not by the program."""
    response = browser("clerk").post(reverse("hold-new"), {**GIVEN, "source": source, "end": "10:00"})
    assert response.status_code == 422
    assert "„od”" in response.content.decode()


def test_only_who_decides_lifts_a_hold_and_says_why(browser: Browser, source: str, recording: Span) -> None:  # noqa: ARG001
    """A clerk may place a hold and not lift it; the head lifts it with a reason, never without."""
    browser("clerk").post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    number = queries.holds()[0].number
    assert browser("clerk").post(reverse("hold-end", args=[number]), {"reason": "x"}).status_code == 403
    head = browser("head")
    assert head.post(reverse("hold-end", args=[number]), {"reason": " "}).status_code == 422
    assert (
        head.post(reverse("hold-end", args=[number]), {"reason": "Umorzono postępowanie."}).status_code == 302
    )
    assert queries.holds() == []
    assert "Umorzono" in head.get(reverse("hold", args=[number])).content.decode()


def test_the_player_fills_the_form(browser: Browser, source: str) -> None:
    """A range marked in the player arrives in the form as day and times."""
    address = (
        f"{reverse('hold-new')}?source={source}&case=X.1&from=2026-11-21T10:00:00Z&to=2026-11-21T10:01:30Z"
    )
    text = browser("clerk").get(address).content.decode()
    for expected in ('value="21.11.2026"', 'value="11:00:00"', 'value="11:01:30"', 'value="X.1"'):
        assert expected in text
