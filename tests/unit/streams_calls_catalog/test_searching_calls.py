"""The keeper searches calls for their announcement as long as it has time, after everything that must not wait."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rejent.catalog import queries, services
from rejent.catalog.views import SegmentView
from rejent.cli.storage.rounds import keep_round
from rejent.kernel.clock import ManualClock, civil_date
from rejent.kernel.errors import RejentError
from rejent.office import services as office
from rejent.office.regulation.loading import example
from rejent.retention.rounds.round import Keeping, Round
from rejent.streams.calls.catalog import queries as call_queries
from rejent.streams.calls.catalog import services as call_services
from rejent.streams.calls.catalog.announcement_wav import plain_wav
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.player.announcements import LONGEST_S, find_announcements
from rejent.vault.keys.key_store import KeyStore
from rejent.vault.keys.root_key import FileRoot
from rejent.vault.store.disk import DiskStore
from tests.unit.catalog.conftest import START, finished


@pytest.fixture
def unsearched(db: None, clock: ManualClock) -> None:  # noqa: ARG001 - asked for its effect
    """Five calls of a line that announces something, whose sound was not searched yet."""
    office.activate_regulation(example("boleslawiec"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    stated = StatedLine(numbers=("+48 10 555 01",), siprec="127.0.0.1:5080")
    line = call_services.add_line(name="Switchboard", stated=stated, clock=clock, actor="")
    call_services.set_announcement(
        line, "incoming", text="Said.", sound=plain_wav(bytes(16000)), language="pl", made_by="uploaded",
        valid_from=START - timedelta(hours=1), clock=clock, actor="",
    )  # fmt: skip
    for number in range(5):
        name = f"{number:032x}"
        begun = call_services.BegunCall(name, line, civil_date(START), START, "incoming", "107770201", "100")
        call_services.begin_call(begun, clock=clock)
        services.book_segments([finished(line, number, 60, run=name)], clock)
        call_services.end_call(name, START + timedelta(seconds=60), "bye", clock=clock)
    clock.advance(timedelta(minutes=5))


@pytest.mark.usefixtures("unsearched")
def test_calls_that_cannot_be_read_take_only_so_much_of_a_round(clock: ManualClock) -> None:
    """No further one is begun when the time is over; the next round goes on."""
    tried = []

    def unreadable(segment: SegmentView) -> Any:
        tried.append(segment.run)
        clock.advance(timedelta(seconds=LONGEST_S / 2))
        raise RejentError("The sound cannot be read now.")

    assert find_announcements(unreadable, clock=clock) == 2
    assert len(tried) == 2


@pytest.mark.usefixtures("unsearched")
def test_old_calls_that_cannot_be_read_keep_no_new_one_waiting(clock: ManualClock) -> None:
    """Of those that wait for the search, the newest come into each round, whatever becomes of the oldest."""
    line = queries.recorder_sources(stream="calls")[0].id
    begun = START + timedelta(minutes=2)
    call_services.begin_call(
        call_services.BegunCall("f" * 32, line, civil_date(begun), begun, "incoming", "107770202", "100"),
        clock=clock,
    )
    services.book_segments([finished(line, 2, 60, run="f" * 32)], clock)
    call_services.end_call("f" * 32, begun + timedelta(seconds=60), "bye", clock=clock)
    clock.advance(timedelta(minutes=5))
    found = [call.id for call in call_queries.calls_to_search(clock.now(), 4)]
    assert found == [f"{0:032x}", f"{1:032x}", "f" * 32, f"{4:032x}"]


@pytest.mark.usefixtures("unsearched")
def test_what_must_not_wait_is_kept_first(
    clock: ManualClock, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls are searched when retention has done what is due."""
    (tmp_path / "vault").mkdir()
    keys = KeyStore.create(tmp_path / "keys", FileRoot(), clock)
    settings.KEEPING = lambda: Keeping(
        clock=clock, store=DiskStore(tmp_path / "vault"), keys=keys, boot="one"
    )
    order = []

    def kept(_keeping: Keeping) -> Round:
        order.append("kept")
        return Round()

    def unreadable(_segment: SegmentView) -> Any:
        order.append("searched")
        raise RejentError("The sound cannot be read now.")

    monkeypatch.setattr("rejent.cli.storage.rounds.keep_once", kept)
    settings.OPENER = unreadable
    keep_round(clock)
    assert order == ["kept", *["searched"] * 5]
