"""One call between its SIPREC session and its recording.

Only the receiver's thread touches the recording and its streams; this runs in the thread of signalling and passes work
on.
"""

import select
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial

import structlog

from rejent.formats.matroska.manifest import instant
from rejent.formats.rtp.account import SECOND
from rejent.formats.rtp.codecs import Codec
from rejent.streams.calls.catalog.lines.parts import Undecided
from rejent.streams.calls.catalog.turns import TOO_MANY_TURNS
from rejent.streams.calls.catalog.views import NamedParties
from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream, ReceivedCall
from rejent.streams.calls.network.rtp.ports import MediaPort
from rejent.streams.calls.network.rtp.receiver import Receiver
from rejent.streams.calls.network.rtp.source_lock import SourceLock
from rejent.streams.calls.network.rtp.srtp import Crypto, SdesKeys
from rejent.streams.calls.receiving.siprec import events
from rejent.streams.calls.receiving.siprec.allowed_callers import plain_address
from rejent.streams.calls.receiving.siprec.metadata_xml import FAULTS
from rejent.streams.calls.recorder.line import (
    AdmittedCall,
    CallBooks,
    Line,
    LineCall,
    RefusableCall,
    Refusal,
    StopReason,
)
from rejent.streams.calls.recorder.parties import (
    Legs,
    Parties,
    Way,
    block_parties_left,
    completed,
    followed,
    may_refuse,
    named,
    numbers_present,
    parties,
    possible_ways,
    side,
)
from rejent.streams.calls.recorder.passing_on import Turns

log = structlog.get_logger(__name__)


