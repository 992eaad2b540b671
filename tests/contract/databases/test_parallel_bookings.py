"""Recorders and a keeper at once, on both databases: nothing is lost, counted twice or left unaccounted for."""

import json

from tests.forked import ForkedModule, run_module

BOOKING = "tests.contract.databases.booking"
MINUTES, CAMERAS = 15, 6


def start(environment: dict[str, str], *arguments: str) -> ForkedModule:
    """Start a process that books, sweeps or checks."""
    return ForkedModule(BOOKING, *arguments, env=environment)


def test_recorders_and_a_keeper_at_once_account_for_every_second(environment: dict[str, str]) -> None:
    """Each camera has two recorders that both book everything twice in their own order, while a keeper sweeps.

    At the end each minute is recorded or missing, once; what is found wrong is what the recorders did: objects that
    nobody wrote, the key of a day that they did not make, and minutes booked behind later ones.
    """
    cameras = json.loads(run_module(BOOKING, "prepare", CAMERAS, env=environment))
    shares = [cameras[number : number + 4] for number in range(0, CAMERAS, 2)]
    shares[-1] += cameras[:2]
    working = [start(environment, "book", str(MINUTES), *share) for share in shares]
    working.append(start(environment, "sweep", "40"))
    for process in working:
        with process:
            process.communicate()
        assert process.returncode == 0
    told = json.loads(run_module(BOOKING, "check", env=environment))
    recorded, missing = MINUTES * 60 * 2 / 3, 6 * 3600 - MINUTES * 60 * 2 / 3
    for camera in cameras:
        seconds, gaps, _ = told["totals"][camera]
        assert seconds == recorded
        assert abs(gaps - missing) < 1
    assert told["findings"] == [
        "catalog.day-key-differs",
        "catalog.object-missing",
        "catalog.segments-out-of-order",
    ]
