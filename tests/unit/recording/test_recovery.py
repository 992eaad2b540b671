"""What a killed recorder left behind is booked at its next start, and only then."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rejent.catalog import queries, services
from rejent.catalog.views import FinishedSegment, SegmentView
from rejent.kernel.clock import ManualClock, local_midnight
from rejent.recording.recovery import BATCH, left_behind, recover
from rejent.vault.age.payload import CHUNK
from rejent.vault.age.recipients import Recipient
from rejent.vault.age.seal_writer import SealWriter
from rejent.vault.context import VaultContext
from rejent.vault.store.object_store import Leftover
from rejent.vault.store.spool import spool_path

from .conftest import NOON

ONE, TWO = ("0" * 31 + "1", "0" * 31 + "2")


@dataclass(frozen=True)
class Killed:
    """A recorder of one camera that was killed, and what it left."""

    house: VaultContext
    recipient: Recipient
    source: str
    clock: ManualClock
    batches: list[int] = field(default_factory=list)

    def name(self, identifier: str, begun: str = "115800250000") -> str:
        """The name it gives an object."""
        return f"{self.source}/2026-11-21/{begun}-{identifier}.age"

    def write(self, name: str, *, finished: bool) -> str:
        """Write an object as a recorder does, up to the point where it was killed; the digest of what is on disk."""
        writer = self.house.store.create(name)
        sealed = bytearray()

        def keep(content: object) -> None:
            sealed.extend(content)
            writer.write(content)

        sealer = SealWriter(keep, [self.recipient])
        sealer.write(b"x" * (CHUNK + 1))
        if finished:
            sealer.finish()
            writer.commit()
        else:
            writer.write_companion(sealer.companion())
            writer.leave()
        return hashlib.sha256(sealed).hexdigest()

    def start_again(self) -> None:
        """What the recorder does first at its next start."""
        recover(left_behind(queries.recorder_sources(stream="video"), self.clock), self.book)

    def book(self, segments: Sequence[FinishedSegment]) -> None:
        """Book as a recorder does, and note of how many segments the transaction was."""
        self.batches.append(len(segments))
        services.book_segments(segments, self.clock)

    def booked(self) -> list[SegmentView]:
        """What the catalogue knows of the camera's day."""
        return queries.segments(self.source, NOON - timedelta(days=2), NOON + timedelta(days=1))


@pytest.fixture
def killed(house: VaultContext, recipient: Recipient, source: str, clock: ManualClock) -> Killed:
    """A recorder that was killed."""
    return Killed(house, recipient, source, clock)


@pytest.mark.parametrize("finished", [True, False])
def test_what_was_written_and_not_booked_is_booked_as_cut_short(killed: Killed, *, finished: bool) -> None:
    """An unfinished object, and a finished one without a row, are booked at their instant with what is on the disk."""
    digest = killed.write(killed.name(ONE), finished=finished)
    killed.start_again()
    (segment,) = killed.booked()
    assert (segment.id.hex, segment.sha256, segment.recovered) == (ONE, digest, True)
    assert segment.start == NOON - timedelta(minutes=2) + timedelta(seconds=0.25)
    assert segment.recipient == killed.recipient.text
    assert not [each for each in killed.house.store.unfinished() if each.kind is Leftover.PART]


def test_nothing_is_booked_twice(killed: Killed) -> None:
    """A second start finds nothing to do."""
    killed.write(killed.name(ONE), finished=False)
    killed.write(killed.name(TWO), finished=True)
    killed.start_again()
    first = killed.booked()
    killed.start_again()
    assert killed.booked() == first
    assert len(first) == 2


@pytest.mark.parametrize("finished", [True, False])
def test_a_copy_of_a_recording_under_another_time_is_not_booked(killed: Killed, *, finished: bool) -> None:
    """Who may write to the store, but has no key, cannot fill a gap with what was recorded at another time."""
    killed.write(killed.name(ONE), finished=True)
    killed.start_again()
    first = killed.booked()
    name = killed.name(TWO, "104500000000")
    copy = killed.house.vault / name if finished else spool_path(killed.house.vault, name, ".part")
    copy.write_bytes((killed.house.vault / killed.name(ONE)).read_bytes()[: None if finished else -7])
    killed.start_again()
    assert killed.booked() == first
    assert copy.exists()


