"""A hold from the form over the page that checks it to its end with a reason."""

from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.registers import queries as registers
from rejent.retention import queries
from tests.unit.web.conftest import Browser
from tests.unit.web.test_viewing_pages import _opened

Span = tuple[datetime, datetime]
GIVEN = {
    "day": "21.11.2026", "start": "11:00", "end": "11:01:30", "case": "OR.1431.17.2026",
    "basis": "Wniosek z 20 listopada.", "review_on": "15.02.2027",
}  # fmt: skip


@pytest.mark.usefixtures("recording")
def test_a_hold_is_checked_before_it_is_placed(browser: Browser, source: str) -> None:
    """The first submission shows what will be held and how much of it was recorded; the second holds it."""
    client = browser("clerk")
    checked = client.post(reverse("hold-new"), {**GIVEN, "source": source})
    assert "1 minuta 30 sekund" in checked.content.decode()
    assert queries.holds() == []
    placed = client.post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    assert placed.status_code == 302
    assert [hold.case for hold in queries.holds()] == ["OR.1431.17.2026"]


@pytest.mark.parametrize("hour", ["11", "15"])
@pytest.mark.usefixtures("recording")
def test_a_hold_of_nothing_says_so(browser: Browser, source: str, hour: str) -> None:
    """Where nothing is recorded the hold is placed all the same, and its page tells; elsewhere it tells nothing of the kind."""
    times = {"start": f"{hour}:00", "end": f"{hour}:01"}
    placed = browser("clerk").post(
        reverse("hold-new"), {**GIVEN, **times, "source": source, "confirmed": "1"}, follow=True
    )
    assert [hold.case for hold in queries.holds()] == [GIVEN["case"]]
    page = placed.content.decode()
    assert ("W tym czasie nic nie nagrano." in page) == (hour == "15")
    assert ("Nagranie zabezpieczono." in page) == (hour == "11")


def test_a_hold_that_ends_before_it_begins_is_refused(browser: Browser, source: str) -> None:
    """The times are put right by the person, not by the program."""
    response = browser("clerk").post(reverse("hold-new"), {**GIVEN, "source": source, "end": "10:00"})
    assert response.status_code == 422
    assert "„od”" in response.content.decode()


@pytest.mark.usefixtures("recording")
def test_only_who_decides_lifts_a_hold_and_says_why(browser: Browser, source: str) -> None:
    """A clerk may place a hold and not lift it; the head lifts it with a reason, never without."""
    browser("clerk").post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    number = queries.holds()[0].number
    assert browser("clerk").post(reverse("hold-end", args=[number]), {"reason": "x"}).status_code == 403
    head = browser("head")
    assert head.post(reverse("hold-end", args=[number]), {"reason": " "}).status_code == 422
    lifted = {"reason": "Umorzono postępowanie.", "confirmed": "1"}
    assert head.post(reverse("hold-end", args=[number]), lifted).status_code == 302
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


@pytest.mark.parametrize(
    "instant", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "yesterday", ""]
)
def test_an_instant_beyond_the_calendar_leaves_the_form_empty(
    browser: Browser, source: str, instant: str
) -> None:
    """Whatever an address says of a range, the form opens, with the camera it names."""
    answer = browser("clerk").get(
        f"{reverse('hold-new')}?source={source}&case=X.1&from={instant}&to={instant}"
    )
    assert answer.status_code == 200
    assert 'value="X.1"' in answer.content.decode()


def published() -> int:
    """How many entries the published checkpoint covers."""
    return int((settings.LEDGER.log.checkpoint() or "\n0").splitlines()[1])


def test_a_hold_is_signed_at_once_from_its_pages(browser: Browser, source: str) -> None:
    """Placing, reviewing and lifting in the browser leave no moment in which an older database could come back unseen."""
    browser("clerk").post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    assert published() == registers.tree_head().size > 0
    number = queries.holds()[0].number
    head = browser("head")
    review = {"review-review_on": "1.03.2027", "review-reason": "Postępowanie trwa."}
    assert head.post(reverse("hold-review", args=[number]), review).status_code == 302
    assert str(queries.hold(number).review_on) == "2027-03-01"
    assert published() == registers.tree_head().size
    head.post(reverse("hold-end", args=[number]), {"reason": "Umorzono postępowanie.", "confirmed": "1"})
    assert published() == registers.tree_head().size


def test_a_review_too_far_ahead_is_refused_where_it_stands(browser: Browser, source: str) -> None:
    """Neither a new hold nor a review reaches past a year; the page says which rule and who can change it."""
    clerk = browser("clerk")
    far = {**GIVEN, "review_on": "1.12.2028", "source": source, "confirmed": "1"}
    placed = clerk.post(reverse("hold-new"), far)
    assert (placed.status_code, queries.holds()) == (422, [])
    assert "co najmniej co 366 dni" in placed.content.decode()
    assert "tylko regulamin" in placed.content.decode().lower()
    clerk.post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    review = {"review-review_on": "1.12.2028", "review-reason": "Postępowanie trwa."}
    refused = clerk.post(reverse("hold-review", args=[queries.holds()[0].number]), review)
    assert refused.status_code == 422
    assert "co najmniej co 366 dni" in refused.content.decode()


