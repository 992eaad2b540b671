"""Decoding and encoding of recordings in child processes that may hang or crash without harm to the web process.

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
from typing import Any, ClassVar

from rejent.content.workshop_wire import HEAD, LARGEST, packed_head
from rejent.kernel.clock import Clock
from rejent.kernel.errors import RejentError

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

    def order(self, message: dict[str, Any], content: bytes, seconds: float) -> bytes | None:
        """Send an order and return its answer; None if it cannot be done. Raises OSError: the child died or was too late."""
        self.served += 1
        head = packed_head({**message, "seconds": int(seconds) + 2}, len(content))
        answer = self._exchange([memoryview(content), memoryview(head)], self._clock.monotonic() + seconds)
        head_length, _ = HEAD.unpack_from(answer)
        if not json.loads(answer[HEAD.size : HEAD.size + head_length])["ok"]:
            return None
        return bytes(answer[HEAD.size + head_length :])

    def kill(self) -> None:
        """End the child and give everything back."""
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _exchange(self, waiting: list[memoryview], until: float) -> bytearray:
        """Write the order, whose pieces wait the last first, and read the answer, whichever the pipes are ready for."""
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
                        piece = waiting.pop()
                        if left_over := piece[os.write(orders.fileno(), piece[:_READ_AT_ONCE]) :]:
                            waiting.append(left_over)
                        if not waiting:
                            selector.unregister(orders)
                        continue
                    part = os.read(answers.fileno(), _READ_AT_ONCE)
                    if not part:
                        raise BrokenPipeError
                    answer += part
        return answer


@dataclass(frozen=True, slots=True)
class Refusals:
    """The errors of a workshop, made anew each time: all ``busy``, a child ``late`` or dead, or ``undecodable`` content."""

    busy: Callable[[], RejentError]
    late: Callable[[], RejentError]
    undecodable: Callable[[], RejentError]


class Course:
    """Work that goes on over several orders, one child's until it ends; made by `Workshop.course`."""

    def __init__(self, order: Callable[[dict[str, Any], bytes], bytes]) -> None:
        self._order = order

    def feed(self, content: bytes) -> bytes:
        """Return what is ready after this; errors as `Workshop.course`."""
        return self._order({"order": "feed"}, content)

    def finish(self) -> bytes:
        """Return what still waits; errors as `Workshop.course`."""
        return self._order({"order": "finish"}, b"")


class Workshop:
    """Child processes for the web process, safe for many threads; a kind of stream derives its own.

    A job is named ``module:attribute``; the child imports it and calls it with its content, one or a list, and its options.
    An order may take ``seconds``, after waiting as long for one of the ``children``, which ``command`` starts.
    """

    refusals: ClassVar[Refusals]

    def __init__(
        self, clock: Clock, *, children: int = 2, seconds: float = 15.0, command: list[str] | None = None
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._command = command or [sys.executable, "-P", "-m", "rejent.content.workshop_child", str(_MEMORY)]
        self._room = threading.BoundedSemaphore(children)
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._closed = False

    def run(self, job: str, content: bytes | Sequence[bytes], **options: Any) -> bytes:
        """Return what a job makes of its content. Raises RejentError: one of `refusals`."""
        order: dict[str, Any] = {"order": "make", "job": job, "options": options}
        if not isinstance(content, bytes):
            order["lengths"] = list(map(len, content))
            content = b"".join(content)
        with self._child() as child:
            return self._ordered(child, order, content)

    @contextmanager
    def course(self, job: str, content: bytes, **options: Any) -> Iterator[Course]:
        """Yield a child for one course of work, whose job gives what is fed and finished. Raises RejentError: one of `refusals`."""
        order = {"order": "begin", "job": job, "options": options}
        with self._child() as child:
            self._ordered(child, order, content)
            yield Course(lambda message, content: self._ordered(child, message, content))

    def close(self) -> None:
        """End all children that are not at work; those that are end after their order."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for child in idle:
            child.kill()

    @contextmanager
    def _child(self) -> Iterator[_Child]:
        if not self._room.acquire(timeout=self._seconds):
            raise self.refusals.busy()
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

    def _ordered(self, child: _Child, message: dict[str, Any], content: bytes) -> bytes:
        try:
            answer = child.order(message, content, self._seconds)
        except OSError:
            raise self.refusals.late() from None
        if answer is None:
            raise self.refusals.undecodable()
        return answer


def _is_whole(answer: bytearray) -> bool:
    if len(answer) < HEAD.size:
        return False
    head, length = HEAD.unpack_from(answer)
    if head > LARGEST or length > LARGEST:
        raise BrokenPipeError
    whole: int = HEAD.size + head + length
    return len(answer) >= whole
