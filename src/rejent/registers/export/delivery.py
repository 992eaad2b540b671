"""A register on its way to whoever asked: handed on piece by piece, never held as a whole."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation


def table_download(request: HttpRequest, pieces: Iterator[bytes], name: str) -> StreamingHttpResponse:
    """Return a CSV file that is made while it is sent, in the language that is spoken now."""
    return download(request, pieces, name, "text/csv; charset=utf-8")


def download(
    request: HttpRequest, pieces: Iterator[bytes], name: str, media_type: str
) -> StreamingHttpResponse:
    """Return a file that is made while it is sent, in the language that is spoken now."""
    spoken = _spoken(pieces, translation.get_language())
    return StreamingHttpResponse(
        _in_turn(spoken) if isinstance(request, ASGIRequest) else spoken,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _spoken(pieces: Iterator[bytes], language: str | None) -> Iterator[bytes]:
    """Yield the pieces, each made in the language; the request's own is over before they are sent."""
    while True:
        with translation.override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


async def _in_turn(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Yield each piece made in a thread, so that the server goes on answering others."""
    while (piece := await sync_to_async(_next)(pieces)) is not None:
        yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
