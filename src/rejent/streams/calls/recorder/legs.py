"""Which leg of a call each line of its session is, and who speaks on it, as far as the session tells."""

from rejent.streams.calls.rtp.receiver import Stream as Incoming
from rejent.streams.calls.scope import Parties, party_of
from rejent.streams.calls.siprec.events import Stream
from rejent.streams.calls.siprec.metadata import Metadata, Participant

MOST = 240
"""Legs of a call, beyond which a line goes on with that of the one before in its place; what is kept tells legs apart by a byte,
and a line in each of the places that no line had before needs one, too (`rejent.streams.calls.siprec.sdp.MAX_MEDIA`)."""


class Legs:
    """The legs of one call, counted from 0."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        """Of each, as last told."""
        self._speakers: dict[int, frozenset[str]] = {}
        """Who fed each, as last told while it came."""
        self._newest: dict[int, Incoming] = {}
        """The way in of the newest line in each place of the description."""
        self._left: set[int] = set()
        """Those whose line was removed."""
        self._idle: set[int] = set()
        """Those of them that still have their codings."""
        self._told: tuple[Metadata | None, dict[str, tuple[Participant, ...]]] = (None, {})
        """Who feeds each line, by its label, as the metadata tell it that were asked last."""
        self._parties: tuple[Metadata | None, Parties, dict[str, str]] = (None, Parties(), {})
        """Which party each label is by these metadata."""

    def number(self, former: Incoming | None) -> int:
        """The next leg, or that of a line which comes back."""
        return len(self._labels) if former is None else former.leg

    def come(self, stream: Stream, incoming: Incoming, metadata: Metadata) -> None:
        """A line comes."""
        self._newest[stream.number] = incoming
        self._left.discard(incoming.leg)
        self._idle.discard(incoming.leg)
        self.describe(incoming.leg, stream.media.label, metadata)

    def describe(self, leg: int, label: str, metadata: Metadata) -> None:
        """A leg comes, by a label that its session joins to who speaks."""
        self._labels[leg] = label
        if (told := self._feeding(label, metadata)) or leg not in self._speakers:
            self._speakers[leg] = told

    def learn(self, legs: list[int], metadata: Metadata) -> None:
        """The session tells anew who speaks on those that come."""
        for leg in legs:
            self.describe(leg, self._labels[leg], metadata)

    def leave(self, leg: int) -> None:
        """The line of a leg was removed."""
        self._left.add(leg)
        self._idle.add(leg)

    def take_idle(self) -> set[int]:
        """Those whose line was removed since this was asked last: they need their codings no more."""
        idle, self._idle = self._idle, set()
        return idle

    def former(self, stream: Stream, metadata: Metadata) -> Incoming | None:
        """The way in that a line had before it was removed, where it comes back by the same label, from the same who speak.

        Where numbers are spent, that of whichever line had its place.
        """
        newest, label = self._newest.get(stream.number), stream.media.label
        if newest is None or len(self._labels) >= MOST:
            return newest
        alike = self._labels[newest.leg] == label and self._speakers[newest.leg] == self._feeding(
            label, metadata
        )
        return newest if alike and newest.leg in self._left else None

    def parties(self, metadata: Metadata, stated: Parties) -> dict[int, str]:
        """Which party each is, as far as it is told."""
        if metadata is not self._parties[0] or stated != self._parties[1]:
            self._parties = metadata, stated, {"": ""}
        told = self._parties[2]
        for label in self._labels.values():
            if label not in told:
                told[label] = party_of(self._senders(label, metadata), stated)
        return {leg: told[label] for leg, label in self._labels.items()}

    def _feeding(self, label: str, metadata: Metadata) -> frozenset[str]:
        """The addresses of those who feed a line."""
        return frozenset(address for each in self._senders(label, metadata) for address, _ in each.names)

    def _senders(self, label: str, metadata: Metadata) -> tuple[Participant, ...]:
        """Those who feed a line; looked for once, for all lines of a message ask about the same metadata."""
        if metadata is not self._told[0]:
            self._told = metadata, metadata.feeding()
        return self._told[1].get(label, ()) if label else ()
