"""Attaching a file to a case: in pieces of 2 MiB, each sealed and durable, judged and sealed as a whole; beside ``cp`` + ``sha256sum``.

``python -m benchmarks.attachments [--megabytes 1000] [--rounds 3] [--to DIR]``; memory is what attaching adds to the process at most.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

from benchmarks.destruction import founded
from benchmarks.figures import row
from rejent.kernel.clock import ManualClock

BLOCK = 4 << 20
TIME_MUST, MEMORY_MUST_MIB = 4.0, 64
START = datetime(2026, 5, 4, 8, tzinfo=UTC)


def main() -> int:
    """Print the figures; return 1 if one misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--to", type=Path, help="folder to measure in")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.to) as folder:
        return measured(Path(folder), given.megabytes, given.rounds)


def measured(folder: Path, megabytes: int, rounds: int) -> int:
    """Measure both, one after the other in each round."""
    file, copy = folder / "nagranie.wav", folder / "copy.wav"
    with file.open("wb") as made:
        made.write(b"RIFF\0\0\0\0WAVEfmt ")
        for _ in range(-(-megabytes * 1_000_000 // BLOCK)):
            made.write(token_bytes(BLOCK))
    founded(folder / "office")
    about, person, keeping = case(ManualClock(START))
    peer, ours, before = list[float](), list[float](), peak()
    for _ in range(rounds):
        began = time.perf_counter()
        subprocess.run(["cp", file, copy], check=True)
        os.sync()
        subprocess.run(["sha256sum", copy], check=True, stdout=subprocess.DEVNULL)
        peer.append(time.perf_counter() - began)
        copy.unlink()
        ours.append(attached(file, about, person, keeping))
    return printed(statistics.median(peer), statistics.median(ours), peak() - before, file.stat().st_size)


def case(clock: ManualClock) -> tuple[str, Any, Any]:
    """Return a case that takes files, a clerk, and the vault."""
    from django.conf import settings

    from rejent.cases import services
    from rejent.cases.views import Applicant, Application, Channel, Kind
    from rejent.office import services as office
    from rejent.office.regulation.loading import example
    from rejent.retention.rounds.round import Keeping
    from tests.people import add_person

    settings.VAULT.create()
    settings.CLOCK = clock
    office.activate_regulation(example("pleszew"), in_force_from=date(2026, 1, 1), clock=clock, actor="")
    person = add_person(
        "Osoba", post="", roles=["clerk"], username="osoba", password=token_bytes(12).hex(), clock=clock, actor=""
    )  # fmt: skip
    texts = dict.fromkeys(("description", "purpose", "place", "legal-basis", "case-number"), "x")
    wanted = Application(
        Kind.PUBLIC_INFORMATION, "video", Channel.E_MAIL, START.date(), None, None, None, Applicant("Redakcja"), details=texts
    )  # fmt: skip
    view = services.enter_case(wanted, clock=clock, ledger=None, actor=str(person.id))
    return f"case:{view.number}", person, Keeping(clock, settings.VAULT.store, settings.VAULT.keys)


def attached(file: Path, about: str, person: Any, keeping: Any) -> float:
    """Attach a file as the pages do, and return the seconds that took."""
    from rejent.cases.attachments.rules import PIECE
    from rejent.cases.attachments.services import Sent, begin_file, finish_file, take_piece
    from rejent.cases.attachments.views import Role

    began, size = time.perf_counter(), file.stat().st_size
    sent = Sent(about, Role.FILED, file.name, size, size)
    begun = begin_file(sent, person=person, keeping=keeping)
    with file.open("rb") as content:
        for place in range(1, -(-size // PIECE) + 1):
            take_piece(begun.id, place, content.read(PIECE), person=person, keeping=keeping)
    finish_file(begun.id, person=person, keeping=keeping)
    return time.perf_counter() - began


def peak() -> float:
    """Return the largest memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def printed(peer: float, ours: float, memory: float, size: int) -> int:
    """Print the figures; return 1 if one misses its limit."""
    row("bytes of the file", f"{size / 1e6:.0f} MB")
    row("cp + sha256sum, durable", f"{peer:.2f} s")
    row("attached: sealed, judged, entered", f"{ours:.2f} s", f"{ours / peer:.2f} x, must be <= {TIME_MUST}")
    row("memory beyond what the program takes", f"{memory:.0f} MiB", f"must be <= {MEMORY_MUST_MIB}")
    return int(ours > TIME_MUST * peer or memory > MEMORY_MUST_MIB)


if __name__ == "__main__":
    sys.exit(main())
