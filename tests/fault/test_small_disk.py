"""A disk that is really full under the running program: it stops loudly, destroys nothing, and goes on by itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rejent.streams.cameras.simulated.behaviour import SimulatedCamera
from rejent.streams.cameras.simulated.clip import Coding
from tests.cameras.farm import clip, served
from tests.installation import HERE, environment
from tests.waiting import CEILING_S

MAY_MOUNT = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not MAY_MOUNT, reason="needs the right to a mount namespace of its own")
@pytest.mark.parametrize(
    ("what", "causes"),
    [
        pytest.param("vault", {"storage-full"}, marks=pytest.mark.soak),
        pytest.param("office", {"storage-full", "recorder-stopped"}, marks=pytest.mark.soak),
        ("recordings", {"storage-full"}),
    ],
)
def test_recording_stops_loudly_on_a_full_disk_and_resumes_by_itself(
    tmp_path: Path, what: str, causes: set[str]
) -> None:
    """A full disk is told as stopped, with a gap and nothing lost; with room it records again by itself, and fsck is clean.

    Where something else fills the disk of the catalogue too, the recorder cannot report, and its silence is what is told;
    recordings themselves leave it room to take every entry.
    """
    coding = Coding(width=1280, height=720, rate=15, group=15)
    with served({"hol": SimulatedCamera(clip(coding))}) as cameras:
        address = f"rtsp://127.0.0.1:{cameras.farm.port}/hol"
        done = subprocess.run(
            ["unshare", "-m", sys.executable, "-m", "tests.fault.small_disk", tmp_path, address, what],
            capture_output=True, text=True, check=False, env=environment(), cwd=HERE, timeout=3 * CEILING_S,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    story = json.loads(done.stdout)
    assert story["at_first"]["state"] == "recording", story
    assert story["full"]["state"] == "stopped", story
    assert story["full"]["cause"] in causes, story
    if what == "recordings":
        assert (story["entered"], 0.4 < story["of_reserve"] < 1.25) == (0, True), story
    assert story["again"]["state"] == "recording", story
    assert story["statuses"] == [0, 0]
    assert story["kept_on"], story
    assert story["segments"] >= 2, story
    assert causes & {gap["cause"] for gap in story["gaps"]}, story
    assert story["round"]["failed"] == []
    assert story["fsck"] == {"clean": True, "findings": []}
