"""Calls on a disk that fills up: ``python -m tests.calls.full_disk FOLDER``, to be run inside a mount namespace.

Says what it saw as one line of JSON; the test that starts it judges.
"""

import json
import sys
from itertools import count
from pathlib import Path
from typing import Any

from tests.calls.exchange import ANOTHERS, NAME, OURS, free_ports, until
from tests.calls.pbx import HOST, LASTING_MS, Call
from tests.fault.small_disk import fill, mount
from tests.installation import CommandServer, Office, another_office, running

YEARS = ("--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z")


def state(command: CommandServer) -> tuple[str, str]:
    """How the line fares."""
    (line,) = command("source list", "--json").json
    return line["state"], line["cause"]


def taken_again(folder: Path, port: int) -> bool:
    """Call until one is taken: a call under way may notice only now that the disk was full, and its line refuses until that is stored again."""
    calls = (Call(port, folder / f"again-{number}", (ANOTHERS, OURS)) for number in count())
    return next(status == 200 for call in calls if (status := call.carried_out()) != 503)


def told(folder: Path, office: Office, command: CommandServer, port: int) -> dict[str, Any]:
    """One call before, one while and one after the disk is full."""
    story: dict[str, Any] = {}
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        until(lambda: state(command) == ("recording", ""))
        under_way = Call(port, folder / "under-way", (ANOTHERS, OURS), LASTING_MS).answered()
        under_way.await_packets(100)
        filler = office.directory / "vault" / "filler"
        fill(filler)
        program.until("calls.storage", cause="storage-full")
        until(lambda: state(command) == ("stopped", "storage-full"))
        story["refused"] = Call(port, folder / "refused", (ANOTHERS, OURS)).refused(503)
        under_way.await_packets(50)
        filler.unlink()
        until(lambda: state(command) == ("recording", ""))
        story["again"] = taken_again(folder, port)
        until(lambda: len(command("objects", "--source", NAME, *YEARS, "--json").json) >= 1)
        under_way.await_packets(50)
        under_way.abandon()
    with running(office, "--role", "recorder") as program:
        program.until("calls.listening")
        until(lambda: len(command("objects", "--source", NAME, *YEARS, "--json").json) >= 3)
    story["round"] = command("keep", "--once", "--json").json["failed"]
    story["calls"] = command("calls list", "--json").json
    story["gaps"] = [gap["cause"] for gap in command("gaps", "--source", NAME, "--json").json]
    story["fsck"] = command("fsck", "--json").json
    return story


def main(folder: Path) -> None:
    """Make the office, put its vault on a small disk, and tell."""
    office = another_office(folder / "office", regulation="walbrzych-mops")
    first = free_ports(42)
    with (office.directory / "rejent.toml").open("a") as file:
        file.write(f"\n[calls]\nrtp_ports = [{first + 2}, {first + 41}]\n")
    mount(office.directory / "vault", "16m")
    command = CommandServer(office)
    line = ("--stream", "calls", "--name", NAME, "--siprec", f"{HOST}:{first}", "--numbers", "+48 74 841")
    assert command("source add", *line).status == 0
    assert command("keep", "--once").status == 0
    sys.stdout.write(json.dumps(told(folder, office, command, first)) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
