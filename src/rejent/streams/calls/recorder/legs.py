"""Map the media lines of a session to legs, and legs to parties."""

from rejent.streams.calls.network.rtp.incoming_stream import IncomingStream
from rejent.streams.calls.receiving.siprec.events import Stream
from rejent.streams.calls.receiving.siprec.metadata import Metadata, Participant
from rejent.streams.calls.recorder.parties import Parties, party_of

MAX_LEGS = 240
"""Legs of a call; beyond, a new line continues the leg of its position. Stored leg numbers are one byte, with room for each position (`rejent.streams.calls.receiving.siprec.sdp.MAX_MEDIA`)."""


class Legs:
    """The legs of one call, from 0."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        self._speakers: dict[int, frozenset[str]] = {}
        """Addresses of the senders of each leg, as last stated."""
        self._newest: dict[int, IncomingStream] = {}
        self._left: set[int] = set()
        self._idle: set[int] = set()
        """Those of them that still have codecs."""
        self._senders_by_label: tuple[Metadata | None, dict[str, tuple[Participant, ...]]] = (None, {})
        """Senders by label, for the metadata last used."""
        self._parties: tuple[Metadata | None, Parties, dict[str, str]] = (None, Parties(), {})
        """Parties by label, for these metadata."""
        self._named: dict[int, str] = {}

    def number(self, former: IncomingStream | None) -> int:
        """Return the next leg, or that of a returning line."""
        return len(self._labels) if former is None else former.leg

    def come(self, stream: Stream, incoming: IncomingStream, metadata: Metadata) -> None:
        """Add a line."""
        self._newest[stream.number] = incoming
        self._left.discard(incoming.leg)
        self._idle.discard(incoming.leg)
        self.describe(incoming.leg, stream.media.label, metadata)

    def describe(self, leg: int, label: str, metadata: Metadata) -> None:
        """Set a leg's label and senders."""
        self._labels[leg] = label
        if (found := self._feeding(label, metadata)) or leg not in self._speakers:
            self._speakers[leg] = found

    def learn(self, legs: list[int], metadata: Metadata) -> None:
        """Update the senders of legs from new metadata."""
        for leg in legs:
            self.describe(leg, self._labels[leg], metadata)

    def leave(self, leg: int) -> None:
        """Note that a leg's line was removed."""
        self._left.add(leg)
        self._idle.add(leg)

    def take_idle(self) -> set[int]:
        """Return the legs removed since the last call, whose codecs can be dropped."""
        idle, self._idle = self._idle, set()
        return idle

    def former(self, stream: Stream, metadata: Metadata) -> IncomingStream | None:
        """Return the former input of a returning line: same position, label and senders.

        Beyond `MAX_LEGS`, the last input of its position.
        """
        newest, label = self._newest.get(stream.number), stream.media.label
        if newest is None or len(self._labels) >= MAX_LEGS:
            return newest
        alike = self._labels[newest.leg] == label and self._speakers[newest.leg] == self._feeding(
            label, metadata
        )
        return newest if alike and newest.leg in self._left else None

    def parties(self, metadata: Metadata, stated: Parties) -> dict[int, str]:
        """Return the party of each leg as far as known; one that was replaced by a transfer keeps its own."""
        if metadata is not self._parties[0] or stated != self._parties[1]:
            self._parties = metadata, stated, {"": ""}
        found = self._parties[2]
        for leg, label in self._labels.items():
            if label not in found:
                found[label] = party_of(self._senders(label, metadata), stated)
            if leg not in self._left and (found[label] or leg not in self._named):
                self._named[leg] = found[label]
        return dict(self._named)

    def speakers(self, leg: int) -> frozenset[str]:
        """Return the addresses of a leg's senders, as last stated."""
        return self._speakers.get(leg, frozenset())

    def _feeding(self, label: str, metadata: Metadata) -> frozenset[str]:
        return frozenset(address for each in self._senders(label, metadata) for address, _ in each.names)

    def _senders(self, label: str, metadata: Metadata) -> tuple[Participant, ...]:
        """Return a line's senders, cached by metadata."""
        if metadata is not self._senders_by_label[0]:
            self._senders_by_label = metadata, metadata.feeding()
        return self._senders_by_label[1].get(label, ()) if label else ()
