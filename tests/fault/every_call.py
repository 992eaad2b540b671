"""Fails every system call of an installation's disk store in turn: ``python -m tests.fault.every_call OFFICE recording|destruction``.

One try for each call: the office is put back to what it was, does its work while that call fails, and then has one sound
round of its keepers. Says a line of JSON for each try, with everything that went wrong; the test that starts it judges.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from errno import EIO, ENOSPC
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

from rejent.catalog.coverage import SEAM
from rejent.formats.mp4.picture import TICKS_PER_SECOND, AccessUnit
from rejent.kernel.clock import Clock, ManualClock, SystemClock, civil_date
from rejent.recording.contract import GeneralCause
from rejent.recording.sink import SealingSink
from rejent.recording.steady_time import SteadyTime
from rejent.streams.cameras.errors import CameraCause
from rejent.streams.cameras.network.rtsp.assembly import Discontinuity
from rejent.streams.cameras.recorder.open_segment import SegmentContext
from rejent.streams.cameras.recorder.segmenter import Segmenter
from rejent.vault.age import SealedReader
from rejent.vault.context import VaultContext
from rejent.vault.errors import KeyDestroyedError, NoMatchError
from rejent.vault.store.disk import DiskStore
from tests.fault.failing_calls import FailingCalls
from tests.unit.streams_cameras.stream import PPS, SETS, SPS, coded

FAULTS = ((ENOSPC, True), (EIO, False))
"""A full disk stays full until somebody makes room; a failing one fails once."""
WIDEST = 300
FOLDERS = ("catalog", "vault", "keys", "ledger")
RATE, GROUP, PICTURES = 5, 5, 28
LOST_AFTER = 11
"""After this picture the connection breaks, so that one segment ends and another begins."""
MOST_UNTOLD = int(SEAM.total_seconds() * RATE)
"""Pictures that may lie in a seam: the register tells of no hole that is shorter."""
CAMERA = "Hol"


@dataclass
class Told:
    """What became of one try.

    Attributes:
        call: the call that failed; empty where every call was made before any could.
        lasting: whether every later call failed too.
        failed: what the sound round could not do.
        findings: of fsck, after the sound round.
        wrong: whatever else is not as it must be.
    """

    call: str
    lasting: bool
    failed: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Original:
    """An office that is put back as it was before each try.

    Args:
        directory: its folder; everything of it must be written.
        begins: the instant at which each try begins.
    """

    def __init__(self, directory: Path, begins: datetime) -> None:
        self._directory = directory
        self._begins = begins
        self._kept = directory.with_name("as-it-was")
        connections.close_all()
        for name in FOLDERS:
            shutil.copytree(directory / name, self._kept / name)

    def again(self) -> ManualClock:
        """Put it back; the clock of the try."""
        connections.close_all()
        for name in FOLDERS:
            shutil.rmtree(self._directory / name)
            shutil.copytree(self._kept / name, self._directory / name)
        return set_clock(self._begins)


def set_clock(instant: datetime) -> ManualClock:
    """Let the program run by a clock that stands at an instant, with its vault opened anew."""
    clock, house = ManualClock(instant), settings.VAULT
    settings.CLOCK = clock
    settings.VAULT = VaultContext(
        house.installation, house.vault, house.keys_folder, house.secrets, house.storage, clock
    )
    return clock


def tries(work: Callable[[FailingCalls, Told], None]) -> Iterator[Told]:
    """Do the work with each call failing in turn, until there is none left to fail; for each kind of fault."""
    for error, lasting in FAULTS:
        for fails in range(WIDEST):
            calls, told = FailingCalls(fails, error, lasting=lasting), Told("", lasting)
            work(calls, told)
            told.call = calls.failed
            yield told
            if not told.call:
                break


def started_again(clock: Clock) -> None:
    """Book what the recorder left, as its next start does."""
    from rejent.catalog.queries import recorder_sources
    from rejent.catalog.services import book_segments
    from rejent.recording.recovery import left_behind, recover

    recover(left_behind(recorder_sources(stream="video"), clock), partial(book_segments, clock=clock))


def sound_round(told: Told) -> None:
    """A round of the keepers with calls that work, and what fsck then finds."""
    from rejent.retention.services import keep_once

    told.failed += keep_once(settings.KEEPING()).failed
    told.findings += [finding.sentence() for finding in settings.CHECKS(deep=True)]


# Recording


class Camera:
    """Pictures made up, each with its number, on their way through the recorder's own segmenter, sink and books."""

    def __init__(self, source: str, store: DiskStore, clock: ManualClock) -> None:
        from rejent.recording.catalogue_books import CatalogueBooks
        from rejent.recording.day_keys import DayKeys
        from rejent.streams.cameras.recorder.process import CameraClocks

        keys = DayKeys(clock.now)
        keys.look_ahead([source])
        self.shown: list[datetime] = []
        """The instant of each picture."""
        self._clock = clock
        self._sink = SealingSink(
            store, keys, CatalogueBooks(clock, CameraClocks(clock).measured), tail_after_s=0.2
        )
        self._segmenter = Segmenter(SegmentContext(source, self._sink, SteadyTime(clock)))
        self._segmenter.connected(SETS)

    def record(self) -> None:
        """Send every picture, then stop as a recorder does; everything is booked when it returns."""
        for number in range(PICTURES):
            self._clock.advance(timedelta(seconds=1 / RATE))
            self.shown.append(self._clock.now())
            self._segmenter.take([self._picture(number)])
            if number == LOST_AFTER:
                self._segmenter.take([Discontinuity(CameraCause.PACKETS_LOST)])
            self._sink.settle()
        self._segmenter.interrupted(GeneralCause.RECORDER_STOPPED)
        self._sink.settle()
        self._sink.book("", connections.close_all)
        self._sink.close()

    def _picture(self, number: int) -> AccessUnit:
        key = number % GROUP == 0
        content = (b"\x65\x88\x84" if key else b"\x41\x9a") + marker(number) + b"\x80" * 24_000
        time = number * TICKS_PER_SECOND // RATE
        data = coded(SPS, PPS, content) if key else coded(content)
        return AccessUnit(data, time, key, self._clock.monotonic(), damaged=False)


