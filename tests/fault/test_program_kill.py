"""``kill -9`` of the whole program at many moments: what is kept is whole, and the register names the rest."""

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import Served, clip, served
from tests.installation import (
    CommandServer,
    Office,
    RunningProgram,
    another_office,
    running,
)
from tests.ports import free_port
from tests.waiting import until

RATE = 10
CODING = Coding(width=320, height=180, rate=RATE, group=RATE)
CAMERAS = ("Hol", "Parking")
MOMENTS = (0, 1, 7, 23, 44)
"""Pictures that a camera has sent since the recorder began, each at another place of fragment, chunk and group."""
MAY_LOSE = timedelta(seconds=2)


@pytest.fixture
def cameras() -> Iterator[Served]:
    """Two cameras."""
    with served({name.lower(): SimulatedCamera(clip(CODING)) for name in CAMERAS}) as farm:
        yield farm


@pytest.fixture
def office(tmp_path: Path, cameras: Served) -> Office:
    """An office with both."""
    made = another_office(tmp_path / "office")
    for name in CAMERAS:
        made.add_camera(name, f"rtsp://127.0.0.1:{cameras.farm.port}/{name.lower()}")
    return made


@pytest.fixture
def command(office: Office) -> CommandServer:
    """Runs commands on this office quickly."""
    return CommandServer(office)


def sent(cameras: Served) -> list[int]:
    """How many pictures each camera has sent so far."""
    return [len(camera.sent) for camera in cameras.farm.cameras.values()]


def await_pictures(cameras: Served, before: list[int], count: int) -> None:
    """Wait until every camera has sent so many pictures more."""
    until(lambda: all(now >= then + count for now, then in zip(sent(cameras), before, strict=True)))


def await_unfinished(office: Office, wanted: Callable[[set[Path]], bool]) -> None:
    """Wait until the objects that are being written, or were left so, are as wanted."""
    until(lambda: wanted(unfinished(office)))


def every_camera_begun(left: set[Path], now: set[Path]) -> bool:
    """Whether each camera has an object that was not left by an earlier start."""
    return len(now - left) == len(CAMERAS)


def unfinished(office: Office) -> set[Path]:
    """The objects that lie under no name yet."""
    return set((office.directory / "vault").rglob("*.part"))


def kill_everything(program: RunningProgram, children: list[int]) -> datetime:
    """End supervisor and children at one moment, without a word to any of them; gives that moment."""
    program.process.send_signal(signal.SIGSTOP)
    moment = datetime.now(UTC)
    for child in children:
        os.kill(child, signal.SIGKILL)
    program.process.kill()
    program.process.wait()
    return moment


def started(program: RunningProgram) -> list[int]:
    """The numbers of the program's children, once all of them are there."""
    return [program.until("process.started", process=name)["pid"] for name in ("keeper", "recorder-0", "web")]


def instants(row: dict[str, str | None]) -> tuple[datetime, datetime]:
    """From when to when an object or gap is; one that is still open has no end."""
    start, end = row["start"], row["end"]
    assert start is not None
    return datetime.fromisoformat(start), datetime.fromisoformat(end) if end else datetime.max.replace(
        tzinfo=UTC
    )


def test_the_whole_program_killed_again_and_again_accounts_for_every_second(
    office: Office, command: CommandServer, cameras: Served
) -> None:
    """After kills at five kinds of moment fsck is clean, a kill cost two seconds at most, and objects and gaps join exactly."""
    kills = []
    for moment in MOMENTS:
        before, left = sent(cameras), unfinished(office)
        with running(office, "--listen", f"127.0.0.1:{free_port()}") as program:
            children = started(program)
            if moment > 2 * RATE:
                await_unfinished(office, partial(every_camera_begun, left))
                before = sent(cameras)
            await_pictures(cameras, before, moment)
            kills.append((moment, kill_everything(program, children)))
    before = sent(cameras)
    with running(office, "--listen", f"127.0.0.1:{free_port()}") as program:
        await_pictures(cameras, before, 3 * RATE)
        await_unfinished(office, lambda now: len(now) <= len(CAMERAS))
        assert program.stop() == 0
    assert command("keep", "--once", "--json").json["failed"] == []
    done = command("fsck", "--json")
    assert (done.status, done.json) == (0, {"clean": True, "findings": []})
    for name in CAMERAS:
        day = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")
        kept = [instants(row) for row in command("objects", "--source", name, *day, "--json").json]
        gaps = [instants(row) for row in command("gaps", "--source", name, "--json").json]
        both = sorted(kept + gaps)
        joins = [(earlier[1], later[0]) for earlier, later in itertools.pairwise(both)]
        assert [pair for pair in joins if pair[0] != pair[1]] == []
        for moment, killed in kills:
            if moment > 2 * RATE:
                last = max(end for start, end in kept if start < killed)
                assert killed - last <= MAY_LOSE, (name, moment, killed - last)
