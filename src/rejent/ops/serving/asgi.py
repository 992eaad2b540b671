"""The ASGI application: the WebSockets of the kinds of streams, everything else through Django."""

import os
from itertools import chain
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rejent.ops.settings")

from django.core.asgi import get_asgi_application

from rejent.ops.serving.intake import NotTakenInError, refuse, taken_in

_pages = get_asgi_application()


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer one connection."""
    match scope["type"]:
        case "lifespan":
            await _lifespan(receive, send)
        case "websocket":
            await _socket(scope, receive, send)
        case _:
            await _page(scope, receive, send)


async def _page(scope: dict[str, Any], receive: Any, send: Any) -> None:
    try:
        received = await taken_in(scope["headers"], receive)
    except NotTakenInError as error:
        await refuse(error, send)
    else:
        await _pages(scope, received, send)


async def _socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    from rejent.web.stream_parts import SOCKETS

    for address, serve in chain.from_iterable(each.items() for each in SOCKETS.values()):
        if address == scope["path"]:
            await serve(scope, receive, send)
            return
    await send({"type": "websocket.close"})


async def _lifespan(receive: Any, send: Any) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})
