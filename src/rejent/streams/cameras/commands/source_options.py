"""Options that describe a camera on the command line."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import acting, open_installation
from rejent.cli.stream_commands import SourceOptions
from rejent.kernel.errors import InputRefusedError
from rejent.office.regulation.vocabulary import StreamName


class Transport(StrEnum):
    """Transport of a camera's packets."""

    TCP = "tcp"
    UDP = "udp"


_URL = Annotated[str, typer.Option("--url", help="rtsp://[user:password@]host[:port]/path")]
_NEW_URL = Annotated[
    str, typer.Option("--url", help="The whole new address, with the user and password that it needs.")
]
_KIND = Annotated[str, typer.Option("--kind", help="Kind of place; excluded kinds are refused.")]
_LIVE_URL = Annotated[str, typer.Option("--live-url", help="A smaller stream for the live wall.")]
_NEW_LIVE_URL = Annotated[
    str | None, typer.Option("--live-url", help="A smaller stream for the live wall; '' takes it away.")
]


_FINGERPRINT = Annotated[
    str | None,
    typer.Option(
        "--fingerprint",
        metavar="SHA256",
        help="Trust only this certificate of an rtsps or https camera; '' trusts by authorities again.",
    ),
]
_CA = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        metavar="FILE",
        help="Trust certificates of an rtsps or https camera that this authority (PEM) issued.",
    ),
]


def _authority(file: Path | None) -> str | None:
    try:
        return file.read_text(encoding="ascii") if file is not None else None
    except (OSError, ValueError):
        raise InputRefusedError("The authority's file {file} cannot be read.", file=file) from None


def _traits(given: Mapping[str, Any]) -> dict[str, str]:
    stated = {
        "transport": given["transport"] and given["transport"].value,
        "live_address": given["live_url"],
        "fingerprint": given["fingerprint"],
        "authority": _authority(given["ca"]),
    }
    return {name: value for name, value in stated.items() if value is not None}


def _add(directory: Path, name: str, given: Mapping[str, Any]) -> str:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services
    from rejent.retention import services as retention
    from rejent.streams.cameras.sources import is_over_http, require_encrypted

    traits = _traits(given)
    require_encrypted(given["url"], traits)
    with retention.keys_with_source(settings.KEEPING):
        added = services.add_source(
            stream=StreamName.VIDEO,
            name=name,
            address=given["url"],
            building=given["building"],
            place=given["place"],
            kind=given["kind"],
            traits=traits,
            **acting(),
            credentials_box=settings.VAULT.credentials,
        )
    if is_over_http(given["url"]):
        typer.echo(
            "Pictures are read over HTTP, as motion JPEG or what else comes from there. If the camera speaks RTSP, change the "
            "address to one that begins with rtsp://.",
            err=True,
        )
    return added


def _change(directory: Path, name: str, given: Mapping[str, Any]) -> None:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries, services
    from rejent.streams.cameras.sources import require_encrypted

    found, traits = queries.source_by_name(name), _traits(given)
    require_encrypted(given["url"] or found.address_shown, {**found.traits, **traits})
    services.change_source(
        found.id,
        address=given["url"],
        traits=traits,
        **acting(),
        credentials_box=settings.VAULT.credentials,
    )


OPTIONS = SourceOptions(
    of_adding={
        "url": (_URL, ""),
        "building": (Annotated[str, typer.Option("--building")], ""),
        "place": (Annotated[str, typer.Option("--place")], ""),
        "kind": (_KIND, ""),
        "transport": (Annotated[Transport, typer.Option("--transport")], Transport.TCP),
        "live_url": (_LIVE_URL, ""),
        "fingerprint": (_FINGERPRINT, None),
        "ca": (_CA, None),
    },
    of_changing={
        "url": (_NEW_URL, ""),
        "transport": (Annotated[Transport | None, typer.Option("--transport")], None),
        "live_url": (_NEW_LIVE_URL, None),
        "fingerprint": (_FINGERPRINT, None),
        "ca": (_CA, None),
    },
    needed=("url", "building", "place", "kind"),
    preset=("transport",),
    usage="a camera takes --url, --building, --place and --kind",
    add=_add,
    change=_change,
)
