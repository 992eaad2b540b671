"""The web process: pages, HTTP interface and live pictures under uvicorn."""

import socket
import warnings

import structlog
import uvicorn

log = structlog.get_logger(__name__)


class AnnouncingServer(uvicorn.Server):
    """Says in the log from when on requests are answered."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        if self.started:
            log.info("web.listening", host=self.config.host, port=self.config.port)


def serve(host: str, port: int) -> int:
    """Serve until told to stop."""
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    server = AnnouncingServer(
        uvicorn.Config(
            "rejent.site.asgi:application",
            host=host,
            port=port,
            loop="uvloop",
            http="h11",
            ws="websockets-sansio",
            ws_max_size=65536,
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
    )
    server.run()
    return 0 if server.started else 1