def test_a_case_longer_than_its_field_is_refused(browser: Browser, source: str) -> None:
    """Nothing is cut in silence."""
    long = {**GIVEN, "case": "OR." + "1" * 118, "source": source}
    text = browser("clerk").post(reverse("hold-new"), long)
    assert text.status_code == 422
    assert "Znak sprawy jest dłuższy niż 120 znaków" in text.content.decode()


def test_the_hour_that_ran_twice_is_chosen_by_a_button(browser: Browser, source: str) -> None:
    """Each end of the interval that lies in it gets two buttons, and what a button sends is read."""
    client = browser("clerk")
    given = {**GIVEN, "source": source, "day": "25.10.2026", "start": "1:50", "end": "2:30"}
    asked = client.post(reverse("hold-new"), given).content.decode()
    assert asked.count('name="end" value="2:30:00 letni"') == 1
    assert asked.count('name="end" value="2:30:00 zimowy"') == 1
    assert 'name="start" value="' not in asked.split("notice attention")[1]
    checked = client.post(reverse("hold-new"), {**given, "end": "2:30:00 zimowy"})
    assert "1 godzina 40 minut" in checked.content.decode()


def test_the_list_of_holds_tells_their_basis(browser: Browser, source: str) -> None:
    """Why something is held stands beside it."""
    client = browser("clerk")
    client.post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    assert f'data-title="Podstawa">{GIVEN["basis"]}</td>' in client.get(reverse("holds")).content.decode()


@pytest.mark.usefixtures("recording")
def test_what_the_end_of_a_hold_destroys_stands_on_a_page_before_it(
    browser: Browser, source: str, clock: ManualClock
) -> None:
    """While the term runs, by when; after it, at once; nothing where another hold keeps it too. Nothing ends before the second yes."""
    clerk, head = browser("clerk"), browser("head")
    clerk.post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    number, reason = queries.holds()[0].number, {"reason": "Umorzono postępowanie."}
    end = reverse("hold-end", args=[number])
    within = head.post(end, reason).content.decode()
    assert "Zgodnie z okresem przechowywania zostanie zniszczone do" in within
    assert "21.11.2026, 11:00:00–11:01:30" in within
    assert 'class="button grave"' not in within
    changed = head.post(end, {**reason, "change": "1"}).content.decode()
    assert "Umorzono postępowanie.</textarea>" in changed
    clock.advance(timedelta(days=120))
    assert "Od razu i na zawsze zostanie zniszczone: 21.11.2026, 11:00:00–11:01:30" in (
        gone := head.post(end, reason).content.decode()
    )
    assert 'class="button grave"' in gone
    second = {**GIVEN, "source": source, "confirmed": "1", "review_on": "1.06.2027", "end": "11:01"}
    browser("clerk").post(reverse("hold-new"), second)
    assert "21.11.2026, 11:01:00–11:01:30" in head.post(end, reason).content.decode()
    assert len(queries.holds()) == 2


@pytest.mark.usefixtures("recording")
def test_a_hold_is_placed_beside_the_recording(browser: Browser, source: str) -> None:
    """The same form, page to check and answer come without the frame, so that the player stays where it is."""
    client = browser("clerk")
    way = f"{reverse('hold-new')}?beside&source={source}&case=X.1&from=2026-11-21T10:00:00Z&to=2026-11-21T10:01:30Z"
    form = client.get(way)
    assert form.headers["X-Beside"] == "1"
    text = form.content.decode()
    assert "<html" not in text
    assert f'<input type="hidden" name="source" value="{source}"' in text
    assert 'value="11:01:30"' in text
    wrong = client.post(way, {**GIVEN, "source": source, "basis": ""})
    assert (wrong.status_code, wrong.headers["X-Beside"]) == (422, "1")
    assert "1 minuta 30 sekund" in client.post(way, {**GIVEN, "source": source}).content.decode()
    placed = client.post(way, {**GIVEN, "source": source, "confirmed": "1"})
    assert (placed.status_code, placed.headers["X-Beside"]) == (200, "1")
    assert "data-done" in placed.content.decode()
    assert queries.holds()[0].number in placed.content.decode()


@pytest.mark.usefixtures("recording")
def test_a_placed_hold_leads_to_its_recording_and_its_proof(browser: Browser, source: str) -> None:
    """Back to what is open first, else the recording; the proof for who may see it; the review is folded until it is due."""
    browser("clerk").post(reverse("hold-new"), {**GIVEN, "source": source, "confirmed": "1"})
    page, viewer = reverse("hold", args=[queries.holds()[0].number]), browser("viewer")
    (act,) = registers.acts(names=["hold.placed"]).acts
    proof = reverse("entry", args=[act.index])
    assert proof in browser("head").get(page).content.decode()
    text = browser("clerk").get(page).content.decode()
    assert proof not in text
    assert f"<dd>{act.index}</dd>" in text
    assert '<details class="fold"><summary>' in text
    assert "time=11%3A00%3A00" in viewer.get(page).content.decode()
    base = _opened(viewer, source).split("?")[0]
    assert f'<a class="button" href="{base}">' in viewer.get(page).content.decode()
