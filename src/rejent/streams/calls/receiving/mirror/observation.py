"""All calls at one mirror port: select those in scope and record them. Messages of other calls are not kept."""

from collections import Counter
from ipaddress import ip_address

import structlog

from rejent.formats.matroska.manifest import instant
from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.catalog.lines.addresses import MirrorLine
from rejent.streams.calls.catalog.lines.parts import LineCause, Undecided
from rejent.streams.calls.network.sip.header_values import read_address
from rejent.streams.calls.network.sip.message import Request, SipError
from rejent.streams.calls.receiving.mirror.classifier import SipSeen
from rejent.streams.calls.receiving.mirror.conversation import Conversation, named, parties_of
from rejent.streams.calls.receiving.mirror.mirrored_call import MirroredCall
from rejent.streams.calls.receiving.mirror.routes import Routes
from rejent.streams.calls.receiving.siprec.allowed_callers import AllowedCallers
from rejent.streams.calls.recorder.line import AdmittedCall, CallBooks, Line, Refusal, RefusedNumbers
from rejent.streams.calls.recorder.parties import Parties, Side, Way, belongs, in_scope, possible_ways, side

log = structlog.get_logger(__name__)

_Name = tuple[str, bytes]
"""Call-ID and source host: an INVITE with the same Call-ID from elsewhere is another call."""
DROPPED = "room"
TOO_MANY = "crowd"
UNREAD = "unread"
_SOME_MISSED = frozenset({DROPPED, TOO_MANY, UNREAD})
"""Hindrances that keep no other call from being recorded."""
REPORT_UNREAD_EVERY = 60 * SECOND
JOIN_DROPS_WITHIN = 5 * SECOND
REFUSED_FOR = 32 * SECOND
"""Copies and retransmissions of a refused INVITE come within so long (RFC 3261 §17.1.1.2)."""
MAX_REACHED = 16
MAX_CALLS = 2000
"""Calls tracked; beyond, the oldest ringing or silent one is given up."""


