"""The recorder of e-mail: listens for journals, decides what is kept, and answers once it is durable."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import uvloop

from rejent.formats.records import LASTS, Record, instant
from rejent.kernel.clock import Clock, civil_date
from rejent.kernel.tls import reason_of
from rejent.recording.contract import Cause, GeneralCause, RecordSink, SourceStatus, State
from rejent.recording.errors import StorageError
from rejent.recording.records import RecordForm, Records
from rejent.recording.steady_time import SteadyTime
from rejent.streams.mail.messages.classes import facts_of
from rejent.streams.mail.messages.content import Content
from rejent.streams.mail.messages.framing import MEDIA_TYPE, LongFrame, MessageFacts, MessageFrame
from rejent.streams.mail.messages.parts import kinds_of
from rejent.streams.mail.messages.sealing import (
    EnvelopedMessage,
    KeyRole,
    MessageSealer,
    RoleRecipients,
)
from rejent.streams.mail.receiving.causes import MailCause
from rejent.streams.mail.receiving.decisions import Decided, Disposition, decide
from rejent.streams.mail.receiving.exempted import ExemptedMessages
from rejent.streams.mail.receiving.listener import MILTER_LIMITS, Held, Limits, Listener, MilterListener
from rejent.streams.mail.receiving.orders import JournalOrder
from rejent.streams.mail.receiving.received import Outcome, ReceivedMessage
from rejent.streams.mail.receiving.smtp import Terms
from rejent.streams.mail.receiving.spool import LONG
from rejent.streams.mail.threats.checking import Checking, Scanner
from rejent.streams.mail.threats.rechecking import AGAIN_S, Rechecking
from rejent.streams.mail.threats.verdicts import NOBODY_ASKED, Verdict

log = structlog.get_logger(__name__)

MOST_BYTES = 100 << 20
"""Of one message; mail servers of offices take at most half of it."""

FORM = RecordForm(
    MEDIA_TYPE, apart=True, lasts_s=0, spans=timedelta(seconds=30), most=64, most_bytes=16 << 20
)
"""Mail servers wait; a store that stood still leaves older messages waiting, which become an object of their own."""
_MOMENT = timedelta(seconds=1)
"""The gap of a message that was delivered and not kept."""

Counting = Callable[[str, date, Counter[str]], None]


@dataclass(slots=True)
class _Journal:
    order: JournalOrder
    records: Records
    newest: datetime | None = None
    """The instant of the newest message: its instant names a message."""
    listener: Listener | MilterListener | None = None
    lost_until: datetime | None = None
    """The end of the newest gap of a message that was delivered and not kept."""
    cause: Cause = GeneralCause.STARTING
    since: datetime | None = None
    gap: bool = False
    hindrance: Cause = GeneralCause.NONE


@dataclass(slots=True)
class MailRecorder:
    """Receives the messages of any number of journals; see `rejent.recording.contract.Recorder`.

    ``count`` is given what was acknowledged, by source and civil date; it may wait for the database.
    """

    sink: RecordSink
    clock: Clock
    steady: SteadyTime
    count: Counting
    recipients: RoleRecipients = field(default_factory=dict)
    checking: Checking | None = None
    recheck_s: float = AGAIN_S
    most_bytes: int = MOST_BYTES
    spool: Path | None = None
    """Folder in which long messages lie, sealed, while they are received; in memory where there is none."""
    limits: Limits = field(default_factory=Limits)
    _journals: dict[str, _Journal] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop | None = None
    _waiting: list[Callable[[], object]] = field(default_factory=list)
    _stop: asyncio.Event | None = None
    _stopping: bool = False
    _held: Held = field(default_factory=Held)
    _exempted: ExemptedMessages = field(default_factory=ExemptedMessages)
    _sealer: MessageSealer | None = None
    _rechecking: Rechecking | None = None

    def add(self, order: JournalOrder, silent_since: datetime | None, why: Cause) -> None:
        """Receive a journal, or receive it otherwise; callable from any thread.

        ``silent_since`` is since when nothing was received, where that is known, ``why`` its cause.
        """
        self._call(lambda: self._spawn(self._add(order, silent_since, why)))

    def remove(self, source_id: str) -> None:
        """End one journal; callable from any thread."""
        self._call(lambda: self._spawn(self._remove(source_id)))

    def hinder(self, source_id: str, cause: Cause) -> None:
        """Refuse messages of a journal with 4xx while there is a cause; callable from any thread."""
        self._call(partial(self._hinder, source_id, cause))

    def check_by(self, scanners: Sequence[Scanner]) -> None:
        """Hold messages against these before they are sealed; callable from any thread."""
        self._call(lambda: self.checking.set(scanners) if self.checking is not None else None)

    def statuses(self) -> list[SourceStatus]:
        """Return the status of every journal; callable from any thread."""
        return [
            SourceStatus(
                each.order.source_id,
                State.STOPPED if each.cause else State.RECORDING,
                each.cause,
                each.since or self.steady.now(),
            )
            for each in list(self._journals.values())
        ]

    def confirm_clock(self) -> None:
        """Do nothing: steady time follows the confirmed clock by itself."""

    def run(self) -> None:
        """Receive until `stop`."""
        uvloop.run(self._serve())

    def stop(self) -> None:
        """End every connection and return from `run`; callable from any thread."""
        self._stopping = True
        self._call(self._end)

    def listening_at(self, source_id: str) -> int:
        """Return the port that a journal listens at, or 0."""
        journal = self._journals.get(source_id)
        return journal.listener.port if journal and journal.listener else 0

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        if self.checking is not None:
            self._rechecking = Rechecking(self.checking, self.recheck_s)
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()
        if self._stopping:
            self._stop.set()
        await self._stop.wait()
        for journal in list(self._journals.values()):
            if journal.listener is not None:
                await journal.listener.close()
            journal.records.close()
        if self._rechecking is not None:
            self._rechecking.close()
        if self.checking is not None:
            self.checking.close()

    def _end(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _call(self, work: Callable[[], object]) -> None:
        if self._loop is None:
            self._waiting.append(work)
        else:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(work)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_log_failure)

    async def _add(self, order: JournalOrder, silent_since: datetime | None, why: Cause) -> None:
        await self._remove(order.source_id)
        records = Records(order.source_id, self.sink, FORM, self.steady.now, call=self._call)
        journal = self._journals[order.source_id] = _Journal(order, records)
        if silent_since is not None:
            self.sink.gap(order.source_id, silent_since, None, why)
            journal.gap, journal.cause, journal.since = True, why, silent_since
        if order.lacks:
            journal.hindrance = order.lacks
            self._book_state(journal)
            return
        try:
            listener = self._listener(journal)
        except OSError as error:
            log.error("mail.no-certificate", source=order.source_id, why=reason_of(error))  # noqa: TRY400 - one line is enough
            journal.hindrance = MailCause.NO_CERTIFICATE
            self._book_state(journal)
            return
        try:
            await listener.open(order.host, order.port)
        except OSError as error:
            log.error("mail.cannot-listen", source=order.source_id, why=error.strerror)  # noqa: TRY400 - one line is enough
            journal.hindrance = MailCause.CANNOT_LISTEN
        else:
            journal.listener = listener
        self._book_state(journal)

    def _listener(self, journal: _Journal) -> Listener | MilterListener:
        order = journal.order
        if order.milter:
            return MilterListener(
                partial(self._receive_passing, journal),
                partial(self._count_passing, journal),
                self._held,
                MILTER_LIMITS,
                self.most_bytes,
                spool=self.spool,
            )
        tls = bool(order.admission.certificate)
        terms = Terms(
            socket.gethostname(), order.lmtp, order.recipients, self.most_bytes, tls, spool=self.spool
        )
        return Listener(
            terms,
            partial(self._receive, journal),
            lambda: self._count(order, Counter(refused=1)),
            self._held,
            self.limits,
            admission=order.admission,
        )

    async def _remove(self, source_id: str) -> None:
        journal = self._journals.pop(source_id, None)
        if journal is None:
            return
        if journal.listener is not None:
            await journal.listener.close()
        journal.records.close()

    def _hinder(self, source_id: str, cause: Cause) -> None:
        journal = self._journals.get(source_id)
        if journal is not None and journal.listener is not None:
            journal.hindrance = cause
            self._book_state(journal)

    def _book_state(self, journal: _Journal) -> None:
        """Book the end of what hindered a journal, and the beginning of what does now."""
        if journal.hindrance is journal.cause and journal.since is not None:
            return
        now, source_id = self.steady.now(), journal.order.source_id
        if journal.gap:
            self.sink.gap(source_id, journal.since or now, now, journal.cause)
        journal.cause, journal.since = journal.hindrance, now
        journal.gap = bool(journal.cause)
        if journal.gap:
            self.sink.gap(source_id, now, None, journal.cause)
        state = State.STOPPED if journal.cause else State.RECORDING
        self.sink.status(SourceStatus(source_id, state, journal.cause, now))

    async def _receive(self, journal: _Journal, message: ReceivedMessage) -> Outcome:
        """Store a message; one at which the program fails is not kept, and is counted and answered so."""
        try:
            return await self._stored(journal, message)
        except Exception:
            log.exception("mail.fault")
            self._count(journal.order, Counter(refused=1))
            return Outcome.NOT_KEPT

    async def _stored(self, journal: _Journal, message: ReceivedMessage) -> Outcome:
        """Decide of a message, or of the one that a journal report holds, and store it; private and exempt ones leave a count alone."""
        rules = journal.order.rules
        decided = decide(EnvelopedMessage(message.sender, message.recipients, message.content), rules)
        disposition = self._agree(journal.order, decided, whole=message.whole)
        if not message.whole:
            return Outcome.TAKEN  # it was counted when it was dropped
        if disposition is not Disposition.KEPT:
            self._count(journal.order, Counter(["acknowledged", disposition.value]))
            return Outcome.TAKEN
        if journal.hindrance or any(not self.recipients.get(role) for role in KeyRole):
            self._count(journal.order, Counter(refused=1))
            return Outcome.NOT_KEPT
        opened = decided.message
        verdict = NOBODY_ASKED if self.checking is None else await self.checking.verdict(opened.content)
        facts = facts_of(
            opened.content,
            decided.head,
            opened.sender,
            self._instant(journal),
            rules,
            attachments=kinds_of(opened.content),
            doubts=decided.doubts,
        )
        facts = replace(facts, examined=verdict.asked, threats=verdict.found, unchecked=verdict.unchecked)
        kept = await self._keep(journal, self._seal_message(facts, opened).record())
        self._count(journal.order, _kept(verdict) if kept else Counter(refused=1), facts.at)
        if kept and verdict.failed and self._rechecking is not None:
            self._rechecking.add(opened.content, partial(self._count_rechecked, journal.order, facts.at))
        return Outcome.TAKEN if kept else Outcome.NOT_KEPT

    def _instant(self, journal: _Journal) -> datetime:
        """Return the instant of a message, which is no other's of its journal."""
        now = self.steady.now()
        if journal.newest is not None:
            now = max(now, instant(journal.newest, LASTS))
        journal.newest = now
        return now

    async def _keep(self, journal: _Journal, message: Record) -> bool:
        """Store a message; return True once it is durable, False where it is not kept."""
        outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def settle(cause: Cause) -> None:
            if not outcome.done():
                outcome.set_result(not cause)

        try:
            journal.records.take([message], settle)
        except StorageError:
            return False
        return await outcome

    def _agree(self, order: JournalOrder, decided: Decided, *, whole: bool) -> Disposition:
        """Return what becomes of a message, by its own envelope and by that of a milter that saw it before."""
        known, now = (decided.message.content, decided.head), self.steady.now()
        if order.milter and decided.disposition is Disposition.EXEMPT:
            self._exempted.add(*known, now, whole=whole)
        elif not order.milter and self._exempted.has(*known, now):
            return Disposition.EXEMPT
        return decided.disposition

    def _count_rechecked(self, order: JournalOrder, at: datetime, verdict: Verdict) -> None:
        """Count a message at which checking failed before, on the day on which it was received."""
        self._count(order, Counter(rechecked=1) + Counter(verdict.found), at)

    async def _receive_passing(self, journal: _Journal, message: ReceivedMessage) -> None:
        """Decide of a message that is delivered whatever becomes of it, and store it."""
        if await self._receive(journal, message) is not Outcome.TAKEN:
            self._lose(journal)

    def _count_passing(self, journal: _Journal) -> None:
        self._count(journal.order, Counter(refused=1))
        self._lose(journal)

    def _lose(self, journal: _Journal) -> None:
        """Book that a message was delivered and not kept, at this second, where no gap says so."""
        now = self.steady.now()
        if journal.gap or (journal.lost_until is not None and now < journal.lost_until):
            return
        journal.lost_until = now + _MOMENT
        log.error("mail.passed-by", source=journal.order.source_id)
        self.sink.gap(journal.order.source_id, now, None, MailCause.PASSED_BY)
        self.sink.gap(journal.order.source_id, now, journal.lost_until, MailCause.PASSED_BY)

    def _seal_message(
        self, facts: MessageFacts, message: EnvelopedMessage[Content]
    ) -> MessageFrame | LongFrame:
        """Seal a message; a long one while it is written."""
        if self._sealer is None or self._sealer.recipients != self.recipients:
            self._sealer = MessageSealer(self.recipients)
        if len(message.content) >= LONG:
            return LongFrame(facts, *self._sealer.seal_long(message))
        return MessageFrame(facts, self._sealer.seal(message))

    def _count(self, order: JournalOrder, counted: Counter[str], at: datetime | None = None) -> None:
        self.count(order.source_id, civil_date(at or self.steady.now()), counted)


def _kept(verdict: Verdict) -> Counter[str]:
    """Return what is counted of a message that is kept."""
    whole = verdict.asked and not verdict.unchecked
    unchecked, failed = int(bool(verdict.unchecked)), int(verdict.failed)
    kept = Counter(acknowledged=1, checked=int(whole), unchecked=unchecked, failed=failed)
    return kept + Counter(verdict.found)


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("mail.fault", exc_info=task.exception())
