"""A drill in a running office: Kamailio sets calls up while the recorder is killed, frozen and told that its store is full."""

import subprocess
import sys

import pytest

from tests.calls.exchange import HOST, NAME, free_ports, until
from tests.installation import CommandServer, Office, another_office, environment, running

pytestmark = pytest.mark.sipp
LEFT = """
import sys
from pathlib import Path
from rejent.streams.calls.catalog.lines.addresses import DRILLED, StatedLine
from rejent.cli.command_setup import open_installation, program_clock
open_installation(Path(sys.argv[1]))
from rejent.catalog import services
from rejent.streams.calls.catalog import services as call_services
stated = StatedLine(siprec=sys.argv[2], numbers=(DRILLED,))
call_services.add_line(name="Drill broken off", stated=stated, clock=program_clock(), actor="cli", drill=True)
"""
"""What a drill that was broken off leaves in the office of the first argument, at the address of the second."""
QUICK = ("--calls", "4", "--over", "0.5", "--lasts", "0.5", "--frozen", "4.5", "--bound", "5000")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office of one line, as a drill finds it."""
    made = another_office(tmp_path_factory.mktemp("drilled") / "office", regulation="walbrzych-mops")
    first = free_ports(42)
    with (made.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 2}, {first + 41}]\n")
    done = made.run(
        "source add",
        "--stream",
        "calls",
        "--name",
        NAME,
        "--siprec",
        f"{HOST}:{first}",
        "--numbers",
        "+48 74 841",
    )
    assert done.status == 0, done
    return made


@pytest.fixture(scope="module")
def command(office: Office) -> CommandServer:
    """Runs commands on it."""
    return CommandServer(office)


def test_nothing_is_disturbed_unless_it_is_wanted(command: CommandServer) -> None:
    """Where nothing records there is nothing to drill; a part that is none is refused; the configuration is shown."""
    assert "No recorder of calls runs here." in command("calls drill", "--yes").line()
    assert "--without" not in command("calls drill", "--without", "well").line()
    shown = command("calls drill", "--configuration")
    assert (shown.status, shown.out.startswith("#!KAMAILIO")) == (0, True)
    assert command("calls drills").out.startswith("No drill was held.")


def test_no_call_notices_what_becomes_of_the_recorder(office: Office, command: CommandServer) -> None:
    """Every call stands and ends in order; what the recorder did is told and entered; the drill's line is struck off."""
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        left = [str(office.directory), f"{HOST}:{free_ports(2)}"]
        subprocess.run([sys.executable, "-c", LEFT, *left], env=environment(), check=True)
        told = command("calls drill")
        assert (told.status, "killed (SIGKILL)" in told.out, "Say --yes" in told.err) == (1, True, True)
        done = command("calls drill", "--yes", "--json", *QUICK)
        assert done.status == 0, done
        until(lambda: program.process.poll() is None)
    held = done.json
    parts = {part["phase"]: part for part in held["phases"]}
    assert list(parts) == ["well", "killed", "frozen", "filled"]
    assert all((part["calls"], part["set_up"], part["ended"]) == (4, 4, 4) for part in parts.values())
    assert held["passed"]
    assert parts["well"]["recorded"] == 4, parts
    assert parts["frozen"]["recorded"] == 0, parts
    assert parts["filled"]["refused"] == 4, parts
    assert {"recorder-stopped", "storage-full"} <= set(held["causes"])
    (entered,) = command("calls drills", "--json").json
    assert entered["phases"] == held["phases"]
    assert "+48" not in str(entered)
    assert command("status", "--json").json["unannounced"] == 0
    names = [line["name"] for line in command("source list", "--json").json]
    assert names == [NAME]
    assert not [each for each in program.events if each["event"].startswith("Exception")]
    assert any(each["event"] == "calls.stood-still" for each in program.events)
    assert command("fsck").out == "Clean.\n"
