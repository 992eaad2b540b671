"""Client of live pictures in the web process: one connection to a recorder, re-established whenever it breaks."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path

from rejent.kernel.clock import Clock
from rejent.recording.contract import GeneralCause, State
from rejent.streams.cameras.recorder.live.wire import (
    HEAD,
    LiveKind,
    LiveMessage,
    LiveProtocolError,
    parse_message_head,
    short_socket_path,
    subscription,
)

_PAUSES = (1.0, 2.0, 5.0, 10.0)
"""Seconds before the first, second, … further attempt; each spread by a fifth."""
_SPREAD = 0.2


async def subscribe(
    path: Path,
    source_ids: Sequence[str],
    clock: Clock,
    *,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[LiveMessage]:
    """Yield all that a recorder publishes of these sources, without end; after each reconnection the initialisation comes first.

    While no recorder answers, each source gets one state that says so. A slow reader loses whole fragments at the recorder, never here.
    """
    attempt = 0
    while True:
        received = False
        async with contextlib.aclosing(_messages(path, source_ids)) as messages:
            try:
                async for message in messages:
                    attempt = 0
                    received = True
                    yield message
            except (OSError, asyncio.IncompleteReadError, LiveProtocolError):
                pass
        if received or attempt == 0:
            for source_id in source_ids:
                yield _no_recorder(source_id, clock)
        seconds = _PAUSES[min(attempt, len(_PAUSES) - 1)]
        await pause(seconds * random.uniform(1 - _SPREAD, 1 + _SPREAD))  # noqa: S311 - spreads load, guards nothing
        attempt += 1


async def _messages(path: Path, source_ids: Sequence[str]) -> AsyncGenerator[LiveMessage]:
    with short_socket_path(path) as name:
        reader, writer = await asyncio.open_unix_connection(name)
    try:
        writer.write(subscription(source_ids))
        await writer.drain()
        while True:
            yield await _message(reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _message(reader: asyncio.StreamReader) -> LiveMessage:
    length, kind, key, name, captured_at = parse_message_head(await reader.readexactly(HEAD.size))
    source_id = (await reader.readexactly(name)).decode(errors="replace")
    return LiveMessage(source_id, kind, await reader.readexactly(length), captured_at, key)


def _no_recorder(source_id: str, clock: Clock) -> LiveMessage:
    now = clock.now()
    state = {"state": State.CONNECTING, "cause": GeneralCause.RECORDER_STOPPED, "since": now.isoformat()}
    return LiveMessage(source_id, LiveKind.STATE, json.dumps(state).encode(), now)
