"""The web process: pages, HTTP interface and live pictures under uvicorn."""

import warnings

import uvicorn


def serve(host: str, port: int) -> int:
    """Serve until told to stop."""
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
    server = uvicorn.Server(
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
