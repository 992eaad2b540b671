"""Codecs of payload types (RFC 3551 §6, RFC 8866 §6.6)."""

from dataclasses import dataclass

EVENT, NOISE = "TELEPHONE-EVENT", "CN"


@dataclass(frozen=True, slots=True)
class Codec:
    """A codec as `a=rtpmap` and `a=fmtp` give it, its name in upper case: ``PCMA``, ``OPUS``, ``TELEPHONE-EVENT``.

    ``clock_rate`` is in RTP ticks per second; 8 000 for G.722, which samples twice as often (RFC 3551 §4.5.2).
    """

    name: str
    clock_rate: int = 8000
    channels: int = 1
    parameters: str = ""

    @property
    def is_speech(self) -> bool:
        """True unless its packets are events (RFC 4733) or comfort noise (RFC 3389)."""
        return self.name not in {EVENT, NOISE}


STATIC = {
    0: Codec("PCMU"),
    3: Codec("GSM"),
    4: Codec("G723"),
    8: Codec("PCMA"),
    9: Codec("G722"),
    13: Codec(NOISE),
    15: Codec("G728"),
    18: Codec("G729"),
}
"""Static payload types (RFC 3551 table 4)."""
