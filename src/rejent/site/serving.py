"""The web process: pages, HTTP interface and live pictures under uvicorn."""

import asyncio
import socket
import ssl
import warnings
from hashlib import sha256

import structlog
import uvicorn
from django.conf import settings
from uvicorn.protocols.http.h11_impl import H11Protocol

from rejent.site.encryption import page_encryption
from rejent.web.asked_from import CERTIFICATE

log = structlog.get_logger(__name__)


class AnnouncingServer(uvicorn.Server):
    """Says in the log from when on requests are answered."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            log.info("web.listening", host=self.config.host, port=self.config.port)


class CertificateProtocol(H11Protocol):
    """HTTP/1.1 that tells the application, and the WebSocket it may become, which certificate its connection showed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Note the certificate that the handshake has verified."""
        super().connection_made(transport)
        encrypted: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
        certificate = encrypted.getpeercert(binary_form=True) if encrypted else None
        if certificate:
            self.app_state = {**self.app_state, CERTIFICATE: sha256(certificate).hexdigest()}


def serve(host: str, port: int) -> int:
    """Serve until told to stop.

    Raises:
        InputRefusedError: the certificate of the pages cannot be used.
    """
    encryption = page_encryption(settings.INSTALLATION, settings.VAULT, settings.CLOCK)
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    server = AnnouncingServer(
        uvicorn.Config(
            "rejent.site.asgi:application",
            host=host,
            port=port,
            loop="uvloop",
            http=CertificateProtocol,
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
