"""Causes of gaps in words."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils import translation

from rejent.catalog import queries as catalog
from rejent.catalog.coverage import SWEPT, UNKNOWN
from rejent.catalog.views import Wait
from rejent.kernel.clock import ManualClock
from rejent.recording.contract import GeneralCause
from rejent.web.words.states import advice_words, cause_words, source_state


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_general_cause_has_words_and_advice(language: str) -> None:
    """Whatever cause every recorder may give, a page says it and what to do about it; Polish pages in Polish."""
    causes = [*filter(None, GeneralCause), *(SWEPT - {UNKNOWN})]
    with translation.override("en"):
        english = {cause: cause_words(cause) for cause in causes}
    with translation.override(language):
        silent = [one for one in causes if cause_words(one) == cause_words("") or not advice_words(one)]
        foreign = [one for one in causes if language == "pl" and cause_words(one) == english[one]]
    assert silent + foreign == []


def test_a_source_that_may_not_start_names_what_it_waits_for(source: str, clock: ManualClock) -> None:
    """Closed gates look like no broken camera: the page says what is missing, in words, and where to enter it."""
    view = catalog.source(source, clock=clock)
    waiting = replace(view, waits_for=(Wait("staff-told"), Wait("places-marked", date(2026, 12, 5))))
    with translation.override("pl"):
        state = source_state(waiting, clock.now())
    assert (state.kind, state.words) == ("attention", "jeszcze nie działa")
    assert state.cause == "czeka na: powiadomienie pracowników, oznaczenie miejsc (liczy się od 05.12.2026)"
    assert "Regulamin" in state.advice


def test_a_source_that_waits_for_its_plate_sends_to_the_plates(source: str, clock: ManualClock) -> None:
    """The page of the regulation shows every condition met then; the plate is entered elsewhere, and a day is waited for."""
    view = catalog.source(source, clock=clock)
    plate, told = Wait("place-marked"), Wait("staff-told")
    with translation.override("pl"):
        lacking = source_state(replace(view, waits_for=(plate,)), clock.now()).advice
        both = source_state(replace(view, waits_for=(told, plate)), clock.now()).advice
        marked = replace(plate, until=date(2026, 12, 5))
        waiting = source_state(replace(view, waits_for=(marked,)), clock.now()).advice
    assert "Tabliczki" in lacking
    assert "Regulamin" not in lacking
    assert "Regulamin" in both
    assert "Tabliczki" in both
    assert waiting == "Pozostaje poczekać do tego dnia."
