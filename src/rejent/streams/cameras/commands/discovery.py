"""``rejent source discover`` and ``probe``: find cameras on the network, and ask one what it streams (ONVIF)."""

import asyncio
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import Directory, Json, Use, open_installation, program_clock
from rejent.cli.output import print_json, print_rows
from rejent.kernel.clock import Clock

LONGEST_S = 60.0


def discover(
    directory: Directory,
    seconds: Annotated[
        float, typer.Option("--seconds", min=0.1, max=LONGEST_S, help="How long to wait.")
    ] = 3.0,
    interface: Annotated[
        str, typer.Option("--interface", help="Own IPv4 address of the network to ask.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Ask the network for cameras; anybody there can answer, so look at what is found before adding it."""
    open_installation(directory, Use.READING)
    rows = asyncio.run(_found(seconds, interface))
    print_rows(rows, as_json=as_json, empty="No camera has answered.")


def probe(
    directory: Directory,
    url: Annotated[str, typer.Option("--url", help="onvif://user:password@host[:port][/path]")],
    as_json: Json = False,
) -> None:
    """Ask a camera what it is, what its clock says and what it streams."""
    open_installation(directory, Use.READING)
    described = asyncio.run(_described(url, program_clock()))
    if as_json:
        print_json(described)
        return
    for name, value in described["device"].items():
        typer.echo(f"{name}: {value}")
    typer.echo(f"clock_offset_s: {described['clock_offset_s']}")
    print_rows(described["profiles"], as_json=False, empty="It offers no profile.")


async def _found(seconds: float, interface: str) -> list[dict[str, object]]:
    from rejent.streams.cameras.network.onvif.discovery import discover as answers

    return [
        {
            "url": device.addresses[0].replace("http://", "onvif://", 1),
            "name": device.name,
            "hardware": device.hardware,
            "endpoint": device.endpoint,
        }
        async for device in answers(seconds=seconds, interface=interface)
    ]


async def _described(url: str, clock: Clock) -> dict[str, Any]:
    from rejent.streams.cameras.network.onvif.device import Device, read_device_address

    address, login = read_device_address(url.replace("onvif://", "http://", 1))
    device = Device(address, login, clock=clock)
    reading = await device.clock_reading()
    information = await device.information()
    profiles = []
    for profile in await device.profiles():
        stream = await device.stream(profile)
        profiles.append(
            {
                "name": profile.name,
                "codec": profile.codec,
                "width": profile.width,
                "height": profile.height,
                "frames_per_second": profile.frames_per_second,
                "url": stream.address.uri,
                "elsewhere": stream.other_host,
            }
        )
    return {
        "device": {
            "manufacturer": information.manufacturer,
            "model": information.model,
            "firmware": information.firmware,
        },
        "clock_offset_s": round(reading.offset.total_seconds(), 1),
        "profiles": profiles,
    }
