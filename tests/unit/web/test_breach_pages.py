"""The log of breaches on pages: entered, its clocks shown, its book, and who must act sees it at the start."""

from datetime import timedelta

import pytest
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office.breaches import queries
from rejent.office.views import PersonView
from tests.unit.web.conftest import Browser, text_of

SENT = {
    "day": "21.11.2026",
    "time": "10:00",
    "facts": "Zginął nośnik.",
    "personal_data": "on",
    "incident": "on",
}


@pytest.mark.usefixtures("people")
def test_a_breach_is_entered_and_its_clocks_are_shown_to_who_must_act(
    browser: Browser, clock: ManualClock
) -> None:
    """72 hours with their end; a step with its instant; late once the hours are over; in the book."""
    iod = browser("iod")
    assert iod.post(reverse("breach-new"), {**SENT, "facts": ""}).status_code == 422
    assert iod.post(reverse("breach-new"), SENT).status_code == 302
    (one,) = queries.breaches()
    page = reverse("breach", args=[one.number])
    assert "24.11.2026" in text_of(iod.get(page))
    assert "po terminie" not in text_of(iod.get(page))
    assert one.number in text_of(iod.get(reverse("start")))
    assert iod.post(page, {"step": "notified_at", "day": "21.11.2026", "time": "11:30"}).status_code == 302
    clock.advance(timedelta(days=4))
    shown = text_of(browser("iod").get(page))
    assert "po terminie" in shown
    assert one.number in text_of(browser("iod").get(reverse("register", args=["breaches"])))
    assert iod.post(reverse("breach-close", args=[one.number])).status_code == 302
    assert queries.breach(one.number).closed_at is None


@pytest.mark.parametrize(
    ("role", "sees", "enters"), [("secretary", 200, 403), ("clerk", 403, 403), ("administrator", 200, 200)]
)
def test_the_log_is_open_by_role(
    role: str, sees: int, enters: int, browser: Browser, people: dict[str, PersonView]
) -> None:
    """Whoever oversees sees it; who decides, runs the machine or protects data enters."""
    assert people
    client = browser(role)
    assert client.get(reverse("breaches")).status_code == sees
    assert client.get(reverse("breach-new")).status_code == enters
