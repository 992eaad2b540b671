"""One RTSP session as a client, from OPTIONS to TEARDOWN (RFC 2326), without input or output.

The caller sends what `outgoing` returns, passes messages to `receive` and calls `tick` now and then. `track` is set
once the camera has described itself, `channels` or `server_ports` after SETUP, `playing` after PLAY. The end of a
session is raised as a `SourceError` with its cause.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from rejent.recording.errors import SourceError
from rejent.streams.cameras.errors import (
    CameraCause,
    ClosedByCameraError,
    NotACameraError,
    NoVideoError,
    PasswordRefusedError,
    ProtocolError,
    StalledError,
)
from rejent.streams.cameras.network.rtsp import message as rtsp
from rejent.streams.cameras.network.rtsp.address import Address, Camera, Transport, redirect_target
from rejent.streams.cameras.network.rtsp.auth import Authenticator
from rejent.streams.cameras.network.rtsp.message import Message, Request, Response
from rejent.streams.cameras.network.rtsp.sdp import VideoTrack, video_track

ANSWER_WITHIN = 10.0
"""Seconds for each response while the session is set up."""
MAX_LOGINS = 2
"""Attempts of one request with new credentials before the password counts as refused."""
MAX_SESSION_ID = 256
MAX_UNSOLICITED = 256
"""Messages that answer no request, since our last keep-alive, after which a camera is given up."""
_USER_AGENT = ("User-Agent", "Rejent")
_DEFAULT_TIMEOUT = 60.0


class Step(Enum):
    """State of the session: the request awaiting its response."""

    OPTIONS = "OPTIONS"
    DESCRIBE = "DESCRIBE"
    SETUP = "SETUP"
    PLAY = "PLAY"
    PLAYING = ""
    CLOSED = "TEARDOWN"


class RedirectedError(SourceError, code="capture.video.redirected"):
    """The camera redirects to another address; not a failure."""

    def __init__(self, address: Address) -> None:
        super().__init__(CameraCause.NOT_A_CAMERA, "The camera redirects to another address.")
        self.address = address


class TransportRefusedError(SourceError, code="capture.video.transport"):
    """The camera does not support the requested transport."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(
            CameraCause.NOT_A_CAMERA, "The camera does not send over {transport}.", transport=transport.value
        )


@dataclass(slots=True)
class _PendingRequest:
    method: str
    uri: str
    fields: list[tuple[str, str]]
    logins: int = 0