class SiprecCall:
    """One call of a line, named by its session; ``ports`` returns the sockets of a stream, once; ``later`` runs work in its thread."""

    def __init__(
        self,
        admitted: AdmittedCall,
        begun: events.Begun,
        *,
        receiver: Receiver,
        ports: Callable[[int], MediaPort],
        books: CallBooks,
        end_session: Callable[[], object],
        is_refused: Callable[[Iterable[str]], bool],
        later: Callable[[Callable[[], None]], object],
    ) -> None:
        self._admitted, self._begun = admitted, begun
        self._is_refused, self._later = is_refused, later
        self._metadata = begun.metadata
        self._named = named(begun, begun.metadata)
        self._looked = False
        self._late_s = 0.0
        """Seconds after which addresses were to be checked again while the call was not begun."""
        """The addresses were checked again; later refusals concern later calls."""
        self._legs = Legs()
        self._turns = Turns()
        self._seen: frozenset[str] = frozenset()
        """Numbers of the block about the call that were participants."""
        self._receiver, self._ports, self._books, self._end_session = receiver, ports, books, end_session
        self._early: list[events.Event] = []
        self._taken: dict[int, MediaPort] = {}
        self._streams: dict[int, IncomingStream] = {}
        self._incomings: dict[int, IncomingStream] = {}
        self._doubted = False
        self._keys: dict[int, tuple[Crypto, Crypto]] = {}
        self._recording: LineCall | None = None
        self._received: ReceivedCall | None = None
        self._settled = self._kept = False
        self._entered: AdmittedCall | None = None
        self._faults: dict[str, None] = {}
        self._stopped_because = StopReason.RECORDER

    @property
    def line(self) -> Line:
        """Its line."""
        return self._admitted.line

    @property
    def heard(self) -> int:
        """Arrival of its last packet, ns since 1970; 0 before the first."""
        return max((stream.lock.heard for stream in self._streams.values()), default=0)

    def start(self) -> None:
        """Start recording with the streams of its first message."""
        streams = [each.stream for each in self._early if isinstance(each, events.StreamAdded)]
        incoming = [self._incoming(stream)[1] for stream in streams]
        codecs = {each.leg: _codecs(stream) for each, stream in zip(incoming, streams, strict=True)}
        call = self._begun.session
        start = self._receiver.instant(self._begun.at.monotonic)
        self._turns.see(numbers_present(self._begun.metadata), instant(start))
        self._recording = recording = self._admitted.record(
            call, list(codecs.values()), start, self._on_key, self._is_authentic
        )
        self._name_legs(recording, start)
        self._do(partial(recording.name_sessions, self._begun.metadata.carried, start))
        self._received = self._receiver.begin(self._recording, incoming)
        self._settle_if_certain()
        early, self._early = self._early, []
        for event in early:
            if not isinstance(event, events.StreamAdded):
                self.take(event)
        if self._late_s:
            self.look_again(self._late_s)

    def take(self, event: events.Event) -> None:
        """Process an event of its session."""
        recording, received = self._recording, self._received
        if recording is None or received is None:
            if isinstance(event, events.StreamAdded):
                self._taken[event.stream.ports.rtp] = self._ports(event.stream.ports.rtp)
            self._early.append(event)
            return
        at = self._receiver.instant(event.at.monotonic)
        if isinstance(event, events.MessageReceived):
            self._do(partial(recording.note_message, event.raw, at, received=True))
        elif isinstance(event, events.StreamEvent):
            self._changed(recording, received, event, at)
        elif isinstance(event, events.MetadataChanged):
            self._learn(event)
        elif isinstance(event, events.DeviationNoted) and event.deviation in FAULTS:
            log.warning("call.metadata-unreadable", source=self.line.source_id, fault=event.deviation)
            self._faults[event.deviation] = None
        elif isinstance(event, events.Ended):
            self.look_again(event.at.monotonic - self._begun.at.monotonic)
            self._end(recording, instant(at), event.reason)
            self._receiver.end(received)

    @property
    def is_spoken_to(self) -> bool:
        """True if packets wait at a port of it; before it is begun."""
        polled = select.poll()
        for port in self._taken.values():
            polled.register(port.media, select.POLLIN)
        return bool(self._taken and polled.poll(0))

    def give_up(self) -> None:
        """Give back the ports of a call that is never begun."""
        while self._taken:
            self._taken.popitem()[1].give_back()

    def _is_authentic(self, leg: int) -> bool:
        """Return True if a DTMF digit on a leg is the party's own: by its source, or encrypted with the agreed key."""
        incoming = self._incomings[leg]
        if incoming.keys is not None or incoming.lock.is_trusted:
            return True
        if not self._doubted:
            self._doubted = True
            log.warning("call.key-not-believed", source=self.line.source_id)
        return False

    def _on_key(self, leg: int, at: int) -> None:
        self._later(partial(self._key_pressed, leg, at))

    def _key_pressed(self, leg: int, at: int) -> None:
        """Handle the refusal digit; parties of the office cannot refuse, or a clerk could keep a call unrecorded."""
        recording = self._recording
        if recording is None or self._stopped_because is StopReason.REFUSED:
            return
        own = self.line.order.address.numbers
        sides = {side(address, own) for address in self._legs.speakers(leg)}
        if may_refuse(self._parties().get(leg, ""), self._admitted.way, sides):
            after_ns = at - self._receiver.instant(self._begun.at.monotonic)
            self._refuse(recording, Refusal.KEY, after_ns / SECOND)
        elif isinstance(recording, RefusableCall):
            recording.on_key = self._on_key

    def _refuse(self, recording: LineCall, how: Refusal, after_s: float) -> None:
        self._settled, self._stopped_because = True, StopReason.REFUSED
        if not self._kept:
            self._enter()
        discard = partial(self._do, recording.discard)
        self.line.refuse(self._books, self._begun.session, how, after_s, discard)
        self._end_session()

    def _name_legs(self, recording: LineCall, at: int) -> None:
        """Say of each leg whose party it is, and which participants speak on it."""
        self._do(partial(recording.name_parties, self._parties()))
        self._do(partial(recording.name_participants, self._legs.all_speakers(), at))

    def _parties(self) -> dict[int, str]:
        return self._legs.parties(self._metadata, self._admitted.parties)

    def look_again(self, after_s: float) -> None:
        """Check again for refusals entered just before the call began or ended."""
        if self._recording is None:
            self._late_s = after_s
            return
        if self._looked:
            return
        self._looked = True
        self._ask(self._recording, self._named, after_s)
        self.decide()

    def _ask(self, recording: LineCall, addresses: frozenset[str], after_s: float) -> None:
        if self._stopped_because is StopReason.RECORDER and self._is_refused(addresses):
            self._refuse(recording, Refusal.LIST, after_s)

    def decide(self) -> None:
        """Apply the office's rule to a call that is still undecided."""
        if self._settled or self._recording is None:
            return
        wanted = self._admitted.wanted
        if wanted is None:
            wanted = self.line.order.address.undecided is Undecided.RECORD
        if wanted:
            self._enter()
        else:
            self._drop(self._recording)

    def stream_removed(self, stream: events.Stream, at: int) -> None:
        """Handle a removed stream while the call continues."""
        incoming = self._streams.pop(stream.ports.rtp, None)
        if incoming is not None and self._recording is not None:
            if self._incomings[incoming.leg] is incoming:
                self._legs.leave(incoming.leg)
                self._do(partial(self._recording.pause, incoming.leg, at))
            self._receiver.drop(incoming)

    def _settle_if_certain(self) -> None:
        """Decide on the call as soon as nothing of the decision depends on metadata to come."""
        wanted = self._admitted.wanted
        if wanted is False or (wanted and self._admitted.way is not Way.UNDECIDED):
            self.decide()

    def _enter(self) -> None:
        self._settled = self._kept = True
        start = instant(self._receiver.instant(self._begun.at.monotonic))
        self._entered = self._admitted
        self._follow_turns(self._admitted.parties, start)
        call = self._admitted.make_begun(
            self._begun.session, start, self._begun.profile.value, self._turns.turns
        )
        self.line.enter(partial(self._books.call_begun, call))

    def _correct(self, entered: AdmittedCall, at: datetime) -> None:
        """Enter whom newer metadata names: parties that were missing, who took a side from whom, and who joined."""
        found = self._admitted_as(completed(entered.parties, self._admitted.parties))
        self._entered = found
        if self._follow_turns(found.parties, at) or (found.parties.numbers, found.way) != (
            entered.parties.numbers,
            entered.way,
        ):
            named = NamedParties(
                self._begun.session,
                found.parties.caller,
                found.parties.called,
                found.way.value,
                self._turns.turns,
            )
            self.line.enter(partial(self._books.call_named, named))

    def _follow_turns(self, first: Parties, at: datetime) -> bool:
        has_more = self._turns.follow(first, self._admitted.parties, at)
        if self._turns.beyond:
            self._faults[TOO_MANY_TURNS] = None
        return has_more

    def _admitted_as(self, stated: Parties) -> AdmittedCall:
        return AdmittedCall(self.line, stated, possible_ways(stated, self.line.order.address.numbers))

    def _drop(self, recording: LineCall) -> None:
        self._settled, self._stopped_because = True, StopReason.OUT_OF_SCOPE
        if recording.objects > 1:
            self._enter()
        self._do(recording.discard)
        self._end_session()

    def _learn(self, event: events.MetadataChanged) -> None:
        """Apply new metadata; a decision stands wherever the call is transferred, unless to someone who refused."""
        self._seen, left = block_parties_left(self._seen, self._metadata, event.metadata)
        self._metadata = event.metadata
        self._admitted = self._admitted_as(
            followed(self._admitted.parties, parties(self._begun, event.metadata, left))
        )
        self._legs.learn([each.leg for each in self._streams.values()], event.metadata)
        at = self._receiver.instant(event.at.monotonic)
        self._turns.see(numbers_present(event.metadata), instant(at))
        if self._recording is not None:
            self._name_legs(self._recording, at)
            self._do(partial(self._recording.name_sessions, event.metadata.carried, at))
        known, self._named = self._named, named(self._begun, event.metadata)
        if self._entered is not None:
            self._correct(self._entered, instant(at))
        if self._recording is not None:
            fresh = self._named - known if self._looked else self._named
            self._ask(self._recording, fresh, event.at.monotonic - self._begun.at.monotonic)
        self._settle_if_certain()

    def _changed(
        self, recording: LineCall, received: ReceivedCall, event: events.StreamEvent, at: int
    ) -> None:
        stream = event.stream
        if isinstance(event, events.StreamAdded):
            former, incoming = self._incoming(stream)
            agreed: dict[int, Mapping[int, Codec]] = {leg: {} for leg in self._legs.take_idle()}
            agreed[incoming.leg] = _codecs(stream)
            self._do(partial(recording.renegotiate_all, agreed, at))
            if former is not None:
                self._do(partial(recording.resume, incoming.leg, at))
            self._name_legs(recording, at)
            self._receiver.add(received, incoming, former)
            return
        known = self._streams.get(stream.ports.rtp)
        if known is None or isinstance(event, events.StreamRemoved):
            return
        if isinstance(event, events.StreamChanged):
            self._legs.describe(known.leg, stream.media.label, self._metadata)
            self._do(partial(self._renegotiated, recording, known, stream, at))
        elif isinstance(event, events.StreamPaused):
            self._do(partial(recording.pause, known.leg, at))
        elif isinstance(event, events.StreamResumed):
            self._do(partial(recording.resume, known.leg, at))

    def _renegotiated(
        self, recording: LineCall, known: IncomingStream, stream: events.Stream, at: int
    ) -> None:
        if not _held(stream):
            known.lock.expect(_signalled(stream))
        crypto = _crypto(stream)
        if crypto != self._keys.get(known.leg):
            self._set_keys(known, crypto)
        recording.renegotiate(known.leg, _codecs(stream), at)

    def _end(self, recording: LineCall, end: datetime, why: events.EndReason) -> None:
        self.decide()
        if self._kept:
            ours = why is events.EndReason.STOPPED or self._stopped_because is StopReason.REFUSED
            cause = self._stopped_because.value if ours else why.value
            faults = tuple(self._faults)
            entry = partial(self._books.call_ended, self._begun.session, end, cause, faults)
            recording.on_finished = partial(self.line.enter, entry)

    def _incoming(self, stream: events.Stream) -> tuple[IncomingStream | None, IncomingStream]:
        former = self._legs.former(stream, self._metadata)
        number = stream.ports.rtp
        socket = self._taken.pop(number, None) or self._ports(number)
        leg = self._legs.number(former)
        incoming = IncomingStream(leg, socket, SourceLock(_signalled(stream), self.line.callers))
        self._legs.come(stream, incoming, self._metadata)
        self._set_keys(incoming, _crypto(stream))
        self._streams[stream.ports.rtp] = self._incomings[incoming.leg] = incoming
        return former, incoming

    def _set_keys(self, incoming: IncomingStream, crypto: "tuple[Crypto, Crypto] | None") -> None:
        incoming.keys = None
        self._keys.pop(incoming.leg, None)
        if crypto is not None:
            incoming.keys = SdesKeys(*crypto)
            self._keys[incoming.leg] = crypto

    def _do(self, work: Callable[[], None]) -> None:
        self._receiver.do(work)


def _codecs(stream: events.Stream) -> Mapping[int, Codec]:
    return {each.payload_type: each.codec for each in stream.media.formats}


def _held(stream: events.Stream) -> bool:
    """Return True for RFC 2543 hold, which says nothing about the source (RFC 3264 §8.4)."""
    return stream.media.host in {"0.0.0.0", "::"}  # noqa: S104 - the sign of hold, no address to listen at


def _signalled(stream: events.Stream) -> str | None:
    try:
        return None if _held(stream) else str(plain_address(stream.media.host))
    except ValueError:
        return None


def _crypto(stream: events.Stream) -> "tuple[Crypto, Crypto] | None":
    theirs = stream.media.crypto if stream.media.secure else None
    return (theirs, stream.crypto) if theirs is not None and stream.crypto is not None else None
