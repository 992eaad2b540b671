"""Calls that are answered are begun when nobody else waits for an answer, or when they have waited long enough."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rejent.kernel.clock import ManualClock
from rejent.streams.calls.recorder.beginnings import (
    CONFIRMED_S,
    LISTEN_S,
    QUIET_S,
    WITHIN_S,
    DeferredStarts,
    DoubtfulStarts,
)
from rejent.streams.calls.recorder.siprec_endpoint import DRAWN, EntropyPool


class Loop:
    """A loop whose time goes on when it is told to."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 2, 8, 15, tzinfo=UTC))
        self.beginnings = DeferredStarts(self.clock, self.later)
        self.begun: list[str] = []
        self._due: list[tuple[float, Callable[[], None]]] = []

    def later(self, after_s: float, work: Callable[[], None]) -> None:
        """Do something in so many seconds."""
        self._due.append((self.clock.monotonic() + after_s, work))

    def turn(self) -> None:
        """Do what is due once."""
        now = self.clock.monotonic()
        due = [work for at, work in self._due if at <= now]
        self._due = [(at, work) for at, work in self._due if at > now]
        for work in due:
            work()

    def wait(self, seconds: float) -> None:
        """Let time pass, then take a turn."""
        self.clock.advance(timedelta(seconds=seconds))
        self.turn()

    def called(self, name: str) -> "Answered":
        """Somebody calls, and is answered."""
        call = Answered(name, self.begun)
        self.beginnings.add(call)
        return call


@dataclass(eq=False)
class Answered:
    """A call that says when it is begun."""

    name: str
    begun: list[str] = field(repr=False)

    is_spoken_to = False
    given_up = False

    def give_up(self) -> None:
        """Nothing of it is kept."""
        self.given_up = True

    def start(self) -> None:
        """Begin, unless it is one that cannot."""
        if not self.name:
            raise ValueError(self.name)
        self.begun.append(self.name)


def test_a_call_is_begun_once_nobody_calls_any_more() -> None:
    """One after the other, in the order in which they were answered, a turn of the loop for each."""
    loop = Loop()
    loop.called("one")
    loop.wait(QUIET_S / 2)
    loop.called("two")
    loop.wait(QUIET_S * 3 / 4)
    assert loop.begun == []
    loop.wait(QUIET_S)
    assert loop.begun == ["one"]
    loop.turn()
    assert loop.begun == ["one", "two"]


def test_no_call_waits_for_ever() -> None:
    """However many others come, the oldest is begun in time."""
    loop = Loop()
    loop.called("one")
    for number in range(round(WITHIN_S / QUIET_S * 2) + 2):
        loop.called(f"other {number}")
        loop.wait(QUIET_S / 2)
    assert loop.begun[0] == "one"
    assert loop.begun[-1] != f"other {number}"


def test_a_call_that_must_be_begun_now_is_begun_once() -> None:
    """Its turn finds it begun, and goes on with the next."""
    loop = Loop()
    loop.called("one")
    two = loop.called("two")
    loop.beginnings.begin(two)
    loop.beginnings.begin(two)
    loop.wait(QUIET_S)
    loop.turn()
    assert loop.begun == ["two", "one"]


def test_a_call_that_cannot_begin_harms_no_other() -> None:
    """Whether they are begun in their turn or all at once."""
    loop = Loop()
    for name in ("", "one", "", "two"):
        loop.called(name)
    loop.wait(QUIET_S)
    loop.beginnings.begin_all()
    assert loop.begun == ["one", "two"]
    loop.wait(QUIET_S)
    assert loop.begun == ["one", "two"]


class DoubtfulLoop(Loop):
    """A loop that stood still while calls came in."""

    def __init__(self) -> None:
        super().__init__()
        self.doubtful = DoubtfulStarts(lambda call: call.start(), self.later)

    def called(self, name: str) -> Answered:
        """Somebody called, and may have given up."""
        call = Answered(name, self.begun)
        self.doubtful.add(call)
        return call


def test_a_call_that_its_caller_has_given_up_is_none() -> None:
    """Neither one that is never confirmed, nor one that is confirmed and taken back at once."""
    loop = DoubtfulLoop()
    silent, taken_back = loop.called("silent"), loop.called("taken back")
    loop.doubtful.confirm(taken_back)
    assert loop.doubtful.give_up(taken_back)
    for _ in range(32):
        loop.wait(LISTEN_S)
    assert loop.doubtful.give_up(silent)
    assert not loop.doubtful.give_up(silent)
    loop.wait(LISTEN_S)
    assert (loop.begun, silent.given_up, taken_back.given_up) == ([], True, True)


def test_a_call_that_its_caller_knows_of_is_begun_once() -> None:
    """Soon after its confirmation, whatever is confirmed later."""
    loop = DoubtfulLoop()
    call = loop.called("one")
    for _ in range(2):
        loop.doubtful.confirm(call)
    assert loop.begun == []
    loop.wait(CONFIRMED_S)
    loop.doubtful.confirm(call)
    loop.wait(LISTEN_S)
    assert not loop.doubtful.give_up(call)
    assert (loop.begun, call.given_up) == (["one"], False)


def test_a_call_in_which_somebody_speaks_is_begun_though_nobody_confirms_it() -> None:
    """While it waits, and also where it ends before anybody looked."""
    loop = DoubtfulLoop()
    heard, short = loop.called("heard"), loop.called("short")
    heard.is_spoken_to = short.is_spoken_to = True
    assert not loop.doubtful.give_up(short)
    loop.wait(LISTEN_S)
    assert loop.begun == ["short", "heard"]
    quiet = loop.called("quiet")
    loop.doubtful.give_up_all()
    assert quiet.given_up


def test_what_is_drawn_ahead_is_given_once() -> None:
    """Of the length that was asked for, also across the end of what was drawn."""
    chance = EntropyPool()
    given = [chance(30) for _ in range(2 * DRAWN // 30)]
    assert {len(each) for each in given} == {30}
    assert len(set(given)) == len(given)
