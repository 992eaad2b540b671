"""The page of the regulation: what a start still needs, and what of it is entered there."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.services.regulation import ENTERED
from tests.unit.web.conftest import Browser


def test_a_day_is_asked_only_for_what_is_entered(browser: Browser, source: str, clock: ManualClock) -> None:
    """A period that the regulation does not set is told as missing; no day is asked for it, for it would be refused."""
    del source
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 11, 1), clock=clock, actor="")
    head = browser("head")
    page = head.get(reverse("regulation")).content.decode()
    asked = re.findall(r'action="/regulation/(\w+)/([^"]+)"', page)
    assert "Nie każdy cel ma okres przechowywania." in page
    assert "nie uruchomiono, brakuje: okres przechowywania" in page
    assert "<b>okres przechowywania</b>" in page
    assert page.count("Bieżący obraz mogą oglądać") == 1
    assert "Nagrania mogą" not in page
    assert asked
    assert {kind for _, kind in asked} <= set(ENTERED)
    stream, kind = asked[0]
    assert head.post(f"/regulation/{stream}/{kind}", {"on": "1.11.2026"}).status_code == 302
    after = head.get(reverse("regulation")).content.decode()
    assert f'action="/regulation/{stream}/{kind}"' not in after


def test_a_stream_that_may_run_tells_of_sources_without_a_plate(
    browser: Browser, source: str, settings: Any
) -> None:
    """With every condition met, what keeps a source from starting is said beside them, with the way to the plates."""
    del source
    settings.INSTALLATION = replace(settings.INSTALLATION, test=False)
    page = browser("head").get(reverse("regulation")).content.decode()
    assert "1 źródło nie działa, dopóki w jego miejscu nie wisi dość długo tabliczka." in page
    settings.INSTALLATION = replace(settings.INSTALLATION, test=True)
    assert "tabliczka" not in browser("head").get(reverse("regulation")).content.decode()
