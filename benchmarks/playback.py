"""Cost of a clip of ten seconds out of a day of 32 cameras, beside ``ffmpeg -ss``; and stills, H.265, the live writer.

The archive is real where it matters: 46 080 rows in the catalogue's own table, a day key in a real key store, objects
really sealed (1080p25, 4 Mbit/s, a minute each). To bound the disk, all names are hard links to a few physical
objects; these are more than one clip touches, and for the cold rows the files are dropped from the page cache.
Wall-clock and CPU time of this process, medians; what ffmpeg decodes to check the clips is not counted.
"""

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import av
import django

from rejent.formats.fragment_index import FragmentIndex
from rejent.formats.mp4.picture import AccessUnit, Codec, ParameterSets
from rejent.formats.mp4.reader import configuration_of, parameters_in, scan
from rejent.formats.mp4.writer import FragmentWriter, initialisation
from rejent.formats.source import BytesSource
from rejent.kernel.clock import SystemClock
from rejent.streams.cameras.player.workshop import PictureWorkshop
from rejent.vault.age.random_access import MemorySource
from rejent.vault.age.seal_writer import seal
from rejent.vault.age.sealed_reader import read_header

if TYPE_CHECKING:
    from rejent.streams.cameras.player.services import Piece

MUST_MS, GOAL_MS = 15.0, 5.0
DAY = date(2026, 5, 4)
MIDNIGHT = datetime(2026, 5, 3, 22, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLIP = timedelta(seconds=10)
X264 = (
    *(
        "-c:v",
        "libx264",
        "-preset",
        "superfast",
        "-bf",
        "0",
        "-b:v",
        "4M",
        "-maxrate",
        "4M",
        "-bufsize",
        "6M",
    ),
    *("-x264-params", "keyint=50:min-keyint=50:scenecut=0:repeat-headers=1"),
)
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=50:bframes=0")
SEED = 20260504
FULL_HD = "1920x1080"


def filmed(path: Path, encoder: tuple[str, ...], seconds: int, size: str = FULL_HD) -> Path:
    """Return a noisy moving test picture, 25 a second, as a plain MP4."""
    source = f"testsrc2=size={size}:rate=25:duration={seconds},noise=alls=12:allf=t,format=yuv420p"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, *encoder]
    subprocess.run([*command, "-video_track_timescale", "90000", str(path)], check=True)
    return path


@dataclass(frozen=True)
class Film:
    """Coded pictures and the segment a recorder would have made of them."""

    parameters: ParameterSets
    units: list[AccessUnit]
    content: bytes
    index: FragmentIndex


def recorded(path: Path) -> Film:
    """Return a plain MP4 in the form of a recording."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = Codec.H264 if stream.codec_context.name == "h264" else Codec.H265
        parameters = parameters_in(codec, bytes(stream.codec_context.extradata or b""))
        units = [
            AccessUnit(bytes(packet), int(packet.pts or 0), bool(packet.is_keyframe), number / 25, False)
            for number, packet in enumerate(packet for packet in container.demux(stream) if packet.size)
        ]
    writer = FragmentWriter(parameters)
    parts = [initialisation(parameters)]
    for fragment in (*map(writer.add, units), writer.finish()):
        parts += fragment.parts if fragment is not None else ()
    content = b"".join(parts)
    return Film(parameters, units, content, scan(BytesSource(content)))


def archive(folder: Path, film: Film, cameras: int, copies: int) -> list[str]:
    """Make an installation whose catalogue has a whole day of each camera; return the cameras' ids."""
    from rejent.ops.commands.init import create

    create(folder, "pleszew", test=True)
    os.environ.update(REJENT_DIR=str(folder), DJANGO_SETTINGS_MODULE="rejent.ops.settings")
    django.setup()
    from django.conf import settings
    from django.db import transaction

    from rejent.catalog.models import Segment, Source

    key = settings.VAULT.keys.make_keys("cam00", [DAY])[DAY]
    originals = {}
    for number in range(copies):
        original = folder / f"original-{number}.age"
        sealed = seal(film.content, [key])
        original.write_bytes(sealed)
        head, _ = read_header(MemorySource(sealed))
        originals[original] = sha256(head).hexdigest()
    ids = [f"cam{number:02}" for number in range(cameras)]
    with transaction.atomic():
        for number, source_id in enumerate(ids):
            Source.objects.create(
                id=source_id, stream="video", name=source_id, address="", added_at=MIDNIGHT, position=number
            )
            rows = [segment_row(Segment, source_id, minute, key.text, film) for minute in range(24 * 60)]
            for row in rows:
                original, row.head = random.choice([*originals.items()])  # noqa: S311 - spreads the load
                path = settings.INSTALLATION.vault / row.object_name
                path.parent.mkdir(parents=True, exist_ok=True)
                os.link(original, path)
            Segment.objects.bulk_create(rows, batch_size=500)
    return ids


def segment_row(model: Any, source_id: str, minute: int, recipient: str, film: Film) -> Any:
    """Return a booked minute."""
    identifier = uuid4()
    start = MIDNIGHT + minute * MINUTE
    return model(
        id=identifier, source_id=source_id, day=DAY, start=start, end=start + MINUTE, run="bench",
        object_name=f"{source_id}/{DAY}/{identifier}.age", bytes=len(film.content), sha256="0" * 64,
        recipient=recipient, units=film.index.units, traits={"codec": "avc1.640028", "width": 1920, "height": 1080},
        index=film.index.encode(), booked_at=start, entry=0,
    )  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """Milliseconds of the median, the slowest, and of CPU."""

    wall: float
    worst: float
    cpu: float


