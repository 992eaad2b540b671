"""The page of the regulation: what a start still needs, and what of it is entered there."""

import re
from datetime import date

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
    assert asked
    assert {kind for _, kind in asked} <= set(ENTERED)
    stream, kind = asked[0]
    assert head.post(f"/regulation/{stream}/{kind}", {"on": "1.11.2026"}).status_code == 302
    after = head.get(reverse("regulation")).content.decode()
    assert f'action="/regulation/{stream}/{kind}"' not in after
