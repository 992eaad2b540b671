"""``rejent source discover`` and ``probe``: find cameras on the network, and ask one what it streams (ONVIF)."""

from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Json, Use, open_installation, program_clock
from rejent.cli.output import print_json, print_rows

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
    from rejent.streams.cameras.network.onvif.asking import find_devices

    rows = find_devices(seconds, interface)
    print_rows(rows, as_json=as_json, empty="No camera has answered.")


def probe(
    directory: Directory,
    url: Annotated[str, typer.Option("--url", help="onvif://user:password@host[:port][/path]")],
    as_json: Json = False,
) -> None:
    """Ask a camera what it is, what its clock says and what it streams."""
    open_installation(directory, Use.READING)
    from rejent.streams.cameras.network.onvif.asking import describe_device

    described = describe_device(url, program_clock())
    if as_json:
        print_json(described)
        return
    for name, value in described["device"].items():
        typer.echo(f"{name}: {value}")
    typer.echo(f"clock_offset_s: {described['clock_offset_s']}")
    print_rows(described["profiles"], as_json=False, empty="It offers no profile.")
