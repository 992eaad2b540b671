"""Live pictures for browsers that cannot show H.265, and of motion JPEG for all: the same messages, converted on the way."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TypeVar, TypeVarTuple

from rejent.content.workshop import Course
from rejent.formats.errors import MovieError
from rejent.formats.mp4.picture import Codec
from rejent.formats.mp4.reader import configuration_of, initialisation_of, parse_fragment_head
from rejent.formats.source import BytesSource
from rejent.streams.cameras.player.errors import PictureError
from rejent.streams.cameras.player.workshop import PictureWorkshop
from rejent.streams.cameras.recorder.live.wire import LiveKind, LiveMessage

_Given = TypeVarTuple("_Given")
_Answer = TypeVar("_Answer")


class LiveConversion:
    """Converts the messages of any number of sources, each in H.265 or JPEG in a child of the workshop; failures wait for the next key picture."""

    def __init__(self, workshop: PictureWorkshop, most_height: int = 720) -> None:
        self._workshop = workshop
        self._most_height = most_height
        self._heads: dict[str, bytes] = {}
        self._at_work: dict[str, tuple[ExitStack, Course]] = {}

    async def take(self, message: LiveMessage) -> list[LiveMessage]:
        """Return what is to be sent on for a message: itself, or what it was converted to."""
        if message.kind is LiveKind.INITIALISATION:
            await self._end(message.source_id)
            self._heads.pop(message.source_id, None)
            if configuration_of(message.payload)[0] is Codec.H264:
                return [message]
            self._heads[message.source_id] = message.payload
            return []
        if message.kind is LiveKind.STATE or message.source_id not in self._heads:
            return [message]
        try:
            return await self._converted(message)
        except (PictureError, MovieError):
            await self._end(message.source_id)
            return []

    async def close(self) -> None:
        """Give all children back."""
        for source_id in list(self._at_work):
            await self._end(source_id)

    async def _converted(self, message: LiveMessage) -> list[LiveMessage]:
        source_id = message.source_id
        if source_id not in self._at_work:
            if not message.key:
                return []
            self._at_work[source_id] = await _in_thread(self._begin, self._heads[source_id])
        conversion = self._at_work[source_id][1]
        content = await _in_thread(conversion.feed, message.payload)
        sent: list[LiveMessage] = []
        if content[4:8] == b"ftyp":
            head = initialisation_of(BytesSource(content))
            sent.append(replace(message, kind=LiveKind.INITIALISATION, payload=head, key=False))
            content = content[len(head) :]
        if content:
            key = bool(parse_fragment_head(content).run.keys[0])
            sent.append(replace(message, payload=content, key=key))
        return sent

    def _begin(self, head: bytes) -> tuple[ExitStack, Course]:
        stack = ExitStack()
        return stack, stack.enter_context(self._workshop.conversion(head, self._most_height))

    async def _end(self, source_id: str) -> None:
        begun = self._at_work.pop(source_id, None)
        if begun is not None:
            await _in_thread(begun[0].close)


async def _in_thread(act: Callable[[*_Given], _Answer], *given: *_Given) -> _Answer:
    """Run something that blocks; when cancelled, wait for its end, for a child serves one caller at a time."""
    work = asyncio.ensure_future(asyncio.to_thread(act, *given))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
