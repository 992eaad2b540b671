"""Every call that is seen at one mirror port: which of them are the office's business, and what becomes of them.

What is not in scope is never remembered: a message is looked at, and forgotten.
"""

from collections import Counter
from functools import partial
from ipaddress import ip_address

import structlog

from rejent.formats.matroska.manifest import instant
from rejent.formats.rtp.account import SECOND
from rejent.recording.contract import Cause
from rejent.streams.calls.catalog.lines import MirrorLine, Undecided
from rejent.streams.calls.mirror.call import MirroredCall
from rejent.streams.calls.mirror.conversation import Conversation, named, parties_of
from rejent.streams.calls.mirror.dissection import Sighting
from rejent.streams.calls.mirror.routes import Routes
from rejent.streams.calls.recorder.call import Admitted
from rejent.streams.calls.recorder.line import CallBooks, Line, Refusal, Refusing
from rejent.streams.calls.scope import Parties, Side, Way, belongs, in_scope, possible_ways, side
from rejent.streams.calls.sip.errors import SipError
from rejent.streams.calls.sip.header_values import read_address
from rejent.streams.calls.sip.message import Request
from rejent.streams.calls.siprec.allowed_callers import AllowedCallers

log = structlog.get_logger(__name__)

_Name = tuple[str, bytes]
"""A call's Call-ID and the host it came from: whoever sends one more INVITE under a name from elsewhere has another call."""
ROOM = "room"
"""Who finds that the kernel had no room for frames."""
CROWD = "crowd"
"""Who finds that no more calls can be remembered."""
UNREAD = "unread"
"""Who finds that a message could not be read which may open a call, or that a call had to be given up that rang."""
_SOME_MISSED = frozenset({ROOM, CROWD, UNREAD})
"""Who finds that calls may have been missed, and keeps no other from being recorded."""
TELL_UNREAD = 60 * SECOND
"""Between two words about messages that could not be read."""
AGAIN_WITHIN = 5 * SECOND
"""Drops within so long are one gap."""
REFUSED_FOR = 32 * SECOND
"""Copies of an INVITE that was refused come, and are sent again, within so long (RFC 3261 § 17.1.1.2)."""
MOST_REACHED = 16
"""Hosts behind one another to which one call goes."""
MOST_CALLS = 2000
"""Calls that are remembered; of more the oldest that ring or are silent from the beginning are given up."""


