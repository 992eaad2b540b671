"""One line: whose calls are recorded, and what keeps it from recording them."""

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from rejent.recording.contract import (
    Cause,
    SegmentOpening,
    SegmentSink,
    SegmentWriter,
    SourceStatus,
    State,
)
from rejent.streams.calls.catalog.lines import MirrorLine, SiprecLine
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.views import BegunCall
from rejent.streams.calls.siprec.allowed_callers import AllowedCallers

ROSTER = "roster"
"""Who looks every two seconds whether calls can be kept."""
STANDSTILL = "standstill"
"""Who notices that the recorder stood still."""


class Refusal(StrEnum):
    """How a party refused to be recorded."""

    KEY = "key"
    """By a key, while the call was recorded."""
    LIST = "list"
    """Beforehand: its number stands on the office's list."""


class LineSink(SegmentSink, Protocol):
    """A sink that keeps other entries in order with what is recorded; `rejent.recording.sink.SealingSink` is one."""

    def enter(self, source_id: str, entry: Callable[[], None]) -> None:
        """Enter something of a source after all of it that was handed over before; in the background."""


class CallBooks(Protocol):
    """Where calls are entered; each may wait for the database."""

    def call_begun(self, call: BegunCall) -> None:
        """A call is recorded."""

    def call_ended(self, call_id: str, end: datetime, why: str) -> None:
        """The recording of a call is over."""

    def call_refused(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """A party refused to be recorded; without a name where nothing of the call was recorded."""


class Refusing:
    """The numbers that are never recorded, because whoever has them refused.

    `numbers` may be replaced from any thread.
    """

    def __init__(self) -> None:
        self.numbers: frozenset[str] = frozenset()

    def names(self, addresses: Iterable[str]) -> bool:
        """Whether one of these addresses, as written, is among them."""
        numbers = self.numbers
        return bool(numbers) and any(canonical_number(each) in numbers for each in addresses)


@dataclass(frozen=True, slots=True)
class LineOrder:
    """What is to be recorded of a line.

    Attributes:
        source_id: the line.
        address: how its calls reach us, and which they are.
        directions: those that the regulation in force names.
    """

    source_id: str
    address: SiprecLine | MirrorLine
    directions: frozenset[str]


class Line:
    """A line as it stands. Its one gap has as many hindrances as there are, each with whoever found it.

    `hinder`, `free` and `status` may be called from any thread.

    Args:
        order: what is to be recorded.
        sink: takes recordings, gaps and states.
        now: the instant in steady time.
    """

    def __init__(self, order: LineOrder, sink: LineSink, now: Callable[[], datetime]) -> None:
        self.order = order
        address = order.address
        self.callers = AllowedCallers(address.callers if isinstance(address, SiprecLine) else ())
        """Who may hand its calls over."""
        self._sink, self._now = sink, now
        self._lock = threading.Lock()
        self._hindrances: dict[str, Cause] = {}
        self._cause = Cause.NONE
        self._gap_start = self._since = now()

    @property
    def source_id(self) -> str:
        """The line's opaque id."""
        return self.order.source_id

    @property
    def cause(self) -> Cause:
        """Why it takes no calls now."""
        return self._cause

    @property
    def status(self) -> SourceStatus:
        """How it fares: it records while whoever calls would be recorded."""
        state = State.STOPPED if self._cause else State.RECORDING
        return SourceStatus(self.source_id, state, self._cause, self._since)

    def takes_calls(self, despite: Collection[str]) -> bool:
        """Whether nobody but these found that nothing is recorded."""
        with self._lock:
            return all(who in despite for who in self._hindrances)

    def hinder(self, who: str, cause: Cause, start: datetime | None = None) -> None:
        """Somebody found that nothing is recorded, from now on or from an instant on."""
        with self._lock:
            if self._hindrances.get(who) is not cause:
                self._hindrances[who] = cause
                self._settle(start or self._now())

    def free(self, who: str, end: datetime | None = None) -> None:
        """What somebody found is over."""
        with self._lock:
            if self._hindrances.pop(who, None) is not None:
                self._settle(end or self._now())

    def stood_still(self, seconds: float) -> None:
        """The recorder itself did nothing for so long, up to now: it was frozen, or its machine was."""
        now = self._now()
        self.hinder(STANDSTILL, Cause.RECORDER_STOPPED, now - timedelta(seconds=seconds))
        self.free(STANDSTILL, now)

    def sink_of(self, call: str) -> "CallSink":
        """Where one of its calls is recorded into."""
        return CallSink(self, self._sink, call)

    def enter(self, entry: Callable[[], None]) -> None:
        """Enter something after all that was recorded of the line before."""
        self._sink.enter(self.source_id, entry)

    def _settle(self, at: datetime) -> None:
        cause = next(iter(self._hindrances.values()), Cause.NONE)
        if cause is self._cause:
            return
        before, self._cause, self._since = self._cause, cause, self._now()
        if cause:
            self._gap_start = at
            self._sink.gap(self.source_id, at, None, cause)
        else:
            self._sink.gap(self.source_id, self._gap_start, at, before)
        self._sink.status(self.status)


@dataclass(frozen=True, slots=True)
class CallSink:
    """A line's sink as one of its calls sees it: what the store refuses this call hinders the line."""

    line: Line
    sink: LineSink
    call: str

    def open_segment(self, opening: SegmentOpening) -> SegmentWriter:
        """Begin an object.

        Raises:
            StorageError: no room, no writing, or no day key.
        """
        return self.sink.open_segment(opening)

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:  # noqa: ARG002 - the sink's form
        """Nothing of this call was stored from ``start`` to ``end``.

        A call that tries again frees the line for a moment; no other is taken until whoever looks at the store says that it is there.
        """
        if end is None:
            self.line.hinder(ROSTER, cause, start)
            self.line.hinder(self.call, cause, start)
        else:
            self.line.free(self.call, end)

    def status(self, status: SourceStatus) -> None:
        """Calls have no state."""
        self.sink.status(status)

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """The clock stepped."""
        self.sink.clock_stepped(seconds, noticed)
