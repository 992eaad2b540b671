"""``rejent source``: add, list, change, switch and remove what is recorded."""

from enum import StrEnum
from typing import Annotated

import typer

from rejent.cli.opening import ACTOR, Directory, Json, Stream, Use, open_installation, program_clock
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError
from rejent.office.vocabulary import StreamName

app = typer.Typer(help="Cameras and other sources.")


class Transport(StrEnum):
    """How a camera's packets travel."""

    TCP = "tcp"
    UDP = "udp"


@app.command("add")
def add(
    directory: Directory,
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    stream: Stream = StreamName.VIDEO,
    url: Annotated[str, typer.Option("--url", help="rtsp://[user:password@]host[:port]/path")] = "",
    building: Annotated[str, typer.Option("--building")] = "",
    place: Annotated[str, typer.Option("--place")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Kind of place; excluded kinds are refused.")] = "",
    transport: Annotated[Transport, typer.Option("--transport")] = Transport.TCP,
    live_url: Annotated[str, typer.Option("--live-url", help="A smaller stream for the live wall.")] = "",
) -> None:
    """Add a source; its recording starts by itself once its gates are open."""
    for option, value in (("--url", url), ("--building", building), ("--place", place), ("--kind", kind)):
        if not value.strip():
            raise InputRefusedError(
                "{option} is missing.", option=option, advice="See: rejent source add --help"
            )
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services

    source = services.add_source(
        stream=stream.value,
        name=name,
        address=url,
        building=building,
        place=place,
        kind=kind,
        transport=transport.value,
        live_address=live_url,
        clock=program_clock(),
        actor=ACTOR,
        credentials_box=settings.VAULT.credentials,
    )
    typer.echo(source)


@app.command("list")
def list_command(directory: Directory, as_json: Json = False) -> None:
    """Every source with its state."""
    open_installation(directory, Use.READING)
    from rejent.catalog import queries

    rows = [
        {
            "name": source.name,
            "stream": source.stream,
            "building": source.building,
            "place": source.place,
            "kind": source.kind,
            "state": source.state,
            "cause": source.told_cause,
            "since": source.health.since if source.health else None,
            "id": source.id,
        }
        for source in queries.sources(clock=program_clock())
    ]
    print_rows(rows, as_json=as_json, empty="No sources yet. Add one with: rejent source add DIR --name …")


@app.command("change")
def change(
    directory: Directory,
    name: Annotated[str, typer.Option("--name", help="The source to be reached in another way.")],
    url: Annotated[
        str, typer.Option("--url", help="The whole new address, with the user and password that it needs.")
    ] = "",
    transport: Annotated[Transport | None, typer.Option("--transport")] = None,
    live_url: Annotated[
        str | None, typer.Option("--live-url", help="A smaller stream for the live wall; '' takes it away.")
    ] = None,
) -> None:
    """Reach a source by another address, user or password; its name, place and recordings stay."""
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries, services

    services.change_source(
        queries.source_by_name(name).id,
        address=url,
        transport=transport.value if transport else "",
        live_address=live_url,
        clock=program_clock(),
        actor=ACTOR,
        credentials_box=settings.VAULT.credentials,
    )


@app.command("switch")
def switch(
    directory: Directory,
    name: Annotated[str, typer.Option("--name")],
    on: Annotated[bool, typer.Option("--on/--off")] = True,
) -> None:
    """Switch the recording of a source off or on again; both are acts in the ledger."""
    open_installation(directory)
    from rejent.catalog import queries, services

    source = queries.source_by_name(name)
    services.switch_source(source.id, on=on, clock=program_clock(), actor=ACTOR)


@app.command("remove")
def remove(directory: Directory, name: Annotated[str, typer.Option("--name")]) -> None:
    """Stop recording a source for good; what it recorded stays until its term ends."""
    open_installation(directory)
    from rejent.catalog import queries, services

    source = queries.source_by_name(name)
    services.remove_source(source.id, clock=program_clock(), actor=ACTOR)
