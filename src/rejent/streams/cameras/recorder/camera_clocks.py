"""Comparing the clocks of cameras that send no RTCP sender reports, by ONVIF, once an hour.

The question needs no login and goes to the camera's own host; a camera that does not answer it is asked again an hour
later. A thread of its own asks, one camera after the other, so that no recorder ever waits for it.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence

import structlog

from rejent.kernel.clock import Clock
from rejent.recording.contract import SourceStatus, State
from rejent.recording.errors import SourceError
from rejent.streams.cameras.network.onvif.device import Device, read_device_address

log = structlog.get_logger(__name__)

EVERY_S = 3600.0
TIMEOUT_S = 5.0


class CameraClocks:
    """Offsets of cameras' clocks against ours, in seconds, by source; positive when a camera is ahead."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._requested_at: dict[str, float] = {}
        self._offsets: dict[str, float] = {}
        self._thread: threading.Thread | None = None

    def offset(self, source_id: str) -> float | None:
        """Return what was measured last, or None."""
        return self._offsets.get(source_id)

    def measured(self, status: SourceStatus) -> tuple[float | None, str]:
        """Return how far ahead a camera's clock is and how that is known: by its sender reports, or else by having asked."""
        if status.clock_offset is not None:
            return status.clock_offset, "rtcp"
        return self.offset(status.source_id), "onvif"

    def look(self, statuses: Sequence[SourceStatus], hosts: Mapping[str, str]) -> None:
        """Ask every camera whose hour has come, unless an earlier round still goes on."""
        if self._thread is not None and self._thread.is_alive():
            return
        now = self._clock.monotonic()
        due = {
            status.source_id: hosts[status.source_id]
            for status in statuses
            if status.state is State.RECORDING
            and status.clock_offset is None
            and hosts.get(status.source_id)
            and now - self._requested_at.get(status.source_id, -EVERY_S) >= EVERY_S
        }
        if due:
            self._requested_at.update(dict.fromkeys(due, now))
            self._thread = threading.Thread(target=self._ask, args=[due], name="camera-clocks", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Wait until the round that goes on has ended."""
        if self._thread is not None:
            self._thread.join()

    def _ask(self, due: dict[str, str]) -> None:
        for source_id, host in due.items():
            try:
                self._offsets[source_id] = asyncio.run(self._measured(host))
            except SourceError as error:
                self._offsets.pop(source_id, None)
                log.info("camera-clock.unknown", source=source_id, code=error.code)

    async def _measured(self, host: str) -> float:
        address, _ = read_device_address(f"[{host}]" if host.count(":") > 1 else host)
        device = Device(address, clock=self._clock, timeout_s=TIMEOUT_S)
        return (await device.clock_reading()).offset.total_seconds()
