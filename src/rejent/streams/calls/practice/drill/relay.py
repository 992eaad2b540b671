"""The drill's rtpengine, in user space: relays media and forks it to the recorder."""

import socket
from pathlib import Path

from rejent.streams.calls.practice.client.bencode import encoded
from rejent.streams.calls.practice.drill.errors import DrillError

PORTS = (30_000, 31_999)
"""For media: above the recorder's, below Linux's ephemeral ports."""
_ASKED = 100
_PATIENCE_S = 0.1


def relay_command(program: str, host: str, orders: int, folder: Path) -> list[str]:
    """Return the command that starts rtpengine at a loopback address, with ``orders`` as the port of its ng protocol."""
    return [
        program, "--config-file=none", "--table=-1", f"--interface={host}", f"--listen-ng={host}:{orders}",
        f"--port-min={PORTS[0]}", f"--port-max={PORTS[1]}", "--foreground", "--log-stderr", "--log-level=4",
        f"--pidfile={folder / 'pid'}",
    ]  # fmt: skip


def await_relay(host: str, orders: int) -> None:
    """Wait until it responds, as a proxy disables a silent rtpengine for minutes; DrillError where it does not."""
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(_PATIENCE_S)
        for _ in range(_ASKED):
            asking.sendto(b"drill " + encoded({"command": "ping"}), (host, orders))
            try:
                asking.recv(4096)
            except TimeoutError:
                continue
            return
    raise DrillError("The drill's rtpengine does not start.", advice="Hold the drill with --no-relay.")