def marker(number: int) -> bytes:
    """What a picture can be told by."""
    return b"picture %04d." % number


class Recording:
    """One camera that records while the store fails."""

    def __init__(self, directory: Path) -> None:
        from rejent.catalog.queries import source_by_name
        from rejent.retention.services import keep_once

        now = SystemClock().now().replace(microsecond=0) + timedelta(seconds=5)
        set_clock(now)
        keep_once(settings.KEEPING())
        self._source = source_by_name(CAMERA).id
        self._original = Original(directory, now + timedelta(minutes=1))

    def __call__(self, calls: FailingCalls, told: Told) -> None:
        """One try; after a fault that lasts the recorder is started again before the keepers' round."""
        clock = self._original.again()
        camera = Camera(self._source, DiskStore(settings.VAULT.vault, calls), clock)
        camera.record()
        acknowledged = self._covered(camera)
        if told.lasting:
            started_again(clock)
        clock.advance(timedelta(minutes=5))
        sound_round(told)
        self._judge(camera, acknowledged, told)

    def _judge(self, camera: Camera, acknowledged: set[int], told: Told) -> None:
        """Each picture is kept, or its instant lies in a gap; what was booked before the round is kept."""
        from rejent.catalog.queries import gaps

        covered, kept = self._covered(camera), self._kept(camera)
        first, last, untold = camera.shown[0], camera.shown[-1], []
        missing = gaps(self._source, first, last + timedelta(seconds=1))
        for number, instant in enumerate(camera.shown):
            middle = instant + timedelta(seconds=0.5 / RATE)
            in_gap = any(gap.start <= middle and (gap.end is None or middle < gap.end) for gap in missing)
            if number in covered and number not in kept:
                told.wrong.append(f"picture {number} does not open")
            if number not in covered and not in_gap:
                untold.append(number)
        told.wrong += [f"picture {number} was booked and is lost" for number in sorted(acknowledged - kept)]
        if len(untold) > MOST_UNTOLD:
            told.wrong.append(f"pictures {untold} are neither recorded nor missing")

    def _covered(self, camera: Camera) -> set[int]:
        """The pictures whose instants lie in booked segments."""
        rows = self._segments(camera)
        middles = [instant + timedelta(seconds=0.5 / RATE) for instant in camera.shown]
        return {
            number
            for number, middle in enumerate(middles)
            if any(row.start <= middle < row.end for row in rows)
        }

    def _kept(self, camera: Camera) -> set[int]:
        """The pictures that open."""
        content = b"".join(
            settings.VAULT.reader(row.object_name, row.recipient, truncated=row.recovered).read()
            for row in self._segments(camera)
        )
        return {number for number in range(PICTURES) if marker(number) in content}

    def _segments(self, camera: Camera) -> Any:
        from rejent.catalog.queries import segments

        return segments(self._source, camera.shown[0], camera.shown[-1] + timedelta(seconds=1))


