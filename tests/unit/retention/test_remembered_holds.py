"""A hold that a keeper has seen entered stands, whatever becomes of its row and of the record of its act, until an act ends it."""

import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from rejent.catalog.models import Segment
from rejent.kernel.clock import local_midnight
from rejent.registers.models import Entry, Series
from rejent.retention import services
from rejent.retention.checks import findings
from rejent.retention.holds.journal import FILE
from rejent.retention.models import Hold
from rejent.vault.age import SealedReader
from rejent.vault.errors import KeyDestroyedError
from tests.guarded_rows import unguarded
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))


def hold(office: RecordingOffice, camera: str, start: datetime = NOON) -> str:
    """A minute is needed for a case; the hold's number."""
    held = services.place_hold(
        source_id=camera, start=start, end=start + MINUTE, case="OR.1431.1.2026", basis="proceedings",
        review_on=date(2026, 12, 31), clock=office.clock, ledger=None, actor="cli",
    )  # fmt: skip
    return held.number


def end(office: RecordingOffice, number: str) -> datetime:
    """When it ended."""
    services.end_hold(number, reason="over", clock=office.clock, ledger=None, actor="cli")
    ended = Hold.objects.get(number=number).ended_at
    assert ended is not None
    return ended


def erase(act: str) -> None:
    """Take away the record of an act, which the guards of the table allow."""
    Entry.objects.filter(act=act).update(facts=None, salt=None)


def narrowed(_: str) -> None:
    """The record of the hold is erased, and its row moved to another time."""
    erase("hold.placed")
    Hold.objects.update(start=NOON - 10 * MINUTE, end=NOON - 9 * MINUTE)


def forgotten(_: str) -> None:
    """Whoever may drop the guards of the table deletes all acts about the hold, and its row with them."""
    with unguarded():
        Entry.objects.filter(thing__startswith="hold:").delete()
    Hold.objects.all().delete()


def of_a_call(_: str) -> None:
    """The same, and the row says that it keeps one call alone."""
    erase("hold.placed")
    Hold.objects.update(item="nocall")


def renamed(_: str) -> None:
    """The act is another one, and the row gone."""
    with unguarded():
        Entry.objects.filter(act="hold.placed").update(act="hold.reviewed")
    Hold.objects.all().delete()


@pytest.mark.parametrize("edit", [narrowed, of_a_call, renamed, forgotten])
def test_what_a_noted_hold_keeps_is_kept(elblag: RecordingOffice, edit: Callable[[str], None]) -> None:
    """Its part outlives its term, and each round says of which hold the database does not tell any more."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    number = hold(elblag, camera)
    assert services.keep_once(elblag.keeping).failed == []
    edit(number)
    elblag.go_to(END)
    assert any(number in each for each in services.keep_once(elblag.keeping).failed)
    recipient = Segment.objects.get(pk=kept.id).recipient
    with elblag.store.open(kept.object_name) as sealed:
        assert b"held@59" in SealedReader(sealed, [elblag.keys.identity_by_recipient(recipient)]).read()


def test_the_end_of_another_hold_ends_none(elblag: RecordingOffice) -> None:
    """The erased end of one hold is not taken for the end of another of the same source."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    other = hold(elblag, camera, NOON + 30 * MINUTE)
    ended = end(elblag, other)
    standing = hold(elblag, camera)
    services.keep_once(elblag.keeping)
    erase("hold.ended")
    Hold.objects.filter(number=standing).update(ended_at=ended, end_reason="over")
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    recipient = Segment.objects.get(pk=kept.id).recipient
    assert recipient != kept.recipient
    assert elblag.keys.identity_by_recipient(recipient).recipient.text == recipient


