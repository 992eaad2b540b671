"""An office that lives at random, against a model that looks at every second by itself: promises I1 and I2."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from rejent.catalog.views import FinishedSegment
from rejent.kernel.clock import civil_date, local_midnight
from rejent.kernel.intervals import Interval
from rejent.retention import checks, services
from rejent.retention.destruction import destroying as destruction
from rejent.retention.errors import AlreadyDestroyedError
from tests.examples import examples
from tests.unit.retention.office import MINUTE, RecordingOffice

START = datetime(2026, 3, 27, 20, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KEY_EVERY = 5
DAYS_OPEN = {"elblag": 31, "pleszew": 30}

Shown = tuple[int, int]
"""One recorded second: number of the segment and number of the second in it."""


class Killed(BaseException):
    """The keeper ends here."""


@dataclass
class Model:
    """What must be true, without any of the program's own reckoning."""

    days_open: int
    segments: list[FinishedSegment] = field(default_factory=list)
    holds: dict[str, Interval] = field(default_factory=dict)
    dead: set[Shown] = field(default_factory=set)

    def seconds(self, number: int) -> range:
        """The seconds of a segment."""
        segment = self.segments[number]
        return range(round((segment.end - segment.start) / SECOND))

    def second(self, shown: Shown) -> Interval:
        """When it was."""
        start = self.segments[shown[0]].start + shown[1] * SECOND
        return Interval(start, start + SECOND)

    def all_shown(self) -> list[Shown]:
        """Every recorded second."""
        return [(number, at) for number in range(len(self.segments)) for at in self.seconds(number)]

    def in_term(self, shown: Shown, now: datetime) -> bool:
        """Whether the period still runs."""
        return now < local_midnight(self.segments[shown[0]].day + timedelta(days=self.days_open))

    def held(self, shown: Shown) -> bool:
        """Whether a hold covers it."""
        return any(hold.overlaps(self.second(shown)) for hold in self.holds.values())

    def must_live(self, now: datetime) -> set[Shown]:
        """What nobody may have destroyed."""
        return {each for each in self.all_shown() if self.in_term(each, now) or self.held(each)} - self.dead

    def may_live(self, now: datetime) -> set[Shown]:
        """The same and what it cannot be decoded without."""
        living = self.must_live(now)
        needed = {(number, before) for number, at in living for before in range(at - at % KEY_EVERY, at)}
        return living | (needed - self.dead)


class OfficeMachine(RuleBasedStateMachine):
    """Recording, holding, letting go, waiting, keeping and being killed, in any order."""

    regulation = "elblag"
    rounds = 0
    """Rounds of keepers after which everything was looked at."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self._transaction = transaction.atomic()
        self._transaction.__enter__()
        self.office = RecordingOffice.open(Path(self._folder.name), START, self.regulation)
        self.camera = self.office.add_camera("Hall")
        self.model = Model(DAYS_OPEN[self.regulation])

    def teardown(self) -> None:
        """Leave nothing behind."""
        transaction.set_rollback(True)
        self._transaction.__exit__(None, None, None)
        self._folder.cleanup()

    @rule(seconds=st.integers(7, 30))
    def record(self, seconds: int) -> None:
        """A segment that ends now, where midnight does not divide it."""
        now = self.office.clock.now()
        start = now - seconds * SECOND
        last = self.model.segments[-1].end if self.model.segments else START
        if start < last or civil_date(start) != civil_date(now - SECOND):
            return
        marker = b"%06d" % len(self.model.segments)
        self.model.segments.append(self.office.record(self.camera, start, marker, seconds=seconds))

    @rule(step=st.sampled_from([MINUTE, timedelta(hours=7), timedelta(days=1), timedelta(days=9)]))
    def wait(self, step: timedelta) -> None:
        """Time passes."""
        self.office.clock.advance(step)

    @rule(before=st.sampled_from([timedelta(), timedelta(microseconds=1)]), days=st.integers(1, 31))
    def wait_for_midnight(self, before: timedelta, days: int) -> None:
        """Time passes up to a midnight, or to the instant before it."""
        now = self.office.clock.now()
        self.office.go_to(local_midnight(civil_date(now) + timedelta(days=days)) - before)

    @precondition(lambda self: self.model.segments)
    @rule(which=st.integers(0, 99), start=st.integers(-10, 50), halves=st.integers(1, 80))
    def hold(self, which: int, start: int, halves: int) -> None:
        """A hold over a part of some segment and perhaps beyond."""
        segment = self.model.segments[which % len(self.model.segments)]
        begins = segment.start + start * SECOND / 2
        interval = Interval(begins, begins + halves * SECOND / 2)
        touched = [each for each in self.model.all_shown() if interval.overlaps(self.model.second(each))]
        try:
            placed = services.place_hold(
                source_id=self.camera,
                start=interval.start,
                end=interval.end,
                case="OR.1431.1.2026",
                basis="proceedings",
                review_on=civil_date(max(interval.end, self.office.clock.now())),
                clock=self.office.clock,
                ledger=None,
                actor="cli",
            )
        except AlreadyDestroyedError:
            assert touched
            assert set(touched) <= self.model.dead
        else:
            self.model.holds[placed.number] = interval

    @precondition(lambda self: self.model.holds)
    @rule(which=st.integers(0, 99))
    def end_hold(self, which: int) -> None:
        """Some hold ends."""
        number = sorted(self.model.holds)[which % len(self.model.holds)]
        services.end_hold(number, reason="concluded", clock=self.office.clock, ledger=None, actor="cli")
        del self.model.holds[number]

    @rule(
        stage=st.sampled_from(
            ["_pass_point_of_no_return", "_destroy_keys", "_remove_and_conclude", "_conclude"]
        )
    )
    def be_killed(self, stage: str) -> None:
        """The keeper is killed before a stage; nothing that must live is lost by it."""

        def die(*_: object) -> None:
            raise Killed

        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            patch.setattr(destruction, stage, die)
            services.keep_once(self.office.keeping)
        self.keep()

    @rule()
    def keep(self) -> None:
        """A round: what must live can be opened, nothing else can, and every check is clean."""
        now = self.office.clock.now()
        assert services.keep_once(self.office.keeping).failed == []
        found = self._opened()
        assert self.model.must_live(now) <= found
        assert found <= self.model.may_live(now)
        self.model.dead |= set(self.model.all_shown()) - found
        assert list(checks.findings(self.office.keeping)) == []
        type(self).rounds += 1

    def _opened(self) -> set[Shown]:
        """Every second that some living segment shows."""
        rows = self.office.living(self.camera, START - timedelta(days=1), self.office.clock.now() + MINUTE)
        content = b"".join(self.office.content(row) for row in rows)
        return {
            (number, at) for number, at in self.model.all_shown() if b"%06d@%02d" % (number, at) in content
        }


class MaximumMachine(OfficeMachine):
    """The same for an office whose period is a maximum."""

    regulation = "pleszew"


@pytest.mark.parametrize("machine", [OfficeMachine, MaximumMachine])
def test_an_office_that_lives_at_random_keeps_its_promises(
    db: None,  # noqa: ARG001 - asked for its effect
    machine: type[OfficeMachine],
) -> None:
    """Whatever is recorded, held, ended, killed and waited for: nothing lives too long, nothing held or in term dies."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples(15, least=8),
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert machine.rounds > 15
