"""How long a session lives without a sign of life (RFC 4028), as the side that was called agrees on it.

The caller refreshes wherever the protocol leaves the choice, because a refresh of ours that a device does not answer
must never be what ends a recording.
"""

import re
from dataclasses import dataclass

from rejent.streams.calls.sip.fields import read_parameters, tokens
from rejent.streams.calls.sip.message import Request

PROPOSED = 1800
"""Seconds we propose to a caller that can but did not ask (RFC 4028 §4.2)."""
SHORTEST = 90
"""Seconds below which an interval is answered as asked but counted as this (RFC 4028 §5)."""
LONGEST = 24 * 3600


@dataclass(slots=True, frozen=True)
class SessionTimer:
    """What was agreed.

    Attributes:
        interval: seconds between two refreshes at most, as written on the wire.
        ours: we are the one who refreshes, since the caller insists.
    """

    interval: int
    ours: bool

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What the 2xx says about it; the extension is demanded, for only a caller that knows it gets a timer."""
        return [
            ("Session-Expires", f"{self.interval};refresher={'uas' if self.ours else 'uac'}"),
            ("Require", "timer"),
        ]

    @property
    def over_after(self) -> float:
        """Seconds without a refresh after which the session counts as lost."""
        return float(max(self.interval, SHORTEST))

    @property
    def refresh_after(self) -> float:
        """Seconds after which we refresh, where that is ours (RFC 4028 §7.2)."""
        return self.interval / 2


def agreed(request: Request) -> SessionTimer | None:
    """The timer that the answer to an INVITE or UPDATE sets, or None where the caller knows none (RFC 4028 §9)."""
    if "timer" not in (*tokens(request.headers, "Supported"), *tokens(request.headers, "Require")):
        return None
    number, _, rest = (request.headers.get("Session-Expires") or "").partition(";")
    if not re.fullmatch(r"[0-9]{1,9}", number.strip()):
        return SessionTimer(PROPOSED, ours=False)
    insists = (read_parameters(rest).get("refresher") or "").lower() == "uas"
    return SessionTimer(min(max(int(number), 1), LONGEST), ours=insists)
