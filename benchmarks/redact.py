"""A minute of a camera with a moving part hidden, beside ffmpeg that decodes, draws a box and codes the same minute again.

``python -m benchmarks.redact [--seconds 60] [--size 1920x1080] [--rounds 1]``
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import row
from rejent.formats.source import BytesSource, Source

MUST = 1.0
"""Seconds for a recorded second."""
RATE = 25


def main() -> int:
    """Print the figures; return 1 if one misses its limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")
    import django

    django.setup()
    with tempfile.TemporaryDirectory() as folder:
        return measured(Path(folder), given.size, given.seconds, given.rounds)


def measured(folder: Path, size: str, seconds: int, rounds: int) -> int:
    """Measure ours and the peer one after the other in each round."""
    from tests.unit.formats.clips import clip
    from tests.unit.formats.written import content_of, fragments_of

    width, height = map(int, size.split("x"))
    made = clip("h264", (width, height), seconds, RATE)
    content = content_of(made.parameters, fragments_of(made.parameters, made.units))
    recorded = folder / "recorded.mp4"
    recorded.write_bytes(content)
    peer = ["ffmpeg", "-v", "error", "-y", "-threads", "2", "-i", str(recorded)]
    peer += ["-vf", "drawbox=x=100+t*10:y=200:w=300:h=500:color=black:t=fill", "-an", "-c:v", "libx264"]
    peer += ["-preset", "veryfast", "-crf", "23", "-threads", "2", str(folder / "peer.mp4")]
    ours, theirs, sizes = [], [], (0, 0)
    for _ in range(rounds):
        begun = time.monotonic()
        written = redact(BytesSource(content), seconds)
        ours.append(time.monotonic() - begun)
        begun = time.monotonic()
        subprocess.run(peer, check=True)
        theirs.append(time.monotonic() - begun)
        sizes = (written, (folder / "peer.mp4").stat().st_size)
    mine, other = statistics.median(ours), statistics.median(theirs)
    row(f"{seconds} s of {size}, redacted", f"{mine:.1f} s", f"{sizes[0] / 1e6:.1f} MB")
    row("ffmpeg, one box drawn", f"{other:.1f} s", f"{sizes[1] / 1e6:.1f} MB; ratio {mine / other:.2f}")
    row("seconds for a recorded second", f"{mine / seconds:.2f}", f"must {MUST}")
    return int(mine / seconds > MUST)


def redact(content: Source, seconds: int) -> int:
    """Return the bytes of a minute with three parts hidden, one of which moves."""
    from rejent.cases.copies.redaction import Effect, read_plan
    from rejent.kernel.intervals import Interval
    from rejent.streams.cameras.player.copying import RedactedPictures

    length = seconds * 1000
    common = {"reason": "person", "start": 0, "end": length, "keep": False}
    regions = [
        {"shape": "rectangle", "keys": [[0, 500, 2000, 1500, 4500], [length, 8000, 2000, 1500, 4500]], **common},
        {"shape": "ellipse", "keys": [[0, 5000, 1000, 1000, 2000]], **common},
        {"shape": "rectangle", "keys": [[0, 7000, 8000, 800, 500]], **common},
    ]  # fmt: skip
    plan = read_plan({"fill": "solid", "regions": regions, "spans": []}, length, frozenset({Effect.BLACK}))
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    shown = Interval(start, start + timedelta(seconds=seconds))
    made = RedactedPictures(content, shown, shown, plan, shown, "derived")
    return sum(len(piece) for piece, _ in made.pieces())


if __name__ == "__main__":
    sys.exit(main())
