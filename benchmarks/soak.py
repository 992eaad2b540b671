"""Soak: whole civil days of many simulated cameras through segmenter, vault, catalogue and checks, exact to the picture.

``python -m benchmarks.soak [--cameras 16] [--day 2026-10-25]``: every picture that was fed must be booked, the seconds of
recordings and gaps must add up to the day (25 hours in autumn), every object must open, and ``fsck`` must be clean.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

SETTING_UP = timedelta(seconds=10)


def main() -> int:
    """Run the given days; return 0 only if each is exact."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument(
        "--day", action="append", help="civil dates; both nights of clock changes if left out"
    )
    parser.add_argument("--one", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        return one_day(date.fromisoformat(given.one), given.cameras)
    for day in given.day or ["2026-10-25", "2027-03-28"]:
        command = [sys.executable, "-m", "benchmarks.soak", "--one", day, "--cameras", str(given.cameras)]
        if subprocess.run(command, check=False).returncode:
            return 1
    return 0


def one_day(day: date, cameras: int) -> int:
    """Feed one civil date to so many cameras; return 0 if every picture is accounted for."""
    from rejent.kernel.clock import ManualClock, local_midnight

    start, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["REJENT_CLOCK"] = (start - timedelta(hours=1)).isoformat()
        from rejent.ops.commands.init import create

        create(Path(folder) / "office", "pleszew", test=True)
        from django.conf import settings

        clock = ManualClock(start - timedelta(hours=1))
        settings.CLOCK = settings.VAULT.clock = clock
        sources = added(cameras, clock)
        began = time.process_time()
        fed = record(sources, start, end, clock)
        spent = time.process_time() - began
        return report(sources, fed, start, end, spent)


def added(cameras: int, clock: object) -> list[str]:
    """Add so many sources with their day keys."""
    from django.conf import settings

    from rejent.catalog import services
    from rejent.retention import services as retention

    sources = [
        services.add_source(
            stream="video", name=f"camera {number}", address=f"rtsp://127.0.0.1/{number}", building="house",
            place=f"hall {number}", kind="hall", clock=clock, actor="", credentials_box=settings.VAULT.credentials,
        )
        for number in range(cameras)
    ]  # fmt: skip
    retention.keep_once(settings.KEEPING())
    return sources


def record(sources: list[str], start: datetime, end: datetime, clock: object) -> int:
    """Feed a picture a second to each source from start to end; return the count of each."""
    from django.conf import settings

    from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit, Codec, ParameterSets
    from rejent.recording.catalogue_books import CatalogueBooks
    from rejent.recording.contract import GeneralCause, State
    from rejent.recording.day_keys import DayKeys
    from rejent.recording.sink import SealingSink
    from rejent.recording.steady_time import SteadyTime
    from rejent.streams.cameras.recorder.open_segment import SegmentContext
    from rejent.streams.cameras.recorder.process import CameraClocks
    from rejent.streams.cameras.recorder.segmenter import Segmenter
    from rejent.streams.cameras.simulated.clip import Coding, encoded_clip

    clip = encoded_clip(Coding(width=160, height=96, rate=1, group=2), 60)
    pictures = [(units_of(coded), coded.key) for coded in clip.pictures]
    clock.advance(start - clock.now())
    keys = DayKeys(clock.now)
    keys.look_ahead(sources)
    steady, sink = (
        SteadyTime(clock),
        SealingSink(
            settings.VAULT.store, keys, CatalogueBooks(clock, CameraClocks(clock).measured), tail_after_s=60
        ),
    )
    segmenters = [Segmenter(SegmentContext(source, sink, steady)) for source in sources]
    for segmenter in segmenters:
        segmenter.connected(ParameterSets(Codec.H264, clip.sets))
    seconds = int((end - start).total_seconds())
    for second in range(seconds):
        content, key = pictures[second % len(pictures)]
        at = clock.monotonic()
        for segmenter in segmenters:
            segmenter.take([AccessUnit(content, second * TICKS_PER_SECOND, key, at, damaged=False)])
        clock.advance(timedelta(seconds=1))
        if second % 60 == 0:
            sink.settle()
    for segmenter in segmenters:
        segmenter.interrupted(GeneralCause.SWITCHED_OFF, State.STOPPED)
    sink.close()
    return seconds


def units_of(coded: Any) -> bytes:
    """Return a picture's units, each after its length in four bytes, the highest first."""
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in coded.units)


def report(sources: list[str], fed: int, start: datetime, end: datetime, spent: float) -> int:
    """Compare with what was booked, print a line, return the exit status."""
    from django.conf import settings

    from rejent.catalog import queries

    wrong = []
    total = 0
    for source in sources:
        segments = queries.segments(source, start, end + timedelta(minutes=1))
        frames = sum(segment.units for segment in segments)
        covered = sum((segment.end - segment.start).total_seconds() for segment in segments)
        apart = [later.start - earlier.end for earlier, later in pairwise(segments)]
        total += frames
        if frames != fed or abs(covered - fed) > 1 or any(abs(gap.total_seconds()) > 0.05 for gap in apart):
            wrong.append((source, frames, covered, max(map(abs, apart), default=timedelta())))
    findings = [finding.sentence() for finding in settings.CHECKS()]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{start.astimezone(UTC):%Y-%m-%d %H:%M} UTC +{(end - start) / timedelta(hours=1):.0f} h, {len(sources)} cameras: "
        f"{total} of {fed * len(sources)} pictures booked, {len(findings)} findings, {spent:.0f} s of CPU, peak {peak:.0f} MiB",
        flush=True,
    )
    for line in [*map(str, wrong[:5]), *findings[:5]]:
        print("  ", line)
    return 1 if wrong or findings else 0


if __name__ == "__main__":
    sys.exit(main())
