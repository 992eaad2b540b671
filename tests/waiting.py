"""Waiting for events: no test ends sooner on a slow machine, and one that waits for what never comes ends all the same."""

from collections.abc import Callable
from threading import Event
from typing import TypeVar

from rejent.kernel.clock import SystemClock

CEILING_S = 120.0
"""What no event takes on any machine; below the limit of a test in ``pyproject.toml``."""
CEILING_MS = CEILING_S * 1000
PACE_S = 0.05

Found = TypeVar("Found")


def until(look: Callable[[], Found]) -> Found:
    """Look again and again; return what is found once it is something."""
    clock, pause = SystemClock(), Event()
    end = clock.monotonic() + CEILING_S
    while not (found := look()):
        assert clock.monotonic() < end, "what was waited for never came"
        pause.wait(PACE_S)
    return found
