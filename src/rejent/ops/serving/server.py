"""The web process: pages, HTTP interface and live pictures under uvicorn."""

import asyncio
import socket
import ssl
import warnings
from hashlib import sha256

import h11
import structlog
import uvicorn
from django.conf import settings
from uvicorn.protocols.http.h11_impl import H11Protocol

from rejent.ops.serving.encryption import page_encryption
from rejent.web.requests.client_station import CERTIFICATE

SLOWEST_HEAD_S = 10.0
"""Seconds in which a request's line and headers must have come; whoever connects and says nothing is cut off after it."""

log = structlog.get_logger(__name__)


class AnnouncingServer(uvicorn.Server):
    """Says in the log from when on requests are answered."""

    said = "web.listening"

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            log.info(self.said, host=self.config.host, port=self.config.port)


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that hands the application, and the WebSocket it may become, the certificate of its connection.

    It waits for the head of a request, but not for ever: uvicorn bounds only the silence between two requests.
    """

    _head_late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Note the certificate that the handshake has verified."""
        super().connection_made(transport)
        encrypted: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        certificate = encrypted.getpeercert(binary_form=True) if encrypted else None
        if certificate:
            self.app_state = {**self.app_state, **self.certificate_shown(certificate)}
        self._wait_for_head()

    def certificate_shown(self, der: bytes) -> dict[str, str]:
        """Return what the application is told of a certificate that the handshake has verified."""
        return {CERTIFICATE: sha256(der).hexdigest()}

    def data_received(self, data: bytes) -> None:
        """Read on, and see whether a head is still to come."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_head()
        else:
            self._wait_no_longer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._wait_no_longer()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        if self._head_late is None:
            self._head_late = self.loop.call_later(SLOWEST_HEAD_S, self.transport.abort)

    def _wait_no_longer(self) -> None:
        if self._head_late is not None:
            self._head_late.cancel()
            self._head_late = None


def serve(host: str, port: int) -> int:
    """Serve until stopped. Raises InputRefusedError: the certificate of the pages cannot be used."""
    encryption = page_encryption(settings.INSTALLATION, settings.CLOCK)
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    server = AnnouncingServer(
        uvicorn.Config(
            "rejent.ops.serving.asgi:application",
            host=host,
            port=port,
            loop="uvloop",
            http=PatientProtocol,
            ws="websockets-sansio",
            ws_max_size=65536,
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ssl_context_factory=(lambda _config, _default: encryption) if encryption else None,
            timeout_graceful_shutdown=5,
        )
    )
    server.run()
    return 0 if server.started else 1
