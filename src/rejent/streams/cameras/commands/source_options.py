"""Options that describe a camera on the command line."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import ACTOR, open_installation, program_clock
from rejent.cli.stream_commands import SourceOptions
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


def _traits(given: Mapping[str, Any]) -> dict[str, str]:
    """Return what was stated of a camera besides its address."""
    stated = {"transport": given["transport"] and given["transport"].value, "live_address": given["live_url"]}
    return {name: value for name, value in stated.items() if value is not None}


def _add(directory: Path, name: str, given: Mapping[str, Any]) -> str:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services
    from rejent.streams.cameras.sources import is_over_http

    added = services.add_source(
        stream=StreamName.VIDEO,
        name=name,
        address=given["url"],
        building=given["building"],
        place=given["place"],
        kind=given["kind"],
        traits=_traits(given),
        clock=program_clock(),
        actor=ACTOR,
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

    services.change_source(
        queries.source_by_name(name).id,
        address=given["url"],
        traits=_traits(given),
        clock=program_clock(),
        actor=ACTOR,
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
    },
    of_changing={
        "url": (_NEW_URL, ""),
        "transport": (Annotated[Transport | None, typer.Option("--transport")], None),
        "live_url": (_NEW_LIVE_URL, None),
    },
    needed=("url", "building", "place", "kind"),
    preset=("transport",),
    usage="a camera takes --url, --building, --place and --kind",
    add=_add,
    change=_change,
)
