"""A source read through libav, with the interface of an RTSP connection; see `rejent.streams.cameras.network.libav.reader`."""

import fcntl
import json
import os
import re
import subprocess
import sys
from contextlib import suppress

from rejent.formats.mp4.picture import AccessUnit, ParameterSets
from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import CameraCause, ClosedByCameraError, StalledError, UnreachableError
from rejent.streams.cameras.network.libav.wire import Kind, PipeMessage, decode_messages, decode_parameters
from rejent.streams.cameras.network.rtsp.address import Camera
from rejent.streams.cameras.network.rtsp.assembly import MAX_PICTURE, StreamItem

READY_WITHIN = 25.0
"""Seconds until the first picture."""
_PIPE = 1024 * 1024
_READ_AT_ONCE = 512 * 1024
_READS_A_TURN = 4
_FINGERPRINT = re.compile(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}")


class LibavConnection:
    """One attempt to read a source in a process without environment: no secret, no proxy. UnreachableError: it does not start."""

    def __init__(self, camera: Camera, now: float) -> None:
        self.wants_to_write = False
        self.parameters: ParameterSets | None = None
        self.since = now
        self._trust = camera.trust
        self._rest = b""
        command = [sys.executable, "-m", "rejent.streams.cameras.network.libav.reader"]
        try:
            self._reader = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={},
            )
        except OSError as error:
            raise UnreachableError("The reader of the source cannot be started.") from error
        trust = {"authority": camera.trust.authority, "fingerprint": camera.trust.fingerprint}
        order = {"address": camera.address.uri, **trust}
        if camera.login is not None:
            order |= {"user": camera.login.user, "password": camera.login.password}
        self._pipe = self._piped(json.dumps(order).encode() + b"\n")

    @property
    def playing(self) -> bool:
        """Return whether pictures are coming."""
        return self.parameters is not None

    def fileno(self) -> int:
        """Return the descriptor to wait for."""
        return self._pipe

    def proceed(self, buffer: memoryview, now: float) -> list[StreamItem]:
        """Return the pictures the reader has sent; SourceError with its cause where it gave up."""
        pictures: list[StreamItem] = []
        for _ in range(_READS_A_TURN):
            try:
                received = os.read(self._pipe, _READ_AT_ONCE)
            except BlockingIOError:
                break
            if not received:
                raise ClosedByCameraError("The source ended.")
            messages, used = decode_messages(memoryview(self._rest + received))
            self._rest = (self._rest + received)[used:]
            if len(self._rest) > 2 * MAX_PICTURE:
                raise ClosedByCameraError("The reader of the source broke off.")
            for message in messages:
                self._receive(message, pictures, now)
        del buffer
        return pictures

    def adapt_read_size(self, seconds: float) -> None:
        """Do nothing: the costly work happens in the reader's own process."""

    def tick(self, now: float) -> None:
        """Raise StalledError where a reader has not begun in time."""
        if not self.playing and now - self.since >= READY_WITHIN:
            raise StalledError("The source gives no pictures.")

    def sender_report_times(self) -> list[tuple[float, float]]:
        """Return nothing: libav does not expose the source's clock."""
        return []

    def request_key_frame(self) -> None:
        """Do nothing: libav cannot request one."""

    def remaining(self) -> list[StreamItem]:
        """Return nothing: no pictures are held back here."""
        return []

    def close(self) -> None:
        """End the reader."""
        self._reader.kill()
        for stream in (self._reader.stdin, self._reader.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self._reader.wait()

    def _piped(self, order: bytes) -> int:
        if self._reader.stdin is None or self._reader.stdout is None:
            raise UnreachableError("The reader of the source cannot be started.")
        with suppress(OSError):
            fcntl.fcntl(self._reader.stdin.fileno(), fcntl.F_SETPIPE_SZ, len(order))
        self._reader.stdin.write(order)
        pipe = self._reader.stdout.fileno()
        os.set_blocking(pipe, False)
        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
        return pipe

    def _receive(self, message: PipeMessage, pictures: list[StreamItem], now: float) -> None:
        if message.kind is Kind.PARAMETERS:
            self.parameters = decode_parameters(message.content)
        elif message.kind is Kind.PICTURE:
            empty = not message.content
            pictures.append(AccessUnit(message.content, message.time, message.key, now, damaged=empty))
        elif message.kind is Kind.UNTRUSTED:
            shown = message.content.decode("ascii", "replace")
            raise self._trust.refusal(shown if _FINGERPRINT.fullmatch(shown) else "")
        else:
            raise SourceError(_cause(message.content), "The source cannot be read.")


def _cause(content: bytes) -> CameraCause:
    with suppress(ValueError):
        return CameraCause(content.decode("ascii", "replace"))
    return CameraCause.GARBAGE
