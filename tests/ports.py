"""Ports for programs that a test starts: each is given once in a run, and none of them to an outgoing connection meanwhile."""

import os
import socket
from multiprocessing import get_context

HOST = "127.0.0.1"
LOWEST, PAST = 10_000, 19_000
"""Below those that Linux gives to outgoing connections (32768 and above), and those of sound in `tests.calls.exchange`."""
_FIRST = os.getpid() * 613
"""Runs beside each other begin elsewhere."""
_given = get_context("fork").Value("i", 0)


def free_port() -> int:
    """Return a port of loopback that nobody has, for TCP and UDP."""
    for _ in range(LOWEST, PAST):
        with _given:
            number, _given.value = _given.value, _given.value + 1
        port = LOWEST + (_FIRST + number) % (PAST - LOWEST)
        if _is_free(port):
            return port
    raise AssertionError("no port is free")


def _is_free(port: int) -> bool:
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as probe:
                probe.bind((HOST, port))
    except OSError:
        return False
    return True
