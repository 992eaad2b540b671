"""Where pictures are decoded and encoded: child processes that may hang or crash without harm to the web process.

Everything goes through pipes, in memory. A child that answers too late, dies, or has served long enough is replaced.
"""

import json
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rejent.content.errors import PictureError, SoundError, UndecodableSoundError, UndecodableStillError
from rejent.content.workshop_wire import HEAD, LARGEST, packed
from rejent.formats.mp4.picture import Codec
from rejent.kernel.clock import Clock

_MEMORY = 2 << 30
"""Bytes of address space of a child; libx264 and threads reserve more than they use."""
_ORDERS = 500
"""Orders after which a child is replaced, so that nothing leaks for long."""
_READ_AT_ONCE = 1 << 20


class _Child:
    """One child process, used by one thread at a time; it inherits no environment."""

    def __init__(self, command: list[str], clock: Clock) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={},
        )
        self._clock = clock
        self.served = 0
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)

    def order(self, told: dict[str, Any], content: bytes, seconds: float) -> bytes:
        """Sends an order and waits for its answer.

        Raises:
            PictureError: the child says that it cannot be done.
            OSError: the child died or did not answer in time.
        """
        self.served += 1
        message = packed({**told, "seconds": int(seconds) + 2}, content)
        answer = self._exchange(memoryview(message), self._clock.monotonic() + seconds)
        told_length, _ = HEAD.unpack_from(answer)
        if not json.loads(answer[HEAD.size : HEAD.size + told_length])["ok"]:
            raise _undecodable()
        return bytes(answer[HEAD.size + told_length :])

    def kill(self) -> None:
        """Ends the child and gives everything back."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _exchange(self, message: memoryview, until: float) -> bytearray:
        """Writes the order and reads the answer, whichever the pipes are ready for."""
        orders, answers = self._process.stdin, self._process.stdout
        if orders is None or answers is None:
            raise BrokenPipeError
        answer = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(orders, selectors.EVENT_WRITE)
            selector.register(answers, selectors.EVENT_READ)
            while not _is_whole(answer):
                left = until - self._clock.monotonic()
                if left <= 0:
                    raise TimeoutError
                for key, _ in selector.select(left):
                    if key.fileobj is orders:
                        message = message[os.write(orders.fileno(), message[:_READ_AT_ONCE]) :]
                        if not message:
                            selector.unregister(orders)
                        continue
                    part = os.read(answers.fileno(), _READ_AT_ONCE)
                    if not part:
                        raise BrokenPipeError
                    answer += part
        return answer


@dataclass(frozen=True, slots=True)
class CallWav:
    """A call, or one leg of it, as a WAV.

    Attributes:
        legs: how many the call has.
        codecs: names of the codings that are heard in the file.
        as_received: whether its samples are the payload as it came, rather than decoded.
        silent: those codings that are silence in it, because they could not be decoded.
        content: the file.
    """

    legs: int
    codecs: tuple[str, ...]
    as_received: bool
    silent: tuple[str, ...]
    content: bytes


class Conversion:
    """One stream on its way from H.265 to H.264; made by `Workshop.conversion`."""

    def __init__(self, order: Callable[[dict[str, Any], bytes], bytes]) -> None:
        self._order = order

    def feed(self, fragments: bytes) -> bytes:
        """Converted fragments for these, as far as they are ready; an initialisation comes before the first.

        Raises:
            PictureError: it cannot be done, or not in time.
        """
        return self._order({"order": "feed"}, fragments)

    def finish(self) -> bytes:
        """The pictures that still wait; errors as `feed`."""
        return self._order({"order": "finish"}, b"")


class Workshop:
    """Child processes for the web process; may be used by many threads at once.

    Args:
        clock: counts the seconds a child may take.
        children: how many may work at once.
        seconds: an order may take so long, and may wait as long for a child to be free.
        command: starts a child.
    """

    def __init__(
        self, clock: Clock, *, children: int = 2, seconds: float = 15.0, command: list[str] | None = None
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._command = command or [
            sys.executable,
            "-P",
            "-m",
            "rejent.content.workshop_child",
            str(_MEMORY),
        ]
        self._room = threading.BoundedSemaphore(children)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def still(self, codec: Codec, record: bytes, sample: bytes, width: int, height: int) -> bytes:
        """A key picture as JPEG within ``width`` × ``height``.

        Raises:
            PictureError: it cannot be decoded, not in time, or all children are busy.
        """
        told = {"order": "still", "codec": codec, "record": len(record), "width": width, "height": height}
        with self._child() as child:
            return self._ordered(child, told, record + sample)

    @contextmanager
    def conversion(self, initialisation: bytes, most_height: int = 1080) -> Iterator[Conversion]:
        """A child that converts one stream, until the block ends.

        Args:
            initialisation: ``ftyp`` and ``moov`` of the stream.
            most_height: pictures higher than this are made smaller.

        Raises:
            PictureError: the stream cannot be converted, or all children are busy.
        """
        with self._child() as child:
            self._ordered(child, {"order": "convert", "height": most_height}, initialisation)
            yield Conversion(lambda told, content: self._ordered(child, told, content))

    def converted(self, initialisation: bytes, fragments: bytes, most_height: int = 1080) -> bytes:
        """A whole clip at once: initialisation and fragments in H.264; errors as `conversion`."""
        with self.conversion(initialisation, most_height) as conversion:
            return conversion.feed(fragments) + conversion.finish()

    def listened(
        self,
        objects: Sequence[bytes],
        starts: Sequence[int],
        wanted: tuple[int, int],
        rate: int,
        readable: Sequence[tuple[int, int]],
    ) -> bytes:
        """A piece of a call between two instants, as `rejent.content.call_sound.piece` makes it.

        Raises:
            SoundError: it cannot be made, not in time, or all children are busy.
        """
        told = {"order": "listen", "wanted": wanted, "rate": rate, "readable": readable}
        lengths = list(map(len, objects))
        return self._of_sound({**told, "starts": starts, "lengths": lengths}, b"".join(objects))

    def described(self, content: bytes, start: int) -> bytes:
        """What an object of a call holds, as `rejent.content.call_sound.described` tells it; errors as `listened`."""
        return self._of_sound({"order": "describe", "start": start}, content)

    def measured(self, content: bytes) -> bytes:
        """What a file of a PBX holds, as `rejent.content.call_sound.measured_file` tells it.

        Raises:
            UndecodableSoundError: it holds nothing that can be heard.
            SoundError: it was not measured, in time or at all; that may be no fault of the file.
        """
        return self._of_sound({"order": "measure"}, content)

    def as_wav(self, objects: Sequence[bytes], leg: int | None = None) -> CallWav:
        """What was opened of a call as `rejent.content.call_wav.as_wav` makes it.

        Raises:
            UndecodableSoundError: it is no call, more than one, or there is no such leg.
            SoundError: it was not made, in time or at all.
        """
        told = {"order": "wav", "leg": leg, "lengths": list(map(len, objects))}
        head, _, content = self._of_sound(told, b"".join(objects)).partition(b"\n")
        said = json.loads(head)
        return CallWav(
            said["legs"], tuple(said["codecs"]), said["as_received"], tuple(said["silent"]), content
        )

    def made_plain(self, content: bytes) -> bytes:
        """A sound file as `rejent.content.call_announcement.plain` makes it; errors as `listened`."""
        return self._of_sound({"order": "plain"}, content)

    def sought(self, objects: Sequence[bytes], starts: Sequence[int], sounds: Sequence[bytes]) -> bytes:
        """Where sounds are in a call, as `rejent.content.call_announcement.sought` tells it; errors as `listened`."""
        contents = [*objects, *sounds]
        told = {"order": "seek", "starts": starts, "lengths": list(map(len, contents))}
        return self._of_sound(told, b"".join(contents))

    def _of_sound(self, told: dict[str, Any], content: bytes) -> bytes:
        try:
            with self._child() as child:
                return self._ordered(child, told, content)
        except PictureError as error:
            inaudible = SoundError(
                "The recorded sound cannot be made audible now.",
                advice="The recording itself is untouched; try again, or another moment of the call.",
            )
            if isinstance(error, UndecodableStillError):
                raise UndecodableSoundError(inaudible.template, advice=inaudible.advice) from None
            raise inaudible from None

    def close(self) -> None:
        """Ends all children that are not at work; those that are end after their order."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()

    @contextmanager
    def _child(self) -> Iterator[_Child]:
        if not self._room.acquire(timeout=self._seconds):
            raise PictureError(
                "No pictures can be made now, because too many are being made.",
                advice="Try again in a moment.",
            )
        try:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            child = child or _Child(self._command, self._clock)
            try:
                yield child
            except BaseException:
                child.kill()
                raise
            self._give_back(child)
        finally:
            self._room.release()

    def _give_back(self, child: _Child) -> None:
        with self._lock:
            if child.served < _ORDERS and not self._closed:
                self._idle.append(child)
                return
        child.kill()

    def _ordered(self, child: _Child, told: dict[str, Any], content: bytes) -> bytes:
        try:
            return child.order(told, content, self._seconds)
        except OSError:
            raise PictureError(
                "The picture was not made in time.", advice="Try again; if it happens always, report it."
            ) from None


def _is_whole(answer: bytearray) -> bool:
    if len(answer) < HEAD.size:
        return False
    told, length = HEAD.unpack_from(answer)
    if told > LARGEST or length > LARGEST:
        raise BrokenPipeError
    whole: int = HEAD.size + told + length
    return len(answer) >= whole


def _undecodable() -> UndecodableStillError:
    return UndecodableStillError(
        "The recorded picture cannot be decoded.",
        advice="The recording itself is untouched; try another moment.",
    )
