"""``rejent restored``: a person vouches for a folder or database that came back from a backup."""

from typing import Annotated

import typer

from rejent.cli.opening import ACTOR, Directory, open_installation, program_clock


def register(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("restored")(restored)


def restored(
    directory: Directory,
    reason: Annotated[
        str, typer.Option("--reason", help="Why an older copy was put back; it stands in the ledger.")
    ],
) -> None:
    """Accept a restored storage folder or database, after checking it with fsck; an act in the ledger.

    Until then nothing is destroyed. Entries that an older database lacks are taken back from the published ledger, without their records.
    """
    open_installation(directory)
    from django.conf import settings

    from rejent.catalog import services
    from rejent.registers import services as registers
    from rejent.registers.restoring import accept_lost

    clock = program_clock()
    lost = accept_lost(reason=reason, clock=clock, actor=ACTOR)
    differed = services.accept_restored(settings.VAULT.store, reason=reason, clock=clock, actor=ACTOR)
    registers.checkpoint(settings.LEDGER, clock=clock)
    if not differed and not lost:
        typer.echo("Nothing waited to be accepted: storage, database and ledger agree.")
        return
    typer.echo(f"Accepted. Entries taken back without their records: {lost}.")
