"""Views of devices' rows."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import ip_address, ip_network

MACHINE = "machine"
"""The station that needs no certificate: the machine the pages run on, asked from itself."""


class Kind(StrEnum):
    """Kind of device."""

    STATION = "station"
    AGENT = "agent"
    SENSOR = "sensor"
    NODE = "node"


class Right(StrEnum):
    """Right of a device: to send what a source recorded, to say what it is and has, to show recordings."""

    RECORD = "record"
    REPORT = "report"
    SHOW = "show"


RIGHTS: dict[Kind, frozenset[Right]] = {
    Kind.STATION: frozenset({Right.SHOW}),
    Kind.AGENT: frozenset({Right.RECORD, Right.REPORT}),
    Kind.SENSOR: frozenset({Right.RECORD, Right.REPORT}),
    Kind.NODE: frozenset({Right.RECORD, Right.REPORT}),
}
"""The most that a device of each kind may do."""


class Lack(StrEnum):
    """Reason that a request does not come from a listed device."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    EXPIRED = "expired"
    ELSEWHERE = "elsewhere"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class ClientStation:
    """The station of a request, by its identifier as the ledger holds it; empty where it is none of the list."""

    station: str = ""
    name: str = field(default="", repr=False)
    lack: Lack | None = Lack.UNKNOWN

    @property
    def listed(self) -> bool:
        """Return whether it is a station of the list, at this moment."""
        return self.lack is None


UNLISTED = ClientStation()
THE_MACHINE = ClientStation(MACHINE, lack=None)


@dataclass(frozen=True, slots=True)
class DeviceView:
    """A device of the list; `rejent.devices.models.Device` says what its fingerprint and its end are."""

    id: int
    kind: str
    name: str = field(repr=False)
    place: str = field(repr=False)
    address: str
    may: str
    code: str
    fingerprint: str
    enrolled_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def rights(self) -> frozenset[Right]:
        """Return what it may do."""
        return frozenset(map(Right, self.may.split()))

    @property
    def is_enrolled(self) -> bool:
        """Return whether its key is known: its one-time code was used, or it never needed one."""
        return bool(self.fingerprint)

    def lack(self, now: datetime) -> Lack | None:
        """Return the reason that it is not listed at an instant; None if it is."""
        if self.revoked_at is not None:
            return Lack.REVOKED
        return Lack.EXPIRED if now >= self.expires_at else None

    def lack_at(self, address: str, now: datetime) -> Lack | None:
        """Return the reason that a request with its certificate from an address counts for nothing; None if it counts."""
        lack = self.lack(now)
        if lack is None and self.address and not _lies_in(address, self.address):
            return Lack.ELSEWHERE
        return lack

    def client_station(self, address: str, now: datetime) -> ClientStation:
        """Return the station of a request with its certificate from an address."""
        lack = self.lack_at(address, now)
        return ClientStation(lack=lack) if lack else ClientStation(str(self.id), self.name, None)


@dataclass(frozen=True, slots=True)
class StateView:
    """What a device last said of itself, and how far its batches have come."""

    seen_at: datetime
    clock_offset_s: float | None
    version: str
    software: str
    sequence: int
    batch_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChainFactView:
    """A hole, a fork or a replay in the batches of a device."""

    device_id: int
    kind: str
    first: int
    last: int
    at: datetime


def _lies_in(address: str, network: str) -> bool:
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Batch:
    """What a device sends at once of one source.

    ``name`` is its value in the device's chain, in hexadecimal digits: nothing else ever bears it. ``clock_offset_s`` is the device's
    clock minus the office's when it came, where the device says it.
    """

    device: DeviceView
    source_id: str
    name: str
    content: bytes = field(repr=False)
    came_at: datetime
    clock_offset_s: float | None