class Observation:
    """The calls of all lines behind one mirror port.

    Args:
        books: where calls are entered.
        refusing: who is never recorded.
    """

    def __init__(self, books: CallBooks, refusing: Refusing) -> None:
        self.routes = Routes()
        self.lines: list[Line] = []
        self._books, self._refusing = books, refusing
        self._calls: dict[_Name, MirroredCall] = {}
        self._namesakes: dict[str, set[_Name]] = {}
        """Calls by their Call-ID alone."""
        self._ending: list[MirroredCall] = []
        self._refused: dict[str, int] = {}
        """When a call that names a listed number was seen last, in this order; for `REFUSED_FOR`."""
        self._trunks: dict[str, AllowedCallers] = {}
        self._out_of_scope: Counter[str] = Counter()
        self._told = 0
        self._dropped_until = 0
        """When frames were dropped last; 0 while the lines have no gap for it."""
        self._unread, self._unread_invites = 0, (0, 0)
        """Messages that could not be read and are not told yet; when calls may have been missed for these first and last."""
        self._unread_told = self._given_up = 0
        self._crowded = False
        """Whether the lines have a gap because no more calls can be remembered."""

    @property
    def calls(self) -> int:
        """Calls under way."""
        return len(self._calls)

    def add(self, line: Line) -> None:
        """Record a line's calls, too."""
        address = line.order.address
        self._trunks[line.source_id] = AllowedCallers(
            address.trunk if isinstance(address, MirrorLine) else ()
        )
        self.lines.append(line)
        if self._crowded:
            line.hinder(CROWD, Cause.MIRROR_DROPPED)

    def remove(self, line: Line) -> None:
        """Begin no more calls of a line; those under way are recorded to their end."""
        self.lines.remove(line)

    def on_sip(self, seen: Sighting) -> None:
        """A message was seen."""
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

    def _goes_on(self, call_id: str, seen: Sighting) -> bool:
        """Whether it is another stretch of a known call, behind a host to which that one went."""
        for name in self._namesakes.get(call_id, ()):
            reached = self._calls[name].reached
            if seen.source in reached:
                if len(reached) < MOST_REACHED:
                    reached.add(seen.destination)
                return True
        return False

    def _forget(self, name: _Name) -> MirroredCall:
        """Follow a call no longer."""
        call, namesakes = self._calls.pop(name), self._namesakes[name[0]]
        namesakes.discard(name)
        if not namesakes:
            del self._namesakes[name[0]]
        return call

    def on_unread(self, at: int, opens: bool) -> None:
        """A message could not be read; ``opens`` says that it may belong to the opening of a call."""
        self._unread += 1
        if opens:
            self._missed(at)

    def _missed(self, at: int) -> None:
        """A call may not be recorded for what was seen, or left alone, now."""
        self._unread_invites = (self._unread_invites[0] or at, at)

    def tick(self, now: int, more: int) -> None:
        """Time has passed; ``more`` packets may come of each party."""
        for name in [name for name, call in self._calls.items() if self._is_over(call, now, more)]:
            if self._forget(name).refused:
                self._remember_refused(name[0], now)
        self._ending = [call for call in self._ending if not self._is_over(call, now, more)]
        if self._out_of_scope and now - self._told >= SECOND:
            for source_id, calls in self._out_of_scope.items():
                log.info("call.out-of-scope", source=source_id, calls=calls)
            self._out_of_scope.clear()
            self._told = now
        self._tell_unread(now, now - TELL_UNREAD)
        while self._refused and now - self._refused[next(iter(self._refused))] >= REFUSED_FOR:
            del self._refused[next(iter(self._refused))]
        if self._crowded and (len(self._calls) < MOST_CALLS or self._giving_way(now) is not None):
            for line in self.lines:
                line.free(CROWD, instant(now))
            self._crowded = False
        if self._dropped_until and now - self._dropped_until >= AGAIN_WITHIN:
            for line in self.lines:
                line.free(ROOM, instant(self._dropped_until))
            self._dropped_until = 0

    def _tell_unread(self, now: int, before: int) -> None:
        """Say that calls may have been missed, if that was told last before then; it keeps no other from being recorded."""
        if not (self._unread or self._given_up) or self._unread_told > before:
            return
        first, last = self._unread_invites
        if self._unread:
            log.warning("mirror.unread", messages=self._unread, calls_missed=bool(first))
        if self._given_up:
            log.warning("mirror.given-up", calls=self._given_up, most=MOST_CALLS)
        if first:
            for line in self.lines:
                line.hinder(UNREAD, Cause.MIRROR_DROPPED, instant(first))
                line.free(UNREAD, instant(max(last, first + SECOND)))
        self._unread = self._given_up = 0
        self._unread_invites, self._unread_told = (0, 0), now

    def uncaptured(self, start: int, end: int) -> None:
        """In this time the kernel had no room for some frames: calls may have been missed, and what is missing of those under way is ours."""
        for line in self.lines:
            line.hinder(ROOM, Cause.MIRROR_DROPPED, instant(start))
        self._dropped_until = end
        for call in [*self._calls.values(), *self._ending]:
            call.uncaptured(start, end)

    def stop(self, now: int) -> None:
        """End every call."""
        self._tell_unread(now, now)
        for call in [*self._calls.values(), *self._ending]:
            call.stop(now)
        self._calls.clear()
        self._namesakes.clear()
        self._ending.clear()

    @staticmethod
    def _is_over(call: MirroredCall, now: int, more: int) -> bool:
        """Let time pass for a call; a fault in one must not stop the others."""
        try:
            return call.tick(now, more)
        except Exception:
            log.exception("mirror.fault")
            call.forget()
            return True

    def _begin(self, invite: Request, seen: Sighting) -> None:
        stated = parties_of(invite)
        admitted = self._admitted(stated, seen)
        if admitted is None or not self._has_room(seen.at):
            return
        if invite.call_id in self._refused or self._refusing.names(named(invite)):
            self._refuse(invite.call_id, admitted.line, seen.at)
            return
        conversation = Conversation(invite, seen.at)
        call = MirroredCall(
            admitted,
            conversation,
            seen.destination,
            books=self._books,
            routes=self.routes,
            refuses=self._refusing.names,
        )
        name = (invite.call_id, seen.source)
        self._calls[name] = call
        self._namesakes.setdefault(invite.call_id, set()).add(name)
        call.take(invite, seen.at, (seen.source, seen.destination))

    def _refuse(self, call_id: str, line: Line, at: int) -> None:
        """Enter that a call is not recorded, once for all copies of its INVITE."""
        before = self._remember_refused(call_id, at)
        if before is None or at - before >= REFUSED_FOR:
            line.enter(partial(self._books.call_refused, line.source_id, "", Refusal.LIST, 0.0))

    def _remember_refused(self, call_id: str, at: int) -> int | None:
        """Another stretch of the call may not name who refused; when it was remembered before."""
        before = self._refused.pop(call_id, None)
        self._refused[call_id] = at
        if len(self._refused) > MOST_CALLS:
            del self._refused[next(iter(self._refused))]
        return before

    def _admitted(self, stated: Parties, seen: Sighting) -> Admitted | None:
        """Whose call it is, if it is to be recorded."""
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
        return Admitted(line, stated, ways)

    def _ways(self, line: Line, stated: Parties, seen: Sighting) -> frozenset[Way]:
        """Every way a call may go; none where it is the stretch between exchange and telephone of a call by the trunk."""
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
        """Make room for a call; where none gives way, the lines have a gap until one does."""
        if len(self._calls) < MOST_CALLS:
            return True
        given_up = self._giving_way(at)
        if given_up is not None:
            call = self._forget(given_up)
            if not call.conversation.answered:
                self._given_up += 1
                self._missed(at)
            call.stop(at)
            return True
        log.error("mirror.too-many-calls", most=MOST_CALLS)
        self._crowded = True
        for line in self.lines:
            line.hinder(CROWD, Cause.MIRROR_DROPPED, instant(at))
        return False

    def _giving_way(self, now: int) -> _Name | None:
        return next((name for name, call in self._calls.items() if call.gives_way(now)), None)


def _host(address: bytes) -> str:
    return str(ip_address(address))


def _opens(invite: Request) -> bool:
    """Whether it opens a call rather than changes one."""
    try:
        return not read_address(invite.headers.get("To") or "").tag
    except SipError:
        return False