class RtspSession:
    """The client's side of one session; ``client_ports`` are ours for RTP and RTCP where UDP is used."""

    def __init__(self, camera: Camera, now: float, client_ports: tuple[int, int] | None = None) -> None:
        self.step = Step.OPTIONS
        self.track: VideoTrack | None = None
        self.channels: tuple[int, int] = (0, 1)
        self.transport = camera.transport
        self.server_ports: tuple[int, int] | None = None
        self.source_address: str | None = None
        self._camera = camera
        self._client_ports = client_ports
        self._authenticator = Authenticator(
            camera.login, offers=camera.offers, encrypted=camera.address.encrypted
        )
        self._uri = camera.address.uri
        self._base = self._uri
        self._session_id: str | None = None
        self._timeout = _DEFAULT_TIMEOUT
        self._keep_alive = "OPTIONS"
        self._outgoing = bytearray()
        self._sequence = 0
        self._pending: dict[int, _PendingRequest] = {}
        self._last_activity = now
        self._unsolicited = 0
        self._play_on_track = False
        self._play_without_range = False
        self._send("OPTIONS", self._uri)

    @property
    def playing(self) -> bool:
        """Return whether the camera has accepted PLAY."""
        return self.step is Step.PLAYING

    def outgoing(self) -> bytes:
        """Return the bytes to send now; each is returned once."""
        sent = bytes(self._outgoing)
        self._outgoing.clear()
        return sent

    def receive(self, message: Message, now: float) -> None:
        """Process one message of the camera; SourceError with its cause once the session is over."""
        pending = None if isinstance(message, Request) else self._matching(message)
        if pending is None:
            self._unsolicited += 1
            if self._unsolicited > MAX_UNSOLICITED:
                raise ProtocolError("The camera sends messages without end that nobody asked for.")
        if isinstance(message, Request):
            self._answer(message)
            return
        if pending is None:
            return
        if message.status < 200:
            self._pending[self._sequence] = pending
            return
        self._last_activity = now
        if message.status == 401:
            self._log_in(pending, message)
        elif pending.method == self.step.value:
            self._advance(pending, message)
        elif self.playing:
            self._keep_alive_answered(message)

    def tick(self, now: float) -> None:
        """Send a keep-alive when it is due; StalledError where no response came while the session was being set up."""
        waiting = now - self._last_activity
        if self.playing:
            if waiting >= min(max(self._timeout * 0.45, 1.0), 30.0):
                self._pending.clear()
                self._unsolicited = 0
                self._last_activity = now
                self._send(self._keep_alive, self._base)
        elif self.step is not Step.CLOSED and waiting >= ANSWER_WITHIN:
            raise StalledError("The camera does not answer {method}.", method=self.step.value)

    def tear_down(self) -> None:
        """Queue TEARDOWN; nothing after it is read."""
        if self.step in {Step.PLAY, Step.PLAYING}:
            with suppress(ProtocolError):
                self._send("TEARDOWN", self._base)
        self.step = Step.CLOSED

    # Asking

    def _send(
        self, method: str, uri: str, fields: list[tuple[str, str]] | None = None, logins: int = 0
    ) -> None:
        self._sequence += 1
        pending = _PendingRequest(method, uri, fields or [], logins)
        self._pending[self._sequence] = pending
        sent = [*pending.fields, _USER_AGENT]
        if self._session_id is not None and method != "DESCRIBE":
            sent.append(("Session", self._session_id))
        authorization = self._authenticator.authorization(method, uri)
        if authorization is not None:
            sent.append(("Authorization", authorization))
        self._outgoing += rtsp.write_request(method, uri, self._sequence, sent)

    def _matching(self, response: Response) -> _PendingRequest | None:
        """Return the request of a response; a wrong CSeq is tolerated while one request is open."""
        sequence = response.sequence
        if sequence in self._pending:
            return self._pending.pop(sequence)
        if len(self._pending) == 1 and (sequence is None or sequence == 0 or sequence > self._sequence):
            return self._pending.popitem()[1]
        return None

    def _log_in(self, pending: _PendingRequest, response: Response) -> None:
        self._authenticator.take(response.headers.all("WWW-Authenticate"))
        if pending.logins >= MAX_LOGINS or (pending.logins and not self._authenticator.stale):
            raise PasswordRefusedError
        self._send(pending.method, pending.uri, pending.fields, pending.logins + 1)

    def _answer(self, request: Request) -> None:
        sequence = (request.headers.get("CSeq") or "0")[:32]
        if request.method == "REDIRECT":
            raise RedirectedError(
                redirect_target(self._camera.address, request.headers.get("Location") or "")
            )
        if request.method == "TEARDOWN":
            raise ClosedByCameraError("The camera ended the session.")
        if request.method in {"OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE"}:
            public = [("Public", "OPTIONS, GET_PARAMETER, ANNOUNCE")] if request.method == "OPTIONS" else []
            self._outgoing += rtsp.write_response(200, "OK", sequence, public)
        else:
            self._outgoing += rtsp.write_response(501, "Not Implemented", sequence)

    # Step by step

    def _advance(self, pending: _PendingRequest, response: Response) -> None:
        if response.status in {301, 302, 303, 305, 307, 308}:
            raise RedirectedError(
                redirect_target(self._camera.address, response.headers.get("Location") or "")
            )
        steps = {
            Step.OPTIONS: self._after_options,
            Step.DESCRIBE: self._after_describe,
            Step.SETUP: self._after_setup,
            Step.PLAY: self._after_play,
        }
        steps[self.step](pending, response)

    def _after_options(self, _pending: _PendingRequest, response: Response) -> None:
        public = {word.strip().upper() for word in (response.headers.get("Public") or "").split(",")}
        self._keep_alive = "GET_PARAMETER" if "GET_PARAMETER" in public else "OPTIONS"
        self.step = Step.DESCRIBE
        self._send("DESCRIBE", self._uri, [("Accept", "application/sdp")])

    def _after_describe(self, pending: _PendingRequest, response: Response) -> None:
        self._require_success(response)
        base = response.headers.get("Content-Base") or response.headers.get("Content-Location") or pending.uri
        self._base = _usable_uri(base) or pending.uri
        self.track = video_track(response.body)
        if self.track.interleaved_units:
            raise NoVideoError(
                CameraCause.UNSUPPORTED_CODEC,
                "The camera sends its pictures out of order (packetisation mode 2).",
            )
        self._set_up()

    def _set_up(self) -> None:
        if self.transport is Transport.UDP and self._client_ports:
            rtp, rtcp = self._client_ports
            wanted = f"RTP/AVP;unicast;client_port={rtp}-{rtcp}"
        else:
            wanted = "RTP/AVP/TCP;unicast;interleaved=0-1"
        self.step = Step.SETUP
        self._send("SETUP", self._track_uri(), [("Transport", wanted)])

    def _after_setup(self, _pending: _PendingRequest, response: Response) -> None:
        if response.status == 461:
            raise NotACameraError(
                "The camera does not send over {transport}.", transport=self.transport.value
            )
        self._require_success(response)
        self._take_transport(response.headers.get("Transport") or "")
        self._take_session(response)
        self.step = Step.PLAY
        self._play()

    def _take_transport(self, written: str) -> None:
        found = {
            name.strip().lower(): value.strip()
            for name, _, value in (part.partition("=") for part in written.split(";"))
        }
        if self.transport is Transport.TCP:
            if "server_port" in found and "interleaved" not in found:
                raise TransportRefusedError(self.transport)
            self.channels = _pair(found.get("interleaved", ""), 255) or self.channels
        else:
            self.server_ports = _pair(found.get("server_port", ""), 65_535)
            self.source_address = found.get("source") or None

    def _take_session(self, response: Response) -> None:
        """Note the session's name and timeout; some cameras name it only with PLAY, others never, and need none then."""
        identity, _, rest = (response.headers.get("Session") or "").partition(";")
        identity = identity.strip()
        if not identity:
            return
        if not identity.isprintable() or len(identity) > MAX_SESSION_ID:
            raise ProtocolError("The camera names no usable session.")
        self._session_id = identity
        found = re.search(r"timeout\s*=\s*(\d{1,9})", rest, re.IGNORECASE | re.ASCII)
        if found and int(found[1]) > 0:
            self._timeout = float(found[1])

    def _play(self) -> None:
        fields = [] if self._play_without_range else [("Range", "npt=0.000-")]
        self._send("PLAY", self._track_uri() if self._play_on_track else self._aggregate_uri(), fields)

    def _after_play(self, _pending: _PendingRequest, response: Response) -> None:
        if response.status in {404, 455, 459, 460} and not self._play_on_track:
            self._play_on_track = True
            self._play()
        elif response.status in {400, 456, 457} and not self._play_without_range:
            self._play_without_range = True
            self._play()
        else:
            self._require_success(response)
            self._take_session(response)
            self.step = Step.PLAYING

    def _keep_alive_answered(self, response: Response) -> None:
        if response.status == 454:
            raise ClosedByCameraError("The camera no longer knows the session.")
        if response.status >= 400:
            self._keep_alive = "OPTIONS"

    def _require_success(self, response: Response) -> None:
        if response.status == 403:
            raise PasswordRefusedError("The camera forbids this user to see the stream.")
        if response.status in {454, 503}:
            raise ClosedByCameraError(
                "The camera answers {status} to {method}.", status=response.status, method=self.step.value
            )
        if response.status >= 300:
            raise NotACameraError(
                "The camera answers {status} to {method}.", status=response.status, method=self.step.value
            )

    def _track_uri(self) -> str:
        return resolve_control(self._base, self.track.control if self.track else "")

    def _aggregate_uri(self) -> str:
        control = self.track.session_control if self.track else ""
        return resolve_control(self._base, "" if control == "*" else control)


def resolve_control(base: str, control: str) -> str:
    """Resolve a control attribute against the base (RFC 2326 §C.1.1) as cameras mean it: appended to the whole base, query included."""
    if control in {"", "*"}:
        return base
    if _usable_uri(control):
        return control
    if control.startswith("?"):
        return base + control
    return base.rstrip("/") + "/" + control.lstrip("/")


def _usable_uri(written: str) -> str | None:
    text = written.strip()
    usable = re.fullmatch(r"rtsps?://[^\s\"]{1,2000}", text, re.IGNORECASE)
    return text if usable else None


def _pair(written: str, bound: int) -> tuple[int, int] | None:
    found = re.match(r"\s*(\d{1,5})(?:\s*-\s*(\d{1,5}))?", written, re.ASCII)
    if not found:
        return None
    first = int(found[1])
    second = int(found[2]) if found[2] else first + 1
    return (first, second) if first <= bound and second <= bound else None
