"""Cameras of the catalogue as their recorder is given them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from rejent.catalog import services
from rejent.kernel.clock import ManualClock
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.day_keys import DayKeys
from rejent.recording.main_loop import READ_ANEW_S
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.network.rtsp.address import Camera, Trust
from rejent.streams.cameras.recorder.process import Roster
from rejent.vault.context import VaultContext

PINNED = "ab" * 32


@dataclass
class Given:
    """A recorder that keeps what it is given."""

    cameras: list[Camera] = field(default_factory=list)

    def add(self, camera: Camera, covered_until: datetime | None = None) -> None:
        """Keep the camera."""
        assert covered_until is None
        self.cameras.append(camera)


@pytest.fixture
def given(house: VaultContext, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets the roster look once, where every condition of recording is met; what the recorder was given then."""
    recorder, steady, books = Given(), SteadyTime(clock), CatalogueBooks(clock)
    monkeypatch.setattr("rejent.streams.cameras.recorder.process.startable", lambda cameras, *_: cameras)
    sink = SealingSink(house.store, lambda _source, _day: None, books)
    roster = Roster(recorder, sink, DayKeys(steady.now), books, 0, clock, steady, house.credentials.open)

    def look() -> Camera:
        clock.advance(timedelta(seconds=READ_ANEW_S))
        roster.look()
        return recorder.cameras[-1]

    yield look
    sink.close()


def test_a_camera_is_trusted_as_it_was_described(
    source: str, given: Any, house: VaultContext, clock: ManualClock
) -> None:
    """By the system's authorities, by a fingerprint that was named, and again by authorities once that was taken away."""

    def change(**traits: str) -> None:
        services.change_source(
            source,
            traits=traits,
            address="rtsps://192.0.2.7/hol",
            clock=clock,
            actor="",
            credentials_box=house.credentials,
        )

    assert given().trust == Trust()
    change(fingerprint="AB:" * 31 + "AB")
    assert given().trust == Trust(fingerprint=PINNED)
    change(fingerprint="")
    assert given().trust == Trust()
