"""``rejent ledger``: checkpoint, prove, verify."""

from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.command_setup import Directory, Use, open_installation, program_clock
from rejent.kernel.errors import InputRefusedError, NotFoundError

app = typer.Typer(help="The ledger.")

Root = Annotated[
    Path | None, typer.Option("--root", help="Root certificates of the time-stamping authority, PEM.")
]


_LONGEST_LINE = 1 << 17
"""Characters of a verdict over a proof: its record has 64 KiB at most."""


@app.command("checkpoint")
def checkpoint(directory: Directory) -> None:
    """Sign the ledger's head now and print the checkpoint."""
    open_installation(directory)
    from django.conf import settings

    from rejent.registers import services

    typer.echo(services.checkpoint(settings.LEDGER, clock=program_clock()), nl=False)


@app.command("prove")
def prove(directory: Directory, index: Annotated[int, typer.Argument(metavar="INDEX", min=0)]) -> None:
    """Print the proof that an entry stands in the ledger under its newest checkpoint."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.registers.signing import checkpoints

    typer.echo(checkpoints.prove(settings.LEDGER, index), nl=False)


@app.command("verify")
def verify(
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="A checkpoint file.")],
    proof: Annotated[Path, typer.Option("--proof", help="A proof file.")],
    key: Annotated[str, typer.Option("--key", help="The ledger's public key, if known from elsewhere.")] = "",
    witness: Annotated[
        list[str] | None,
        typer.Option(
            "--witness", help="Public key of a witness that must have cosigned; may be given twice."
        ),
    ] = None,
    stamp: Annotated[Path | None, typer.Option("--stamp", help="A time stamp of the checkpoint.")] = None,
    root: Root = None,
) -> None:
    """Verify a proof, whoever cosigned its checkpoint, and a time stamp of it, with these files alone."""
    from rejent.evidence.verifier.form import plain
    from rejent.ledger.proof import verify_proof_files
    from rejent.ledger.signed.timestamp import describe_stamp_files

    if root is not None and stamp is None:
        raise InputRefusedError("--root is for a time stamp.", advice="Name the stamp with --stamp.")
    shown = verify_proof_files(checkpoint, proof, key, witness or ())
    stamped = f" {describe_stamp_files(stamp, checkpoint, root)}" if stamp is not None else ""
    typer.echo(plain(f"{shown}{stamped}", _LONGEST_LINE))


@app.command("stamp")
def stamp(
    directory: Directory,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", help="Write the stamp here, and the checkpoint it is for beside it, as FILE.checkpoint."
        ),
    ] = None,
    root: Root = None,
) -> None:
    """Say what the newest time stamp shows, and hand it out with its checkpoint."""
    open_installation(directory, Use.READING)
    from rejent.ledger.signed.timestamp import describe_stamp
    from rejent.registers.signing.checkpoints import newest_stamped

    newest = newest_stamped()
    shown = describe_stamp(newest.token, newest.checkpoint.encode(), root)
    if to is not None:
        _write_new(to, newest.token)
        _write_new(Path(f"{to}.checkpoint"), newest.checkpoint.encode())
    typer.echo(shown)


def _write_new(file: Path, content: bytes) -> None:
    try:
        with file.open("xb") as made:
            made.write(content)
    except FileExistsError:
        raise InputRefusedError("{file} is there already.", file=file, advice="Choose a new file.") from None
    except OSError:
        raise InputRefusedError(
            "{file} cannot be written.", file=file, advice="Choose another place."
        ) from None


@app.command("grown")
def grown(
    directory: Directory,
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="A checkpoint that was kept elsewhere.")],
) -> None:
    """Check that the ledger only grew since a checkpoint was kept: recompute the root it had then."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.registers.signing import checkpoints

    since = checkpoints.continued(settings.LEDGER, kept_checkpoint(checkpoint))
    typer.echo(f"The ledger grew out of that checkpoint; {since} entries have come since.")


def kept_checkpoint(file: Path) -> str:
    """Read a checkpoint that somebody kept elsewhere. Raises NotFoundError: the file cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise NotFoundError("{file} cannot be read as a checkpoint.", file=file) from None
