"""``rejent station``: the computers that recordings may be opened on (R-ACC-2)."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import ACTOR, Directory, Json, Use, acting, open_installation, program_clock
from rejent.cli.output import print_rows, require_new_file
from rejent.cli.passphrases import FromStdin, new_passphrase
from rejent.ledger.durable_files import sync_folders
from rejent.office.stations.authority import LONGEST_VALIDITY_DAYS, StationAuthority

app = typer.Typer(help="Stations: the computers that recordings may be opened on.")


@app.command("enrol")
def enrol(
    directory: Directory,
    name: Annotated[str, typer.Option("--name", help="What people call the computer.")],
    to: Annotated[Path, typer.Option("--to", help="A new file for its browser, PKCS #12.")],
    place: Annotated[str, typer.Option("--place", help="Where it stands.")] = "",
    address: Annotated[
        str, typer.Option("--address", help="Its address or network, if it is to be known from there only.")
    ] = "",
    valid_days: Annotated[int, typer.Option("--valid-days", min=1, max=LONGEST_VALIDITY_DAYS)] = 730,
    passphrase_stdin: FromStdin = False,
) -> None:
    """Put a computer on the list and write the certificate and key that its browser shows; prints its number."""
    installation = open_installation(directory)
    from django.conf import settings

    from rejent.office import services
    from rejent.office.services.stations import station_address, station_name

    called = station_name(name)
    station_address(address)
    require_new_file(to)
    clock = program_clock()
    _raises_without_a_key_store = settings.VAULT.root
    authority = StationAuthority.open_or_found(installation.keys, installation.id, clock.now())
    passphrase = new_passphrase("Passphrase for the file: ", from_stdin=passphrase_stdin)
    issued = authority.issue(called, days=valid_days, now=clock.now(), passphrase=passphrase)
    with _written_unless_refused(to, issued.bundle):
        enrolled = services.enrol_station(
            name=called,
            place=place,
            address=address,
            fingerprint=issued.fingerprint,
            expires_at=issued.expires_at,
            clock=clock,
            actor=ACTOR,
        )
    typer.echo(enrolled.id)
    typer.echo(f"Import {to} into the browser of that computer, then destroy the file.", err=True)


@app.command("list")
def list_command(directory: Directory, as_json: Json = False) -> None:
    """The stations, also those that were struck off."""
    open_installation(directory, Use.READING)
    from rejent.office.stations import queries as stations

    now = program_clock().now()
    rows = [
        {
            "id": found.id,
            "name": found.name,
            "place": found.place,
            "address": found.address,
            "state": found.lack(now) or "listed",
            "enrolled": found.enrolled_at,
            "expires": found.expires_at,
            "revoked": found.revoked_at,
            "certificate": found.fingerprint,
        }
        for found in stations.stations()
    ]
    print_rows(rows, as_json=as_json, empty="No stations.")


@app.command("revoke")
def revoke(
    directory: Directory,
    station: Annotated[str, typer.Argument(metavar="NAME|ID", help="As in rejent station list.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the ledger.")],
) -> None:
    """Strike a station off; what is being watched on it ends with the next piece."""
    open_installation(directory)
    from rejent.office import services
    from rejent.office.stations import queries as stations

    found = stations.station_called(station)
    services.revoke_station(found.id, reason=reason, **acting())


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
