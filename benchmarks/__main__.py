"""Run every benchmark, or those named: ``python -m benchmarks [--smallest] [NAME …]``.

``--smallest`` runs each in the smallest size that goes through all of it: its figures mean nothing, but it runs.
"""

import argparse
import subprocess
import sys

BENCHMARKS = {
    "cameras": "--seconds 3 --cameras 1 --peers-at 0",
    "kill": "--kills 1 --cameras 3",
    "live": "--seconds 3 --pictures 1",
    "vault": "--rounds 1",
    "playback": "--rounds 1 --cameras 1 --copies 1 --size 320x180",
    "destruction": "--minutes 2",
    "fsck": "--acts 1500 --entering 0.1",
    "ledger": "--leaves 20000 --seconds 0.1",
    "pages": "--rows 1000 --rounds 1",
    "documents": "--rounds 1 --acts 1000",
    "notices": "--rounds 1 --places 4",
    "evidence": "--megabytes 5 --rounds 1",
    "redact": "--seconds 2 --size 320x180",
    "attachments": "--megabytes 5 --rounds 1",
    "decision": "--rounds 100",
    "viewing": "--rounds 1 --size 320x180",
    "ending": "--rounds 1 --size 320x180",
    "register": "--acts 2000 --rounds 1 --only sqlite",
    "cases": "--cases 500 --rounds 1 --only sqlite",
    "books": "--copies 200 --rounds 1 --only sqlite",
    "supervision": "--rows 200 --rounds 1 --only sqlite",
    "calls_rtp": "--calls 2 --seconds 1",
    "calls_parts": "--seconds 20",
    "calls_program": "--calls 20 --seconds 4",
    "calls_mirror": "--calls 2 --seconds 1",
    "calls_search": "--calls 2000 --rounds 1 --only sqlite",
    "calls_announcement": "--minutes 1",
    "calls_signalling": "--sessions 3 --probes 5 --bursts 1",
    "calls_destruction": "--calls 20",
    "calls_relay": "--calls 1",
    "records": "--records 2000",
    "mail": "--messages 32",
    "mail_opening": "--messages 200 --trickled 20",
    "demo": "--minutes 1",
}
"""Each with the options of its smallest size."""


def main() -> int:
    """Run each in a process of its own, so that none disturbs another; return 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(BENCHMARKS))
    parser.add_argument("--smallest", action="store_true")
    given = parser.parse_args()
    failed = []
    for name in given.names or BENCHMARKS:
        print(f"\n== {name} ==", flush=True)
        options = BENCHMARKS[name].split() if given.smallest else []
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