# Destruction


class Destruction:
    """Three minutes whose term has ended, the second held and five seconds of the third, destroyed while the store fails."""

    def __init__(self, directory: Path) -> None:
        from rejent.catalog.queries import source_by_name
        from rejent.retention.services import keep_once, place_hold
        from tests.unit.retention.office import MINUTE, RecordingOffice

        now = SystemClock().now().replace(microsecond=0) + timedelta(seconds=5)
        clock = set_clock(now)
        keep_once(settings.KEEPING())
        source = source_by_name(CAMERA).id
        office = RecordingOffice(directory, clock, settings.VAULT.store, settings.VAULT.keys)
        for number in range(3):
            office.record(source, now + number * MINUTE, b"minute%d" % number)
        clock.advance(4 * MINUTE)
        for start, end in ((60, 120), (130, 135)):
            place_hold(
                source_id=source, start=now + timedelta(seconds=start), end=now + timedelta(seconds=end),
                case="OR.1431.1.2026", basis="proceedings", review_on=civil_date(now) + timedelta(days=200),
                clock=clock, ledger=settings.LEDGER, actor="cli",
            )  # fmt: skip
        keep_once(settings.KEEPING())
        self._day = civil_date(now)
        self._source = source
        self._original = Original(directory, now + timedelta(days=33))

    def __call__(self, calls: FailingCalls, told: Told) -> None:
        """One try: a round while the store fails, then a sound one."""
        from rejent.retention.rounds.round import Keeping
        from rejent.retention.services import keep_once

        clock = self._original.again()
        store = DiskStore(settings.VAULT.vault, calls)
        keep_once(Keeping(clock=clock, store=store, keys=settings.VAULT.keys, ledger=settings.LEDGER))
        clock.advance(timedelta(minutes=2))
        sound_round(told)
        self._judge(told)

    def _judge(self, told: Told) -> None:
        """What is held opens, nothing else does, and no file is left over once a recorder has started."""
        started_again(settings.CLOCK)
        content = b"".join(self._opened())
        wanted = {(1, second) for second in range(60)} | {(2, second) for second in range(10, 15)}
        for number in range(3):
            for second in range(60):
                there = b"minute%d@%02d" % (number, second) in content
                if there is not ((number, second) in wanted):
                    told.wrong.append(f"second {second} of minute {number} {'opens' if there else 'is lost'}")
        try:
            settings.VAULT.keys.identity(self._source, self._day)
            told.wrong.append("the day key lives")
        except KeyDestroyedError:
            pass
        told.wrong += [f"{left.name} is left over" for left in settings.VAULT.store.unfinished()]

    def _opened(self) -> Iterator[bytes]:
        """Everything in the store that any living key opens."""
        keys, store = settings.VAULT.keys, settings.VAULT.store
        identities = [keys.identity_by_id(record.id) for record in keys.alive()]
        for stored in store.objects():
            with store.open(stored.name) as sealed:
                try:
                    yield SealedReader(sealed, identities).read()
                except NoMatchError:
                    continue


def main(directory: str, what: str) -> None:
    """Say a line for each try."""
    from rejent.cli.command_setup import open_installation
    from rejent.ops.logs import configure_logs

    configure_logs()
    open_installation(Path(directory))
    import rejent.ops.wiring  # noqa: F401 - every act must have its name

    work = {"recording": Recording, "destruction": Destruction}[what](Path(directory))
    for told in tries(work):
        sys.stdout.write(json.dumps(vars(told)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
