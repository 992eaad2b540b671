"""Which leg of a call each line of its session is, and who speaks on it, as far as the session tells."""

from rejent.capture.calls.rtp.receiver import Stream as Incoming
from rejent.capture.calls.scope import Parties, party_of
from rejent.capture.calls.siprec.events import Stream
from rejent.capture.calls.siprec.metadata import Metadata


class Legs:
    """The legs of one call, counted from 0."""

    def __init__(self) -> None:
        self._labels: dict[int, str] = {}
        """Of each, as last told."""
        self._speakers: dict[int, frozenset[str]] = {}
        """Who fed each, as last told while it came."""
        self._left: dict[int, Incoming] = {}
        """The way in that lines had which were removed, by their place in the description."""

    def number(self, former: Incoming | None) -> int:
        """The next leg, or that of a line which comes back."""
        return len(self._labels) if former is None else former.leg

    def describe(self, leg: int, label: str, metadata: Metadata) -> None:
        """A leg comes, by a label that its session joins to who speaks."""
        self._labels[leg] = label
        if (told := _feeding(label, metadata)) or leg not in self._speakers:
            self._speakers[leg] = told

    def learn(self, legs: list[int], metadata: Metadata) -> None:
        """The session tells anew who speaks on those that come."""
        for leg in legs:
            self.describe(leg, self._labels[leg], metadata)

    def leave(self, stream: Stream, incoming: Incoming) -> None:
        """A line was removed."""
        self._left[stream.number] = incoming

    def former(self, stream: Stream, metadata: Metadata) -> Incoming | None:
        """The way in that a line had before it was removed, where it comes back by the same label, from the same who speak."""
        left, label = self._left.pop(stream.number, None), stream.media.label
        if left is None or self._labels[left.leg] != label:
            return None
        return left if self._speakers[left.leg] == _feeding(label, metadata) else None

    def parties(self, metadata: Metadata, stated: Parties) -> dict[int, str]:
        """Which party each is, as far as it is told."""
        return {
            leg: party_of(metadata.senders(label), stated) if label else ""
            for leg, label in self._labels.items()
        }


def _feeding(label: str, metadata: Metadata) -> frozenset[str]:
    """The addresses of those who feed a line."""
    told = metadata.senders(label) if label else ()
    return frozenset(address for each in told for address, _ in each.names)
