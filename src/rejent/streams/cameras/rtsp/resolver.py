"""Names of cameras to addresses, without making the others wait: name servers may take seconds to answer."""

import ipaddress
import socket
from concurrent.futures import Future, ThreadPoolExecutor

from rejent.streams.cameras.errors import UnreachableError
from rejent.streams.cameras.rtsp.connection import SocketAddress


class Resolver:
    """Looks names up in a thread of its own; addresses in digits are answered at once."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="resolver")
        self._asked: dict[tuple[str, int], Future[list[SocketAddress]]] = {}

    def place(self, host: str, port: int) -> SocketAddress | None:
        """Where to connect to; None while it is being looked up: ask again.

        Raises:
            UnreachableError: nobody knows the name.
        """
        try:
            number = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return self._looked_up(host, port)
        if number.version == 4:
            return socket.AF_INET, (host, port)
        return self._looked_up(host, port) if "%" in host else (socket.AF_INET6, (host, port, 0, 0))

    def close(self) -> None:
        """Ask no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _looked_up(self, host: str, port: int) -> SocketAddress | None:
        asked = self._asked.get((host, port))
        if asked is None:
            self._asked[host, port] = self._pool.submit(_look_up, host, port)
            return None
        if not asked.done():
            return None
        del self._asked[host, port]
        try:
            return asked.result()[0]
        except (OSError, UnicodeError, IndexError) as error:
            raise UnreachableError("The name of the camera leads to no address.") from error


def _look_up(host: str, port: int) -> list[SocketAddress]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, (str(where[0]), *where[1:])) for family, _, _, _, where in found]
