"""Session timers on the UAS side (RFC 4028).

The caller refreshes wherever the protocol leaves the choice, so that a device that ignores our refresh never ends a
recording.
"""

import re
from dataclasses import dataclass

from rejent.streams.calls.network.sip.header_values import read_parameters, tokens
from rejent.streams.calls.network.sip.message import Request

DEFAULT_INTERVAL = 1800
"""Seconds proposed to a caller that supports timers but names no interval (RFC 4028 §4.2)."""
MIN_INTERVAL = 90
"""Seconds: a shorter interval is accepted on the wire but expires after this (RFC 4028 §5)."""
MAX_INTERVAL = 24 * 3600


@dataclass(slots=True, frozen=True)
class SessionTimer:
    """A negotiated timer: Session-Expires in seconds, and ``ours`` where the caller insists that we refresh."""

    interval: int
    ours: bool

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Header fields of the 2xx; ``timer`` is required, since only callers that support it get a timer."""
        return [
            ("Session-Expires", f"{self.interval};refresher={'uas' if self.ours else 'uac'}"),
            ("Require", "timer"),
        ]

    @property
    def expires_after(self) -> float:
        """Seconds without a refresh after which the session has expired."""
        return float(max(self.interval, MIN_INTERVAL))

    @property
    def refresh_after(self) -> float:
        """Seconds after which we refresh, where we are the refresher (RFC 4028 §7.2)."""
        return self.interval / 2


def negotiate(request: Request) -> SessionTimer | None:
    """Return the timer for the response to an INVITE or UPDATE; None where the caller supports none (RFC 4028 §9)."""
    if "timer" not in (*tokens(request.headers, "Supported"), *tokens(request.headers, "Require")):
        return None
    number, _, rest = (request.headers.get("Session-Expires") or "").partition(";")
    if not re.fullmatch(r"[0-9]{1,9}", number.strip()):
        return SessionTimer(DEFAULT_INTERVAL, ours=False)
    insists = (read_parameters(rest).get("refresher") or "").lower() == "uas"
    return SessionTimer(min(max(int(number), 1), MAX_INTERVAL), ours=insists)