def test_of_two_leftovers_that_are_one_neither_is_booked(killed: Killed) -> None:
    """Which of them tells the time cannot be known; both stay for a person to look at, and the others are booked."""
    killed.write(killed.name(ONE), finished=False)
    part = spool_path(killed.house.vault, killed.name(ONE), ".part")
    other = spool_path(killed.house.vault, killed.name(TWO, "104500000000"), ".part")
    other.write_bytes(part.read_bytes())
    three = "0" * 31 + "3"
    killed.write(killed.name(three), finished=False)
    killed.start_again()
    assert [segment.id.hex for segment in killed.booked()] == [three]
    assert part.exists()


def test_objects_of_other_recorders_are_left_alone(killed: Killed) -> None:
    """A recorder touches only what its own sources left; another may still be writing."""
    killed.write(killed.name(ONE), finished=False)
    recover(left_behind([], killed.clock), killed.book)
    assert killed.booked() == []
    assert killed.house.store.unfinished()


def test_what_is_left_of_an_object_that_was_sealed_anew_goes(killed: Killed) -> None:
    """A crash between an object's two names, and a hold that sealed it anew since, keep no recorder from starting."""
    name = killed.name(ONE)
    killed.write(name, finished=True)
    killed.start_again()
    part = spool_path(killed.house.vault, name, ".part")
    part.hardlink_to(killed.house.vault / name)
    with killed.house.store.replace(name) as writer:
        writer.write(b"sealed to another key")
        writer.commit()
    killed.start_again()
    assert not part.exists()
    with killed.house.store.open(name) as kept:
        assert kept.read_at(0, kept.size) == b"sealed to another key"


def test_what_the_disk_does_not_give_keeps_nobody_from_recording(killed: Killed) -> None:
    """One unfinished object that cannot be read stays as it is; the others are booked."""
    killed.write(killed.name(ONE), finished=False)
    killed.write(killed.name(TWO), finished=False)
    part = spool_path(killed.house.vault, killed.name(ONE), ".part")
    part.unlink()
    part.symlink_to(killed.house.vault)
    killed.start_again()
    assert [segment.id.hex for segment in killed.booked()] == [TWO]
    assert part.is_symlink()


@pytest.mark.timeout(60)
def test_a_pipe_among_what_was_left_keeps_nobody_waiting(killed: Killed) -> None:
    """Pipes that somebody put in the place of an unfinished object and of a companion stay; the others are booked."""
    three = "0" * 31 + "3"
    for identifier in (ONE, TWO, three):
        killed.write(killed.name(identifier), finished=False)
    for identifier, suffix in ((ONE, ".part"), (TWO, ".tail")):
        path = spool_path(killed.house.vault, killed.name(identifier), suffix)
        path.unlink()
        os.mkfifo(path)
    killed.start_again()
    assert [segment.id.hex for segment in killed.booked()] == [three]


def test_a_name_no_recorder_gives_is_left_and_told(killed: Killed) -> None:
    """Files with names of another kind neither stop the start nor are booked nor removed."""
    names = [
        f"{killed.source}/2026-11-21/notes.age",
        killed.name("zz"),
        killed.name(ONE, "995800250000"),
    ]
    for name in names:
        killed.write(name, finished=True)
    killed.start_again()
    assert killed.booked() == []
    assert sorted(stored.name for stored in killed.house.store.objects()) == sorted(names)


def test_the_hour_before_local_midnight_belongs_to_the_day_in_the_name(killed: Killed) -> None:
    """A start at 23:30 UTC on the eve is half past midnight of the civil date in Warsaw."""
    killed.write(killed.name(ONE, "233000000000"), finished=True)
    killed.start_again()
    (segment,) = killed.booked()
    assert segment.start == NOON - timedelta(hours=12.5)


