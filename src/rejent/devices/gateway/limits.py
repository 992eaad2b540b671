"""How much of devices is taken at once, and in time."""

from dataclasses import dataclass, field

LARGEST_BATCH = 4 << 20
"""Bytes; it is held whole, beside its sealed form. Loki's and Vector's batches are of this order."""
LARGEST_REQUEST = 16 << 10
"""Bytes of a signing request; one of P-256 has about 300."""
MOST_BYTES = 64 << 20
"""Of all bodies that are read or taken at once."""
MOST_OF_STREAM = 16
"""Batches of one kind of stream at once: a slow kind leaves memory and threads to the others."""
REQUESTS_A_SECOND, REQUESTS_SAVED = 2.0, 60.0
"""An agent sends a batch in five minutes, a sensor one in ten seconds; one that was offline more for a while."""
BYTES_A_SECOND, BYTES_SAVED = float(2 << 20), float(64 << 20)
"""A week of an agent's events, some 5 MB, comes in at once."""


@dataclass(slots=True)
class Allowance:
    """What one device may still send, filled up by time (a token bucket)."""

    requests: float = REQUESTS_SAVED
    octets: float = BYTES_SAVED
    at: float = 0.0

    def wait(self, size: int, now: float) -> float:
        """Take a request of a size, and return 0; where it is too early, take nothing and return the seconds until it is not.

        ``now`` is in seconds of a monotonic clock.
        """
        passed, self.at = max(now - self.at, 0.0), now
        self.requests = min(self.requests + passed * REQUESTS_A_SECOND, REQUESTS_SAVED)
        self.octets = min(self.octets + passed * BYTES_A_SECOND, BYTES_SAVED)
        late = max((1 - self.requests) / REQUESTS_A_SECOND, (size - self.octets) / BYTES_A_SECOND)
        if late > 0:
            return late
        self.requests, self.octets = self.requests - 1, self.octets - size
        return 0.0


@dataclass(slots=True)
class Load:
    """What is being taken at the moment; for one thread, as the event loop is."""

    octets: int = 0
    streams: dict[str, int] = field(default_factory=dict)
    devices: set[int] = field(default_factory=set)
    allowances: dict[int, Allowance] = field(default_factory=dict)

    def begin(self, device: int, stream: str, size: int) -> bool:
        """Take a request into account; return False where there is no room for it, or the device has another under way."""
        is_full = self.octets + size > MOST_BYTES or self.streams.get(stream, 0) >= MOST_OF_STREAM
        if is_full or device in self.devices:
            return False
        self.octets += size
        self.streams[stream] = self.streams.get(stream, 0) + 1
        self.devices.add(device)
        return True

    def end(self, device: int, stream: str, size: int) -> None:
        """Give back what `begin` took."""
        self.octets -= size
        self.streams[stream] -= 1
        self.devices.discard(device)
