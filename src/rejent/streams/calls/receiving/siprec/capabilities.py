"""Capabilities and settings of the recording server, as it states them in responses (RFC 7866 §6)."""

from dataclasses import dataclass

from rejent.streams.calls.network.sip.dialog_server import Capabilities
from rejent.streams.calls.network.sip.flow import Flow
from rejent.streams.calls.receiving.siprec.bodies import ACCEPTED_TYPES

CAPABILITIES = Capabilities(
    ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO"), frozenset({"siprec", "timer", "100rel"})
)
"""100rel has no effect, since we never send provisional responses (RFC 3262 §3)."""
ALLOW = CAPABILITIES.allow
ACCEPT = ("Accept", ", ".join(ACCEPTED_TYPES))
SUPPORTED = ("Supported", "timer")


@dataclass(slots=True, frozen=True)
class Settings:
    """Identity and limits of the recording server.

    Attributes:
        host: our address as callers reach it, in SIP and SDP.
        limit: sessions at once.
        retry_after: seconds in Retry-After of a 503.
        longest: maximum duration of a session, in seconds.
        takes_plain_calls: record ordinary calls too; else decline them.
    """

    host: str
    port: int = 5060
    tls_port: int = 5061
    limit: int = 500
    retry_after: int = 30
    longest: float = 24 * 3600.0
    takes_plain_calls: bool = False

    def contact(self, flow: Flow) -> str:
        """Return our Contact with the ``+sip.srs`` feature tag (RFC 7866 §6.1.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = self.tls_port if flow.transport == "tls" else self.port
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"<sip:{host}:{port}{transport}>;+sip.srs"
