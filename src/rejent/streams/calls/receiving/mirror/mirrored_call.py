"""One call at a mirror port, from its INVITE to its last packet; everything runs in the thread that reads the port."""

import secrets
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial

import structlog

from rejent.formats.matroska.manifest import instant
from rejent.formats.rtp.account import SECOND
from rejent.streams.calls.network.rtp.incoming_stream import MAX_PACKETS_PER_SECOND
from rejent.streams.calls.network.rtp.receiver import LATE
from rejent.streams.calls.network.rtp.srtp import Crypto, SdesKeys, answer_crypto
from rejent.streams.calls.network.sip.message import Message
from rejent.streams.calls.receiving.mirror.conversation import Conversation, EndCause, Side
from rejent.streams.calls.receiving.mirror.media import OutgoingMedia, outgoing_media, without_key
from rejent.streams.calls.receiving.mirror.routes import Party, Routes
from rejent.streams.calls.recorder.line import AdmittedCall, CallBooks, LineCall, Refusal, StopReason
from rejent.streams.calls.recorder.parties import may_refuse

log = structlog.get_logger(__name__)

PROFILE, SEALED_PROFILE = "mirror", "mirror-srtp"
"""Profiles: in the clear or with known keys, and encrypted without keys."""
MAX_EARLY_BYTES = 128 * 1024
"""Bytes of messages buffered until both sides are described; further ones are not kept."""
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Bytes of messages kept per call (a day of session refreshes); further ones are processed only."""
YIELD_AFTER = 10 * SECOND
"""A call without packets for so long from its beginning may be replaced when there are too many."""
RECHECK_AFTER = 5 * SECOND
"""After so long a refusal entered just before the call is known; later ones concern later calls."""
MAX_CHECKED_ADDRESSES = 1000
COPY_WITHIN = SECOND // 10
"""A repeated message within so long is the mirror's copy; later it is a retransmission."""


