"""Resolution of camera names without blocking: name servers may take seconds to answer."""

import ipaddress
import socket
from concurrent.futures import Future, ThreadPoolExecutor

from rejent.streams.cameras.errors import UnreachableError
from rejent.streams.cameras.network.rtsp.connection import SocketAddress


class Resolver:
    """Resolves names in a thread pool; numeric addresses need no lookup."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="resolver")
        self._lookups: dict[tuple[str, int], Future[list[SocketAddress]]] = {}

    def resolve(self, host: str, port: int) -> SocketAddress | None:
        """Return the address to connect to, None while the lookup runs; UnreachableError where the name does not resolve."""
        try:
            number = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return self._looked_up(host, port)
        if number.version == 4:
            return socket.AF_INET, (host, port)
        return self._looked_up(host, port) if "%" in host else (socket.AF_INET6, (host, port, 0, 0))

    def close(self) -> None:
        """Stop the thread pool."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _looked_up(self, host: str, port: int) -> SocketAddress | None:
        lookup = self._lookups.get((host, port))
        if lookup is None:
            self._lookups[host, port] = self._pool.submit(_look_up, host, port)
            return None
        if not lookup.done():
            return None
        del self._lookups[host, port]
        try:
            return lookup.result()[0]
        except (OSError, UnicodeError, IndexError) as error:
            raise UnreachableError("The name of the camera leads to no address.") from error


def _look_up(host: str, port: int) -> list[SocketAddress]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, (str(where[0]), *where[1:])) for family, _, _, _, where in found]
