"""What the start page says where a regulation prescribes several kinds of monitoring that are not started."""

from datetime import date

from django.urls import reverse

from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from tests.unit.web.conftest import Browser, text_of


def test_each_kind_that_is_not_started_is_named(browser: Browser, source: str, clock: ManualClock) -> None:
    """Each line leads to the conditions of its own kind; what the program records nothing of is none of it."""
    assert source
    office.activate_regulation(example("elblag"), in_force_from=date(2026, 11, 21), clock=clock, actor="")
    page = text_of(browser("administrator").get(reverse("start")))
    assert "Monitoring nieuruchomiony (poczta): brak " in page
    assert f'href="{reverse("regulation")}#stream-mail"' in page
    assert "Monitoring nieuruchomiony (praca na komputerach)" not in page