class MirroredCall:
    """A call in scope; ``reached`` are the hosts that it went to: messages from there belong to the same call."""

    def __init__(
        self,
        admitted: AdmittedCall,
        conversation: Conversation,
        target: bytes,
        *,
        books: CallBooks,
        routes: Routes,
        is_refused: Callable[[Iterable[str]], bool],
    ) -> None:
        self.id = secrets.token_hex(16)
        self.reached, self.conversation = {target}, conversation
        self._admitted, self._books, self._routes = admitted, books, routes
        self._recording: LineCall | None = None
        self._parties: dict[Side, Party] = {}
        self._media: dict[Side, OutgoingMedia] = {}
        self._wrong_keys: dict[Side, Crypto | None] = {}
        self._early: list[tuple[bytes, int]] = []
        self._message_bytes = 0
        self._recent: deque[tuple[int, int]] = deque(maxlen=16)
        self._started = self._finish_at = 0
        self._is_refused, self._named = is_refused, frozenset[str]()
        self._entered = self.refused = self._looked = self._doubted = False
        self._answered_at = 0
        self._why = ""

    @property
    def heard(self) -> int:
        """Arrival of its last packet, ns; 0 before the first."""
        return max((party.heard for party in self._parties.values()), default=0)

    def may_yield(self, now: int) -> bool:
        """Return True if the call may be replaced: unanswered, or without packets."""
        rings = self._recording is None and not self.conversation.answered
        return rings or (not self.heard and now - self.conversation.begun >= YIELD_AFTER)

    def take(self, message: Message, at: int, hosts: tuple[bytes, bytes] = (b"", b"")) -> None:
        """Process a message between two hosts."""
        digest = hash(message.raw)
        if any(known == digest and at - seen < COPY_WITHIN for known, seen in self._recent):
            return
        self._recent.append((digest, at))
        self._keep(message.raw, at)
        self.conversation.take(message, at, hosts)
        if not self.refused and not self._finish_at:
            self._ask(self.conversation.naming(message), at)
        if self.conversation.over is None and not self.refused:
            self._follow(at)
        elif not self._finish_at:
            self._end(at)

    def tick(self, now: int, more: int) -> bool:
        """Process what is due, with ``more`` packets for each party; return True if the call is over and handed on."""
        held = any(each.paused for each in self._media.values())
        if self.conversation.over is None:
            self.conversation.over = self.conversation.due(now, self.heard, held=held)
        if self.conversation.over is not None and not self._finish_at:
            self._end(now)
        if self._answered_at and now - self._answered_at >= RECHECK_AFTER:
            self._look_again(now)
        recording = self._recording
        if recording is not None:
            recording.tick(now)
            for party in self._parties.values():
                party.budget = min(party.budget + more, MAX_PACKETS_PER_SECOND)
                if (counts := party.counts()) is not None:
                    recording.note_counts(party.leg, counts)
        if not self._finish_at or now < self._finish_at:
            return False
        self.close(max(self._finish_at, self.heard))
        return True

    def note_drop(self, start: int, end: int) -> None:
        """Record that the kernel dropped frames in this interval, possibly of this call."""
        if self._recording is not None:
            for party in self._parties.values():
                self._recording.note_drop(party.leg, start, end)

    def stop(self, now: int) -> None:
        """End the call because the recorder or its line stops."""
        if not self._finish_at:
            self._why = StopReason.RECORDER.value
            self._end(now)
        self.close(now)

    def close(self, now: int) -> None:
        """Take no more packets and finish the last object."""
        self.forget()
        recording, self._recording = self._recording, None
        if recording is not None:
            recording.finish(now)

    def forget(self) -> None:
        """Take no more packets."""
        for party in self._parties.values():
            self._routes.forget(party)
        self._parties.clear()

    def _keep(self, raw: bytes, at: int) -> None:
        if self._message_bytes + len(raw) > (
            MAX_EARLY_BYTES if self._recording is None else MAX_MESSAGE_BYTES
        ):
            return
        self._message_bytes += len(raw)
        if self._recording is not None:
            self._recording.note_message(raw, at, received=True)
        else:
            self._early.append((raw, at))

    def _follow(self, at: int) -> None:
        if self._recording is None and self.conversation.described:
            self._begin(at)
        if self._recording is None:
            return
        self._update_media(self._recording, at)
        if self.conversation.answered and not self._entered:
            self._answered_at = at
            self._enter()

    def _begin(self, at: int) -> None:
        media = {side: outgoing_media(self.conversation, side) for side in Side}
        codecs = [media[side].codecs for side in Side]
        self._recording = recording = self._admitted.record(
            self.id, codecs, at, self._key_pressed, self._is_authentic
        )
        recording.name_parties({side.value: _PARTY[side] for side in Side})
        self._started = at
        for raw, seen in self._early:
            recording.note_message(raw, seen, received=True)
        self._early.clear()
        for side in Side:
            recording.observed(side.value, at)
            party = self._parties[side] = Party(side.value, recording)
            party.on_wrong_key, party.on_found = partial(self._wrong_key, side), partial(self._found, side)

    def _update_media(self, recording: LineCall, at: int) -> None:
        before = dict(self._media)
        for side in Side:
            self._update_side(recording, side, at)
        changed = {
            side.value: heard.codecs
            for side, heard in self._media.items()
            if heard.codecs != before.get(side, OutgoingMedia()).codecs
        }
        if changed:
            recording.renegotiate_all(changed, at)

    def _update_side(self, recording: LineCall, side: Side, at: int) -> None:
        before, now = self._media.get(side, OutgoingMedia()), outgoing_media(self.conversation, side)
        if now.key is not None and now.key == self._wrong_keys.get(side):
            now = without_key(now)
        if now == before:
            return
        party = self._parties[side]
        self._media[side] = now
        self._routes.expect(party, now, at)
        if now.key != before.key:
            party.keys = SdesKeys(now.key, answer_crypto(now.key)) if now.key else None
        if now.paused and not before.paused:
            recording.pause(side.value, at)
        elif before.paused and not now.paused:
            recording.resume(side.value, at)

    def _wrong_key(self, side: Side, at: int) -> None:
        self._wrong_keys[side] = self._media[side].key
        if self._recording is not None:
            self._update_media(self._recording, at)

    def _found(self, side: Side, at: int) -> None:
        """Try a party's key again: it failed on another sender's packets."""
        if self._wrong_keys.pop(side, None) is not None and self._recording is not None:
            self._update_media(self._recording, at)

    def _enter(self) -> None:
        self._entered = True
        sealed = any(each.sealed for each in self._media.values())
        profile = SEALED_PROFILE if sealed else PROFILE
        call = self._admitted.make_begun(self.id, instant(self._started), profile)
        self._admitted.line.enter(partial(self._books.call_begun, call))

    def _end(self, at: int) -> None:
        """End the call after late packets; an unanswered call is discarded."""
        if self._look_again(at):
            return
        recording, over = self._recording, self.conversation.over or EndCause.BYE
        gone = self.conversation.gone
        end = min(max(gone, self.heard), at) if gone else at
        self._finish_at = end + LATE
        if recording is None:
            return
        if not self._entered:
            if recording.objects > 1:
                self._enter()
            recording.discard()
        if self._entered:
            ended = partial(self._books.call_ended, self.id, instant(end), self._why or over.value)
            recording.on_finished = partial(self._admitted.line.enter, ended)

    def _is_authentic(self, leg: int) -> bool:
        """Return True if a DTMF digit on a leg is the party's own: by its key, or from a host that it named or described from."""
        side = Side(leg)
        heard = self._media[side]
        if heard.sealed or heard.key is not None:
            return not heard.sealed
        host = self._parties[side].host
        if host in self.conversation.described_from(side) or host in {end[:-2] for end in heard.comes_from}:
            return True
        if not self._doubted:
            self._doubted = True
            log.warning("call.key-not-believed", source=self._admitted.line.source_id)
        return False

    def _key_pressed(self, leg: int, at: int) -> None:
        recording = self._recording
        if recording is None or self.refused:
            return
        if not may_refuse(_PARTY[Side(leg)], self._admitted.way):
            recording.on_key = self._key_pressed
            return
        self._refuse(recording, Refusal.KEY, at)

    def _ask(self, addresses: frozenset[str], at: int) -> None:
        fresh = addresses - self._named if self._looked else addresses
        if len(self._named) < MAX_CHECKED_ADDRESSES:
            self._named |= addresses
        if fresh and self._is_refused(fresh):
            self._refuse(self._recording, Refusal.LIST, at)

    def _look_again(self, at: int) -> bool:
        if self._looked or self.refused or not self._entered:
            return False
        self._looked = True
        if self._is_refused(self._named):
            self._refuse(self._recording, Refusal.LIST, at)
        return self.refused

    def _refuse(self, recording: LineCall | None, how: Refusal, at: int) -> None:
        self.refused, self._why = True, StopReason.REFUSED.value
        if recording is not None and not self._entered and (how is Refusal.KEY or recording.objects > 1):
            self._enter()
        after = (at - self._started) / SECOND if self._started else 0.0
        call, line = self.id if self._entered else "", self._admitted.line
        if recording is None:
            line.refuse(self._books, call, how, after)
        else:
            line.refuse(self._books, call, how, after, recording.discard)
        self._end(at)


_PARTY = {Side.CALLER: "caller", Side.CALLED: "called"}
