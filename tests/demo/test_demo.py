"""The demo says at once what keeps it from starting, and what it makes is an office with a past."""

import json
import socket
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

from rejent.kernel.clock import SystemClock, civil_date, local_midnight
from rejent.ops.demo.command import ACCOUNTS, PEOPLE
from rejent.ops.demo.notices import NOT_LISTED
from rejent.streams.cameras.simulated.office import SOURCES
from tests.installation import HERE, CommandServer, Office, environment, rejent
from tests.ports import free_port
from tests.waiting import CEILING_S

MAKE = "import sys; from rejent.ops.demo.command import make; make(sys.argv[1], minutes=6)"
REACH = """
import sys
from pathlib import Path
from rejent.cli.command_setup import open_installation
from rejent.streams.cameras.simulated.office import reach
open_installation(Path(sys.argv[1]))
from rejent.catalog import queries
reach(18555)
print(*sorted(source.address_shown for source in queries.sources()))
"""
FIRST = SOURCES[0][0]


def test_a_taken_port_is_told_before_anything_is_made(tmp_path: Path) -> None:
    """Where somebody listens already, the demo ends with one line and leaves no folder."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert address in rejent("demo", tmp_path / "demo", "--listen", address).line()
    assert list(tmp_path.iterdir()) == []


def test_taken_ports_of_the_cameras_are_told_too(tmp_path: Path) -> None:
    """Another demo's cameras stand in the way of this one's; the line names the option that gives them another port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = ("--listen", f"127.0.0.1:{free_port()}", "--cameras-port", str(port))
        line = rejent("demo", tmp_path / "demo", *ports).line()
    assert f"127.0.0.1:{port}" in line
    assert "--cameras-port" in line
    assert list(tmp_path.iterdir()) == []


def minutes(command: CommandServer, source: str, day: date) -> int:
    """How many minutes of a civil date are there."""
    begin, end = (local_midnight(day + timedelta(days=later)).isoformat() for later in (0, 1))
    return len(command("objects", "--source", source, "--from", begin, "--to", end, "--json").json)


def assert_bytes_are_shared(command: CommandServer, source: str, day: date) -> None:
    """Six minutes, of which two look like others: as many names, four objects' bytes."""
    begin, end = (local_midnight(day + timedelta(days=later)).isoformat() for later in (0, 1))
    objects = command("objects", "--source", source, "--from", begin, "--to", end, "--json").json
    assert len(objects) == len({each["path"] for each in objects}) == 6
    assert len({Path(each["path"]).stat().st_ino for each in objects}) == 4


def test_the_demo_has_a_week_of_history_a_hold_and_somebody_of_every_role(tmp_path: Path) -> None:
    """Each camera has recordings of the last seven days; what is past its term is gone but for what is held; fsck is clean."""
    subprocess.run(
        [sys.executable, "-c", MAKE, tmp_path / "demo"],
        env=environment(),
        cwd=HERE,
        check=True,
        timeout=3 * CEILING_S,
    )
    office = Office(tmp_path / "demo")
    today = civil_date(SystemClock().now())
    command = CommandServer(office)
    assert command("fsck", "--json").json == {"clean": True, "findings": []}
    for name, *_ in SOURCES:
        assert all(minutes(command, name, today - timedelta(days=back)) for back in range(1, 8)), name
        assert minutes(command, name, today - timedelta(days=32)) == 0
    assert minutes(command, FIRST, today - timedelta(days=31)) == 2
    assert_bytes_are_shared(command, FIRST, today - timedelta(days=1))
    differing = command("notices differences", "--json").json
    assert {each["difference"] for each in differing} == {"plate-names-unknown"}
    assert all(NOT_LISTED in each["says"] for each in differing)
    holds = command("hold list", "--json").json
    assert sorted(hold["provisional"] for hold in holds) == [False] * 4 + [True] * 2
    assert command("retention due", "--json").json == []
    people = command("person list", "--json").json
    assert sorted(person["roles"] for person in people) == sorted(
        " ".join(sorted(roles)) for *_, roles in PEOPLE
    )
    accounts = office.directory / ACCOUNTS
    told = json.loads(accounts.read_text(encoding="utf-8"))
    assert told["password"]
    assert {role for account in told["accounts"] for role in account["roles"]} == {
        role for *_, roles in PEOPLE for role in roles
    }
    assert accounts.stat().st_mode & 0o077 == 0
    moved = subprocess.run(
        [sys.executable, "-c", REACH, office.directory],
        env=environment(), cwd=HERE, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert moved.stdout.split() == [
        f"rtsp://127.0.0.{number}:18555/kamera-{number}" for number in range(1, 5)
    ]
