"""What the gateway's process does: confined as recorders are, it lets devices in by mutual TLS and hands their batches to kinds of stream."""

import threading
from dataclasses import dataclass, field
from hashlib import sha256

import structlog
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import close_old_connections

from rejent.catalog.views import RecorderSource
from rejent.devices.gateway.http import KEY, Gateway
from rejent.devices.views import Batch
from rejent.kernel.clock import Clock
from rejent.ops.serving.gateway_process import (
    fed_sources,
    gateway_authority,
    gateway_encryption,
    require_address,
)
from rejent.ops.serving.server import AnnouncingServer, PatientProtocol
from rejent.recording.catalogue_books import CatalogueBooks
from rejent.recording.day_keys import DayKeys
from rejent.recording.main_loop import (
    LOOK_AGAIN_S,
    REPORT_EVERY_S,
    Reading,
    own_volume,
    recovering,
    storage_cause,
)
from rejent.recording.recovery import left_behind
from rejent.recording.sink import SealingSink
from rejent.recording.stream_parts import RECEIVERS, Receiver
from rejent.retention.late_days import DAYS_BACK, late_days

log = structlog.get_logger(__name__)


class GatewayServer(AnnouncingServer):
    """Says the same of the gateway."""

    said = "gateway.listening"


class DeviceProtocol(PatientProtocol):
    """HTTP/1.1 that hands the application the digest of the public key of its connection's certificate."""

    def certificate_shown(self, der: bytes) -> dict[str, str]:
        """Return what the application is told of a certificate that the handshake has verified."""
        key = x509.load_der_x509_certificate(der).public_key()
        return {KEY: sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()}


def serve_devices() -> int:
    """Take what devices send until stopped; return the exit status."""
    address, clock = require_address(settings.INSTALLATION), settings.CLOCK
    books = CatalogueBooks(clock)
    keys = DayKeys(clock.now, lambda sources: late_days(sources, clock))
    sink = SealingSink(settings.VAULT.store, keys, books)
    ending = threading.Event()
    recovering(left_behind(fed_sources(), clock, DAYS_BACK), books, ending).join()
    receivers = {stream: kind.make(sink, clock) for stream, kind in RECEIVERS.items()}
    follower = _Follower(receivers, sink, keys, books, clock, ending)
    follower.look()
    following = threading.Thread(target=follower.run, name="following")
    following.start()

    def take(stream: str, batch: Batch) -> None:
        receivers[stream].take(batch)

    server = GatewayServer(
        uvicorn.Config(
            Gateway(take, receivers, clock, gateway_authority()),
            host=address.host,
            port=address.port,
            loop="uvloop",
            http=DeviceProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=False,
            proxy_headers=False,
            ssl_context_factory=lambda _config, _default: gateway_encryption(),
            timeout_graceful_shutdown=5,
        )
    )
    try:
        server.run()
    finally:
        ending.set()
        following.join()
        sink.close()
    return 0 if server.started else 1


@dataclass(slots=True)
class _Follower:
    """Follows catalogue and store, and reports the states of sources."""

    receivers: dict[str, Receiver]
    sink: SealingSink
    keys: DayKeys
    books: CatalogueBooks
    clock: Clock
    ending: threading.Event
    _volume: str = field(default_factory=own_volume)
    _known: dict[str, RecorderSource] = field(default_factory=dict)
    _reading: Reading = field(init=False)
    _report_at: float = 0.0

    def __post_init__(self) -> None:
        self._reading = Reading(self.clock)

    def run(self) -> None:
        """Look until the process ends."""
        while not self.ending.wait(LOOK_AGAIN_S):
            self.look()
            close_old_connections()

    def look(self) -> None:
        """Look once; what fails is tried again with the next look."""
        try:
            self.sink.hindrance = storage_cause(self.sink.store, self._volume)
            self._reading.look(self._read)
            if self.clock.monotonic() >= self._report_at:
                self._report_at = self.clock.monotonic() + REPORT_EVERY_S
                told = [one for each in self.receivers.values() for one in each.statuses()]
                self.books.report(told, self._known)
        except Exception:
            log.exception("gateway.unread")

    def _read(self) -> None:
        self._known = {source.id: source for source in fed_sources()}
        self.keys.look_ahead(self._known)
        for receiver in self.receivers.values():
            receiver.look()
