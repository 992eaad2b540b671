"""Run every benchmark, or those named: ``python -m benchmarks [NAME …]``."""

import subprocess
import sys

BENCHMARKS = (
    "cameras", "kill", "live", "vault", "playback", "destruction", "ledger", "pages", "documents", "decision", "viewing",
    "ending", "register", "supervision", "calls_rtp", "calls_parts", "calls_program", "calls_mirror", "calls_search",
    "calls_announcement", "calls_signalling", "calls_destruction", "calls_relay",
)  # fmt: skip


def main(names: list[str]) -> int:
    """Run each in a process of its own, so that none disturbs another; return 1 if one failed."""
    failed = []
    for name in names or BENCHMARKS:
        print(f"\n== {name} ==", flush=True)
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {' '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
