"""An RTSP server for simulated cameras (RFC 2326), each with its own pictures and behaviour."""

import asyncio
import base64
import re
import ssl
from collections.abc import Callable, Sequence

from rejent.formats.mp4.picture import Codec
from rejent.kernel.clock import Clock, SystemClock
from rejent.streams.cameras.simulated.behaviour import CameraBehaviour, SimulatedCamera
from rejent.streams.cameras.simulated.clip import Clip
from rejent.streams.cameras.simulated.sender import Sender

_REQUEST = re.compile(rb"([A-Z_]+) (\S+) RTSP/1\.0\r\n(.*?)\r\n\r\n", re.DOTALL)
Fields = Sequence[tuple[str, str]]
_PUBLIC = ("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN")


class CameraFarm:
    """Serves cameras by the last part of their path."""

    def __init__(
        self,
        cameras: dict[str, SimulatedCamera],
        clock: Clock | None = None,
        connection: "Callable[[CameraFarm], Connection] | None" = None,
    ) -> None:
        self.cameras = cameras
        self.clock = clock or SystemClock()
        self.port = 0
        self._server: asyncio.Server | None = None
        self._connection = connection or Connection
        self._connections: set[Connection] = set()

    async def start(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Listen; return the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._connection(self), host, port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self.port

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    def disconnect(self, name: str) -> None:
        """Abort every connection of one camera."""
        for connection in list(self._connections):
            if connection.camera is self.cameras[name]:
                connection.abort()

    def connection_opened(self, connection: "Connection") -> None:
        """Register a connection."""
        self._connections.add(connection)

    def connection_closed(self, connection: "Connection") -> None:
        """Remove a connection."""
        self._connections.discard(connection)


class Connection(asyncio.Protocol):
    """One connection to the farm, from its first request on."""

    def __init__(self, farm: CameraFarm) -> None:
        self.camera: SimulatedCamera | None = None
        self._farm = farm
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None
        self._sender: Sender | None = None
        self._session = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            transport.set_write_buffer_limits(high=8 * 1024 * 1024)
        self._farm.connection_opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop sending."""
        del exc
        if self._sender is not None:
            self._sender.stop()
        self._farm.connection_closed(self)

    def data_received(self, data: bytes) -> None:
        """Take interleaved control packets, answers and requests, in any pieces."""
        self._received += data
        while self._received:
            if self._received[0] == 0x24:
                size = int.from_bytes(self._received[2:4], "big") + 4
                if len(self._received) < size or len(self._received) < 4:
                    return
                self.control(bytes(self._received[4:size]))
                del self._received[:size]
                continue
            found = _REQUEST.search(bytes(self._received))
            if found is None:
                answered = self._received.find(b"\r\n\r\n")
                if self._received.startswith(b"RTSP/") and answered >= 0:
                    del self._received[: answered + 4]
                    continue
                return
            del self._received[: found.end()]
            fields = dict(line.split(": ", 1) for line in found[3].decode().split("\r\n") if ": " in line)
            self._answer(found[1].decode(), found[2].decode(), fields)

    def abort(self) -> None:
        """Break it off."""
        if self._transport is not None:
            self._transport.abort()

    def control(self, packet: bytes) -> None:
        """Count the RTCP packets of the recorder."""
        position = 0
        while self.camera is not None and position + 4 <= len(packet):
            kind, size = (
                packet[position + 1],
                int.from_bytes(packet[position + 2 : position + 4], "big") * 4 + 4,
            )
            self.camera.reports += kind == 201
            self.camera.key_requests += kind == 206
            position += size

    def _answer(self, method: str, uri: str, fields: dict[str, str]) -> None:
        camera = self._find(uri)
        if camera is None:
            self.send(method, (404, "Not Found"), fields.get("CSeq", "0"))
            return
        if self.camera is None:
            camera.connections += 1
        self.camera = camera
        camera.requests.append((method, uri))
        self.respond(camera, method, uri, fields)

    def respond(self, camera: SimulatedCamera, method: str, uri: str, fields: dict[str, str]) -> None:
        """Answer a request to a camera."""
        sequence = fields.get("CSeq", "0")
        if method == "DESCRIBE":
            self._describe(camera, uri, sequence)
        elif method == "SETUP":
            self._set_up(camera, uri, sequence, fields.get("Transport", ""))
        elif method == "PLAY":
            self._play(camera, uri, sequence)
        else:
            self.send(method, (200, "OK"), sequence, [_PUBLIC] if method == "OPTIONS" else [])
            if method == "TEARDOWN" and self._transport is not None:
                self._transport.close()

    def _find(self, uri: str) -> SimulatedCamera | None:
        path = re.sub(r"^\w+://[^/]*", "", uri).partition("?")[0]
        return self._farm.cameras.get(path.strip("/").split("/")[0])

    # Answers

    def _describe(self, camera: SimulatedCamera, uri: str, sequence: str) -> None:
        body = description(camera.clip, camera.behaviour).encode()
        fields = [("Content-Base", uri.rstrip("/") + "/"), ("Content-Type", "application/sdp")]
        self.send("DESCRIBE", (200, "OK"), sequence, fields, body)

    def _set_up(self, camera: SimulatedCamera, uri: str, sequence: str, transport: str) -> None:
        camera.set_up.append(uri)
        behaviour = camera.behaviour
        stated = re.search(r"client_port=(\d{1,5})-(\d{1,5})", transport, re.ASCII)
        wanted = "udp" if stated else "tcp"
        if wanted not in behaviour.transports or self._transport is None:
            self.send("SETUP", (461, "Unsupported Transport"), sequence)
            return
        self._session = behaviour.session.partition(";")[0]
        self._sender = Sender(camera, self._farm.clock, self._transport, self.control)
        if stated:
            host = self._transport.get_extra_info("peername")[0]
            ports = self._sender.use_udp(host, int(stated[1]), int(stated[2]))
            agreed = f"RTP/AVP;unicast;client_port={stated[1]}-{stated[2]};server_port={ports[0]}-{ports[1]}"
        else:
            channels = behaviour.channels or (0, 1)
            agreed = f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
        self.send("SETUP", (200, "OK"), sequence, [("Transport", agreed), ("Session", behaviour.session)])

    def _play(self, camera: SimulatedCamera, uri: str, sequence: str) -> None:
        if self._sender is None:
            self.send("PLAY", (455, "Method Not Valid in This State"), sequence)
            return
        self._sender.begin(camera.behaviour.early)
        self.send("PLAY", (200, "OK"), sequence, [("Session", self._session), ("RTP-Info", f"url={uri}")])
        self._sender.run()

    def send(
        self, method: str, status: tuple[int, str], sequence: str, fields: Fields = (), body: bytes = b""
    ) -> None:
        """Answer a request of this method."""
        lines = [
            f"RTSP/1.0 {status[0]} {status[1]}",
            f"CSeq: {sequence}",
            *(f"{name}: {value}" for name, value in fields),
        ]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        answer = ("\r\n".join(lines) + "\r\n\r\n").encode() + body
        self.write(method, answer)

    def write(self, _method: str, content: bytes) -> None:
        """Write an answer to a request of this method."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(content)


def description(clip: Clip, behaviour: CameraBehaviour) -> str:
    """Build the session description (RFC 8866) of a camera."""
    encoding = "H264" if clip.codec is Codec.H264 else "H265"
    sets = [base64.b64encode(one).decode() for one in clip.sets] if behaviour.sets else []
    if clip.codec is Codec.H264:
        form = "packetization-mode=1" + (f";sprop-parameter-sets={','.join(sets)}" if sets else "")
    else:
        names = ("sprop-vps", "sprop-sps", "sprop-pps")
        form = ";".join(f"{name}={one}" for name, one in zip(names, sets, strict=False))
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=camera", "t=0 0", "a=control:*"]
    if behaviour.sound:
        lines += ["m=audio 0 RTP/AVP 8", "a=rtpmap:8 PCMA/8000", "a=control:sound"]
    lines += ["m=video 0 RTP/AVP 96", f"a=rtpmap:96 {encoding}/{behaviour.clock_rate}"]
    lines += [f"a=fmtp:96 {form}"] if form else []
    lines += ["a=rtcp-fb:96 nack pli", "a=control:video"]
    return "\r\n".join(lines) + "\r\n"
