"""A child of the workshop: decodes and encodes for the web process, and nothing else.

It can read no file but the program's, change none (Landlock) and write none (`RLIMIT_FSIZE` 0), leaves no core file, has bounded memory, and an order that takes too long ends
it, even inside libav.
"""

import json
import resource
import signal
import sys
from itertools import accumulate
from typing import Any, BinaryIO

from rejent.content import call_announcement, call_sound, call_wav
from rejent.content.converter import Converter
from rejent.content.pictures import UndecodableError, jpeg
from rejent.content.workshop_wire import HEAD, LARGEST, packed
from rejent.formats.mp4.errors import MovieError, ParameterSetError
from rejent.formats.mp4.picture import Codec
from rejent.vault.landlock import confine_reader


class Bench:
    """Carries out orders; at most one conversion is under way."""

    def __init__(self) -> None:
        self._converter: Converter | None = None

    def carry_out(self, order: dict[str, Any], content: bytes) -> bytes:
        """The content of the answer.

        Raises:
            UndecodableError: nothing can be shown of it.
            MovieError: it is no fragment of ours.
        """
        match order["order"]:
            case "still":
                record, sample = content[: order["record"]], content[order["record"] :]
                return jpeg(Codec(order["codec"]), record, sample, order["width"], order["height"])
            case "convert":
                self._converter = Converter(content, order["height"])
                return b""
            case "feed" if self._converter is not None:
                return self._converter.feed(content)
            case "finish" if self._converter is not None:
                converter, self._converter = self._converter, None
                return converter.finish()
            case "listen" | "describe" | "measure" | "wav":
                return _of_sound(order, content)
            case "plain" | "seek":
                return _of_announcements(order, content)
        raise UndecodableError("no such order")


def _of_sound(order: dict[str, Any], content: bytes) -> bytes:
    if order["order"] == "measure":
        return call_sound.measured_file(content)
    if order["order"] == "describe":
        return call_sound.described(content, order["start"])
    if order["order"] == "wav":
        return call_wav.as_wav(_parts(content, order["lengths"]), order["leg"])
    told = {name: order[name] for name in ("starts", "wanted", "rate", "readable")}
    return call_sound.piece(_parts(content, order["lengths"]), **told)


def _of_announcements(order: dict[str, Any], content: bytes) -> bytes:
    if order["order"] == "plain":
        return call_announcement.plain(content)
    parts, objects = _parts(content, order["lengths"]), len(order["starts"])
    return call_announcement.sought(parts[:objects], order["starts"], parts[objects:])


def _parts(content: bytes, lengths: list[int]) -> list[bytes]:
    """Several contents that came as one."""
    ends = list(accumulate(lengths))
    return [content[end - length : end] for length, end in zip(lengths, ends, strict=True)]


def confine(memory: int) -> None:
    """Takes from this process what it does not need; ``memory`` in bytes of address space."""
    confine_reader()
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Carries out orders until there are no more."""
    bench = Bench()
    while head := orders.read(HEAD.size):
        told_length, length = HEAD.unpack(head)
        if told_length > LARGEST or length > LARGEST:
            return
        order = json.loads(orders.read(told_length))
        content = orders.read(length)
        signal.alarm(order["seconds"])
        try:
            answer = packed({"ok": True}, bench.carry_out(order, content))
        except (UndecodableError, MovieError, ParameterSetError):
            answer = packed({"ok": False})
        signal.alarm(0)
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    confine(int(sys.argv[1]))
    serve(sys.stdin.buffer, sys.stdout.buffer)
