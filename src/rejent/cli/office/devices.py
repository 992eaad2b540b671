"""``rejent device``: stations that recordings may be opened on (R-ACC-2), and what else the office lets in by a certificate."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, acting, open_installation, program_clock
from rejent.cli.output import print_rows, require_new_file
from rejent.cli.passphrases import FromStdin, new_passphrase
from rejent.devices.authority import LONGEST_VALIDITY_DAYS
from rejent.devices.views import RIGHTS, DeviceView, Kind, Right, StateView
from rejent.kernel.errors import InputRefusedError
from rejent.ledger.durable_files import sync_folders

app = typer.Typer(help="Devices: stations, agents of workstations, network sensors, recorder nodes.")


@app.command("enrol")
def enrol(
    directory: Directory,
    kind: Annotated[Kind, typer.Option("--kind", help="What it is.")],
    name: Annotated[str, typer.Option("--name", help="What people call it.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="Of a station: a new file for its browser, PKCS #12.")
    ] = None,
    place: Annotated[str, typer.Option("--place", help="Where it stands.")] = "",
    address: Annotated[
        str, typer.Option("--address", help="Its address or network, if it is to be known from there only.")
    ] = "",
    may: Annotated[
        list[Right] | None, typer.Option("--may", help="Of others: what it may do, if not all of its kind.")
    ] = None,
    valid_days: Annotated[
        int, typer.Option("--valid-days", min=1, max=LONGEST_VALIDITY_DAYS, help="Of a station.")
    ] = 730,
    passphrase_stdin: FromStdin = False,
) -> None:
    """Put a device on the list. Of a station, write what its browser shows and print its number; of another, print its one-time code."""
    open_installation(directory)
    from rejent.devices import services

    called = services.device_name(name)
    services.device_address(address)
    if (kind is Kind.STATION) != (to is not None):
        raise InputRefusedError(
            "A station is enrolled with --to FILE, and no other device is.",
            advice="Name a new file for a station's browser; every other device makes its key itself.",
        )
    if to is None:
        _device, code = services.admit_device(
            kind=kind,
            name=called,
            place=place,
            address=address,
            may=may or RIGHTS[kind],
            authority=services.office_authority(program_clock()),
            **acting(),
        )
        typer.echo(code.text)
        typer.echo("Enter it on the device within ten minutes; it is shown this once.", err=True)
        return
    require_new_file(to)
    authority = services.office_authority(program_clock())
    passphrase = new_passphrase("Passphrase for the file: ", from_stdin=passphrase_stdin)
    issued = authority.issue(called, days=valid_days, now=program_clock().now(), passphrase=passphrase)
    with _written_unless_refused(to, issued.bundle):
        enrolled = services.enrol_station(
            name=called,
            place=place,
            address=address,
            fingerprint=issued.fingerprint,
            expires_at=issued.expires_at,
            clock=program_clock(),
            actor=ACTOR,
        )
    typer.echo(enrolled.id)
    typer.echo(f"Import {to} into the browser of that computer, then destroy the file.", err=True)


@app.command("list")
def list_command(directory: Directory, as_json: Json = False) -> None:
    """The devices, also those that were struck off."""
    open_installation(directory, Use.READING)
    from rejent.devices import queries

    states = queries.states()
    rows = [_row(found, states.get(found.id)) for found in queries.devices()]
    print_rows(rows, as_json=as_json, empty="No devices.")


def _row(found: DeviceView, state: StateView | None) -> dict[str, object]:
    awaited = None if found.is_enrolled else "awaited"
    return {
        "id": found.id,
        "kind": found.kind,
        "name": found.name,
        "place": found.place,
        "address": found.address,
        "may": found.may,
        "state": found.lack(program_clock().now()) or awaited or "listed",
        "enrolled": found.enrolled_at,
        "expires": found.expires_at,
        "revoked": found.revoked_at,
        "certificate": found.fingerprint,
        "seen": state.seen_at if state else None,
        "version": state.version if state else "",
        "software": state.software if state else "",
        "clock_offset_s": state.clock_offset_s if state else None,
        "batches": state.sequence if state else 0,
    }


@app.command("revoke")
def revoke(
    directory: Directory,
    device: Annotated[str, typer.Argument(metavar="NAME|ID", help="As in rejent device list.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")],
) -> None:
    """Strike a device off; what is being watched on it ends with the next piece, and nothing that it sends is taken."""
    open_installation(directory)
    from rejent.devices import queries, services

    services.revoke_device(queries.device_called(device).id, reason=reason, **acting())


@contextmanager
def _written_unless_refused(to: Path, content: bytes) -> Iterator[None]:
    """Write a file for its user alone before its subject is entered; remove it if that is refused."""
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            sync_folders([to.absolute().parent])
            yield
        except BaseException:
            to.unlink()
            raise
