"""A further application about a recording that a living copy holds: its case leads to that copy."""

import re

import pytest
from django.urls import reverse

from rejent.cases import services as cases
from rejent.cases.copies import queries
from rejent.cases.views import Kind
from rejent.cases.views import State as Outcome
from rejent.kernel.clock import ManualClock, civil_date
from rejent.office.views import PersonView
from rejent.web.words.wording import day_digits
from tests.booked import every_copy
from tests.unit.cases.application import entered
from tests.unit.retention.office import MINUTE
from tests.unit.web.conftest import Browser, regulation_with, text_of
from tests.unit.web.copied import START, copy, decided, office

__all__ = ["copy", "decided", "office"]
EXTEND = "Przedłuż życie kopii K-2026-1"


@pytest.fixture
def renewing(people: dict[str, PersonView], clock: ManualClock) -> None:  # noqa: ARG001 - after the first regulation
    """A regulation by which a further application lets a copy live longer, as in Wałbrzych."""
    life = 'lifetime_from = "recording"'
    regulation_with(clock, {life: f"{life}\nrenewable = true"})


def consented(clock: ManualClock, source: str, head: PersonView, *, minutes: int = 3) -> str:
    """The number of a further application about the same recording that was consented to."""
    today = civil_date(clock.now())
    times = (START, START + minutes * MINUTE)
    wanted = {"kind": Kind.PRESERVATION, "event_first": today, "received_on": today, "times": times}
    case = entered(clock, source, **wanted)
    cases.decide_case(
        case.number, Outcome.GRANTED, reasons="", basis="§ 6", knowledge=True, person=head, clock=clock, ledger=None
    )  # fmt: skip
    return case.number


@pytest.mark.usefixtures("renewing")
def test_a_further_application_leads_to_the_copy_that_it_lets_live_longer(
    browser: Browser, copy: str, source: str, clock: ManualClock, people: dict[str, PersonView]
) -> None:
    """With that copy chosen, beside making another; once entered neither is offered, and nothing waits on who makes copies."""
    other, case = (consented(clock, source, people["head"]) for _ in range(2))
    page, clerk = reverse("case", args=[case]), browser("clerk")
    told = text_of(clerk.get(page))
    assert EXTEND in told
    assert f'action="{reverse("copy-renew", args=[copy])}"' in told
    assert f'name="case" value="{case}"' in told
    maker = browser("administrator")
    assert reverse("copy-new", args=[case]) in text_of(maker.get(reverse("start")))
    before = queries.copy(copy).due_on
    assert clerk.post(reverse("copy-renew", args=[copy]), {"case": case}).status_code == 302
    after = queries.copy(copy).due_on
    assert before is not None
    assert f"przechowywanej do {day_digits(before)}. Na podstawie" in told
    assert after is not None
    assert after > before
    told = text_of(clerk.get(page))
    assert EXTEND not in told
    (named,) = re.findall(f'<a href="{reverse("copy", args=[copy])}">(.*?)</p>', told)
    assert re.sub("<[^>]*>", "", named) == (
        f"{copy} ten wniosek przedłuża przechowywanie: do {day_digits(after)} zamiast do {day_digits(before)}"
    )
    assert 'href="' + reverse("copy", args=[copy]) not in text_of(clerk.get(reverse("case", args=[other])))
    assert reverse("copy-new", args=[case]) not in text_of(maker.get(reverse("start")))
    assert len(every_copy()) == 1


@pytest.mark.usefixtures("renewing")
def test_what_the_copy_lacks_can_still_be_copied(
    browser: Browser, copy: str, source: str, clock: ManualClock, people: dict[str, PersonView]
) -> None:
    """A further application about more than the copy holds lets it live longer and another be made; its own application offers nothing."""
    case = consented(clock, source, people["head"], minutes=30)
    clerk = browser("clerk")
    assert EXTEND not in text_of(clerk.get(reverse("case", args=[queries.copy(copy).case])))
    assert clerk.post(reverse("copy-renew", args=[copy]), {"case": case}).status_code == 302
    assert reverse("copy-new", args=[case]) in text_of(browser("administrator").get(reverse("start")))


def test_without_the_regulation_no_copy_is_offered(
    browser: Browser, copy: str, source: str, clock: ManualClock, people: dict[str, PersonView]
) -> None:
    """Where it lets no copy live longer, a further application leads to a copy of its own alone."""
    case = consented(clock, source, people["head"])
    assert queries.copy(copy).renewals == ()
    assert EXTEND not in text_of(browser("clerk").get(reverse("case", args=[case])))
