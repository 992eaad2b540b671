"""A call that was let in, and the reasons for which the recorder ends one."""

from dataclasses import dataclass
from enum import StrEnum

from rejent.streams.calls.catalog.views import REFUSED
from rejent.streams.calls.recorder.line import Line
from rejent.streams.calls.recorder.parties import Parties
from rejent.streams.calls.recorder.scope import Way, in_scope, likely_way


class StopReason(StrEnum):
    """Reasons for ending a session ourselves, beside `rejent.streams.calls.receiving.siprec.events.EndReason`."""

    RECORDER = "recorder-stopped"
    OUT_OF_SCOPE = "out-of-scope"
    REFUSED = REFUSED


@dataclass(frozen=True, slots=True)
class AdmittedCall:
    """An admitted call and what is known of it."""

    line: Line
    parties: Parties
    ways: frozenset[Way]

    @property
    def way(self) -> Way:
        """Its direction, as shown to whoever looks for it."""
        return likely_way(self.parties, self.line.order.address.numbers, self.ways)

    @property
    def wanted(self) -> bool | None:
        """True if it is to be recorded, False if not, None if that depends on its direction."""
        return in_scope(self.ways, self.line.order.directions)
