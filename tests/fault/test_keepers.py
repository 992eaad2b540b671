"""Keepers killed, or failed, at every single step: the next round ends the same as one that was never disturbed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
from django.db import connection, transaction

from rejent.kernel.clock import local_midnight
from rejent.registers import queries as registers
from rejent.retention import checks, queries, services
from rejent.retention.rounds.round import Keeping
from rejent.vault.errors import KeyDestroyedError, StorageFailedError
from tests.unit.retention.office import MINUTE, RecordingOffice

NOON = datetime(2026, 3, 1, 11, 0, tzinfo=UTC)
END = local_midnight(date(2026, 4, 1))
STRIDES = pytest.mark.parametrize("stride", [pytest.param(1, marks=pytest.mark.soak), 3])
"""Every step at length; every third otherwise, which is now before a call's effect, now after."""


class Killed(BaseException):
    """The process ends here, as far as it can tell."""


class Steps:
    """Counts steps and does something at one of them."""

    def __init__(self, at: int, act: Callable[[], None]) -> None:
        self.at = at
        self.count = 0
        self._act = act

    def step(self) -> None:
        """One step further."""
        self.count += 1
        if self.count == self.at:
            self._act()

    @property
    def reached(self) -> bool:
        """Whether there was such a step."""
        return self.count >= self.at


class Watched:
    """Anything whose methods are two steps each: before and after their effect."""

    def __init__(self, watched: Any, steps: Steps) -> None:
        self._watched = watched
        self._steps = steps

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._watched, name)
        if not callable(found):
            return found

        def stepping(*args: Any, **named: Any) -> Any:
            self._steps.step()
            result = found(*args, **named)
            self._steps.step()
            return Watched(result, self._steps) if name in {"create", "replace"} else result

        return stepping

    def __enter__(self) -> Self:
        self._watched.__enter__()
        return self

    def __exit__(self, *raised: object) -> Any:
        return None if isinstance(raised[1], Killed) else self._watched.__exit__(*raised)


@contextmanager
def statements(steps: Steps) -> Iterator[None]:
    """Every statement that changes the database is a step, but of a transaction only its beginning and its end.

    Broken off at any statement in between it is rolled back whole, as at its end.
    """
    outside = len(connection.savepoint_ids)

    def wrapper(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
        if len(connection.savepoint_ids) == outside and not sql.startswith("SELECT"):
            steps.step()
        return execute(sql, *args)

    with connection.execute_wrapper(wrapper):
        yield


def kill() -> None:
    """End as ``kill -9`` would, without any clean-up that the program could do."""
    raise Killed


def fail() -> None:
    """What a failing disk does."""
    raise StorageFailedError("The disk does not answer.")


def prepared(folder: Path) -> tuple[RecordingOffice, str]:
    """Three minutes at the end of their term; the second is held, and five seconds of the third."""
    office = RecordingOffice.open(folder, datetime(2026, 3, 1, 9, 0, tzinfo=UTC), "elblag")
    camera = office.add_camera("Hall")
    services.keep_once(office.keeping)
    for number in range(3):
        office.record(camera, NOON + number * MINUTE, b"minute%d" % number)
    for start, end in ((60, 120), (130, 135)):
        services.place_hold(
            source_id=camera,
            start=NOON + timedelta(seconds=start),
            end=NOON + timedelta(seconds=end),
            case="OR.1431.1.2026",
            basis="proceedings",
            review_on=date(2026, 12, 31),
            clock=office.clock,
            ledger=None,
            actor="cli",
        )
    office.go_to(END)
    return office, camera


def judge(office: RecordingOffice, camera: str) -> None:
    """Exactly what is held can be opened, everything is proven once, and nothing is left over."""
    shown = b"".join(office.content(row) for row in office.living(camera, NOON, NOON + 3 * MINUTE))
    assert [second for second in range(60) if b"minute1@%02d" % second in shown] == list(range(60))
    assert [second for second in range(60) if b"minute2@%02d" % second in shown] == [10, 11, 12, 13, 14]
    assert b"minute0" not in shown
    (done,) = queries.destructions(camera)
    assert (done.stage, done.segments, done.survivors) == ("done", 2, 2)
    with pytest.raises(KeyDestroyedError):
        office.keys.identity(camera, date(2026, 3, 1))
    assert len(registers.acts(names=["destruction.done"]).acts) == 1
    assert [finding.code for finding in checks.findings(office.keeping)] == []
    assert sorted(office.folder.glob("vault/.spool/*/*")) == []


def disturbed(office: RecordingOffice, steps: Steps, *, database: bool) -> None:
    """A round in which something happens at one step."""
    keeping = office.keeping
    if database:
        with statements(steps):
            services.keep_once(keeping)
        return
    store = Watched(keeping.store, steps)
    keys = Watched(keeping.keys, steps)
    services.keep_once(Keeping(clock=office.clock, store=store, keys=keys, boot="one"))  # type: ignore[arg-type]  # count and hand on


def every_step(
    folder: Path, act: Callable[[], None], *, stride: int, **how: bool
) -> Iterator[tuple[RecordingOffice, str]]:
    """An office for each step of a round, or each so-manieth, the round disturbed at that step; ends when a round has no such step."""
    (folder / "original").mkdir()
    original, camera = prepared(folder / "original")
    at = 1 - stride
    while True:
        at += stride
        steps = Steps(at, act)
        with transaction.atomic():
            office = original.copied(folder / str(at))
            with suppress(Killed):
                disturbed(office, steps, **how)
            if steps.reached:
                yield office, camera
            transaction.set_rollback(True)
        if not steps.reached:
            return


@STRIDES
@pytest.mark.usefixtures("db")
def test_killed_at_any_call_of_store_or_keys(tmp_path: Path, stride: int) -> None:
    """Whatever call the keeper dies at, before or after its effect, the next round finishes what it began."""
    count = 0
    for office, camera in every_step(tmp_path, kill, stride=stride, database=False):
        assert services.keep_once(office.keeping).failed == []
        judge(office, camera)
        count += 1
    assert count > 30 / stride


@STRIDES
@pytest.mark.usefixtures("db")
def test_killed_at_any_statement_to_the_database(tmp_path: Path, stride: int) -> None:
    """Whatever statement the keeper dies at, the next round finishes what it began."""
    count = 0
    for office, camera in every_step(tmp_path, kill, stride=stride, database=True):
        assert services.keep_once(office.keeping).failed == []
        judge(office, camera)
        count += 1
    assert count > 30 / stride


@STRIDES
@pytest.mark.usefixtures("db")
def test_failed_at_any_call_of_store_or_keys(tmp_path: Path, stride: int) -> None:
    """Whatever call fails, nothing that is held is lost, and the next round ends as if nothing had been."""
    count = 0
    for office, camera in every_step(tmp_path, fail, stride=stride, database=False):
        assert services.keep_once(office.keeping).failed == []
        judge(office, camera)
        count += 1
    assert count > 30 / stride
