"""One line: its state, the sink of its calls, and their recordings, with a refusal key or without."""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Protocol

from rejent.formats.rtp.account import Role
from rejent.formats.rtp.codecs import Codec
from rejent.formats.rtp.packet import payload_bounds
from rejent.kernel.clock import civil_date
from rejent.recording.contract import (
    BookingPort,
    Cause,
    GeneralCause,
    SegmentOpening,
    SegmentSink,
    SegmentWriter,
    SourceStatus,
    State,
)
from rejent.recording.sink import SealingSink
from rejent.streams.calls.catalog.lines.addresses import MirrorLine, SiprecLine
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.turns import PartyTurn
from rejent.streams.calls.catalog.views import REFUSED, BegunCall, NamedParties
from rejent.streams.calls.receiving.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.recorder.call_recording import CallRecording
from rejent.streams.calls.recorder.parties import Parties, Way, in_scope, likely_way
from rejent.vault.age import Recipient
from rejent.vault.store.object_store import ObjectStore

STORE_CHECK = "roster"
STALL = "standstill"


class Refusal(StrEnum):
    """Way in which a party refused recording."""

    KEY = "key"
    """By DTMF during the call."""
    LIST = "list"
    """Beforehand, by the office's list of numbers."""


class LineSink(SegmentSink, Protocol):
    """A sink that keeps further entries in order with recordings, such as `rejent.recording.sink.SealingSink`."""

    def enter(self, source_id: str, entry: Callable[[], None]) -> None:
        """Run an entry of a source after all of its earlier recordings, in the background."""


