"""What tests of protocols share: a regulation with two stages, texts, viewings that were ended or finished."""

from datetime import date

import pytest

from rejent.access import checks, services
from rejent.access.views import ViewingView
from rejent.kernel.clock import ManualClock
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.office.views import PersonView
from tests.unit.access.conftest import Issue, People
from tests.unit.access.test_viewings import open_viewing

SHORT = {"findings": "Nobody entered.", "follow-up": "Nothing."}
ANNEX = ["event-time", "parties", "place", "breach", "causes", "actions", "proceedings"]
FULL = dict.fromkeys(ANNEX, "It is described here.")


def two_stages(position: str = "head") -> str:
    """Elbląg's regulation with the protocol of Bolesławiec's annex 2 for cameras."""
    keys = f"protocol_fields = {ANNEX}\nposition = {position!r}\n".replace("'", '"')
    named = example("elblag").replace('head = "', 'deputy = "Zastępca"\nhead = "', 1)
    return named.replace('clause = "ust. 1 pkt 6–7"', f'{keys}clause = "ust. 1 pkt 6–7"', 1)


@pytest.fixture
def staged(source: str, clock: ManualClock) -> str:
    """A camera of an office whose head states a position on each protocol."""
    office.activate_regulation(two_stages(), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    return source


@pytest.fixture
def viewer(person: People, issue: Issue) -> PersonView:
    """Somebody who may see recordings."""
    found = person("viewer")
    issue(found)
    return found


def closed_viewing(viewer: PersonView, source: str, clock: ManualClock) -> ViewingView:
    """A viewing that was opened and ended."""
    viewing = open_viewing(viewer, source, clock)
    services.close_viewing(viewing.id, clock=clock, actor=str(viewer.id))
    return viewing


def waiting(viewer: PersonView, source: str, clock: ManualClock) -> str:
    """The number of a protocol that its viewer has finished and that waits for the position."""
    viewing = closed_viewing(viewer, source, clock)
    services.finish_protocol(viewing.number, FULL, person=viewer, clock=clock)
    return viewing.number


def codes(clock: ManualClock) -> list[str]:
    """What fsck finds of access."""
    return sorted(finding.code.removeprefix("access.") for finding in checks.findings(clock))
