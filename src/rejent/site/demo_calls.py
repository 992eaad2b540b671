"""The demo of an office that records calls: one line, and a PBX that does not exist."""

import subprocess
import sys

from rejent.catalog.lines import Undecided
from rejent.cli.opening import program_clock
from rejent.kernel.clock import Clock

LINE = "Centrala urzędu"
OWN = "+48 10 555 01"
"""No area of Poland has the code 10."""
CALLED = "105550100"
CALLS_PORT = 15080


def calls_at(port: int) -> str:
    """Where the recorder of the demo takes calls."""
    return f"127.0.0.1:{port}"


def add_demo_line(port: int, clock: Clock) -> None:
    """Add the line of the demo."""
    from rejent.catalog import services

    services.add_line(
        name=LINE, siprec=calls_at(port), numbers=[OWN], callers=[], undecided=Undecided.RECORD,
        clock=clock, actor="cli",
    )  # fmt: skip


def take_calls_at(port: int) -> None:
    """Change where the line of the demo takes calls, where that is elsewhere than last time."""
    from rejent.catalog import queries, services

    for source in queries.sources(clock=program_clock()):
        if source.name == LINE and calls_at(port) not in source.address_shown:
            services.change_line(source.id, siprec=calls_at(port), clock=program_clock(), actor="cli")


def simulated_pbx(port: int) -> "subprocess.Popen[bytes]":
    """Start a PBX that hands over a call every 20 seconds."""
    command = [
        sys.executable,
        "-m",
        "rejent.capture.calls.simulated",
        "--to",
        calls_at(port),
        "--own",
        CALLED,
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
