"""What the recording server says of itself in its answers (RFC 7866 §6)."""

from dataclasses import dataclass

from rejent.streams.calls.sip.dialog_server import Capabilities
from rejent.streams.calls.sip.flow import Flow
from rejent.streams.calls.siprec.bodies import TAKEN

ABILITIES = Capabilities(
    ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO"), frozenset({"siprec", "timer", "100rel"})
)
"""100rel asks nothing of one who never answers provisionally (RFC 3262 §3)."""
ALLOW = ABILITIES.allow
ACCEPT = ("Accept", ", ".join(TAKEN))
SUPPORTED = ("Supported", "timer")


@dataclass(slots=True, frozen=True)
class Settings:
    """How the recording server presents itself and what it takes.

    Attributes:
        host: our address as callers reach it, in SIP and in session descriptions.
        port: the port of the transport a caller used last goes into Contact; this one where it is not known.
        limit: sessions at once.
        retry_after: seconds after which a caller that is refused for want of room may come back.
        longest: seconds after which any session is ended.
        takes_plain_calls: ordinary calls are recorded too; else they are declined.
    """

    host: str
    port: int = 5060
    tls_port: int = 5061
    limit: int = 500
    retry_after: int = 30
    longest: float = 24 * 3600.0
    takes_plain_calls: bool = False

    def contact(self, flow: Flow) -> str:
        """Our Contact with the sign of a recording server (RFC 7866 §6.1.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = self.tls_port if flow.transport == "tls" else self.port
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{host}:{port}{transport}>;+sip.srs"
