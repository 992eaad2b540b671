"""Every benchmark runs to its end in its smallest size; whether it reaches its mark is for ``make bench`` to say."""

import re
import subprocess
import sys

import pytest

from benchmarks.__main__ import BENCHMARKS
from tests.installation import HERE, environment
from tests.waiting import CEILING_S

SLOW = (
    "attachments", "calls_program", "calls_relay", "calls_signalling", "cameras", "decision", "demo", "destruction", "documents", "ending",
    "kill", "ledger", "live", "mail", "pages", "playback", "vault", "viewing",
)  # fmt: skip
"""More than ten seconds each: for ``make soak``."""
FIGURE = re.compile(r"\S+.*\b\d")


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.soak] if name in SLOW else []) for name in BENCHMARKS]
)
def test_a_benchmark_prints_its_rows(name: str) -> None:
    """It ends by itself without an error, having missed its mark or not, and what it printed holds a figure."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *BENCHMARKS[name].split()]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment(),
        cwd=HERE,
        check=False,
        timeout=6 * CEILING_S,
    )
    assert done.returncode in {0, 1}, done
    assert "Traceback" not in done.stderr, done.stderr
    assert FIGURE.search(done.stdout), done
