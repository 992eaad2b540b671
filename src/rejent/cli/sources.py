"""``rejent source``: add, list, change, switch and remove what is recorded."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejent.catalog.lines import Undecided
from rejent.cli.opening import ACTOR, Directory, Json, Stream, Use, open_installation, program_clock
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError
from rejent.office.vocabulary import StreamName

app = typer.Typer(help="Cameras, lines and other sources.")


class Transport(StrEnum):
    """How a camera's packets travel."""

    TCP = "tcp"
    UDP = "udp"


Stated = str | list[str] | None
Siprec = Annotated[
    str, typer.Option("--siprec", help="HOST:PORT of this machine at which recording sessions are taken.")
]
Numbers = Annotated[
    list[str] | None, typer.Option("--numbers", help="How the office's own numbers begin; in any spelling.")
]
Callers = Annotated[
    list[str] | None, typer.Option("--from", help="Address or network that may hand calls over.")
]
Rule = Annotated[
    Undecided | None, typer.Option("--undecided", help="What becomes of a call of unknown direction.")
]


@app.command("add", context_settings={"allow_extra_args": True})
def add(
    context: typer.Context,
    directory: Directory,
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    stream: Stream = StreamName.VIDEO,
    url: Annotated[str, typer.Option("--url", help="rtsp://[user:password@]host[:port]/path")] = "",
    building: Annotated[str, typer.Option("--building")] = "",
    place: Annotated[str, typer.Option("--place")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Kind of place; excluded kinds are refused.")] = "",
    transport: Annotated[Transport, typer.Option("--transport")] = Transport.TCP,
    live_url: Annotated[str, typer.Option("--live-url", help="A smaller stream for the live wall.")] = "",
    siprec: Siprec = "",
    numbers: Numbers = None,
    callers: Callers = None,
    undecided: Rule = None,
) -> None:
    """Add a source; its recording starts by itself once its gates are open.

    A camera takes --url, --building, --place and --kind; a line takes --siprec, --numbers and --from. Further numbers may
    follow the first.
    """
    of_camera = {
        "--url": url,
        "--building": building,
        "--place": place,
        "--kind": kind,
        "--live-url": live_url,
    }
    of_line = {"--siprec": siprec, "--numbers": numbers, "--from": callers, "--undecided": undecided}
    if stream is StreamName.CALLS:
        _demand(of_camera, of_line, ("--siprec", "--numbers"))
        typer.echo(
            _add_line(directory, name, siprec, [*(numbers or []), *context.args], callers or [], undecided)
        )
        return
    if context.args:
        raise InputRefusedError("{what} is not expected here.", what=context.args[0])
    _demand(of_line, of_camera, ("--url", "--building", "--place", "--kind"))
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


def _demand(others: Mapping[str, Stated], own: Mapping[str, Stated], needed: tuple[str, ...]) -> None:
    """See that everything a kind of source needs is given, and nothing of another kind."""
    for option in needed:
        value = own[option]
        if not value or (isinstance(value, str) and not value.strip()):
            raise InputRefusedError(
                "{option} is missing.", option=option, advice="See: rejent source add --help"
            )
    for option, value in others.items():
        if value:
            raise InputRefusedError(
                "{option} is of no use for this stream.",
                option=option,
                advice="See: rejent source add --help",
            )


def _add_line(
    directory: Path,
    name: str,
    siprec: str,
    numbers: list[str],
    callers: list[str],
    undecided: Undecided | None,
) -> str:
    open_installation(directory)
    from rejent.catalog import services

    return services.add_line(
        name=name,
        siprec=siprec,
        numbers=_listed(numbers),
        callers=_listed(callers),
        undecided=undecided or Undecided.RECORD,
        clock=program_clock(),
        actor=ACTOR,
    )


def _listed(given: list[str]) -> list[str]:
    """What was given, whether an option was repeated or its values were parted by commas."""
    return [each for value in given for each in value.split(",") if each.strip()]


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
    siprec: Siprec = "",
    numbers: Numbers = None,
    callers: Callers = None,
    undecided: Rule = None,
) -> None:
    """Reach a source by another address, user or password; its name, place and recordings stay.

    Of a line: hand its calls over elsewhere, or change its numbers or who may hand them over.
    """
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries, services

    if siprec or numbers or callers or undecided:
        _demand({"--url": url, "--live-url": live_url or ""}, {}, ())
        services.change_line(
            queries.source_by_name(name).id,
            siprec=siprec,
            numbers=_listed(numbers or []),
            callers=_listed(callers or []),
            undecided=undecided or "",
            clock=program_clock(),
            actor=ACTOR,
        )
        return
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
