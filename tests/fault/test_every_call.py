"""Every system call of an installation's store failed in turn: fsck is clean, nothing acknowledged is lost, what is lost is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import HERE, another_office, environment
from tests.waiting import CEILING_S

CALLS = {
    "recording": {
        "free_space",
        "mkdir",
        "create",
        "write",
        "write_at",
        "open_to_write",
        "open",
        "fsync",
        "close",
        "link",
        "unlink",
    },
    "destruction": {"create", "write", "copy", "open", "fsync", "close", "link", "rename", "unlink"},
}


@pytest.mark.parametrize("what", ["recording", pytest.param("destruction", marks=pytest.mark.soak)])
def test_whatever_call_fails_the_next_round_leaves_a_clean_office(tmp_path: Path, what: str) -> None:
    """After each failure one sound round of the keepers does all it has to, and fsck agrees with every row and object.

    Of a recording each picture opens, or its instant lies in a gap; of a destruction exactly what is held opens.
    """
    office = another_office(tmp_path / "office")
    office.add_camera("Hol", "rtsp://192.0.2.7/hol")
    done = subprocess.run(
        [sys.executable, "-m", "tests.fault.every_call", office.directory, what],
        capture_output=True, text=True, env=environment(), cwd=HERE, check=False, timeout=6 * CEILING_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = [json.loads(line) for line in done.stdout.splitlines()]
    bad = [each for each in told if each["failed"] or each["findings"] or each["wrong"]]
    assert bad == []
    failed = [each["call"] for each in told if each["call"]]
    assert set(failed) >= CALLS[what]
    assert [each["call"] for each in told if not each["call"]] == ["", ""]
