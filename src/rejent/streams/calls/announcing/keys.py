"""Keys a caller presses: telephone events in RTP (RFC 4733 §2.5) and SIP INFO, without any input or output."""

import re
from dataclasses import dataclass

from rejent.formats.rtp.packet import payload_bounds
from rejent.streams.calls.sip.message import Request

_SIGNS = "0123456789*#ABCD"
_RELAY = re.compile(r"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-D*#]|1[0-5])[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
"""Within one line: blanks that reach over line ends would be tried anew from each of them."""
_MOST = 1024


@dataclass(slots=True)
class EventReader:
    """Tells each key once, however many packets repeat it.

    Attributes:
        payload_type: of telephone events, as agreed; None where none are.
    """

    payload_type: int | None
    _last: tuple[bytes, bytes] | None = None

    def key(self, datagram: bytes) -> str:
        """The key that a packet begins; empty where it is none, or one that was told already."""
        if self.payload_type is None or len(datagram) < 16 or datagram[1] & 0x7F != self.payload_type:
            return ""
        bounds = payload_bounds(datagram, 0, len(datagram))
        if bounds is None or bounds[1] - bounds[0] < 4:
            return ""
        stamp, event = (datagram[8:12], datagram[4:8]), datagram[bounds[0]]
        if stamp == self._last or event >= len(_SIGNS):
            return ""
        self._last = stamp
        return _SIGNS[event]


def pressed(info: Request) -> str:
    """The key that an INFO tells of, as ``application/dtmf-relay`` or ``application/dtmf`` write it; empty for none."""
    kind = (info.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    text = info.body[:_MOST].decode("ascii", "replace")
    if kind == "application/dtmf":
        told = text.strip().upper()
    elif kind == "application/dtmf-relay":
        found = _RELAY.search(text)
        told = found[1].upper() if found else ""
    else:
        return ""
    if told.isdigit() and 10 <= int(told) < len(_SIGNS):
        return _SIGNS[int(told)]
    return told if len(told) == 1 and told in _SIGNS else ""