def measured(act: Callable[[], object], rounds: int, before: Callable[[], object] = lambda: None) -> Cost:
    """Measure a call, with a preparation before each that is not counted."""
    walls, cpus = [], []
    for _ in range(rounds):
        before()
        wall, cpu = time.perf_counter(), cpu_seconds()
        act()
        walls.append((time.perf_counter() - wall) * 1000)
        cpus.append((cpu_seconds() - cpu) * 1000)
    return Cost(statistics.median(walls), max(walls), statistics.median(cpus))


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its ended children."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def forget(folder: Path) -> None:
    """Drop the objects and the database from the page cache."""
    for path in (*folder.glob("original-*.age"), *folder.glob("catalog.db*")):
        number = os.open(path, os.O_RDONLY)
        os.fsync(number)
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(number)


def any_clip(ids: list[str]) -> "Piece":
    """Request ten seconds of any camera at any time of the day, as a page does."""
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.streams.cameras.player import services

    start = MIDNIGHT + timedelta(seconds=random.uniform(0, 86_000))  # noqa: S311 - a place in the day
    end = start + CLIP
    segments = queries.segments(random.choice(ids), start, end)  # noqa: S311 - a camera
    return services.clip(segments, start, end, settings.OPENER, lead=lambda _: True)


def clips(folder: Path, ids: list[str], known: Path, rounds: int) -> bool:
    """Print the rows of clips; return True if the warm one is within the limit."""
    piece = any_clip(ids)
    content = piece.initialisation + piece.fragments
    pictures = subprocess.run(
        ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", "-"],
        input=content, capture_output=True, check=True,
    )  # fmt: skip
    print(
        f"a clip: {len(content) / 1e6:.1f} MB, {pictures.stdout.decode().strip()} pictures decode, {pictures.stderr.decode() or 'no complaint'}"
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    warm = measured(lambda: any_clip(ids), rounds)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) / 1024
    row("clip of 10 s, warm", warm, verdict(warm.wall))
    row("clip of 10 s, cold", measured(lambda: any_clip(ids), rounds, lambda: forget(folder)))
    command = ["ffmpeg", "-v", "error", "-ss", "23.4", "-i", str(known), "-t", "10", "-c", "copy"]
    output = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-y", "/dev/null"]
    row(
        "ffmpeg -ss, one known file, unsealed, warm",
        measured(lambda: subprocess.run([*command, *output], check=True), 11),
    )
    print(f"peak memory grew by {grown:.1f} MiB over {rounds} clips")
    return warm.wall <= MUST_MS


def writer(film: Film) -> None:
    """Measure the MP4 writer for a camera-second."""
    seconds = film.units[-1].time / 90_000

    def write() -> None:
        made = FragmentWriter(film.parameters)
        for unit in film.units:
            made.add(unit)
        made.finish()

    cost = measured(write, 15)
    print(f"{'MP4 writer, per camera-second':<46}{cost.cpu / seconds:>9.3f} ms of CPU")


def pictures(film: Film, h265: Film) -> None:
    """Measure stills, and H.265 made into H.264."""
    workshop = PictureWorkshop(SystemClock(), seconds=120)
    codec, record = configuration_of(initialisation(film.parameters))
    still = measured(lambda: workshop.still(codec, record, film.units[0].data, 320, 180), 15)
    row("still of a 1080p key picture, 320x180", still)
    head = initialisation(h265.parameters)
    body = h265.content[len(head) :]
    seconds = h265.index.end / 90_000
    cost = measured(lambda: workshop.converted(head, body, 1080), 3)
    print(f"{'H.265 to H.264, 1080p':<46}{seconds * 1000 / cost.wall:>9.1f} seconds a second")
    workshop.close()


def row(name: str, cost: Cost, note: str = "") -> None:
    """Print the cost of a response."""
    print(f"{name:<46}{cost.wall:>9.2f} ms (slowest {cost.worst:.1f}), CPU {cost.cpu:.2f} ms  {note}")


def verdict(wall: float) -> str:
    """Compare milliseconds with their limit."""
    words = "goal met" if wall <= GOAL_MS else "must met" if wall <= MUST_MS else "TOO SLOW"
    return f"{words} (must {MUST_MS:.0f}, goal {GOAL_MS:.0f})"


def main() -> int:
    """Measure every way of playing; return 1 if one misses the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, help="clips a row")
    parser.add_argument("--cameras", type=int, default=32)
    parser.add_argument("--copies", type=int, default=8, help="physical objects of 30 MB")
    parser.add_argument("--size", default=FULL_HD, help="of the pictures")
    given = parser.parse_args()
    random.seed(SEED)
    with tempfile.TemporaryDirectory(prefix="rejent-playback-") as place:
        folder = Path(place)
        known = filmed(folder / "known.mp4", X264, 60, given.size)
        film, h265 = recorded(known), recorded(filmed(folder / "h265.mp4", X265, 10, given.size))
        ids = archive(folder / "office", film, given.cameras, given.copies)
        fast_enough = clips(folder / "office", ids, known, given.rounds)
        writer(film)
        pictures(film, h265)
    return 0 if fast_enough else 1


if __name__ == "__main__":
    sys.exit(main())