def test_an_ended_hold_keeps_nothing_even_when_the_record_of_its_end_is_erased(
    elblag: RecordingOffice,
) -> None:
    """What was noted goes with the act that ends it, and does not come back with less being known of that act."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    number = hold(elblag, camera)
    services.keep_once(elblag.keeping)
    end(elblag, number)
    services.keep_once(elblag.keeping)
    erase("hold.ended")
    elblag.go_to(END)
    assert services.keep_once(elblag.keeping).failed == []
    with pytest.raises(KeyDestroyedError):
        elblag.keys.identity_by_recipient(kept.recipient)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"standing": [{}], "ended": []}', b'{"standing": 7, "ended": []}']
)
def test_what_was_noted_and_cannot_be_read_lets_nothing_be_destroyed(
    elblag: RecordingOffice, content: bytes
) -> None:
    """A damaged file is told of, recording goes on with keys for the days to come, and no key dies."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"due")
    (elblag.keys.folder / FILE).write_bytes(content)
    elblag.go_to(END)
    done = services.keep_once(elblag.keeping)
    assert any("holds.json" in each for each in done.failed)
    assert done.keys_made
    assert elblag.keys.identity_by_recipient(kept.recipient).recipient.text == kept.recipient


def test_the_end_of_a_hold_ends_none_that_had_its_number_before(elblag: RecordingOffice) -> None:
    """An older database gives the number of a noted hold to another one; the noted one stands on."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    number = hold(elblag, camera)
    services.keep_once(elblag.keeping)
    with unguarded():
        Entry.objects.filter(act="hold.placed").update(act="registers.entry-lost", facts=None, salt=None)
        Series.objects.filter(name="holds").delete()
    Hold.objects.all().delete()
    assert hold(elblag, camera, NOON + 30 * MINUTE) == number
    end(elblag, number)
    elblag.go_to(END)
    assert any(number in each for each in services.keep_once(elblag.keeping).failed)
    recipient = Segment.objects.get(pk=kept.id).recipient
    with elblag.store.open(kept.object_name) as sealed:
        assert b"held@59" in SealedReader(sealed, [elblag.keys.identity_by_recipient(recipient)]).read()


@pytest.mark.parametrize("seen", [False, True])
def test_a_hold_whose_number_was_given_again_is_not_ended_with_the_other(
    elblag: RecordingOffice, seen: bool
) -> None:
    """The counter was set back and the first hold's row taken away: the end of the second is none of the first, and fsck tells."""
    camera = elblag.add_camera("Hall")
    kept = elblag.record(camera, NOON, b"held")
    first = hold(elblag, camera)
    if seen:
        services.keep_once(elblag.keeping)
    with unguarded():
        Series.objects.filter(name="holds").update(last=0)
    Hold.objects.all().delete()
    assert hold(elblag, camera, NOON + 30 * MINUTE) == first
    end(elblag, first)
    assert "retention.row-missing" in {each.code for each in findings(elblag.keeping)}
    elblag.go_to(END)
    services.keep_once(elblag.keeping)
    recipient = Segment.objects.get(pk=kept.id).recipient
    assert recipient != kept.recipient
    assert elblag.keys.identity_by_recipient(recipient).recipient.text == recipient


KILLED = """
import os, signal, sys
from pathlib import Path
from rejent.ledger.durable_files import replace_durably
os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
replace_durably(Path(sys.argv[1]), b"{}")
"""


def test_what_a_kill_leaves_beside_the_journal_goes_with_the_next_round(elblag: RecordingOffice) -> None:
    """A keeper killed amid writing leaves a nameless copy; the next one removes it, and nothing else."""
    hold(elblag, elblag.add_camera("Hall"))
    folder = elblag.keeping.keys.folder
    other = folder / f".{FILE}.copy"
    other.touch()
    killed = subprocess.run([sys.executable, "-c", KILLED, folder / FILE], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(folder.glob(f".{FILE}.*"))) == 2
    assert services.keep_once(elblag.keeping).failed == []
    assert list(folder.glob(f".{FILE}.*")) == [other]
    assert (folder / FILE).exists()
