"""``rejent source``: add, list, change, switch and remove what is recorded."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.opening import ACTOR, Directory, Json, Use, open_installation, program_clock
from rejent.cli.output import print_rows
from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation
from rejent.office.vocabulary import StreamName
from rejent.streams.calls.catalog.lines import StatedLine, Undecided
from rejent.streams.calls.catalog.record_places import PbxFormat, RecordZone

app = typer.Typer(help="Cameras, lines and other sources.")


class Transport(StrEnum):
    """How a camera's packets travel."""

    TCP = "tcp"
    UDP = "udp"


Stated = str | list[str] | None
Added = Annotated[
    StreamName | None,
    typer.Option(
        "--stream", help="Kind of monitoring; if left out, calls where the options are a line's, else video."
    ),
]
Siprec = Annotated[
    str,
    typer.Option(
        "--siprec",
        help="HOST:PORT of this machine at which recording sessions are taken; siprecs://HOST:PORT by TLS.",
    ),
]
Mirror = Annotated[
    str, typer.Option("--mirror", help="Network interface at which the copies of a mirror port arrive.")
]
SipPorts = Annotated[
    list[str] | None,
    typer.Option("--sip-ports", help="Ports of SIP behind a mirror port; 5060 if not given."),
]
Trunk = Annotated[
    list[str] | None,
    typer.Option("--trunk", help="Address or network of whoever connects calls to the outside."),
]
Folder = Annotated[
    str,
    typer.Option("--folder", help="Folder in which an exchange leaves the calls that it recorded itself."),
]
Form = Annotated[PbxFormat | None, typer.Option("--format", help="Whose files and call records these are.")]
Records = Annotated[
    str, typer.Option("--records", help="File or folder in which the exchange tells of its calls.")
]
Zone = Annotated[
    RecordZone | None,
    typer.Option("--zone", help="What a time without a zone means; the office's clock if not given."),
]
Columns = Annotated[
    list[str] | None,
    typer.Option("--column", help="What a heading of a CSV means, as start=Date; may be repeated."),
]
Remove = Annotated[
    bool | None,
    typer.Option(
        "--remove-after-booking/--keep-files",
        help="Remove the exchange's file once its sealed copy is booked, or never.",
    ),
]
_REMOVE = {None: "", True: "booked", False: "never"}
Numbers = Annotated[
    list[str] | None, typer.Option("--numbers", help="How the office's own numbers begin; in any spelling.")
]
Callers = Annotated[
    list[str] | None, typer.Option("--from", help="Address or network that may hand calls over.")
]
Rule = Annotated[
    Undecided | None, typer.Option("--undecided", help="What becomes of a call of unknown direction.")
]
RefusalKey = Annotated[
    str | None,
    typer.Option("--refusal-key", help="Digit by which a caller refuses to be recorded; '' takes it away."),
]


