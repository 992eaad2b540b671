"""DTMF from telephone events (RFC 4733 §2.5) and SIP INFO, sans I/O."""

import re
from dataclasses import dataclass

from rejent.formats.rtp.packet import payload_bounds
from rejent.streams.calls.network.sip.message import Request

_SIGNS = "0123456789*#ABCD"
_RELAY = re.compile(r"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-D*#]|1[0-5])[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
"""Limited to one line, to avoid backtracking over blanks."""
_MOST = 1024


@dataclass(slots=True)
class EventReader:
    """Reports each key once, however often its packets repeat; its payload type is None where not negotiated."""

    payload_type: int | None
    _last: tuple[bytes, bytes] | None = None

    def key(self, datagram: bytes) -> str:
        """Return the key that a packet begins; else empty."""
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


def read_info(info: Request) -> str:
    """Return the key in an INFO (``application/dtmf-relay`` or ``application/dtmf``); empty for none."""
    kind = (info.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    text = info.body[:_MOST].decode("ascii", "replace")
    if kind == "application/dtmf":
        sign = text.strip().upper()
    elif kind == "application/dtmf-relay":
        found = _RELAY.search(text)
        sign = found[1].upper() if found else ""
    else:
        return ""
    if sign.isdigit() and 10 <= int(sign) < len(_SIGNS):
        return _SIGNS[int(sign)]
    return sign if len(sign) == 1 and sign in _SIGNS else ""
