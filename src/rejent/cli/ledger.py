"""``rejent ledger``: checkpoint, prove, verify."""

from pathlib import Path
from typing import Annotated

import typer

from rejent.cli.opening import Directory, Use, open_installation, program_clock
from rejent.kernel.errors import NotFoundError

app = typer.Typer(help="The ledger.")


@app.command("checkpoint")
def checkpoint(directory: Directory) -> None:
    """Sign the ledger's head now and print the checkpoint."""
    open_installation(directory)
    from django.conf import settings

    from rejent.registers import services

    typer.echo(services.checkpoint(settings.LEDGER, clock=program_clock()), nl=False)


@app.command("prove")
def prove(
    directory: Directory,
    index: Annotated[int, typer.Argument(metavar="INDEX", min=0)],
) -> None:
    """Print the proof that an entry stands in the ledger under its newest checkpoint."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.registers import queries

    typer.echo(queries.prove(settings.LEDGER, index), nl=False)


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
) -> None:
    """Verify a proof, and whoever cosigned its checkpoint, with these files alone."""
    from rejent.ledger.proof import verify_files

    typer.echo(verify_files(checkpoint, proof, key, witness or ()))


@app.command("grown")
def grown(
    directory: Directory,
    checkpoint: Annotated[Path, typer.Option("--checkpoint", help="A checkpoint that was kept elsewhere.")],
) -> None:
    """Check that the ledger only grew since a checkpoint was kept: recompute the root it had then."""
    open_installation(directory, Use.READING)
    from django.conf import settings

    from rejent.registers import queries

    try:
        kept = checkpoint.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise NotFoundError("{file} cannot be read as a checkpoint.", file=checkpoint) from None
    since = queries.continued(settings.LEDGER, kept)
    typer.echo(f"The ledger grew out of that checkpoint; {since} entries have come since.")
