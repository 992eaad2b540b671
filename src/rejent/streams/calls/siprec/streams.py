"""The media lines of one session, from one description to the next (RFC 7866 §7.1.1.1, §8.3.1)."""

from dataclasses import replace

from rejent.streams.calls.sip.dialogs import Entropy
from rejent.streams.calls.sip.moment import Moment
from rejent.streams.calls.siprec.answer import AnsweredMedia, write_described, write_lines
from rejent.streams.calls.siprec.events import (
    Event,
    MediaPorts,
    Noted,
    Stream,
    StreamAdded,
    StreamChanged,
    StreamPaused,
    StreamRemoved,
    StreamResumed,
)
from rejent.streams.calls.siprec.sdp import (
    MAX_MEDIA,
    SUITES,
    Crypto,
    Description,
    Direction,
    Media,
    recordable,
)


class Streams:
    """Lines with a port of ours, and those refused.

    Args:
        session: our name of the session.
        ports: who opens ports.
        host: our address in descriptions.
        number: decimal number that names the session in our descriptions.
        entropy: makes our keys.
    """

    def __init__(self, session: str, ports: MediaPorts, host: str, number: str, entropy: Entropy) -> None:
        self._session = session
        self._ports = ports
        self._host = host
        self._number = number
        self._entropy = entropy
        self._version = 0
        self._lines: list[Media] = []
        self._streams: dict[int, Stream] = {}
        self._receiving = True
        self._written: str | None = None
        """What our description said of the lines last."""
        self.refused_for_ports = 0
        """Lines refused because no port was left."""

    @property
    def current(self) -> tuple[Stream, ...]:
        """The lines that are received, in order."""
        return tuple(self._streams[number] for number in sorted(self._streams))

    def take(self, description: Description, at: Moment) -> list[Event]:
        """Bring the lines to what the caller describes now, whether as an offer or as the answer to ours."""
        events: list[Event] = []
        for number, media in enumerate(description.media):
            events += self._take_line(number, media, at)
        missing = [one for one in self.current if one.number >= len(description.media)]
        if missing:
            events.append(Noted(self._session, at, "media-lines-missing"))
            events += [self._pause(one, at) for one in missing if not one.paused]
        self._lines = list(description.media)
        return events

    def open_own(self, media: Media, stream: Stream) -> None:
        """Note the one line we offer ourselves, before the caller says anything."""
        self._lines = [media]
        self._streams = {0: stream}

    def _take_line(self, number: int, media: Media, at: Moment) -> list[Event]:
        known = self._streams.get(number)
        if media.port == 0 or not recordable(media) or number >= MAX_MEDIA:
            return [] if known is None else [self._remove(known, at)]
        if known is None:
            return self._add(number, media, at)
        events: list[Event] = []
        stream = replace(known, media=media, crypto=self._key(media, known.crypto), paused=_paused(media))
        self._streams[number] = stream
        if _essence(known.media) != _essence(media):
            events.append(StreamChanged(self._session, at, stream))
        if known.paused != stream.paused:
            kind = StreamPaused if stream.paused else StreamResumed
            events.append(kind(self._session, at, stream))
        return events

    def _add(self, number: int, media: Media, at: Moment) -> list[Event]:
        ports = self._ports.allocate(self._session, media)
        if ports is None:
            self.refused_for_ports += 1
            return [Noted(self._session, at, "no-port-left")]
        stream = Stream(number, ports, media, self._key(media, None), _paused(media))
        self._streams[number] = stream
        events: list[Event] = [StreamAdded(self._session, at, stream)]
        return [*events, StreamPaused(self._session, at, stream)] if stream.paused else events

    def _pause(self, stream: Stream, at: Moment) -> Event:
        """A line no longer described keeps its port: devices forget lines they go on sending (RFC 3264 §8 forbids it)."""
        paused = replace(stream, paused=True)
        self._streams[stream.number] = paused
        return StreamPaused(self._session, at, paused)

    def _remove(self, stream: Stream, at: Moment) -> Event:
        del self._streams[stream.number]
        self._ports.release(stream.ports)
        return StreamRemoved(self._session, at, stream)

    def close(self, at: Moment) -> list[Event]:
        """Give all ports back."""
        return [self._remove(stream, at) for stream in self.current]

    def _key(self, media: Media, own: Crypto | None) -> Crypto | None:
        theirs = media.crypto if media.secure else None
        if theirs is None:
            return None
        if own is not None and (own.tag, own.suite) == (theirs.tag, theirs.suite):
            return own
        return Crypto(theirs.tag, theirs.suite, self._entropy(SUITES[theirs.suite]))

    def receive(self, *, receiving: bool) -> None:
        """Say in descriptions from now on that we take media, or none for the time being (RFC 7866 §7.2)."""
        self._receiving = receiving

    def description(self) -> bytes:
        """What we say of all lines now, as an answer or as an offer; its version grows when it changes."""
        lines = [self._line(number, media) for number, media in enumerate(self._lines)]
        written = write_lines(self._host, lines)
        if written != self._written:
            self._version += 1
            self._written = written
        return write_described(self._number, self._version, self._host, written)

    def _line(self, number: int, media: Media) -> AnsweredMedia:
        stream = self._streams.get(number)
        if stream is None:
            return AnsweredMedia(media)
        takes = self._receiving and not stream.paused
        return AnsweredMedia(
            media, stream.ports, Direction.RECVONLY if takes else Direction.INACTIVE, stream.crypto
        )


def _paused(media: Media) -> bool:
    """Whether the caller sends nothing; the old way of holding is an address of zeros (RFC 3264 §8.4)."""
    if media.direction is Direction.SENDRECV:
        return media.host == "0.0.0.0"  # noqa: S104 - the sign of hold, no address to listen at
    return media.direction is not Direction.SENDONLY


def _essence(media: Media) -> tuple[object, ...]:
    return (media.host, media.port, media.protocol, media.label, media.raw_formats, media.formats, media.cryptos,
            media.rtcp_port, media.mux, media.record, media.record_preference)  # fmt: skip
