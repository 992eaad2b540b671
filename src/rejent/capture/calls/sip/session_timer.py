"""How long a session lives without a sign of life (RFC 4028), as the side that was called agrees on it.

The caller refreshes wherever the protocol leaves the choice, because a refresh of ours that a device does not answer
must never be what ends a recording.
"""

import re
from dataclasses import dataclass

from rejent.capture.calls.sip.fields import read_parameters, tokens
from rejent.capture.calls.sip.message import Request

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
        required: the caller knows the extension, so the answer demands it.
    """

    interval: int
    ours: bool
    required: bool

    @property
    def fields(self) -> list[tuple[str, str]]:
        """What the 2xx says about it."""
        found = [("Session-Expires", f"{self.interval};refresher={'uas' if self.ours else 'uac'}")]
        return [*found, ("Require", "timer")] if self.required else found

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
    able = "timer" in tokens(request.headers, "Supported") or "timer" in tokens(request.headers, "Require")
    written = request.headers.get("Session-Expires")
    if written is None:
        return SessionTimer(PROPOSED, ours=False, required=True) if able else None
    number, _, rest = written.partition(";")
    if not re.fullmatch(r"[0-9]{1,9}", number.strip()):
        return SessionTimer(PROPOSED, ours=False, required=True) if able else None
    interval = min(max(int(number), 1), LONGEST)
    insists = (read_parameters(rest).get("refresher") or "").lower() == "uas"
    if not able:
        return None
    return SessionTimer(interval, ours=insists, required=True)
