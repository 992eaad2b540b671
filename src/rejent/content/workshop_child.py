"""A child of the workshop, which does jobs of streams for the web process.

It reads no file but the program's, changes none (Landlock), writes none (`RLIMIT_FSIZE` 0), leaves no core file and has
bounded memory; an order that takes too long ends it, even inside libav.
"""

import json
import resource
import signal
import sys
from importlib import import_module
from itertools import accumulate
from typing import Any, BinaryIO, Protocol

from rejent.content.errors import UndecodableError
from rejent.content.workshop_wire import HEAD, LARGEST, packed
from rejent.vault.landlock import confine_reader


class UnderWay(Protocol):
    """Work that goes on over several orders."""

    def feed(self, content: bytes, /) -> bytes:
        """Return what is ready after this."""

    def finish(self) -> bytes:
        """Return what still waits."""


class Bench:
    """Carry out orders; at most one course of work is under way."""

    def __init__(self) -> None:
        self._under_way: UnderWay | None = None

    def carry_out(self, order: dict[str, Any], content: bytes) -> bytes:
        """Return the answer's content. Raises UndecodableError: nothing can be made of it; any other error: that of its job."""
        match order["order"]:
            case "make":
                return bytes(_done(order, content))
            case "begin":
                self._under_way = _done(order, content)
                return b""
            case "feed" if self._under_way is not None:
                return self._under_way.feed(content)
            case "finish" if self._under_way is not None:
                under_way, self._under_way = self._under_way, None
                return under_way.finish()
        raise UndecodableError("no such order")


def _done(order: dict[str, Any], content: bytes) -> Any:
    module, _, attribute = order["job"].partition(":")
    job = getattr(import_module(module), attribute)
    lengths = order.get("lengths")
    return job(content if lengths is None else _parts(content, lengths), **order["options"])


def _parts(content: bytes, lengths: list[int]) -> list[bytes]:
    ends = list(accumulate(lengths))
    return [content[end - length : end] for length, end in zip(lengths, ends, strict=True)]


def confine(memory: int) -> None:
    """Take from this process what it does not need; ``memory`` in bytes of address space."""
    confine_reader()
    for limit, value in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        resource.setrlimit(limit, (value, value))


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Carry out orders until there are no more."""
    bench = Bench()
    while head := orders.read(HEAD.size):
        head_length, length = HEAD.unpack(head)
        if head_length > LARGEST or length > LARGEST:
            return
        order = json.loads(orders.read(head_length))
        content = orders.read(length)
        signal.alarm(order["seconds"])
        try:
            answer = packed({"ok": True}, bench.carry_out(order, content))
        except Exception:  # noqa: BLE001 - no content ends the child, also none that asks for more memory than there is
            answer = packed({"ok": False})
        signal.alarm(0)
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    confine(int(sys.argv[1]))  # type: ignore[outside-number]  # of our parent
    serve(sys.stdin.buffer, sys.stdout.buffer)
