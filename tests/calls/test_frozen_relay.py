"""A relay of speech that is frozen: calls of the drill's exchange are set up without it."""

import os
import signal
import subprocess
from statistics import median

import pytest

from rejent.streams.calls.practice.drill.exchange import exchange, find_programs, free_port

pytestmark = pytest.mark.sipp
NUMBERS = ("105550123", "105550124")
WAITING_MS = 300
"""What a message costs that asks a frozen rtpengine: two times 150 ms."""


def test_a_frozen_relay_holds_up_the_calls_that_find_it_so_and_no_others() -> None:
    """Once it was found not to answer it is left alone, so that the calls after that are set up as if there were none."""
    programs = find_programs(relay=True)
    with exchange(programs, free_port(), free_port()) as running:
        told = subprocess.run(
            ["pgrep", "-P", str(os.getpid()), "rtpengine"], capture_output=True, text=True, check=True
        )
        relay = int(told.stdout.split()[0])
        os.kill(relay, signal.SIGSTOP)
        try:
            first = running.place(NUMBERS, 1, 0.2, 0.2).done()
            later = running.place(NUMBERS, 8, 1, 0.2).done()
        finally:
            os.kill(relay, signal.SIGCONT)
    assert (len(first.set_up_ms), first.ended) == (1, 1)
    assert (len(later.set_up_ms), later.ended) == (8, 8)
    assert first.set_up_ms[0] >= WAITING_MS / 2
    assert median(later.set_up_ms) < first.set_up_ms[0]
