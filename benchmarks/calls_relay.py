"""Delay of call setup by a frozen rtpengine: with the drill's configuration of Kamailio, and with Kamailio's defaults.

Kamailio, rtpengine and sipp are Debian's, on loopback. Twenty calls in five seconds are placed normally; then
rtpengine is frozen (SIGSTOP) and twenty more are placed. Nothing is recorded: the figures show the cost of a relay in
the path of calls, and the settings that bound it.

``python -m benchmarks.calls_relay [--calls 20]``
"""

import argparse
import os
import re
import signal
import subprocess
import sys

from benchmarks.figures import row
from rejent.streams.calls.practice.drill import exchange
from rejent.streams.calls.practice.drill.exchange import DrillError

NUMBERS = ("105550123", "105550124")
MUST_MS = 500.0
OVER_S, LASTS_S = 5.0, 1.0
OURS = exchange.proxy_configuration()
REDETECTING = OURS.replace('"aggressive_redetection", 0', '"aggressive_redetection", 1')
DEFAULTS = re.sub(r'modparam\("rtpengine", "(?!rtpengine_sock)\w+", \d+\)\n', "", OURS).replace(
    "children=4", "children=2"
)
WAYS = {
    "the drill's settings": OURS,
    "asked again each time": REDETECTING,
    "Kamailio's own, 2 workers": DEFAULTS,
}


def main() -> int:
    """Print the slowest call of each; return 1 where the drill's settings exceed their bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=20)
    given = parser.parse_args()
    try:
        programs = exchange.find_programs(relay=True)
    except DrillError as error:
        print(error)
        return 0
    slowest = {}
    for name, configuration in WAYS.items():
        exchange.proxy_configuration = lambda text=configuration: text
        slowest[name] = placed(name, programs, given.calls)
    return 0 if slowest["the drill's settings"] <= MUST_MS else 1


def placed(name: str, programs: dict[str, str], calls: int) -> float:
    """Place calls before and while rtpengine is frozen; return the slowest of the latter, in ms."""
    ports = exchange.free_port(), exchange.free_port()
    with exchange.exchange(programs, *ports) as running:
        well = running.place(NUMBERS, calls, OVER_S, LASTS_S).done()
        pid = relay()
        os.kill(pid, signal.SIGSTOP)
        try:
            frozen = running.place(NUMBERS, calls, OVER_S, LASTS_S).done()
        finally:
            os.kill(pid, signal.SIGCONT)
    row(
        f"{name}: well, slowest",
        f"{max(well.set_up_ms, default=0):.0f} ms",
        f"{len(well.set_up_ms)} of {calls} set up",
    )
    worst = max(frozen.set_up_ms, default=float("inf"))
    figure = f"{worst:.0f} ms" if frozen.set_up_ms else "none within a minute"
    row(f"{name}: rtpengine frozen, slowest", figure, f"{len(frozen.set_up_ms)} of {calls} set up")
    return worst


def relay() -> int:
    """Return the process id of our rtpengine."""
    found = subprocess.run(
        ["pgrep", "-P", str(os.getpid()), "rtpengine"], capture_output=True, text=True, check=True
    )
    return int(found.stdout.split()[0])


if __name__ == "__main__":
    sys.exit(main())