def test_an_object_with_nothing_in_it_leaves_no_trace(killed: Killed) -> None:
    """A recorder killed before its first whole chunk has recorded nothing."""
    writer = killed.house.store.create(killed.name(ONE))
    SealWriter(writer.write, [killed.recipient])
    writer.leave()
    killed.start_again()
    assert killed.booked() == []
    assert killed.house.store.unfinished() == []


def leave(killed: Killed, first: int, count: int) -> None:
    """Leave so many tiny objects, two seconds apart, half of them unfinished."""
    for number in range(first, first + count):
        begun = NOON - timedelta(hours=2) + timedelta(seconds=2 * number)
        name = killed.name(f"{number:032x}", begun.strftime("%H%M%S%f"))
        killed.write(name, finished=number % 2 == 0)


def test_a_thousand_leftovers_are_booked_in_batches_at_a_cost_that_grows_with_their_number(
    killed: Killed,
) -> None:
    """Each hundred is a transaction of its own, and ten hundreds ask the database no more than ten times as often as one."""
    leave(killed, 0, BATCH)
    with CaptureQueriesContext(connection) as hundred:
        killed.start_again()
    leave(killed, BATCH, 10 * BATCH)
    with CaptureQueriesContext(connection) as thousand:
        killed.start_again()
    assert killed.batches == [BATCH] * 11
    assert len(killed.booked()) == 11 * BATCH
    assert len(thousand) <= 10 * len(hundred)


def test_a_recovery_that_is_stopped_leaves_the_rest_for_the_next_start(killed: Killed) -> None:
    """What was made visible before the stop is booked, what was not is found again."""
    leave(killed, 0, 4)
    answers = iter((False, False, True))
    recover(
        left_behind(queries.recorder_sources(stream="video"), killed.clock),
        killed.book,
        lambda: next(answers),
    )
    assert len(killed.booked()) == 2
    killed.start_again()
    assert len(killed.booked()) == 4


def test_what_is_recorded_while_recovery_runs_is_none_of_its_business(killed: Killed) -> None:
    """An object begun after the listing stays unfinished: its recorder is writing it."""
    leave(killed, 0, 1)
    left = left_behind(queries.recorder_sources(stream="video"), killed.clock)
    name = killed.name(TWO, "115900000000")
    killed.write(name, finished=False)
    recover(left, killed.book)
    assert [each.name for each in killed.house.store.unfinished() if each.kind is Leftover.PART] == [name]


@pytest.mark.parametrize("days", [4, 40])
def test_what_waited_over_a_long_weekend_is_booked(killed: Killed, days: int) -> None:
    """However long the recorder was off, a finished object that a power cut kept from its row comes to it."""
    killed.write(killed.name(ONE), finished=True)
    killed.start_again()
    killed.write(killed.name(TWO, "115900250000"), finished=True)
    killed.clock.advance(timedelta(days=days))
    killed.start_again()
    assert {segment.id.hex for segment in killed.booked()} == {ONE, TWO}


@pytest.mark.parametrize("begun", [timedelta(minutes=10), timedelta(hours=24, minutes=10)])
def test_of_two_instants_of_a_date_whose_clocks_go_back_it_is_the_one_that_was(
    killed: Killed, begun: timedelta
) -> None:
    """What began in the first hour of that date is not booked for the next midnight, nor what began in its last for the first."""
    day = date(2026, 10, 25)
    midnight = local_midnight(day)
    services.store_day_keys(killed.source, {day: killed.recipient.text}, clock=killed.clock)
    killed.clock.advance(midnight + begun + timedelta(minutes=5) - killed.clock.now())
    name = f"{killed.source}/{day}/{midnight + begun:%H%M%S%f}-{ONE}.age"
    killed.write(name, finished=False)
    killed.start_again()
    (segment,) = queries.segments(killed.source, midnight, midnight + timedelta(days=2))
    assert segment.start == midnight + begun