class CallBooks(Protocol):
    """Records calls; may wait for the database."""

    def call_begun(self, call: BegunCall) -> None:
        """Record the begin of a call."""

    def call_named(self, named: NamedParties) -> None:
        """Record parties of a call that were learned, or corrected, or took a side after its begin."""

    def call_ended(self, call_id: str, end: datetime, why: str, faults: Sequence[str] = ()) -> None:
        """Record the end of a call's recording, and what was wrong with how it was described."""

    def note_refusal(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """Keep a refusal on disk until it is entered; waits for the disk alone."""

    def call_refused(self, source_id: str, call_id: str, how: Refusal, after_s: float) -> None:
        """Record a refusal; ``call_id`` is empty where nothing was recorded."""


class RefusedNumbers:
    """Numbers whose owners refused recording; `numbers` may be replaced from any thread."""

    def __init__(self) -> None:
        self.numbers: frozenset[str] = frozenset()

    def names(self, addresses: Iterable[str]) -> bool:
        """Return True if one of these addresses, as written, is among them."""
        numbers = self.numbers
        return bool(numbers) and any(canonical_number(each) in numbers for each in addresses)


@dataclass(frozen=True, slots=True)
class LineOrder:
    """Settings for recording a line; ``directions`` are those that the regulation in force names."""

    source_id: str
    address: SiprecLine | MirrorLine
    directions: frozenset[str]


class Line:
    """The state of a line: one gap with any number of hindrances; `hinder`, `free` and `status` are thread-safe."""

    def __init__(self, order: LineOrder, sink: LineSink, now: Callable[[], datetime]) -> None:
        self.order = order
        address = order.address
        self.callers = AllowedCallers(address.callers if isinstance(address, SiprecLine) else ())
        self._sink, self._now = sink, now
        self._lock = threading.Lock()
        self._hindrances: dict[str, Cause] = {}
        self._cause: Cause = GeneralCause.NONE
        self._reported = False
        self._gap_start = self._since = now()

    @property
    def source_id(self) -> str:
        """The line's opaque id."""
        return self.order.source_id

    @property
    def cause(self) -> Cause:
        """Cause of taking no calls now."""
        return self._cause

    @property
    def status(self) -> SourceStatus:
        """Its state: recording while calls would be recorded."""
        state = State.STOPPED if self._cause else State.RECORDING
        return SourceStatus(self.source_id, state, self._cause, self._since)

    def takes_calls(self, despite: Collection[str]) -> bool:
        """Return True if there are no hindrances but these."""
        with self._lock:
            return all(who in despite for who in self._hindrances)

    def hinder(self, who: str, cause: Cause, start: datetime | None = None) -> None:
        """Add a hindrance, from now or from an instant on."""
        with self._lock:
            if self._hindrances.get(who) is not cause:
                self._hindrances[who] = cause
                self._settle(start or self._now())

    def free(self, who: str, end: datetime | None = None) -> None:
        """Remove a hindrance; a line that never had one says so once."""
        with self._lock:
            if self._hindrances.pop(who, None) is not None:
                self._settle(end or self._now())
            elif not self._reported and not self._hindrances:
                self._report()

    def note_stall(self, seconds: float) -> None:
        """Record a gap of so many seconds up to now: the recorder or its machine was stalled."""
        now = self._now()
        self.hinder(STALL, GeneralCause.RECORDER_STOPPED, now - timedelta(seconds=seconds))
        self.free(STALL, now)

    def sink_of(self, call: str) -> "CallSink":
        """Return the sink of one of its calls."""
        return CallSink(self, self._sink, call)

    def enter(self, entry: Callable[[], None]) -> None:
        """Run an entry after all earlier recordings of the line."""
        self._sink.enter(self.source_id, entry)

    def refuse(
        self,
        books: CallBooks,
        call: str,
        how: Refusal,
        after_s: float = 0.0,
        discard: Callable[[], object] = lambda: None,
    ) -> None:
        """Note a refusal, discard what was recorded, then enter the refusal; ``call`` is empty where no call was entered.

        Of a program that is killed meanwhile the note is left, and the next one enters it.
        """
        if call:
            books.note_refusal(self.source_id, call, how, after_s)
        discard()
        self.enter(partial(books.call_refused, self.source_id, call, how, after_s))

    def _settle(self, at: datetime) -> None:
        cause = next(iter(self._hindrances.values()), GeneralCause.NONE)
        if cause is self._cause:
            return
        before, self._cause, self._since = self._cause, cause, self._now()
        if cause:
            self._gap_start = at
            self._sink.gap(self.source_id, at, None, cause)
        else:
            self._sink.gap(self.source_id, self._gap_start, at, before)
        self._report()

    def _report(self) -> None:
        self._reported = True
        self._sink.status(self.status)


@dataclass(frozen=True, slots=True)
class CallSink:
    """A line's sink for one call; failures of the store hinder the line."""

    line: Line
    sink: LineSink
    call: str

    def open_segment(self, opening: SegmentOpening) -> SegmentWriter:
        """Begin an object; StorageError: no space, no write access, or no day key."""
        return self.sink.open_segment(opening)

    def gap(self, source_id: str, start: datetime, end: datetime | None, cause: Cause) -> None:  # noqa: ARG002 - the sink's form
        """Record that nothing of this call was stored from ``start`` to ``end``.

        A retry of one call frees the line briefly; other calls wait until the store is checked.
        """
        if end is None:
            self.line.hinder(STORE_CHECK, cause, start)
            self.line.hinder(self.call, cause, start)
        else:
            self.line.free(self.call, end)

    def status(self, status: SourceStatus) -> None:
        """Pass on a state."""
        self.sink.status(status)

    def clock_stepped(self, seconds: float, noticed: datetime) -> None:
        """Pass on a step of the clock."""
        self.sink.clock_stepped(seconds, noticed)


class StopReason(StrEnum):
    """Reasons for ending a session ourselves, beside `rejent.streams.calls.receiving.siprec.events.EndReason`."""

    RECORDER = "recorder-stopped"
    OUT_OF_SCOPE = "out-of-scope"
    REFUSED = REFUSED


@dataclass(frozen=True, slots=True)
class AdmittedCall:
    """An admitted call and what is known of it."""

    line: Line
    parties: Parties
    ways: frozenset[Way]

    @property
    def way(self) -> Way:
        """Its direction, as shown to whoever looks for it."""
        return likely_way(self.parties, self.line.order.address.numbers, self.ways)

    @property
    def wanted(self) -> bool | None:
        """True if it is to be recorded, False if not, None if that depends on its direction."""
        return in_scope(self.ways, self.line.order.directions)

    def make_begun(
        self, call: str, start: datetime, profile: str, turns: tuple[PartyTurn, ...] = ()
    ) -> BegunCall:
        """Return the call as it is entered."""
        return BegunCall(
            id=call,
            source_id=self.line.source_id,
            day=civil_date(start),
            start=start,
            direction=self.way.value,
            caller=self.parties.caller,
            called=self.parties.called,
            profile=profile,
            turns=turns,
        )

    def record(
        self,
        call: str,
        legs: Sequence[Mapping[int, Codec]],
        start: int,
        on_key: Callable[[int, int], None],
        is_authentic: Callable[[int], bool],
    ) -> "LineCall":
        """Begin its recording, which watches for the line's refusal key, if it has one."""
        line, key = self.line, self.line.order.address.refusal
        if not key:
            return LineCall(line.source_id, line.sink_of(call), call, legs, start=start)
        recording = RefusableCall(line.source_id, line.sink_of(call), call, legs, start=start)
        recording.key, recording.on_key, recording.is_authentic = int(key), on_key, is_authentic  # type: ignore[outside-number]  # one digit, as the line was taken
        return recording


class LineCall(CallRecording):
    """A recording that reports when its last object is handed over."""

    on_finished: Callable[[], None] | None = None
    on_key: Callable[[int, int], None] | None = None
    """Called with leg and instant when the refusal digit is pressed."""

    def finish(self, now: int) -> None:
        """Finish the recording, then call `on_finished`."""
        try:
            super().finish(now)
        finally:
            if self.on_finished is not None:
                self.on_finished()


class RefusableCall(LineCall):
    """A recording that watches for a DTMF digit (RFC 4733 §2.3) from a party that has spoken."""

    key = 0
    """Event code, which for digits is the digit."""
    is_authentic: Callable[[int], bool] | None = None
    """Returns True if a leg's sender is the party itself; None where checked elsewhere."""

    def take(self, leg: int, datagram: bytes, arrival: int) -> Role:
        """Take a datagram of a leg."""
        role = super().take(leg, datagram, arrival)
        if role is Role.EVENT and self.on_key is not None and self._refuses(leg, datagram):
            on_key, self.on_key = self.on_key, None
            on_key(leg, arrival)
        return role

    def _refuses(self, leg: int, event: bytes) -> bool:
        begin, end = payload_bounds(event, 0, len(event)) or (0, 0)
        if end - begin < 4 or event[begin] != self.key or not self.leg(leg).persists:
            return False
        return self.is_authentic is None or self.is_authentic(leg)


TAIL_AFTER_S = 0.25
"""Seconds of a call in an unfinished chunk before its companion is written: less than a fragment."""
MAX_JOBS = 20_000
"""Queued fragments per line: ten seconds of a thousand calls."""


def calls_sink(
    store: ObjectStore, recipient_for: Callable[[str, date], Recipient | None], books: BookingPort
) -> SealingSink:
    """Return a sink for calls; arguments as for `SealingSink`."""
    return SealingSink(store, recipient_for, books, tail_after_s=TAIL_AFTER_S, most_jobs=MAX_JOBS)
