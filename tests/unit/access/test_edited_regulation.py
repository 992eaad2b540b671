"""What the regulation was made to allow in the database for a moment lets nobody see anything."""

import pytest

from rejent.access import services
from rejent.access.errors import RegulationEditedError
from rejent.access.viewings import paging
from rejent.kernel.clock import ManualClock
from rejent.office.models import RegulationVersion
from rejent.registers import queries as registers
from tests.unit.access.conftest import Issue, People


def test_no_live_picture_begins(person: People, issue: Issue, source: str, clock: ManualClock) -> None:
    """Until the text is again the one that was entered."""
    guard = person("guard")
    issue(guard, acts=["live"])
    row = RegulationVersion.objects.get()
    RegulationVersion.objects.update(text=row.text + "\n")
    with pytest.raises(RegulationEditedError):
        services.watch_live(guard, [source], "session", clock=clock)
    assert paging.live_watches().rows == []
    RegulationVersion.objects.update(text=row.text)
    assert services.watch_live(guard, [source], "session", clock=clock)
    assert registers.count_acts(names=["live.started"]) == 1
