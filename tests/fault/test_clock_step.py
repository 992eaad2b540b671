"""The system clock stepped by two days under the running program: the time line does not tear."""

import itertools
import struct
import subprocess
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import Served, clip, served
from tests.installation import Office, RunningProgram, another_office, running
from tests.ports import free_port
from tests.waiting import until

RATE = 10
LIBRARY = Path(__file__).with_name("stepped_clock.c")
"""Stands before the C library: the civil clock of a process as a file says, every other clock as it is."""


@pytest.fixture
def camera() -> Iterator[Served]:
    """Two cameras, by the true clock."""
    pictures = clip(Coding(width=320, height=180, rate=RATE, group=RATE))
    with served({name: SimulatedCamera(pictures) for name in ("hol", "sala")}) as farm:
        yield farm


@pytest.fixture
def office(tmp_path: Path, camera: Served) -> Office:
    """An office that records the first."""
    made = another_office(tmp_path / "office")
    made.add_camera("Hol", f"rtsp://127.0.0.1:{camera.farm.port}/hol")
    return made


class SystemClock:
    """The civil clock that the program sees, and nobody else."""

    def __init__(self, folder: Path) -> None:
        self._library, self._file = folder / "stepped_clock.so", folder / "clock"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", self._library, LIBRARY], check=True)
        self._file.write_bytes(bytes(8))

    def step(self, seconds: int) -> None:
        """Put it so far off the true time."""
        with self._file.open("r+b") as offset:
            offset.write(struct.pack("=q", seconds * 10**9))

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to see it."""
        return {"LD_PRELOAD": str(self._library), "STEPPED_CLOCK": str(self._file)}


def await_pictures(camera: Served, name: str, count: int) -> None:
    """Wait until a camera has sent so many pictures more."""
    source = camera.farm.cameras[name]
    wanted = len(source.sent) + count
    until(lambda: len(source.sent) >= wanted)


def rows(office: Office, command: str) -> list[dict[str, str]]:
    """What a listing command tells of the camera, with instants read."""
    whole = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z") if command == "objects" else ()
    found: list[dict[str, str]] = office.json(command, "--source", "Hol", *whole)
    return sorted(found, key=lambda row: row["start"])


def step_seen(program: RunningProgram) -> float:
    """The step as the recorder tells it."""
    return float(program.until("clock.stepped", process="recorder-0")["seconds"])


@pytest.mark.parametrize("hours", [49, -49])
def test_recording_goes_on_in_the_time_it_began_in(
    office: Office, camera: Served, tmp_path: Path, hours: int
) -> None:
    """Segments join across the step, in the time before it, though the catalogue is read anew; fsck is clean."""
    clock = SystemClock(tmp_path)
    with running(office, "--listen", f"127.0.0.1:{free_port()}", **clock.environment) as program:
        program.until("process.started", process="recorder-0")
        await_pictures(camera, "hol", 4 * RATE)
        clock.step(hours * 3600)
        assert step_seen(program) == pytest.approx(hours * 3600, abs=2)
        office.add_camera("Sala", f"rtsp://127.0.0.1:{camera.farm.port}/sala")
        await_pictures(camera, "sala", RATE)
        await_pictures(camera, "hol", 4 * RATE)
        assert program.stop() == 0
    kept = [(row["start"], row["end"]) for row in rows(office, "objects")]
    assert all(earlier[1] == later[0] for earlier, later in itertools.pairwise(kept))
    begun, ended = (datetime.fromisoformat(instant) for instant in (kept[0][0], kept[-1][1]))
    assert timedelta(seconds=1) < ended - begun < timedelta(hours=1)
    within = [
        row for row in rows(office, "gaps") if kept[0][0] < (row["end"] or "9") and row["start"] < kept[-1][1]
    ]
    assert within == []
    done = office.run("fsck", "--json")
    assert done.status == 0, done
