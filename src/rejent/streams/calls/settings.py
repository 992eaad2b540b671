"""Section ``[calls]`` of ``rejent.toml``."""

from dataclasses import dataclass

from rejent.office.installation import Installation, Table
from rejent.streams.calls.catalog.lines.parts import fits_a_call

RTP_PORTS = (20_000, 29_999)
"""Room for 2 500 calls of two parties; beside the ports that Linux gives to outgoing connections."""


@dataclass(frozen=True, slots=True)
class CallsSettings:
    """PEM files for recording sessions by TLS and of those who issue clients' certificates, empty for none; UDP ports for speech."""

    certificate: str
    key: str
    authorities: str
    rtp_ports: tuple[int, int]


def read(section: Table) -> CallsSettings:
    """Read the section; InputRefusedError where a value is of a wrong kind, or lacks another that it needs."""
    certificate = section.encryption("tls_certificate")
    authorities = section.of(str, "tls_client_authorities", "")
    if authorities and not certificate:
        raise section.misstated("tls_certificate")
    return CallsSettings(certificate, section.encryption("tls_key"), authorities, _rtp_ports(section))


def calls_settings(installation: Installation) -> CallsSettings:
    """Return what an installation says of its calls."""
    return read(installation.section("calls"))


def _rtp_ports(section: Table) -> tuple[int, int]:
    match section.of(list, "rtp_ports", list(RTP_PORTS)):
        case [int(first), int(last)] if fits_a_call((first, last)):
            return first, last
    raise section.misstated("rtp_ports")
