"""The media lines of one session across offers and answers (RFC 7866 §7.1.1.1, §8.3.1)."""

from dataclasses import replace

from rejent.streams.calls.network.rtp.srtp import SUITES, Crypto
from rejent.streams.calls.network.sip.deadlines import Moment
from rejent.streams.calls.network.sip.dialogs import Entropy
from rejent.streams.calls.receiving.siprec.events import (
    DeviationNoted,
    Event,
    MediaPorts,
    Stream,
    StreamAdded,
    StreamChanged,
    StreamPaused,
    StreamRemoved,
    StreamResumed,
)
from rejent.streams.calls.receiving.siprec.sdp import (
    MAX_MEDIA,
    AnsweredMedia,
    Description,
    Direction,
    Media,
    is_recordable,
    write_media_lines,
    write_session,
)


class MediaLines:
    """Accepted and rejected media lines; ``number`` is the decimal session id of our descriptions."""

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
        self.rejected_for_ports = 0

    @property
    def current(self) -> tuple[Stream, ...]:
        """The accepted lines, in order."""
        return tuple(self._streams[number] for number in sorted(self._streams))

    def take(self, description: Description, at: Moment) -> list[Event]:
        """Apply a description, offer or answer."""
        events: list[Event] = []
        for number, media in enumerate(description.media):
            events += self._take_line(number, media, at)
        missing = [one for one in self.current if one.number >= len(description.media)]
        if missing:
            events.append(DeviationNoted(self._session, at, "media-lines-missing"))
            events += [self._pause(one, at) for one in missing if not one.paused]
        self._lines = list(description.media)
        return events

    def open_own(self, media: Media, stream: Stream) -> None:
        """Set the one line we offer ourselves."""
        self._lines = [media]
        self._streams = {0: stream}

    def _take_line(self, number: int, media: Media, at: Moment) -> list[Event]:
        known = self._streams.get(number)
        if media.port == 0 or not is_recordable(media) or number >= MAX_MEDIA:
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
            self.rejected_for_ports += 1
            return [DeviationNoted(self._session, at, "no-port-left")]
        stream = Stream(number, ports, media, self._key(media, None), _paused(media))
        self._streams[number] = stream
        events: list[Event] = [StreamAdded(self._session, at, stream)]
        return [*events, StreamPaused(self._session, at, stream)] if stream.paused else events

    def _pause(self, stream: Stream, at: Moment) -> Event:
        """Pause a line that is no longer described; its port stays, as devices go on sending (against RFC 3264 §8)."""
        paused = replace(stream, paused=True)
        self._streams[stream.number] = paused
        return StreamPaused(self._session, at, paused)

    def _remove(self, stream: Stream, at: Moment) -> Event:
        del self._streams[stream.number]
        self._ports.release(stream.ports)
        return StreamRemoved(self._session, at, stream)

    def close(self, at: Moment) -> list[Event]:
        """Release all ports."""
        return [self._remove(stream, at) for stream in self.current]

    def _key(self, media: Media, own: Crypto | None) -> Crypto | None:
        theirs = media.crypto if media.secure else None
        if theirs is None:
            return None
        if own is not None and (own.tag, own.suite) == (theirs.tag, theirs.suite):
            return own
        return Crypto(theirs.tag, theirs.suite, self._entropy(SUITES[theirs.suite][1]))

    def receive(self, *, receiving: bool) -> None:
        """State in later descriptions whether we receive media (RFC 7866 §7.2)."""
        self._receiving = receiving

    def description(self) -> bytes:
        """Return our offer or answer; its version is incremented when it changes."""
        lines = [self._line(number, media) for number, media in enumerate(self._lines)]
        written = write_media_lines(self._host, lines)
        if written != self._written:
            self._version += 1
            self._written = written
        return write_session(self._number, self._version, self._host, written)

    def _line(self, number: int, media: Media) -> AnsweredMedia:
        stream = self._streams.get(number)
        if stream is None:
            return AnsweredMedia(media)
        takes = self._receiving and not stream.paused
        return AnsweredMedia(
            media, stream.ports, Direction.RECVONLY if takes else Direction.INACTIVE, stream.crypto
        )


def _paused(media: Media) -> bool:
    """Return True if the caller sends nothing; an address of zeros is the old form of hold (RFC 3264 §8.4)."""
    if media.direction is Direction.SENDRECV:
        return media.host == "0.0.0.0"  # noqa: S104 - the sign of hold, no address to listen at
    return media.direction is not Direction.SENDONLY


def _essence(media: Media) -> tuple[object, ...]:
    return (media.host, media.port, media.protocol, media.label, media.raw_formats, media.formats, media.cryptos,
            media.rtcp_port, media.mux, media.record, media.record_preference)  # fmt: skip
