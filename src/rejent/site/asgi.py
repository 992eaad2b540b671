"""What the server calls: live pictures over a WebSocket, everything else through Django."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.site.settings")

from django.core.asgi import get_asgi_application

_pages = get_asgi_application()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer one connection."""
    match scope["type"]:
        case "lifespan":
            await _lifespan(receive, send)
        case "websocket":
            from rejent.web.live import live_socket

            await live_socket(scope, receive, send)
        case _:
            await _pages(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
