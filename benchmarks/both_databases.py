"""One measurement on SQLite and on PostgreSQL, on each in a process of its own."""

import argparse
import subprocess
import sys
from collections.abc import Callable


def on_both(
    module: str, description: str | None, counted: str, most: int, measure: Callable[[int, int], int]
) -> int:
    """Measure on each database as the command line asks, or here; return 1 if a limit is missed.

    Args:
        module: the module to run again for each database.
        description: text of ``--help``.
        counted: the option that sets the number of rows.
        most: its default.
        measure: takes rows and rounds, returns the exit status.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(f"--{counted}", type=int, default=most, dest="rows")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        return measure(given.rows, given.rounds)
    asked = [f"--{counted}={given.rows}", f"--rounds={given.rounds}"]
    this = [sys.executable, "-m", module, "--here", *asked]
    ways = {"sqlite": this, "postgresql": [sys.executable, "-m", "tests.postgres", *this]}
    failed = 0
    for name, way in ways.items():
        if given.only in {None, name}:
            print(f"-- {name}, {counted}: {given.rows:,} --", flush=True)
            failed |= subprocess.run(way, check=False).returncode
    return 1 if failed else 0
