"""Options that describe a line on the command line."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rejent.cli.command_setup import acting, open_installation
from rejent.cli.stream_commands import SourceOptions
from rejent.kernel.errors import InputRefusedError
from rejent.office.installation import Installation
from rejent.streams.calls.catalog.lines.addresses import StatedLine
from rejent.streams.calls.catalog.lines.parts import PbxFormat, RecordZone, Undecided
from rejent.streams.calls.settings import calls_settings

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
RtpPorts = Annotated[
    str | None,
    typer.Option(
        "--rtp-ports",
        help="UDP ports for the speech of this line, as 21000-21099; '' takes those of rejent.toml again.",
    ),
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


def _add(directory: Path, name: str, given: Mapping[str, Any]) -> str:
    installation, stated = open_installation(directory), _stated_line(given)
    from rejent.streams.calls.catalog import services

    _require_certificate(stated, installation)
    _require_folder_of_exchange(stated, installation)
    made = services.add_line(name=name, stated=stated, **acting())
    _mention_certificate(stated)
    return made


def _change(directory: Path, name: str, given: Mapping[str, Any]) -> None:
    installation, stated = open_installation(directory), _stated_line(given)
    from rejent.catalog import queries
    from rejent.streams.calls.catalog import services

    _require_certificate(stated, installation)
    _require_folder_of_exchange(stated, installation)
    line = queries.source_by_name(name).id
    services.change_line(line, stated, **acting())
    _mention_certificate(stated)


def _require_certificate(stated: StatedLine, installation: Installation) -> None:
    if stated.siprec.startswith("siprecs://") and not calls_settings(installation).certificate:
        raise InputRefusedError(
            "rejent.toml names no certificate for recording sessions.",
            advice="Name tls_certificate and tls_key there, under [calls].",
        )


def _mention_certificate(stated: StatedLine) -> None:
    """Say when a certificate is taken, where a line takes its calls by TLS: the recorder read it when it began."""
    if stated.siprec.startswith("siprecs://"):
        typer.echo("A certificate named since the program began is taken once it is restarted.", err=True)


def _require_folder_of_exchange(stated: StatedLine, installation: Installation) -> None:
    """See that the folder of an exchange is not our own: neither the installation's, nor one within or around it."""
    if not stated.folder.startswith("/"):
        return
    ours, theirs = installation.directory.resolve(), Path(stated.folder.strip()).resolve()
    if ours.is_relative_to(theirs) or theirs.is_relative_to(ours):
        raise InputRefusedError(
            "This is the folder of the installation itself, or one within or around it.",
            advice="Give the folder in which the exchange leaves its recordings.",
        )


def _stated_line(options: Mapping[str, Any]) -> StatedLine:
    refusal = options["refusal_key"]
    return StatedLine(
        siprec=str(options["siprec"]),
        mirror=str(options["mirror"]),
        numbers=_listed(options["numbers"] or []),
        callers=_listed(options["callers"] or []),
        rtp_ports=None if options["rtp_ports"] is None else str(options["rtp_ports"]),
        sip_ports=_listed(options["sip_ports"] or []),
        trunk=_listed(options["trunk"] or []),
        undecided=str(options["undecided"] or ""),
        refusal=None if refusal is None else str(refusal),
        folder=str(options["folder"]),
        remove=_REMOVE[options["remove"]],
        records=str(options["records"]),
        form=str(options["form"] or ""),
        zone=str(options["zone"] or ""),
        columns=tuple(options["columns"] or ()),
    )


def _listed(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(each for value in given for each in value.split(",") if each.strip())


_OPTIONS: Mapping[str, tuple[Any, object]] = {
    "siprec": (Siprec, ""),
    "mirror": (Mirror, ""),
    "folder": (Folder, ""),
    "form": (Form, None),
    "records": (Records, ""),
    "zone": (Zone, None),
    "columns": (Columns, None),
    "remove": (Remove, None),
    "numbers": (Numbers, None),
    "callers": (Callers, None),
    "rtp_ports": (RtpPorts, None),
    "sip_ports": (SipPorts, None),
    "trunk": (Trunk, None),
    "undecided": (Rule, None),
    "refusal_key": (RefusalKey, None),
}
OPTIONS = SourceOptions(
    of_adding=_OPTIONS,
    of_changing=_OPTIONS,
    needed=("numbers",),
    identifying=("siprec", "mirror", "folder"),
    further="numbers",
    usage=(
        "a line takes --numbers, and --siprec with --from and perhaps --rtp-ports, or --mirror with --sip-ports and --trunk, or --folder with "
        "--format. Further numbers may follow the first"
    ),
    changing="Of a line: hand its calls over elsewhere, or change its numbers or who may hand them over.",
    add=_add,
    change=_change,
)
