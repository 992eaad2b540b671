"""The gateway as a process: the supervisor makes its certificate anew with each start, and it reads that before it is confined."""

import ssl
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings

from rejent.catalog.views import RecorderSource
from rejent.devices.services import office_authority
from rejent.kernel.clock import Clock
from rejent.kernel.errors import InputRefusedError
from rejent.kernel.tls import server_context
from rejent.ledger.durable_files import sync_folders, write_synced
from rejent.office.gateway_address import GatewayAddress
from rejent.office.installation import CONFIGURATION, Installation
from rejent.ops.serving.encryption import NO_CHECK_TIME
from rejent.recording.stream_parts import RECEIVERS, Reach, RecorderProcess


def issue_certificate(clock: Clock) -> None:
    """Make key and certificate of the gateway anew, in the folder of secrets; for the supervisor, which reads the authority's key."""
    address, (file, authority) = require_address(settings.INSTALLATION), _files()
    signs = office_authority(clock)
    write_synced(file, signs.issue_gateway(address.names, now=clock.now()), 0o600)
    write_synced(authority, signs.certificate_pem.encode(), 0o600)
    sync_folders([file.parent])


def require_address(installation: Installation) -> GatewayAddress:
    """Return where the gateway listens. Raises InputRefusedError: ``rejent.toml`` does not say it."""
    if installation.gateway is None:
        raise InputRefusedError(
            "{file} does not say where devices reach the office.",
            file=installation.directory / CONFIGURATION,
            advice="Add a section [gateway] with listen and names.",
        )
    return installation.gateway


@cache
def gateway_encryption() -> ssl.SSLContext:
    """Return TLS that takes certificates of the office's authority alone, whether or not they have ended: the list says that."""
    file, authority = _files()
    context = server_context(file, file)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= NO_CHECK_TIME
    context.load_verify_locations(cafile=authority)
    return context


@cache
def gateway_authority() -> str:
    """Return the certificate of the authority."""
    return _files()[1].read_text(encoding="ascii")


def _files() -> tuple[Path, Path]:
    folder: Path = settings.INSTALLATION.secrets
    return folder / "gateway.pem", folder / "gateway-authority.pem"


def _prepare() -> Reach:
    gateway_encryption()
    gateway_authority()
    return Reach()


def fed_sources() -> list[RecorderSource]:
    """Return the sources that devices record for."""
    return [source for kind in RECEIVERS.values() for source in kind.sources()]


def _source_ids(*_: str) -> Collection[str]:
    return [source.id for source in fed_sources()]


def _wanted() -> Sequence[tuple[str, ...]]:
    return [()] if settings.INSTALLATION.gateway is not None else []


GATEWAY = RecorderProcess(
    "gateway", "rejent.ops.serving.gateway:serve_devices", _wanted, prepare=_prepare, sources=_source_ids
)
