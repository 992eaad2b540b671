"""A disk that is really full during calls: no new one is taken, the one under way goes on, and nothing of it is lost twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fault.test_small_disk import MAY_MOUNT
from tests.installation import HERE, environment
from tests.waiting import CEILING_S

pytestmark = pytest.mark.sipp


@pytest.mark.skipif(not MAY_MOUNT, reason="needs the right to a mount namespace of its own")
def test_calls_on_a_full_disk(tmp_path: Path) -> None:
    """A new call is told 503 and when to come back; with room both it and the one under way are recorded again; fsck is clean."""
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-m", "tests.calls.full_disk", tmp_path],
        capture_output=True, text=True, check=False, env=environment(), cwd=HERE, timeout=4 * CEILING_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    story = json.loads(done.stdout)
    assert (story["refused"], story["again"]) == (True, True), story
    assert len(story["calls"]) == 2, story
    assert "storage-full" in story["gaps"], story
    assert story["round"] == []
    assert story["fsck"] == {"clean": True, "findings": []}