@app.command("add", context_settings={"allow_extra_args": True})
def add(
    context: typer.Context,
    directory: Directory,
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    stream: Added = None,
    url: Annotated[str, typer.Option("--url", help="rtsp://[user:password@]host[:port]/path")] = "",
    building: Annotated[str, typer.Option("--building")] = "",
    place: Annotated[str, typer.Option("--place")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Kind of place; excluded kinds are refused.")] = "",
    transport: Annotated[Transport, typer.Option("--transport")] = Transport.TCP,
    live_url: Annotated[str, typer.Option("--live-url", help="A smaller stream for the live wall.")] = "",
    siprec: Siprec = "",
    mirror: Mirror = "",
    folder: Folder = "",
    form: Form = None,
    records: Records = "",
    zone: Zone = None,
    columns: Columns = None,
    remove: Remove = None,
    numbers: Numbers = None,
    callers: Callers = None,
    sip_ports: SipPorts = None,
    trunk: Trunk = None,
    undecided: Rule = None,
    refusal_key: RefusalKey = None,
) -> None:
    """Add a source; its recording starts by itself once its gates are open.

    A camera takes --url, --building, --place and --kind; a line takes --numbers, and --siprec with --from, or --mirror
    with --sip-ports and --trunk, or --folder with --format. Further numbers may follow the first.
    """
    of_camera = {
        "--url": url,
        "--building": building,
        "--place": place,
        "--kind": kind,
        "--live-url": live_url,
    }
    of_line: dict[str, Stated] = {"--siprec": siprec, "--numbers": numbers, "--from": callers}
    of_line |= {"--mirror": mirror, "--sip-ports": sip_ports, "--trunk": trunk}
    of_line |= {"--undecided": undecided, "--refusal-key": refusal_key}
    of_line |= {"--folder": folder, "--format": form, "--records": records, "--zone": zone}
    of_line |= {"--column": columns, "--remove-after-booking": _REMOVE[remove]}
    stream = stream or (StreamName.CALLS if siprec or mirror or folder else StreamName.VIDEO)
    if stream is StreamName.CALLS:
        _demand(of_camera, of_line, ("--numbers",))
        of_line["--numbers"] = [*(numbers or []), *context.args]
        typer.echo(_add_line(directory, name, _stated_line(of_line)))
        return
    if context.args:
        raise InputRefusedError("{what} is not expected here.", what=context.args[0])
    _demand(of_line, of_camera, ("--url", "--building", "--place", "--kind"))
    typer.echo(_add_camera(directory, name, stream, of_camera, transport))


def _add_camera(
    directory: Path, name: str, stream: StreamName, stated: Mapping[str, str], transport: Transport
) -> str:
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services

    return services.add_source(
        stream=stream.value,
        name=name,
        address=stated["--url"],
        building=stated["--building"],
        place=stated["--place"],
        kind=stated["--kind"],
        transport=transport.value,
        live_address=stated["--live-url"],
        clock=program_clock(),
        actor=ACTOR,
        credentials_box=settings.VAULT.credentials,
    )


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


def _add_line(directory: Path, name: str, stated: StatedLine) -> str:
    installation = open_installation(directory)
    from rejent.streams.calls.catalog import services as call_services

    _demand_certificate(stated, installation)
    _demand_folder_of_exchange(stated, installation)
    made = call_services.add_line(name=name, stated=stated, clock=program_clock(), actor=ACTOR)
    _tell_of_certificate(stated)
    return made


def _demand_certificate(stated: StatedLine, installation: Installation) -> None:
    """See that there is something to take calls with by TLS, where a line takes them so."""
    if stated.siprec.startswith("siprecs://") and not installation.section(StreamName.CALLS).of(
        str, "tls_certificate", ""
    ):
        raise InputRefusedError(
            "rejent.toml names no certificate for recording sessions.",
            advice="Name tls_certificate and tls_key there, under [calls].",
        )


def _tell_of_certificate(stated: StatedLine) -> None:
    """Say when a certificate is taken, where a line takes its calls by TLS: the recorder read it when it began."""
    if stated.siprec.startswith("siprecs://"):
        typer.echo("A certificate named since the program began is taken once it is restarted.", err=True)


def _demand_folder_of_exchange(stated: StatedLine, installation: Installation) -> None:
    """See that the folder of an exchange is not our own: neither the installation's, nor one within or around it."""
    if not stated.folder.startswith("/"):
        return
    ours, theirs = installation.directory.resolve(), Path(stated.folder.strip()).resolve()
    if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
        raise InputRefusedError(
            "This is the folder of the installation itself, or one within or around it.",
            advice="Give the folder in which the exchange leaves its recordings.",
        )


def _stated_line(options: Mapping[str, Stated]) -> StatedLine:
    """What options say of a line."""
    refusal = options["--refusal-key"]
    return StatedLine(
        siprec=str(options["--siprec"]),
        mirror=str(options["--mirror"]),
        numbers=_listed(options["--numbers"] or []),
        callers=_listed(options["--from"] or []),
        sip_ports=_listed(options["--sip-ports"] or []),
        trunk=_listed(options["--trunk"] or []),
        undecided=str(options["--undecided"] or ""),
        refusal=None if refusal is None else str(refusal),
        folder=str(options["--folder"]),
        remove=str(options["--remove-after-booking"]),
        records=str(options["--records"]),
        form=str(options["--format"] or ""),
        zone=str(options["--zone"] or ""),
        columns=tuple(options["--column"] or ()),
    )


def _listed(given: Iterable[str]) -> tuple[str, ...]:
    """What was given, whether an option was repeated or its values were parted by commas."""
    return tuple(each for value in given for each in value.split(",") if each.strip())


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
    mirror: Mirror = "",
    folder: Folder = "",
    form: Form = None,
    records: Records = "",
    zone: Zone = None,
    columns: Columns = None,
    remove: Remove = None,
    numbers: Numbers = None,
    callers: Callers = None,
    sip_ports: SipPorts = None,
    trunk: Trunk = None,
    undecided: Rule = None,
    refusal_key: RefusalKey = None,
) -> None:
    """Reach a source by another address, user or password; its name, place and recordings stay.

    Of a line: hand its calls over elsewhere, or change its numbers or who may hand them over.
    """
    installation = open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries, services
    from rejent.streams.calls.catalog import services as call_services

    of_line: dict[str, Stated] = {"--siprec": siprec, "--numbers": numbers, "--from": callers}
    of_line |= {"--mirror": mirror, "--sip-ports": sip_ports, "--trunk": trunk}
    of_line |= {"--undecided": undecided, "--refusal-key": refusal_key}
    of_line |= {"--folder": folder, "--format": form, "--records": records, "--zone": zone}
    of_line |= {"--column": columns, "--remove-after-booking": _REMOVE[remove]}
    stated = _stated_line(of_line)
    if not stated.says_nothing:
        _demand({"--url": url, "--live-url": live_url or ""}, {}, ())
        _demand_certificate(stated, installation)
        _demand_folder_of_exchange(stated, installation)
        line = queries.source_by_name(name).id
        call_services.change_line(line, stated, clock=program_clock(), actor=ACTOR)
        _tell_of_certificate(stated)
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