class MirroredCalls:
    """The calls of all lines behind one mirror port."""

    def __init__(self, books: CallBooks, refused_numbers: RefusedNumbers) -> None:
        self.routes = Routes()
        self.lines: list[Line] = []
        self._books, self._refused_numbers = books, refused_numbers
        self._calls: dict[_Name, MirroredCall] = {}
        self._namesakes: dict[str, set[_Name]] = {}
        self._ending: list[MirroredCall] = []
        self._refused_calls: dict[str, int] = {}
        self._trunks: dict[str, AllowedCallers] = {}
        self._out_of_scope: Counter[str] = Counter()
        self._reported_at = 0
        self._dropped_until = 0
        """End of the last drop; 0 while the lines have no gap for it."""
        self._unread, self._unread_invites = 0, (0, 0)
        """Messages that could not be read and are not reported yet; when calls may have been missed for these first and last."""
        self._unread_reported = self._given_up = 0
        self._crowded = False

    @property
    def calls(self) -> int:
        """Number of current calls."""
        return len(self._calls)

    def add(self, line: Line) -> None:
        """Record a further line."""
        address = line.order.address
        self._trunks[line.source_id] = AllowedCallers(
            address.trunk if isinstance(address, MirrorLine) else ()
        )
        self.lines.append(line)
        if self._crowded:
            line.hinder(TOO_MANY, LineCause.MIRROR_DROPPED)

    def remove(self, line: Line) -> None:
        """Begin no more calls of a line; current ones continue."""
        self.lines.remove(line)

    def on_sip(self, seen: SipSeen) -> None:
        """Process a message."""
        message, call_id = seen.message, seen.message.call_id
        name = next(
            (each for each in ((call_id, seen.source), (call_id, seen.destination)) if each in self._calls),
            None,
        )
        if name is not None:
            known = self._calls[name]
            known.take(message, seen.at, (seen.source, seen.destination))
            if known.conversation.over is not None:
                self._ending.append(self._forget(name))
            return
        if not isinstance(message, Request) or message.method.upper() != "INVITE" or not _opens(message):
            return
        if not self._goes_on(call_id, seen):
            self._begin(message, seen)

    def _goes_on(self, call_id: str, seen: SipSeen) -> bool:
        for name in self._namesakes.get(call_id, ()):
            reached = self._calls[name].reached
            if seen.source in reached:
                if len(reached) < MAX_REACHED:
                    reached.add(seen.destination)
                return True
        return False

    def _forget(self, name: _Name) -> MirroredCall:
        call, namesakes = self._calls.pop(name), self._namesakes[name[0]]
        namesakes.discard(name)
        if not namesakes:
            del self._namesakes[name[0]]
        return call

    def on_unread(self, at: int, opens: bool) -> None:
        """Count an unreadable message; ``opens`` if it may open a call."""
        self._unread += 1
        if opens:
            self._missed(at)

    def _missed(self, at: int) -> None:
        self._unread_invites = (self._unread_invites[0] or at, at)

    def tick(self, now: int, more: int) -> None:
        """Process what is due; ``more`` packets are added to each party's budget."""
        for name in [name for name, call in self._calls.items() if self._is_over(call, now, more)]:
            if self._forget(name).refused:
                self._remember_refused(name[0], now)
        self._ending = [call for call in self._ending if not self._is_over(call, now, more)]
        if self._out_of_scope and now - self._reported_at >= SECOND:
            for source_id, calls in self._out_of_scope.items():
                log.info("call.out-of-scope", source=source_id, calls=calls)
            self._out_of_scope.clear()
            self._reported_at = now
        self._report_unread(now, now - REPORT_UNREAD_EVERY)
        while (
            self._refused_calls and now - self._refused_calls[next(iter(self._refused_calls))] >= REFUSED_FOR
        ):
            del self._refused_calls[next(iter(self._refused_calls))]
        if self._crowded and (len(self._calls) < MAX_CALLS or self._replaceable(now) is not None):
            for line in self.lines:
                line.free(TOO_MANY, instant(now))
            self._crowded = False
        if self._dropped_until and now - self._dropped_until >= JOIN_DROPS_WITHIN:
            for line in self.lines:
                line.free(DROPPED, instant(self._dropped_until))
            self._dropped_until = 0

    def _report_unread(self, now: int, before: int) -> None:
        if not (self._unread or self._given_up) or self._unread_reported > before:
            return
        first, last = self._unread_invites
        if self._unread:
            log.warning("mirror.unread", messages=self._unread, calls_missed=bool(first))
        if self._given_up:
            log.warning("mirror.given-up", calls=self._given_up, most=MAX_CALLS)
        if first:
            for line in self.lines:
                line.hinder(UNREAD, LineCause.MIRROR_DROPPED, instant(first))
                line.free(UNREAD, instant(max(last, first + SECOND)))
        self._unread = self._given_up = 0
        self._unread_invites, self._unread_reported = (0, 0), now

    def note_drop(self, start: int, end: int) -> None:
        """Record that the kernel dropped frames in this interval."""
        for line in self.lines:
            line.hinder(DROPPED, LineCause.MIRROR_DROPPED, instant(start))
        self._dropped_until = end
        for call in [*self._calls.values(), *self._ending]:
            call.note_drop(start, end)

    def stop(self, now: int) -> None:
        """End every call."""
        self._report_unread(now, now)
        for call in [*self._calls.values(), *self._ending]:
            call.stop(now)
        self._calls.clear()
        self._namesakes.clear()
        self._ending.clear()

    @staticmethod
    def _is_over(call: MirroredCall, now: int, more: int) -> bool:
        try:
            return call.tick(now, more)
        except Exception:
            log.exception("mirror.fault")
            call.forget()
            return True

    def _begin(self, invite: Request, seen: SipSeen) -> None:
        stated = parties_of(invite)
        admitted = self._admitted(stated, seen)
        if admitted is None or not self._has_room(seen.at):
            return
        if invite.call_id in self._refused_calls or self._refused_numbers.names(named(invite)):
            self._refuse(invite.call_id, admitted.line, seen.at)
            return
        conversation = Conversation(invite, seen.at)
        call = MirroredCall(
            admitted,
            conversation,
            seen.destination,
            books=self._books,
            routes=self.routes,
            is_refused=self._refused_numbers.names,
        )
        name = (invite.call_id, seen.source)
        self._calls[name] = call
        self._namesakes.setdefault(invite.call_id, set()).add(name)
        call.take(invite, seen.at, (seen.source, seen.destination))

    def _refuse(self, call_id: str, line: Line, at: int) -> None:
        before = self._remember_refused(call_id, at)
        if before is None or at - before >= REFUSED_FOR:
            line.refuse(self._books, "", Refusal.LIST)

    def _remember_refused(self, call_id: str, at: int) -> int | None:
        """Remember a refused Call-ID, as other legs may not name who refused; return when it was remembered before."""
        before = self._refused_calls.pop(call_id, None)
        self._refused_calls[call_id] = at
        if len(self._refused_calls) > MAX_CALLS:
            del self._refused_calls[next(iter(self._refused_calls))]
        return before

    def _admitted(self, stated: Parties, seen: SipSeen) -> AdmittedCall | None:
        open_lines = [line for line in self.lines if line.takes_calls(_SOME_MISSED)]
        candidates = [(line, ways) for line in open_lines if (ways := self._ways(line, stated, seen))]
        if not candidates:
            return None
        line, ways = max(candidates, key=lambda each: belongs(stated, each[0].order.address.numbers))
        wanted = in_scope(ways, line.order.directions)
        if wanted is None:
            wanted = line.order.address.undecided is Undecided.RECORD
        if not wanted:
            self._out_of_scope[line.source_id] += 1
            return None
        return AdmittedCall(line, stated, ways)

    def _ways(self, line: Line, stated: Parties, seen: SipSeen) -> frozenset[Way]:
        """Return the possible directions; none for the internal leg of a trunk call."""
        address = line.order.address
        if not isinstance(address, MirrorLine) or not address.trunk:
            return possible_ways(stated, address.numbers)
        trunk = self._trunks[line.source_id]
        if _host(seen.source) in trunk:
            return frozenset({Way.INCOMING})
        if _host(seen.destination) in trunk:
            return frozenset({Way.OUTGOING})
        ours = all(side(each, address.numbers) is Side.OURS for each in (stated.caller, stated.called))
        return frozenset({Way.INTERNAL}) if ours else frozenset()

    def _has_room(self, at: int) -> bool:
        """Make room for a call; where none can be given up, the lines get a gap."""
        if len(self._calls) < MAX_CALLS:
            return True
        given_up = self._replaceable(at)
        if given_up is not None:
            call = self._forget(given_up)
            if not call.conversation.answered:
                self._given_up += 1
                self._missed(at)
            call.stop(at)
            return True
        log.error("mirror.too-many-calls", most=MAX_CALLS)
        self._crowded = True
        for line in self.lines:
            line.hinder(TOO_MANY, LineCause.MIRROR_DROPPED, instant(at))
        return False

    def _replaceable(self, now: int) -> _Name | None:
        return next((name for name, call in self._calls.items() if call.may_yield(now)), None)


def _host(address: bytes) -> str:
    return str(ip_address(address))


def _opens(invite: Request) -> bool:
    try:
        return not read_address(invite.headers.get("To") or "").tag
    except SipError:
        return False
