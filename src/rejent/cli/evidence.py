"""``rejent evidence``: check a package, and print the key that others check it against."""

from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Use, open_installation
from rejent.evidence.verifier import command
from rejent.evidence.verifier.words import SENTENCES
from rejent.kernel.errors import InputRefusedError, NotFoundError

app = typer.Typer(help="Evidence packages.")


@app.command("verify")
def verify(
    package: Annotated[Path, typer.Argument(metavar="PACKAGE", help="Folder or ZIP file.")],
    key: Annotated[
        str, typer.Option("--key", help="Key or fingerprint that the office prints, or a file with it.")
    ] = "",
    number: Annotated[
        str, typer.Option("--number", help="Number that the package must have, as its label says.")
    ] = "",
    stamp_root: Annotated[
        str, typer.Option("--stamp-root", help="Certificate of the time-stamping authority, PEM.")
    ] = "",
    lang: Annotated[str, typer.Option("--lang", help="pl or en.")] = "en",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check a package with nothing but its files and the key that you give.

    Status 0: intact, from this office, complete; 1: altered, from another office, or unreadable; 3: intact, origin not shown,
    because no key was given; 4: intact and from this office, but silent about a part of its time; 5: as 0 or 4, but the time stamp
    asked for with --stamp-root is not there, or cannot be checked here.
    """
    if lang not in SENTENCES:
        raise InputRefusedError("The verifier speaks pl and en.", advice="Write --lang pl.")
    if not package.exists():
        raise NotFoundError("{package} is not there.", package=package)
    if stamp_root and not command.is_certificate(Path(stamp_root)):
        raise InputRefusedError(
            "{file} holds no certificate.",
            file=Path(stamp_root).name,
            advice="Give the authority's root in PEM.",
        )
    options = {"--key": key, "--number": number, "--stamp-root": stamp_root, "--lang": lang}
    arguments = [f"{name}={value}" for name, value in options.items() if value]
    arguments += ["--json"] if as_json else []
    raise typer.Exit(command.main([*arguments, "--", str(package)]))


@app.command("key")
def print_key(directory: Directory) -> None:
    """Print the ledger's public key, and its fingerprint for papers and the office's page."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.evidence.verifier.notes import parsed_key

    key = settings.LEDGER.verifier()
    if key is None:
        raise NotFoundError("The ledger has no key yet.", advice="Sign it once: rejent ledger checkpoint DIR")
    typer.echo(f"{key}\n{parsed_key(str(key)).fingerprint}")
