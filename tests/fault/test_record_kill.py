"""``kill -9`` and a standstill at any rate of records: what was taken a second before is there, each once."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event

import pytest

from rejent.formats.records import records_of, whole_packets
from rejent.vault.age.recipients import Identity
from rejent.vault.age.sealed_reader import SealedReader
from rejent.vault.store.disk import DiskStore
from rejent.vault.store.object_store import Leftover
from rejent.vault.unfinished import recover_unfinished

WORTH_S = 1.0
"""Seconds of which what was taken may be lost."""
LONG_S = 60


class Victim:
    """A recorder in a process of its own."""

    def __init__(self, folder: Path, rate: int, lasts: float) -> None:
        self.identity, self.folder = Identity.generate(), folder
        recipient = self.identity.recipient.text
        module = [sys.executable, "-m", "tests.fault.record_victim", str(folder), recipient]
        self.process = subprocess.Popen([*module, str(rate), str(lasts)], stdout=subprocess.PIPE, text=True)
        self.said: list[tuple[int, float]] = []

    def run(self, seconds: float) -> None:
        """Return once it has taken records for so many seconds of its own time more."""
        begun = None
        for line in self._lines():
            begun = begun or self.said[-1][1]
            if line[1] - begun >= seconds:
                return

    def _lines(self) -> Iterator[tuple[int, float]]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            taken, at = line.split()
            self.said.append((int(taken), float(at)))
            yield self.said[-1]

    def end(self, number: int) -> None:
        """End it by a signal, and read the last that it said."""
        self.process.send_signal(number)
        list(self._lines())
        self.process.wait()

    def found(self) -> list[int]:
        """Return the sequences that it left, after what its successor does with what is unfinished."""
        store, found = DiskStore(self.folder), list[int]()
        short = {left.name for left in store.unfinished() if left.kind is Leftover.PART}
        for name in short:
            recover_unfinished(store, name)
        for stored in store.objects():
            with ExitStack() as opened:
                source = opened.enter_context(store.open(stored.name))
                tails = [opened.enter_context(tail) for tail in store.open_companions(stored.name)]
                reader = SealedReader(source, [self.identity], truncated=stored.name in short, tails=tails)
                content = reader.read(0, reader.size)
            found += [one.sequence for each in whole_packets(content) for one in records_of(each)]
        return found


@contextmanager
def recording(folder: Path, rate: int, lasts: float = LONG_S) -> Iterator[Victim]:
    """Record in another process, which is gone afterwards."""
    victim = Victim(folder, rate, lasts)
    try:
        yield victim
    finally:
        victim.process.kill()
        victim.process.communicate()


def require_all_but_the_last_second(victim: Victim) -> None:
    """All that was taken is there but the end of it, which is no longer than a second."""
    found = sorted(victim.found())
    assert found == list(range(len(found)))
    end = victim.said[-1][1]
    lost = [at for taken, at in victim.said if taken > len(found)]
    assert end - min(lost, default=end) <= WORTH_S


@pytest.mark.parametrize("rate", [2, 100, 10_000])
def test_a_killed_recorder_loses_less_than_a_second(tmp_path: Path, rate: int) -> None:
    """Whether a chunk fills in an hour or thirty of them in a second."""
    with recording(tmp_path, rate) as victim:
        victim.run(2.5)
        victim.end(signal.SIGKILL)
        require_all_but_the_last_second(victim)


def test_a_recorder_that_is_killed_while_it_stands_still_loses_no_more(tmp_path: Path) -> None:
    """What it took a second before it was frozen lies in the store already."""
    with recording(tmp_path, 1000) as victim:
        victim.run(1.5)
        victim.process.send_signal(signal.SIGSTOP)
        victim.end(signal.SIGKILL)
        require_all_but_the_last_second(victim)


def test_a_recorder_that_stood_still_goes_on_and_loses_nothing(tmp_path: Path) -> None:
    """A standstill longer than a batch lasts ends that batch, and each record is in one object."""
    with recording(tmp_path, 500, 0.4) as victim:
        victim.run(0.6)
        victim.process.send_signal(signal.SIGSTOP)
        Event().wait(1)
        victim.process.send_signal(signal.SIGCONT)
        victim.run(0.6)
        victim.end(signal.SIGTERM)
        assert not DiskStore(tmp_path).unfinished()
        found = victim.found()
        assert sorted(found) == list(range(victim.said[-1][0]))
        assert len(list(DiskStore(tmp_path).objects())) >= 3
