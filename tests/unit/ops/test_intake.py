"""Strangers cannot fill the disk with a body, nor keep connections for ever, nor hide one request in another."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from http import HTTPStatus
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from rejent.ops.serving import intake
from rejent.ops.serving import server as serving
from rejent.ops.serving.asgi import application
from tests.waiting import CEILING_S

Headers = list[tuple[bytes, bytes]]
FORM: Headers = [(b"host", b"localhost"), (b"content-type", b"application/x-www-form-urlencoded")]


def asked(headers: Headers, *pieces: bytes, ends: bool = True) -> tuple[int, int]:
    """The status that the sign-in page answers a body in pieces with, and how many pieces it took."""
    last = len(pieces) - 1
    coming = [
        {"type": "http.request", "body": piece, "more_body": number < last or not ends}
        for number, piece in enumerate(pieces)
    ]
    said: list[dict[str, Any]] = []
    scope = {
        "type": "http", "method": "POST", "path": "/account/login/", "query_string": b"", "scheme": "http",
        "server": ("127.0.0.1", 80), "client": ("192.0.2.7", 1024), "headers": [*FORM, *headers],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return coming.pop(0) if coming else await asyncio.Event().wait()  # type: ignore[return-value]  # never

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    asyncio.run(_answered(application(scope, receive, send)))
    return said[0]["status"], len(pieces) - len(coming)


async def _answered(answer: Awaitable[None]) -> None:
    await answer


def test_a_body_longer_than_any_page_sends_is_refused_unread() -> None:
    """Its length says so before a byte of it is taken."""
    told = asked([(b"content-length", str(intake.LARGEST_BODY + 1).encode())], b"login=")
    assert told == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 0)


def test_a_body_without_a_length_is_taken_up_to_the_bound_only() -> None:
    """Chunks go on for ever; what is taken of them does not."""
    piece = b"a" * (1 << 20)
    assert asked([(b"transfer-encoding", b"chunked")], *[piece] * 9) == (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        intake.LARGEST_BODY // len(piece) + 1,
    )


def test_a_body_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends half of it and waits is not waited for."""
    monkeypatch.setattr(intake, "SLOWEST_BODY_S", 0.01)
    assert asked([], b"login=", ends=False) == (HTTPStatus.REQUEST_TIMEOUT, 1)


def test_a_request_with_two_lengths_is_refused() -> None:
    """A proxy that goes by the other one would hand on the rest as a request of its own (RFC 9112 § 11.2)."""
    told = asked([(b"content-length", b"4"), (b"transfer-encoding", b"chunked")], b"")
    assert told == (HTTPStatus.BAD_REQUEST, 0)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: local"])
def test_a_connection_without_a_request_is_cut_off(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    """Silence, or a head that never ends, does not keep a connection."""
    monkeypatch.setattr(serving, "SLOWEST_HEAD_S", 0.05)
    assert asyncio.run(_served(lambda port: _read(port, begun))) == b""


async def _served(ask: Callable[[int], bytes]) -> bytes:
    """What a client in a thread reads from a server of ours."""
    config = Config(application, loop="asyncio", log_config=None)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: serving.PatientProtocol(config, ServerState(), {}), "127.0.0.1", 0
    )
    async with server:
        return await asyncio.to_thread(ask, server.sockets[0].getsockname()[1])


def _read(port: int, begun: bytes) -> bytes:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=CEILING_S)) as client:
        client.sendall(begun)
        try:
            return client.recv(100)
        except ConnectionResetError:
            return b""
