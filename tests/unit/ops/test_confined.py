"""What each process that records can reach: no private key, and nothing of what the others need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import Office, another_office, environment, running
from tests.ports import free_port

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


@pytest.mark.parametrize("role", ["recorder", "keeper"])
def test_a_recorder_is_started_without_what_opens_keys_and_buckets(tmp_path: Path, role: str) -> None:
    """Its environment names neither the file of the passphrase nor the secret of a server that it does not use; a keeper's does."""
    made = another_office(tmp_path / "office")
    made.add_camera("Hol", f"rtsp://127.0.0.1:{free_port()}/hol")
    given = {"REJENT_PASSPHRASE_FILE": "/nowhere", "REJENT_S3_SECRET_KEY": "secret"}
    with running(made, "--role", role, **given) as program:
        started = program.until("process.started")
        held = Path(f"/proc/{started['pid']}/environ").read_bytes()
    assert all((name.encode() in held) is (role == "keeper") for name in given)


@pytest.mark.parametrize("process", ["mirror", "announcing", "import"])
def test_what_records_reaches_no_key(office: Office, process: str) -> None:
    """It can read no private key and no secret, nor does it know what signs sessions."""
    *reached, secret = told(office, process)
    assert reached == ["refused root", "refused session"]
    assert secret != "what signs sessions"
