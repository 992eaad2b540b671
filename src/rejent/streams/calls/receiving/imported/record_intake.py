"""Take in call records: each row once, and of calls left out only the fact."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256

import structlog
from django.db import DatabaseError, DataError

from rejent.kernel.clock import Clock, civil_date
from rejent.streams.calls.catalog.lines.addresses import LineAddress
from rejent.streams.calls.catalog.lines.parts import RecordPlace
from rejent.streams.calls.catalog.phone_numbers import canonical_number
from rejent.streams.calls.catalog.queries import pbx as pbx_queries
from rejent.streams.calls.catalog.services import pbx as pbx_services
from rejent.streams.calls.catalog.views import NotedRecord
from rejent.streams.calls.receiving.imported.folder_import import Rules
from rejent.streams.calls.receiving.imported.matching import KnownCall
from rejent.streams.calls.receiving.imported.records import NoRecordsError, RecordReader
from rejent.streams.calls.receiving.imported.stated_call import StatedCall
from rejent.streams.calls.recorder.parties import ALL_WAYS, Parties, Way, belongs, possible_ways

log = structlog.get_logger(__name__)

_AT_ONCE = 500
_MOST_LEFT_OUT = 1_000_000


@dataclass(frozen=True, slots=True)
class RecordLine:
    """A line with call records."""

    source_id: str
    address: LineAddress


@dataclass(slots=True)
class RecordIntake:
    """Reads the call records of one place for all lines that name it.

    ``left_out`` are lines with file name or id of calls left out, ``refused_calls`` of those whose party refused, with
    what joins their legs: another leg's recording may contain that party. Both are rebuilt at each start.
    """

    place: RecordPlace
    lines: Sequence[RecordLine]
    clock: Clock
    left_out: set[tuple[str, str]]
    readable: bool = True
    refused_calls: set[tuple[str, str]] = field(default_factory=set)
    _reader: RecordReader = field(init=False)
    _unread: int = 0
    _oldest: deque[tuple[str, str]] = field(default_factory=deque)
    """Calls left out, oldest first; beyond the limit the oldest are forgotten, as their files are settled."""
    _counted: Counter[tuple[str, date]] = field(default_factory=Counter)
    _numbered: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._reader = RecordReader(self.place)

    @property
    def source_ids(self) -> frozenset[str]:
        """The lines it may have calls of."""
        return frozenset(line.source_id for line in self.lines)

    @property
    def behind(self) -> bool:
        """True if rows remain for the next look, so that no file may be settled for lack of a record."""
        return self.readable and self._reader.behind

    def look(self, rules: Rules) -> int:
        """Take in new rows and return their number. DatabaseError: all is read again at the next look, as each row is kept once."""
        try:
            return self._look(rules)
        except DatabaseError:
            self._reader, self._unread = RecordReader(self.place), 0
            self._counted.clear()
            self._numbered.clear()
            raise

    def _look(self, rules: Rules) -> int:
        waiting: dict[str, list[NotedRecord]] = {line.source_id: [] for line in self.lines}
        count = 0
        try:
            for call in self._reader.new(self.clock.now()):
                line = self._line(call)
                noted = _noted(call, line, rules, self.clock.now())
                if noted.state == "left-out":
                    self._leave_out(line.source_id, call, rules)
                if not rules.ended(noted.day):
                    waiting[line.source_id].append(noted)
                count += 1
                if len(waiting[line.source_id]) >= _AT_ONCE:
                    self._book(line.source_id, self._nameless(line.source_id, waiting[line.source_id]))
                    waiting[line.source_id] = []
            self.readable = True
        except NoRecordsError as error:
            if self.readable:
                log.error("import.no-records", code=error.code)  # noqa: TRY400 - one line is enough
            self.readable = False
        if more := self._reader.unread - self._unread:
            log.warning("import.records-unread", lines=more, sources=sorted(self.source_ids))
            self._unread = self._reader.unread
        for source_id, left in waiting.items():
            if left:
                self._book(source_id, self._nameless(source_id, left))
        return count

    def _nameless(self, source_id: str, noted: Sequence[NotedRecord]) -> list[NotedRecord]:
        """Return the calls with a number per date in place of the marks of those left out, which could be guessed."""
        marks = [each.mark for each in noted if each.state == "left-out"]
        kept, ready = pbx_queries.kept_marks(source_id, marks), []
        for each in noted:
            if each.state != "left-out":
                ready.append(each)
            elif each.mark not in kept and (source_id, each.mark) not in self._numbered:
                self._counted[source_id, each.day] += 1
                number = f"left-out {each.day} {self._counted[source_id, each.day]}"
                if len(self._numbered) < _MOST_LEFT_OUT:
                    self._numbered.add((source_id, each.mark))
                ready.append(replace(each, mark=number))
        return ready

    def _book(self, source_id: str, noted: Sequence[NotedRecord]) -> None:
        try:
            pbx_services.note_records(source_id, noted, clock=self.clock)
        except DataError:
            if len(noted) == 1:
                log.error("import.record-refused", source=source_id)  # noqa: TRY400 - the error repeats the row
                return
            for each in noted:
                self._book(source_id, [each])

    def _leave_out(self, source_id: str, call: StatedCall, rules: Rules) -> None:
        left_out = {(source_id, word) for word in (call.file, call.record_id) if word}
        refused_calls = set[tuple[str, str]]()
        if rules.names_refused(call.caller, call.called):
            words = [word for word in (call.file, call.record_id, call.linked_id) if word]
            refused_calls = {(line.source_id, word) for line in self.lines for word in words}
        self._oldest.extend(
            (left_out | refused_calls) - (left_out & self.left_out) - (refused_calls & self.refused_calls)
        )
        self.left_out |= left_out
        self.refused_calls |= refused_calls
        while len(self._oldest) > _MOST_LEFT_OUT:
            forgotten = self._oldest.popleft()
            self.left_out.discard(forgotten)
            self.refused_calls.discard(forgotten)

    def _line(self, call: StatedCall) -> RecordLine:
        stated = Parties(call.caller, call.called)
        return max(self.lines, key=lambda line: belongs(stated, line.address.numbers))


def _noted(call: StatedCall, line: RecordLine, rules: Rules, now: datetime) -> NotedRecord:
    begins = call.begins
    day = civil_date(begins or now)
    return NotedRecord(
        mark=_mark(call),
        day=day,
        state=_state(call, line, rules, now),
        record_id=call.record_id,
        linked_id=call.linked_id,
        start=begins,
        seconds=call.seconds,
        stated=call.start.text,
        assumed=call.start.assumed[:40],
        direction=call.direction,
        caller=canonical_number(call.caller)[:40],
        called=canonical_number(call.called)[:40],
        outcome=call.outcome,
        file=call.file,
        raw=call.raw,
    )


def _state(call: StatedCall, line: RecordLine, rules: Rules, now: datetime) -> str:
    ways = (
        frozenset({Way(call.direction)})
        if call.direction
        else possible_ways(Parties(call.caller, call.called), line.address.numbers)
    )
    known = KnownCall(call.caller, call.called, ways or ALL_WAYS, now, "record")
    if rules.leaves_out(known, line.address.undecided) or rules.ended(civil_date(call.begins or now)):
        return "left-out"
    return "expected" if call.spoken else "unanswered"


def _mark(call: StatedCall) -> str:
    stated = (call.record_id, call.linked_id, call.start.text, call.file, call.raw)
    return sha256("\n".join(stated).encode("utf-8", "surrogatepass")).hexdigest()
