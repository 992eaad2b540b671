"""What each process that records can reach: no private key, and nothing of what the others need."""

import os
import subprocess
import sys

import pytest

from tests.installation import Office, another_office, environment

STARTED = """
import os, sys
from pathlib import Path
from rejent.ops import process

def reached(*_):
    from django.conf import settings

    for place in map(Path, sys.argv[2:]):
        try:
            place.read_bytes()
        except PermissionError:
            print("refused", place.name)
        else:
            print("READ", place.name)
    print(settings.SECRET_KEY, flush=True)
    os._exit(0)

process._run = reached
process.main(sys.argv[1].split())
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An installation that was used."""
    made = another_office(tmp_path_factory.mktemp("confined") / "office")
    (made.directory / "secrets" / "session").write_text("what signs sessions", encoding="ascii")
    return made


def told(office: Office, process: str) -> list[str]:
    """What a process found out about the keys and secrets, after it was started as the program starts it."""
    places = [office.directory / name for name in ("keys/root", "secrets/session")]
    assert all(place.exists() for place in places)
    supervised, supervisor = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-c", STARTED, process, *map(str, places)],
            check=True, capture_output=True, text=True, stdin=supervised,
            env=environment(REJENT_DIR=str(office.directory)),
        )  # fmt: skip
    finally:
        os.close(supervised)
        os.close(supervisor)
    if "recorder.not-confined" in done.stderr:
        pytest.skip("this kernel has no Landlock")
    return done.stdout.splitlines()


@pytest.mark.parametrize("process", ["mirror", "announcing", "import"])
def test_what_records_reaches_no_key(office: Office, process: str) -> None:
    """It can read no private key and no secret, nor does it know what signs sessions."""
    *reached, secret = told(office, process)
    assert reached == ["refused root", "refused session"]
    assert secret != "what signs sessions"
