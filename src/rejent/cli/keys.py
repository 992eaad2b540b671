"""``rejent keys``: disclose a day key, which is an act in the ledger."""

from typing import Annotated

import typer

from rejent.cli.opening import ACTOR, Directory, civil_day, open_installation, program_clock

app = typer.Typer(help="Day keys.")


@app.callback()
def group() -> None:
    """Day keys."""


@app.command("disclose")
def disclose(
    directory: Directory,
    source: Annotated[str, typer.Option("--source")],
    date: Annotated[str, typer.Option("--date", help="Civil date of the key.")],
    purpose: Annotated[str, typer.Option("--purpose", help="Why; it stands in the ledger.")],
) -> None:
    """Print the age identity that opens one source's civil date."""
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import queries
    from rejent.retention import services

    identity = services.disclose_key(
        settings.VAULT.keys,
        source_id=queries.source_by_name(source).id,
        day=civil_day(date, "--date"),
        purpose=purpose,
        clock=program_clock(),
        actor=ACTOR,
    )
    typer.echo(identity)
